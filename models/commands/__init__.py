"""What officers and partners may tell a workflow. A command is checked, applied and answered at
once. One file a topic; here they are put together by the workflow that takes them.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, get_args

from pydantic import Field

from models.base import Record
from models.commands.base import (
    Answer,
    Code,
    Grant,
)
from models.commands.case_referrals import (
    AnswerRetaliationCheck,
    AskIdva,
    CaseReferralCommand,
    NoteReferral,
    Refer,
)
from models.commands.contact import (
    ApproveCadence,
    ApproveWait,
    ContactCommand,
    NotificationOptOut,
    PauseContact,
    RecordAttempt,
    RecordLadderStep,
    RecordWishes,
    RestoreChannel,
    ResumeContact,
    SetCadence,
    SetSafeContactPlan,
)
from models.commands.essentials import (
    AnswerDisclosureRequest,
    EssentialsCommand,
    LiftFreeze,
    LiftLegalHold,
    PlaceLegalHold,
    RecordDeathOrSeriousInjury,
    RecordDisclosureRequest,
    RecordPrimaryAggressor,
    RecordReviewReferral,
    RecordThreatToLife,
    ReviewLegalHold,
    ReviewThreatToLife,
)
from models.commands.evidence import (
    AddEvidenceItem,
    EvidenceCommand,
    EvidenceEntry,
    RecordEvidence,
    RecordPoliceContact,
    VideoMedium,
)
from models.commands.handover import (
    AcceptHandover,
    AcceptTransfer,
    DeclareConflict,
    HandOver,
    HandoverCommand,
    LiftConflict,
    NameSupervisor,
    OfferTransfer,
    RecordCover,
    RefuseTransfer,
    RestrictCase,
    ReviewMerge,
    UnrestrictCase,
)
from models.commands.lifecycle import (
    AskClosure,
    CloseCase,
    LifecycleCommand,
    Reassign,
    RefuseClosure,
    Regrade,
    ReopenCase,
    ReviewCase,
)
from models.commands.meeting import (
    ActionNotAchievable,
    AddAction,
    CancelAction,
    CancelMeeting,
    CloseMeeting,
    CompleteAction,
    DeferReferral,
    FreezeList,
    HearReferral,
    IssueActions,
    IssueMinutes,
    ListReferral,
    MeetingCommandKinds,
    RecordAttendance,
    RequestResearch,
    ReturnResearch,
)
from models.commands.needs import (
    AddNeedAction,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    NeedActionEntry,
    NeedEntry,
    NeedsCommand,
)
from models.commands.orders import (
    ApplyDvds,
    DiscountOrder,
    EndOrder,
    OrdersCommand,
    RecordBreach,
    RecordDvds,
    RecordHearing,
    RecordOrder,
    RecordOrderContact,
    RecordSpoNotification,
    ServeOrder,
    VaryOrder,
)
from models.commands.referral import (
    AmendReferral,
    CarryOutDisruption,
    ChaseReferral,
    ConfirmTransfer,
    DecideRepeat,
    GiveMaracFeedback,
    MoveReferral,
    PlanDisruption,
    RecordReferralAttempt,
    ReferralCommandKinds,
    RescoreSubject,
    ReviewReferral,
    TransferReferral,
    WithdrawReferral,
)
from models.commands.risk import (
    AssessRisk,
    DeclineRecommendation,
    ProfessionalJudgement,
    RecordUnwantedAct,
    ReviewGrade,
    ReviewRecommendation,
    RiskCommand,
    ScreenStalking,
)
from models.commands.safeguarding import (
    EndPoliceProtection,
    RecordCareNeeds,
    RecordChild,
    ReferChild,
    SafeguardingCommand,
    SendCareActConcern,
    SendEncompass,
    SkipCareActConcern,
    SkipChildReferral,
    SkipEncompass,
)
from models.commands.suspect import (
    ChangeSuspectStatus,
    ExtendBail,
    ExtendCustody,
    RecordBailViews,
    RecordCustodyArrival,
    ResumeCustodyClock,
    ReviewOutstandingSuspect,
    StopCustodyClock,
    SuspectCommand,
)
from models.commands.victims_code import (
    ConfirmInWriting,
    RecordCourtEvent,
    RecordDecisionTold,
    RecordNotification,
    RecordSpecialMeasures,
    RecordVps,
    ReferSupport,
    RequestReview,
    ReviewTelling,
    VictimsCodeCommand,
)
from models.commands.visits import (
    AuthoriseVisit,
    CheckVisit,
    ConsiderMissingPerson,
    RecordVisit,
    RefuseVisit,
    ReviewVisit,
    SelectVisit,
    VisitCommand,
)
from models.commands.wishes import (
    AskOtherOfficer,
    MessageVictim,
    NameThirdParty,
    RecordPressureCheck,
    RecordWithdrawal,
    RefuseOtherOfficer,
    SettleContactAtEvent,
    WishCommand,
)

IncidentCommand = Annotated[
    EvidenceCommand | OrdersCommand | SuspectCommand | VictimsCodeCommand | SafeguardingCommand,
    Field(discriminator="kind"),
]
CaseCommand = Annotated[
    ContactCommand
    | NeedsCommand
    | RiskCommand
    | LifecycleCommand
    | CaseReferralCommand
    | HandoverCommand
    | EssentialsCommand
    | VisitCommand
    | WishCommand,
    Field(discriminator="kind"),
]
ReferralCommand = Annotated[ReferralCommandKinds, Field(discriminator="kind")]
MeetingCommand = Annotated[MeetingCommandKinds, Field(discriminator="kind")]
Command = CaseCommand | IncidentCommand | ReferralCommand | MeetingCommand


class IncidentEnvelope(Record):
    """An incident command with its id and grant."""

    command_id: str
    grant: Grant
    command: IncidentCommand


class CaseEnvelope(Record):
    """A case command with its id and grant."""

    command_id: str
    grant: Grant
    command: CaseCommand


class ReferralEnvelope(Record):
    """A referral command with its id and grant."""

    command_id: str
    grant: Grant
    command: ReferralCommand


class MeetingEnvelope(Record):
    """A meeting command with its id and grant."""

    command_id: str
    grant: Grant
    command: MeetingCommand


Envelope = CaseEnvelope | IncidentEnvelope | ReferralEnvelope | MeetingEnvelope
ENVELOPES: dict[str, type[Envelope]] = {
    "case": CaseEnvelope,
    "incident": IncidentEnvelope,
    "referral": ReferralEnvelope,
    "meeting": MeetingEnvelope,
}
"""By the first part of the receiving stream's name."""


