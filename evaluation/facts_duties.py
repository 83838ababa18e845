"""Facts of the six duties: clocks, referrals, visits, actions, notifications, orders, choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from models.enums import ClockStatus


@dataclass(slots=True)
class ClockFact:
    """One clock as it last stood."""

    kind: str
    subject: str
    started_at: datetime
    due_at: datetime
    due_raw: datetime | None
    received_late: bool
    paused: bool
    status: str
    ended_at: datetime | None

    @property
    def raw(self) -> datetime:
        """The limit before safe windows."""
        return self.due_raw or self.due_at

    @property
    def latest(self) -> datetime:
        """The adjusted limit: the later of the two."""
        return max(self.raw, self.due_at)

    def met_by(self, limit: datetime) -> bool:
        """Whether its obligation was met by `limit`."""
        return self.met and self.ended_at is not None and self.ended_at <= limit

    @property
    def met(self) -> bool:
        """Whether its obligation was met, whenever."""
        return self.status == ClockStatus.MET

    @property
    def open(self) -> bool:
        """Whether it still runs."""
        return self.status == ClockStatus.OPEN

    def dropped_before(self, limit: datetime) -> bool:
        """Whether it stopped being owed before `limit`."""
        cancelled = self.status == ClockStatus.CANCELLED
        return cancelled and self.ended_at is not None and self.ended_at < limit


@dataclass(slots=True)
class ReferralFact:
    """One referral: who made it, and when it first entered each state."""

    referral_ref: str
    pathway: str = ""
    area: str = ""
    case_ref: str = ""
    perpetrator_ref: str = ""
    repeat: bool = False
    criteria: tuple[str, ...] = ()
    entered: dict[str, datetime] = field(default_factory=dict)
    outcome: str = ""

    def at(self, *states: str) -> datetime | None:
        """When it first entered one of these states."""
        return min((self.entered[s] for s in states if s in self.entered), default=None)

    def has(self, *states: str) -> bool:
        """Whether it ever was in one of these states."""
        return any(state in self.entered for state in states)

    @property
    def in_error(self) -> bool:
        """Taken back as made in error: it counts nowhere."""
        return "WITHDRAWN_IN_ERROR" in self.entered

    @property
    def sent_at(self) -> datetime | None:
        """When it left the police: a draft has not."""
        return None if self.in_error else self.at("SUBMITTED", "REFERRED", "NOMINATED")


@dataclass(slots=True)
class VisitFact:
    """One hidden-harm visit."""

    authorised_at: datetime | None = None
    due_at: datetime | None = None
    attended: bool = False
    """Officers were there: an attempt that was not only broken off as unsafe."""
    seen_at: datetime | None = None
    arrest: bool = False
    ended_at: datetime | None = None


@dataclass(slots=True)
class ActionFact:
    """One action that a meeting agreed."""

    referral_ref: str
    status: str = "OPEN"
    due_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class NotificationFact:
    """One thing that the victim is owed news of. `outcome` is `DUE`, `TOLD`, `HELD`, `OPTED_OUT` or
    `SAID_NO_UPDATES`."""

    event_kind: str
    outcome: str = "DUE"
    due_at: datetime | None = None
    told_at: datetime | None = None
    unsafe: bool = False


@dataclass(slots=True)
class OrderFact:
    """One order or notice."""

    order_type: str
    made_at: datetime
    in_error: bool = False


@dataclass(slots=True)
class RecommendationFact:
    """One recommendation and the officer's choice; `decision` is empty while it waits."""

    rule: str
    made_at: datetime
    decision: str = ""
    review: str = ""
    """What a supervisor said of one that was declined."""


@dataclass(frozen=True, slots=True)
class ScoredFact:
    """One line of a month's scoring run of an area."""

    area: str
    run_at: datetime
    perpetrator_ref: str
    serial: bool
    referral_ref: str
