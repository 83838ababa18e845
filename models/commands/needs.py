"""Commands of the needs assessment (docs/domain.md 1.1, 15.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.enums import (
    NeedDomain,
    NeedLevel,
)


class NeedEntry(Record):
    """One need domain as assessed."""

    domain: NeedDomain
    level: NeedLevel


class NeedActionEntry(Record):
    """Something to be done about a need, by whom and by when."""

    domain: NeedDomain
    action: Code
    owner: str = Field(min_length=1)
    due_at: datetime


class CompleteNeedsAssessment(Record):
    """The needs assessment over every need domain, with its actions."""

    kind: Literal["complete-needs-assessment"] = "complete-needs-assessment"
    at: datetime
    needs: tuple[NeedEntry, ...] = ()
    actions: tuple[NeedActionEntry, ...] = ()
    declined: bool = False
    note_ref: str = ""


class AddNeedAction(Record):
    """A further action for a need."""

    kind: Literal["add-need-action"] = "add-need-action"
    at: datetime
    action: NeedActionEntry


class CompleteNeedAction(Record):
    """An action was done, or cannot be: with a reason code."""

    kind: Literal["complete-need-action"] = "complete-need-action"
    at: datetime
    action_id: str
    outcome: Literal["DONE", "NOT_ACHIEVABLE", "CANCELLED"] = "DONE"
    reason: Code | Literal[""] = ""


NeedsCommand = CompleteNeedsAssessment | AddNeedAction | CompleteNeedAction