def kinds_of(target: str) -> tuple[type[Any], ...]:
    """The models of the commands that a workflow takes; `target` is the first part of its
    stream's name."""
    union = ENVELOPES[target].model_fields["command"].annotation
    return get_args(union) or (union,)


def target_of(command: Command) -> str:
    """Which workflow takes a command: the first part of its stream's name."""
    return next(target for target in ENVELOPES if isinstance(command, kinds_of(target)))


def digest(envelope: Envelope) -> str:
    """What makes two commands the same: the actor and the content, not the grant."""
    # What the case answered on the way differs from one sending of a command to the next.
    text = envelope.grant.actor + envelope.command.model_dump_json(exclude={"decision_code"})
    return hashlib.sha256(text.encode()).hexdigest()


__all__ = [
    "ENVELOPES",
    "AcceptHandover",
    "AcceptTransfer",
    "ActionNotAchievable",
    "AddAction",
    "AddEvidenceItem",
    "AddNeedAction",
    "AmendReferral",
    "Answer",
    "AnswerDisclosureRequest",
    "AnswerRetaliationCheck",
    "ApplyDvds",
    "ApproveCadence",
    "ApproveWait",
    "AskClosure",
    "AskIdva",
    "AskOtherOfficer",
    "AssessRisk",
    "AuthoriseVisit",
    "CancelAction",
    "CancelMeeting",
    "CarryOutDisruption",
    "CaseCommand",
    "CaseEnvelope",
    "ChangeSuspectStatus",
    "ChaseReferral",
    "CheckVisit",
    "CloseCase",
    "CloseMeeting",
    "Code",
    "Command",
    "CompleteAction",
    "CompleteNeedAction",
    "CompleteNeedsAssessment",
    "ConfirmInWriting",
    "ConfirmTransfer",
    "ConsiderMissingPerson",
    "DecideRepeat",
    "DeclareConflict",
    "DeclineRecommendation",
    "DeferReferral",
    "DiscountOrder",
    "EndOrder",
    "EndPoliceProtection",
    "Envelope",
    "EvidenceEntry",
    "ExtendBail",
    "ExtendCustody",
    "FreezeList",
    "GiveMaracFeedback",
    "Grant",
    "HandOver",
    "HearReferral",
    "IncidentCommand",
    "IncidentEnvelope",
    "IssueActions",
    "IssueMinutes",
    "LiftConflict",
    "LiftFreeze",
    "LiftLegalHold",
    "ListReferral",
    "MeetingCommand",
    "MeetingEnvelope",
    "MessageVictim",
    "MoveReferral",
    "NameSupervisor",
    "NameThirdParty",
    "NeedActionEntry",
    "NeedEntry",
    "NoteReferral",
    "NotificationOptOut",
    "OfferTransfer",
    "PauseContact",
    "PlaceLegalHold",
    "PlanDisruption",
    "ProfessionalJudgement",
    "Reassign",
    "RecordAttempt",
    "RecordAttendance",
    "RecordBailViews",
    "RecordBreach",
    "RecordCareNeeds",
    "RecordChild",
    "RecordCourtEvent",
    "RecordCover",
    "RecordCustodyArrival",
    "RecordDeathOrSeriousInjury",
    "RecordDecisionTold",
    "RecordDisclosureRequest",
    "RecordDvds",
    "RecordEvidence",
    "RecordHearing",
    "RecordLadderStep",
    "RecordNotification",
    "RecordOrder",
    "RecordOrderContact",
    "RecordPoliceContact",
    "RecordPressureCheck",
    "RecordPrimaryAggressor",
    "RecordReferralAttempt",
    "RecordReviewReferral",
    "RecordSpecialMeasures",
    "RecordSpoNotification",
    "RecordThreatToLife",
    "RecordUnwantedAct",
    "RecordVisit",
    "RecordVps",
    "RecordWishes",
    "RecordWithdrawal",
    "Refer",
    "ReferChild",
    "ReferSupport",
    "ReferralCommand",
    "ReferralEnvelope",
    "RefuseClosure",
    "RefuseOtherOfficer",
    "RefuseTransfer",
    "RefuseVisit",
    "Regrade",
    "ReopenCase",
    "RequestResearch",
    "RequestReview",
    "RescoreSubject",
    "RestoreChannel",
    "RestrictCase",
    "ResumeContact",
    "ResumeCustodyClock",
    "ReturnResearch",
    "ReviewCase",
    "ReviewGrade",
    "ReviewLegalHold",
    "ReviewMerge",
    "ReviewOutstandingSuspect",
    "ReviewRecommendation",
    "ReviewReferral",
    "ReviewTelling",
    "ReviewThreatToLife",
    "ReviewVisit",
    "ScreenStalking",
    "SelectVisit",
    "SendCareActConcern",
    "SendEncompass",
    "ServeOrder",
    "SetCadence",
    "SetSafeContactPlan",
    "SettleContactAtEvent",
    "SkipCareActConcern",
    "SkipChildReferral",
    "SkipEncompass",
    "StopCustodyClock",
    "TransferReferral",
    "UnrestrictCase",
    "VaryOrder",
    "VideoMedium",
    "WithdrawReferral",
    "digest",
    "kinds_of",
    "target_of",
]
