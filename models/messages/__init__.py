"""What the system tells a workflow: by start or by signal, through outbox and relay.

A message may arrive twice or out of order: a workflow ignores what it already has.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from models.base import Record
from models.enums import (
    ConsentStatus,
    DisclosureBasis,
    Forum,
    MaracCriterion,
    ReferralPathway,
    ReferralType,
    RiskGrade,
)
from models.messages.facts import (
    BailChanged,
    CourtDated,
    EarlierReport,
    GradeChanged,
    MeasureAgreed,
    OrderBreached,
    OrderChanged,
    OtherVictim,
    PairReferral,
    ReportArrived,
    SuspectChanged,
    VictimMessageDone,
    VictimTold,
    WishesChanged,
)
from models.messages.forums import (
    ActionsSettled,
    DisruptionChecked,
    Heard,
    Listed,
    ListFrozen,
    ListRequest,
    OfficerChanged,
    ReferralChanged,
    RepeatEvent,
    RetaliationAnswer,
    SubjectScored,
    TransferredOut,
    Withdrawn,
)
from models.messages.people import (
    Allocated,
    CalendarChanged,
    CaseClosed,
    MergedInto,
    OwnerChanged,
    PartyMerged,
    Renewed,
    Reopened,
    Under16Party,
    Waitlisted,
)

CaseMessage = Annotated[
    ReportArrived
    | Allocated
    | Waitlisted
    | Under16Party
    | OtherVictim
    | SuspectChanged
    | BailChanged
    | OrderChanged
    | OrderBreached
    | CourtDated
    | VictimTold
    | ReferralChanged
    | VictimMessageDone
    | PartyMerged
    | MergedInto
    | RetaliationAnswer
    | Renewed
    | CalendarChanged,
    Field(discriminator="kind"),
]
IncidentMessage = Annotated[
    ReportArrived
    | OwnerChanged
    | CaseClosed
    | Reopened
    | WishesChanged
    | GradeChanged
    | MeasureAgreed
    | Renewed
    | CalendarChanged,
    Field(discriminator="kind"),
]
ReferralMessage = Annotated[
    OwnerChanged
    | CaseClosed
    | Reopened
    | RepeatEvent
    | Listed
    | ListFrozen
    | Heard
    | ActionsSettled
    | RetaliationAnswer
    | SubjectScored
    | Renewed
    | CalendarChanged,
    Field(discriminator="kind"),
]
MeetingMessage = Annotated[
    ListRequest
    | Withdrawn
    | TransferredOut
    | DisruptionChecked
    | OfficerChanged
    | Renewed
    | CalendarChanged,
    Field(discriminator="kind"),
]


class CaseStart(Record):
    """Start of a case workflow; `messages` may already hold the report and the allocation."""

    case_ref: str
    victim_ref: str
    opened_at: datetime
    pilot_area: str
    allocation_arm: str
    policy_version: str
    calendar_version: str
    previous_case_ref: str = ""
    messages: tuple[CaseMessage, ...] = ()


class IncidentStart(Record):
    """Start of an incident workflow."""

    incident_ref: str
    victim_ref: str
    case_ref: str
    policy_version: str
    calendar_version: str
    dalo_id: str = ""
    supervisor_id: str = ""
    messages: tuple[IncidentMessage, ...] = ()


class ReferralStart(Record):
    """Start of a referral: what the case (or a scoring run) referred, and on what grounds.
    `facts` holds what only one pathway has (`models.referral.pathways`), as codes."""

    referral_ref: str
    pathway: ReferralPathway
    area: str
    asked_by: str
    """Who decided: an officer's id, or SYSTEM for a scoring run."""
    case_ref: str = ""
    victim_ref: str = ""
    perpetrator_ref: str = ""
    dalo_id: str = ""
    supervisor_id: str = ""
    risk_grade: RiskGrade | None = None
    criteria: tuple[MaracCriterion, ...] = ()
    referral_type: ReferralType = ReferralType.FIRST
    repeat_of: str = ""
    consent_status: ConsentStatus | None = None
    disclosure_basis: DisclosureBasis | None = None
    emergency: bool = False
    submitted_at: datetime
    facts: dict[str, Any] = Field(default_factory=dict)
    policy_version: str
    calendar_version: str
    messages: tuple[ReferralMessage, ...] = ()


class MeetingStart(Record):
    """Start of a meeting's list; `starts_at` is when it will be held."""

    stream: str
    forum: Forum
    area: str
    date: str
    number: int = 1
    starts_at: datetime
    coordinator: str
    """Officer id or role address."""
    chair: str = ""
    emergency: bool = False
    opened_at: datetime
    policy_version: str
    calendar_version: str
    messages: tuple[MeetingMessage, ...] = ()


__all__ = [
    "ActionsSettled",
    "Allocated",
    "BailChanged",
    "CalendarChanged",
    "CaseClosed",
    "CaseMessage",
    "CaseStart",
    "CourtDated",
    "DisruptionChecked",
    "EarlierReport",
    "GradeChanged",
    "Heard",
    "IncidentMessage",
    "IncidentStart",
    "ListFrozen",
    "ListRequest",
    "Listed",
    "MeasureAgreed",
    "MeetingMessage",
    "MeetingStart",
    "MergedInto",
    "OfficerChanged",
    "OrderBreached",
    "OrderChanged",
    "OtherVictim",
    "OwnerChanged",
    "PairReferral",
    "PartyMerged",
    "ReferralChanged",
    "ReferralMessage",
    "ReferralStart",
    "Renewed",
    "Reopened",
    "RepeatEvent",
    "ReportArrived",
    "RetaliationAnswer",
    "SubjectScored",
    "SuspectChanged",
    "TransferredOut",
    "Under16Party",
    "VictimMessageDone",
    "VictimTold",
    "Waitlisted",
    "WishesChanged",
    "Withdrawn",
]
