"""What one screen of a case is made of."""

from __future__ import annotations

from casework.case_parts import CaseParts
from models.base import Record
from models.case.view import CaseView
from models.clocks import Clock
from models.events import Event, Json
from models.incident import IncidentView
from models.safe_decision import SafeDecision
from models.stream import Task


class OfStream(Record):
    """A clock or task with the stream it belongs to."""

    stream: str
    clock: Clock | None = None
    task: Task | None = None


class CaseScreen(Record):
    """Everything one screen of a case shows, cut to what the reader's role may see. `source` says
    whether the workflow answered; from the read model `view` has neither plan nor suspensions."""

    source: str
    view: CaseView
    safe_to_call: SafeDecision
    clocks: tuple[OfStream, ...]
    tasks: tuple[OfStream, ...]
    incidents: tuple[Json, ...]
    incident_views: tuple[IncidentView, ...] = ()
    """Of the incidents that still run and answer."""
    parts: CaseParts = CaseParts()
    timeline: tuple[tuple[str, Event], ...]
    hidden: tuple[str, ...] = ()
    """Sections that the reader's role does not include."""
