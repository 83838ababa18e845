"""Between cases, referrals and meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from models.base import Record
from models.enums import (
    Channel,
    DisruptionStanding,
    ReferralPathway,
    ReferralState,
)

AFTER = "after"
"""Beside a request for a place: on the list of a meeting that starts later than this instant."""


class ReferralChanged(Record):
    """A referral's state, as its case needs to know it. `outcome` is a code, empty while it runs;
    `ended` says that nothing of it is left to do (a MARAC flag may still run)."""

    kind: Literal["referral-changed"] = "referral-changed"
    message_id: str
    referral_ref: str
    pathway: ReferralPathway
    perpetrator_ref: str = ""
    state: ReferralState
    at: datetime
    submitted_at: datetime | None = None
    heard_at: datetime | None = None
    flag_until: datetime | None = None
    outcome: str = ""
    ended: bool = False
    codes: tuple[str, ...] = ()
    """What the case should act on: `VISIT_ASKED`, `UNABLE_TO_CONTACT`, `RETALIATION_CHECK`,
    `DISRUPTION_DROPPED`, `WRONG_PERSON`, `UNSAFE_ENDED`."""
    channel: Channel | None = None
    """By what the service reached the wrong person, or ended unsafely."""
    route: str = ""
    """Which number or address of the safe-contact plan, where the service named it."""
    disruption_id: str = ""
    """Which planned disruption a retaliation check is about."""


class RepeatEvent(Record):
    """A report of a referred pair arrived while no case of the victim is open: a flagged referral
    puts it to coordinator and supervisor. `definitions` are those under which it is a repeat, as
    `<definition>/<anchor>`."""

    kind: Literal["repeat-event"] = "repeat-event"
    message_id: str
    incident_ref: str
    reported_at: datetime
    criminal: bool
    district: str
    definitions: tuple[str, ...]


class Listed(Record):
    """A meeting took a referral on its list, or put it off to no date (`meeting` empty)."""

    kind: Literal["listed"] = "listed"
    message_id: str
    meeting: str
    starts_at: datetime | None = None
    at: datetime


class ListFrozen(Record):
    """The list closed: research was asked for."""

    kind: Literal["list-frozen"] = "list-frozen"
    message_id: str
    meeting: str
    research_due_at: datetime
    at: datetime


class Heard(Record):
    """A meeting heard a referral, or decided on a nomination. `decision` is a code; for MATAC one
    of SELECTED, NOT_SELECTED, DEFERRED."""

    kind: Literal["heard"] = "heard"
    message_id: str
    meeting: str
    at: datetime
    decision: str
    actions: int = 0


class ActionsSettled(Record):
    """How many of the actions that a meeting gave a referral are still open."""

    kind: Literal["actions-settled"] = "actions-settled"
    message_id: str
    meeting: str
    open_actions: int
    at: datetime
    codes: tuple[str, ...] = ()
    """What a decided action asks of the case: `VISIT_ASKED`."""


class ListRequest(Record):
    """A referral asks to be put on a meeting's list."""

    kind: Literal["list-request"] = "list-request"
    message_id: str
    referral_ref: str
    case_ref: str = ""
    victim_ref: str = ""
    perpetrator_ref: str = ""
    dalo_id: str = ""
    repeat: bool = False
    emergency: bool = False
    score: float | None = None
    at: datetime


class Withdrawn(Record):
    """A referral takes itself off a meeting's list; `reason` is a code."""

    kind: Literal["withdrawn"] = "withdrawn"
    message_id: str
    referral_ref: str
    reason: str
    at: datetime


class TransferredOut(Record):
    """Another area accepted a referral that was heard: its actions are that area's now
    (docs/domain.md 8.1)."""

    kind: Literal["transferred-out"] = "transferred-out"
    message_id: str
    referral_ref: str
    to_area: str
    at: datetime


class RetaliationAnswer(Record):
    """The DALO's answer to a retaliation check before a disruption (docs/domain.md 8.2)."""

    kind: Literal["retaliation-answer"] = "retaliation-answer"
    message_id: str
    referral_ref: str
    case_ref: str
    safe: bool
    at: datetime
    disruption_id: str = ""
    """Which planned disruption it is about; empty: every one that the case was asked about."""


class DisruptionChecked(Record):
    """How a planned disruption stands, for the meeting that has the referral: safe once every
    victim's answer is in and none says no, not safe with the first that does."""

    kind: Literal["disruption-checked"] = "disruption-checked"
    message_id: str
    referral_ref: str
    disruption_id: str
    standing: DisruptionStanding
    at: datetime


class SubjectScored(Record):
    """A scoring run worked out the score of a MATAC subject whose referral runs: the parts, the
    version of the weights, and the victims' open cases (docs/domain.md 8.2)."""

    kind: Literal["subject-scored"] = "subject-scored"
    message_id: str
    score: float
    recency: int
    frequency: int
    gravity: int
    victims: int
    weights_version: str
    rank: int = 0
    """Place in the run; 0 where nothing of the window placed them."""
    run: str
    """Stream of the run, which keeps the points of every incident."""
    cases: tuple[str, ...] = ()
    at: datetime


class OfficerChanged(Record):
    """A referral has another officer: what a meeting gave the one before for it is theirs."""

    kind: Literal["officer-changed"] = "officer-changed"
    message_id: str
    referral_ref: str
    old: str
    new: str
    at: datetime
