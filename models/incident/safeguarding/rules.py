"""Safeguarding children and adults (docs/domain.md 10)."""

from __future__ import annotations

from models.incident.duty import DutyIncidentCommands
from models.incident.state import IncidentState
from models.messages import IncidentMessage
from models.stream import Context

COMMANDS: DutyIncidentCommands = {}


def receive(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """What a message means to this duty; one that means nothing changes nothing."""


def react(state: IncidentState, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
