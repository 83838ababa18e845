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
from models.commands.evidence import (
    AddEvidenceItem,
    EvidenceCommand,
    EvidenceEntry,
    RecordEvidence,
    RecordPoliceContact,
    VideoMedium,
)
from models.commands.lifecycle import (
    CloseCase,
    LifecycleCommand,
    Reassign,
    Regrade,
    ReviewCase,
)
from models.commands.meeting import (
    CancelMeeting,
    MeetingCommandKinds,
)
from models.commands.needs import (
    AddNeedAction,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    NeedActionEntry,
    NeedEntry,
    NeedsCommand,
)
from models.commands.referral import (
    ReferralCommandKinds,
    WithdrawReferral,
)

IncidentCommand = Annotated[EvidenceCommand, Field(discriminator="kind")]
CaseCommand = Annotated[
    ContactCommand | NeedsCommand | LifecycleCommand,
    Field(discriminator="kind"),
]
ReferralCommand = Annotated[ReferralCommandKinds, Field()]
MeetingCommand = Annotated[MeetingCommandKinds, Field()]
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
    text = envelope.grant.actor + envelope.command.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()


__all__ = [
    "ENVELOPES",
    "AddEvidenceItem",
    "AddNeedAction",
    "Answer",
    "ApproveCadence",
    "ApproveWait",
    "CancelMeeting",
    "CaseCommand",
    "CaseEnvelope",
    "CloseCase",
    "Code",
    "Command",
    "CompleteNeedAction",
    "CompleteNeedsAssessment",
    "Envelope",
    "EvidenceEntry",
    "Grant",
    "IncidentCommand",
    "IncidentEnvelope",
    "MeetingCommand",
    "MeetingEnvelope",
    "NeedActionEntry",
    "NeedEntry",
    "NotificationOptOut",
    "PauseContact",
    "Reassign",
    "RecordAttempt",
    "RecordEvidence",
    "RecordLadderStep",
    "RecordPoliceContact",
    "RecordWishes",
    "ReferralCommand",
    "ReferralEnvelope",
    "Regrade",
    "RestoreChannel",
    "ResumeContact",
    "ReviewCase",
    "SetCadence",
    "SetSafeContactPlan",
    "VideoMedium",
    "WithdrawReferral",
    "digest",
    "kinds_of",
    "target_of",
]
