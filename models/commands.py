"""What officers may tell a workflow. A command is checked, applied and answered at once.

`at` is when the thing happened, given by the person; the workflow stamps when it was recorded.
Free text never travels in a command: it is stored first and `note_ref` refers to it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.enums import (
    CadencePlan,
    Channel,
    ClosureReason,
    ContactResult,
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    NeedDomain,
    NeedLevel,
    RiskGrade,
    Role,
)
from models.safe_contact import SafeContactPlan


class NotificationOptOut(StrEnum):
    """Which statutory notices a victim has asked not to get."""

    NONE = "NONE"
    ALL = "ALL"
    ALL_EXCEPT_RELEASE = "ALL_EXCEPT_RELEASE"


class VideoMedium(StrEnum):
    """How a victim's first account on video was taken."""

    BODY_WORN_VIDEO = "BODY_WORN_VIDEO"
    SECURE_VIDEO_LINK = "SECURE_VIDEO_LINK"
    OTHER_VIDEO = "OTHER_VIDEO"


Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=60)]
"""A reason as a code (`VICTIM_IN_HOSPITAL`): it stands in clear in the ledger, so free text belongs
in a note, which is stored encrypted."""


class EvidenceEntry(Record):
    """What became of one checklist item. A reason code is due for the last four statuses."""

    item: EvidenceCode
    status: EvidenceStatus
    at: datetime
    """When it was captured, declined, found unavailable, lost or missed."""
    reference: str = ""
    """Reference in the evidence system, never the file."""
    reason: EvidenceReason | None = None
    medium: VideoMedium | None = None
    """How the video account was taken; where left out, it is inferred from how police responded."""


class RecordEvidence(Record):
    """Items captured, declined, late or unavailable, in one go."""

    kind: Literal["record-evidence"] = "record-evidence"
    entries: tuple[EvidenceEntry, ...] = Field(min_length=1)


class AddEvidenceItem(Record):
    """An item that the report did not trigger but the scene does (CCTV found, say)."""

    kind: Literal["add-evidence"] = "add-evidence"
    item: EvidenceCode
    at: datetime


class RecordPoliceContact(Record):
    """When police first attended or spoke to the victim by video."""

    kind: Literal["record-police-contact"] = "record-police-contact"
    at: datetime


class SetSafeContactPlan(Record):
    """The safe-contact plan, mandatory before any call, text, letter or visit."""

    kind: Literal["set-safe-contact-plan"] = "set-safe-contact-plan"
    at: datetime
    plan: SafeContactPlan


class RecordAttempt(Record):
    """A contact attempt and its result."""

    kind: Literal["record-attempt"] = "record-attempt"
    at: datetime
    channel: Channel
    result: ContactResult
    route: str = ""
    """Which number or address of the plan, by its route id; never the number."""
    verified: bool = False
    """For MESSAGE_REPLIED: the reply was verified to be the victim's."""
    safety_override: str = ""
    """Reason code where the attempt was made against the plan: `THREAT_TO_LIFE` or
    `SUPERVISOR_AUTHORISED`."""
    note_ref: str = ""


class RestoreChannel(Record):
    """A supervisor's review finds a suspended channel or route safe again."""

    kind: Literal["restore-channel"] = "restore-channel"
    at: datetime
    channel: Channel
    route: str = ""
    reason: Code


class RecordLadderStep(Record):
    """The open step of the failed-contact ladder was done; the next one is entered."""

    kind: Literal["record-ladder-step"] = "record-ladder-step"
    at: datetime
    step: Literal["L1", "L2", "L3", "L4", "L5", "L6"]
    outcome: str = Field(min_length=1)
    """What was done, as a code: `VARIED_TIME`, `THIRD_CONTACT_ASKED`, `IDVA_ASKED`,
    `RISK_RELOOKED`, `WELFARE_CHECK_AUTHORISED`, `HHV_AUTHORISED`, `HHV_REPEATED`,
    `AGENCY_ENQUIRY`, `MARAC_CONSIDERED`, `MISSING_PERSON_CONSIDERED`."""
    note_ref: str = ""


class SetCadence(Record):
    """The victim's preferred cadence. Lower than the default for HIGH waits for sign-off."""

    kind: Literal["set-cadence"] = "set-cadence"
    at: datetime
    plan: CadencePlan
    interval_days: int | None = Field(default=None, ge=1, le=365)
    victim_wish: bool = False
    note_ref: str = ""


class ApproveCadence(Record):
    """A supervisor signs off a cadence lower than the default."""

    kind: Literal["approve-cadence"] = "approve-cadence"
    at: datetime
    approve: bool
    reason: Code


class ApproveWait(Record):
    """A supervisor approves that a HIGH contact waits for its safe window."""

    kind: Literal["approve-wait"] = "approve-wait"
    at: datetime
    reason: Code


class RecordWishes(Record):
    """What the victim wishes of police, and which notices they opt out of."""

    kind: Literal["record-wishes"] = "record-wishes"
    at: datetime
    notification_opt_out: NotificationOptOut | None = None
    """Left out: nothing was said about notices, and what was said before stands."""
    note_ref: str = ""


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


class Regrade(Record):
    """An officer's risk grade with its reason code; contact clocks follow it."""

    kind: Literal["regrade"] = "regrade"
    at: datetime
    grade: RiskGrade
    reason: Code


class ReviewCase(Record):
    """The 28-day case review was held."""

    kind: Literal["review-case"] = "review-case"
    at: datetime
    note_ref: str = ""


class Reassign(Record):
    """A supervisor gives the case to another DALO, with every obligation on it."""

    kind: Literal["reassign"] = "reassign"
    at: datetime
    dalo_id: str = Field(min_length=1)
    reason: Code


class PauseContact(Record):
    """A dated, owned, reasoned pause of the contact clocks."""

    kind: Literal["pause-contact"] = "pause-contact"
    at: datetime
    until: datetime
    owner: str = Field(min_length=1)
    reason: Code


class ResumeContact(Record):
    """The end of a pause, before its date."""

    kind: Literal["resume-contact"] = "resume-contact"
    at: datetime


class CloseCase(Record):
    """A supervisor agrees to closure; open obligations block it by name."""

    kind: Literal["close-case"] = "close-case"
    at: datetime
    reason: ClosureReason
    victim_told: bool = False
    note_ref: str = ""


IncidentCommand = Annotated[
    RecordEvidence | AddEvidenceItem | RecordPoliceContact, Field(discriminator="kind")
]
CaseCommand = Annotated[
    SetSafeContactPlan
    | RecordAttempt
    | RestoreChannel
    | RecordLadderStep
    | SetCadence
    | ApproveCadence
    | ApproveWait
    | RecordWishes
    | CompleteNeedsAssessment
    | AddNeedAction
    | CompleteNeedAction
    | Regrade
    | ReviewCase
    | Reassign
    | PauseContact
    | ResumeContact
    | CloseCase,
    Field(discriminator="kind"),
]


class Grant(Record):
    """What the gate found out about the actor: passed on so that validators can check it against
    the state."""

    actor: str
    role: Role
    access_log_id: str
    break_glass: bool = False
    covering: str = ""
    """The absent officer whose work the actor covers, if any."""


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


class Answer(Record):
    """What an accepted command gets at once: its last event's number, and codes worth knowing."""

    seq: int
    codes: tuple[str, ...] = ()


def digest(envelope: IncidentEnvelope | CaseEnvelope) -> str:
    """What makes two commands the same: the actor and the content, not the grant."""
    text = envelope.grant.actor + envelope.command.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()
