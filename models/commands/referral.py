"""What may be told to a referral (docs/domain.md 6, 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.commands.case_referrals import Reference
from models.data_classes import DataClass, write_of
from models.enums import (
    AttemptResult,
    Channel,
    ConsentStatus,
    DisclosureBasis,
    ReferralState,
    RepeatDecision,
    RetaliationRisk,
    TransferAnswer,
)


class MoveReferral(Record):
    """The referral goes on to another state of its pathway: acknowledged, accepted, closed ..."""

    kind: Literal["move-referral"] = "move-referral"
    at: datetime
    to: ReferralState
    outcome: Code | None = None
    reason: Code | None = None
    facts: dict[str, str] = Field(default_factory=dict)
    """Fields of the pathway that came with it, by name: references and codes."""
    note_ref: str = ""


class AmendReferral(Record):
    """Fields of the referral's form, consent, or the basis on which data leaves the police."""

    kind: Literal["amend-referral"] = "amend-referral"
    at: datetime
    facts: dict[str, str] = Field(default_factory=dict)
    consent_status: ConsentStatus | None = None
    disclosure_basis: DisclosureBasis | None = None
    reason: Code | None = None
    """Why it goes without consent, as a code."""
    note_ref: str = ""


class WithdrawReferral(Record):
    """The referral was made in error; the reason stays on record."""

    kind: Literal["withdraw-referral"] = "withdraw-referral"
    at: datetime
    reason: Code
    note_ref: str = ""


class ChaseReferral(Record):
    """The officer asked the service again for the answer that is overdue."""

    kind: Literal["chase-referral"] = "chase-referral"
    at: datetime
    note_ref: str = ""


class RecordReferralAttempt(Record):
    """The IDVA tried to reach the victim."""

    kind: Literal["record-referral-attempt"] = "record-referral-attempt"
    at: datetime
    result: AttemptResult
    channel: Channel = Channel.CALL
    route: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,39})?$")
    """Which number or address of the safe-contact plan, by its route id; never the number."""
    note_ref: str = ""


class GiveMaracFeedback(Record):
    """The IDVA told the victim what the MARAC decided."""

    kind: Literal["give-marac-feedback"] = "give-marac-feedback"
    at: datetime
    note_ref: str = ""


class ReviewReferral(Record):
    """The forum reviewed what it took on; the next review follows."""

    kind: Literal["review-referral"] = "review-referral"
    at: datetime
    reason: Code | None = None
    note_ref: str = ""


class RescoreSubject(Record):
    """The subject's score was worked out again; entry and latest score are both kept."""

    kind: Literal["rescore-subject"] = "rescore-subject"
    at: datetime
    score: float = Field(ge=0, le=100)
    recency: int = Field(ge=0, le=100)
    frequency: int = Field(ge=0, le=100)
    gravity: int = Field(ge=0, le=100)
    victims: int = Field(ge=0, le=100)
    weights_version: Reference
    """By whose weights: as `dalo matac run --dry-run` shows it."""


class PlanDisruption(Record):
    """A disruption is planned: each victim's DALO is asked whether it is safe, and a supervisor for
    victims without an open case."""

    kind: Literal["plan-disruption"] = "plan-disruption"
    at: datetime
    action: Code
    cases: tuple[str, ...] = ()
    """Open cases of victims whom no report names with the subject."""
    asked_of: dict[str, str] | None = None
    """The subject's victims with their open cases (empty: none), looked up before it is sent."""
    note_ref: str = ""


class CarryOutDisruption(Record):
    """A planned disruption was carried out, after every victim's DALO had said that it is safe."""

    kind: Literal["carry-out-disruption"] = "carry-out-disruption"
    at: datetime
    disruption_id: str
    asked_of: dict[str, str] | None = None
    """The subject's victims as they are now, looked up before it is sent."""
    note_ref: str = ""


class DropDisruption(Record):
    """A planned disruption will not be carried out; the reason stays on record."""

    kind: Literal["drop-disruption"] = "drop-disruption"
    at: datetime
    disruption_id: str
    reason: Code
    note_ref: str = ""


class AnswerForVictims(Record):
    """Whether a planned disruption is safe for victims who have no open case, and so no DALO to
    ask: those named, or all of them."""

    kind: Literal["answer-for-victims"] = "answer-for-victims"
    at: datetime
    disruption_id: str
    answer: RetaliationRisk
    victims: tuple[Reference, ...] = ()
    reason: Code
    note_ref: str = ""


class TransferReferral(Record):
    """The victim moved: referral, minutes and safety plan go to the new area's coordinator."""

    kind: Literal["transfer-referral"] = "transfer-referral"
    at: datetime
    to_area: str = Field(min_length=1, max_length=60)
    note_ref: str = ""


class ConfirmTransfer(Record):
    """What the new area's coordinator said: received, accepted or refused."""

    kind: Literal["confirm-transfer"] = "confirm-transfer"
    at: datetime
    answer: TransferAnswer
    reason: Code | None = None
    note_ref: str = ""


class DecideRepeat(Record):
    """What is done about a report of a flagged pair that has no open case."""

    kind: Literal["decide-repeat"] = "decide-repeat"
    at: datetime
    incident_ref: str
    decision: RepeatDecision
    reason: Code | None = None
    note_ref: str = ""


ReferralCommandKinds = (
    MoveReferral
    | AmendReferral
    | WithdrawReferral
    | ChaseReferral
    | RecordReferralAttempt
    | GiveMaracFeedback
    | ReviewReferral
    | RescoreSubject
    | PlanDisruption
    | CarryOutDisruption
    | DropDisruption
    | AnswerForVictims
    | TransferReferral
    | ConfirmTransfer
    | DecideRepeat
)

NEEDS = {
    kind: write_of(DataClass.REFERRALS)
    for kind in (
        "move-referral",
        "amend-referral",
        "withdraw-referral",
        "chase-referral",
        "record-referral-attempt",
        "give-marac-feedback",
        "review-referral",
        "rescore-subject",
        "plan-disruption",
        "carry-out-disruption",
        "drop-disruption",
        "answer-for-victims",
        "transfer-referral",
        "confirm-transfer",
        "decide-repeat",
    )
}
"""What each command needs of the access matrix."""
