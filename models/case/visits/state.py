"""Hidden-harm visits (docs/domain.md 7): the open visit, and what selection is judged on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record, State
from models.enums import (
    CheckResult,
    OrderType,
    SuspectStatus,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)


class VisitAttempt(Record):
    """One attempt: its outcomes, and whether there was concern for life."""

    at: datetime
    outcomes: tuple[VisitOutcome, ...]
    life_concern: bool = False


class Visit(Record):
    """The open visit. An authority holds from `opens_at` to `until`; None where there is none."""

    visit_id: str
    selected_for: tuple[VisitRule, ...]
    asked_by: str
    selected_at: datetime
    state: Literal["SELECTED", "AUTHORISED"] = "SELECTED"
    authorised_by: str = ""
    authorised_at: datetime | None = None
    opens_at: datetime | None = None
    until: datetime | None = None
    safer_because: str = ""
    checks: dict[VisitCheck, CheckResult] = Field(default_factory=dict)
    attempts: tuple[VisitAttempt, ...] = ()

    @property
    def fails(self) -> int:
        """How often nobody answered."""
        return sum(VisitOutcome.NO_REPLY in attempt.outcomes for attempt in self.attempts)


class Authority(Record):
    """A supervisor's authority for a time outside the safe windows, which says why it is safer."""

    opens_at: datetime
    until: datetime


class SuspectSeen(Record):
    """What an incident last said of its suspect."""

    status: SuspectStatus
    at: datetime
    release_planned_at: datetime | None = None


class OrderSeen(Record):
    """An order or bail in force."""

    order_type: OrderType
    since: datetime


class VisitFacts(State):
    """State of the visits strand."""

    visit: Visit | None = None
    authority: Authority | None = None
    """The last one for a time outside the windows. It outlives a visit that was made: what was said
    there is recorded afterwards."""
    reports: dict[str, datetime] = Field(default_factory=dict)
    """When each recent incident of the victim was reported."""
    shared_home: bool = False
    suspects: dict[str, SuspectSeen] = Field(default_factory=dict)
    orders: dict[str, OrderSeen] = Field(default_factory=dict)
    forum_asks: list[str] = Field(default_factory=list)
    """Referrals whose forum asked for a visit, not recommended yet."""
    releases: list[str] = Field(default_factory=list)
    """Releases from prison or remand, not recommended yet."""
    considered: dict[VisitRule, str] = Field(default_factory=dict)
    """On what each rule last recommended a visit, so that it does so once."""
