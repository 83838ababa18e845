"""Which workflow takes which commands, and in what they travel."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, get_args

from pydantic import Field

from models.base import Record
from models.commands.base import Grant
from models.commands.case_referrals import CaseReferralCommand
from models.commands.contact import ContactCommand
from models.commands.essentials import EssentialsCommand
from models.commands.evidence import EvidenceCommand
from models.commands.handover import HandoverCommand
from models.commands.lifecycle import LifecycleCommand
from models.commands.meeting import MeetingCommandKinds
from models.commands.needs import NeedsCommand
from models.commands.orders import OrdersCommand
from models.commands.referral import ReferralCommandKinds
from models.commands.risk import RiskCommand
from models.commands.safeguarding import SafeguardingCommand
from models.commands.suspect import SuspectCommand
from models.commands.victims_code import VictimsCodeCommand
from models.commands.visits import VisitCommand
from models.commands.wishes import WishCommand

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
