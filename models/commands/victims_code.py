"""What is told to an incident under the Victims' Code (docs/domain.md 4).

`decision_code` is not typed: whoever sends the command asks the case at that moment whether the
route is safe, and puts the answer in; left empty it counts as unsafe.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import DataClass, write_of
from models.enums import Channel, ConsentStatus, DisclosureBasis, PressureCheck
from models.enums.victims_code import (
    ConfirmationOutcome,
    CourtEvent,
    DecidedBy,
    DecisionTold,
    MeasuresOutcome,
    NotificationOutcome,
    SpecialMeasure,
    SupportOutcome,
    UpdateFrequency,
    VpsReadBy,
    VpsStatus,
    WithdrawalDecision,
)

CodeOrNone = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]*)?$", max_length=60)]
"""A code, or nothing."""


class RecordNotification(Record):
    """What became of telling the victim of a suspect, order or court event."""

    kind: Literal["record-notification"] = "record-notification"
    at: datetime
    notification_id: str = ""
    event_kind: CodeOrNone = ""
    """Instead of the id: everything open of this kind."""
    channel: Channel
    route: str = ""
    """Which number or address of the plan, by its route id; never the number."""
    outcome: NotificationOutcome
    safety_override: CodeOrNone = ""
    """Why it was made against the plan: `THREAT_TO_LIFE`, `SUPERVISOR_AUTHORISED` or
    `ROUTE_AGREED_FOR_NOTICES`."""
    decision_code: str = ""
    note_ref: str = ""


class RecordDecisionTold(Record):
    """A decision that ends the case was told with its reasons; the right to a review begins."""

    kind: Literal["record-decision-told"] = "record-decision-told"
    at: datetime
    decision: DecisionTold
    decided_by: DecidedBy
    decided_at: datetime | None = None
    """When the decision was made; left out, it was told at once."""
    reasons_given: bool
    channel: Channel
    route: str = ""
    safety_override: CodeOrNone = ""
    decision_code: str = ""
    note_ref: str = ""


class RequestReview(Record):
    """The victim asks for a review of the decision told to her."""

    kind: Literal["request-review"] = "request-review"
    at: datetime
    note_ref: str = ""


class ReferSupport(Record):
    """The referral to a support service was sent, or the victim declined it."""

    kind: Literal["refer-support"] = "refer-support"
    at: datetime
    outcome: SupportOutcome
    service: CodeOrNone = ""
    consent_status: ConsentStatus
    disclosure_basis: DisclosureBasis | None = None
    note_ref: str = ""


class ConfirmInWriting(Record):
    """The written confirmation with its reference, and how and how often updates are wanted."""

    kind: Literal["confirm-in-writing"] = "confirm-in-writing"
    at: datetime
    outcome: ConfirmationOutcome
    channel: Channel | None = None
    """How the confirmation was given."""
    route: str = ""
    update_channel: Channel | None = None
    update_frequency: UpdateFrequency | None = None
    safety_override: CodeOrNone = ""
    decision_code: str = ""
    note_ref: str = ""


class RecordVps(Record):
    """The Victim Personal Statement was offered, taken or declined, and who is to read it."""

    kind: Literal["record-vps"] = "record-vps"
    at: datetime
    status: VpsStatus
    read_by: VpsReadBy | None = None
    note_ref: str = ""


class RecordSpecialMeasures(Record):
    """Special measures asked for, granted, refused or not wanted; eligibility is automatic."""

    kind: Literal["record-special-measures"] = "record-special-measures"
    at: datetime
    outcome: MeasuresOutcome
    measures: tuple[SpecialMeasure, ...] = ()
    note_ref: str = ""


class RecordCourtEvent(Record):
    """A court date, bail result or outcome as received from court; the victim must be told."""

    kind: Literal["record-court-event"] = "record-court-event"
    at: datetime
    """When it was received: the working day to tell the victim counts from it."""
    event: CourtEvent
    hearing_id: str = ""
    """The hearing that is moved, vacated or heard; left out with a date, it is a new one."""
    court_day: date | None = None
    result: CodeOrNone = ""


class RecordDecision(Record):
    """A decision that ends the case or a part of it was made, and the victim is still to be told:
    their time to hear of it counts from here."""

    kind: Literal["record-decision"] = "record-decision"
    at: datetime
    decision: DecisionTold
    decided_by: DecidedBy
    note_ref: str = ""


class ReviewWithdrawal(Record):
    """The officer in the case looked at what a withdrawal of support means: whether the case goes
    on without the victim's evidence, and whether they were put under pressure."""

    kind: Literal["review-withdrawal"] = "review-withdrawal"
    at: datetime
    decision: WithdrawalDecision
    pressure: PressureCheck
    note_ref: str = ""


class ReviewTelling(Record):
    """A supervisor looked at a telling that went against the plan."""

    kind: Literal["review-telling"] = "review-telling"
    at: datetime
    notification_id: str = Field(min_length=1)
    """As the task names it; `CONFIRMATION` for the written one."""
    finding: Code
    note_ref: str = ""


VictimsCodeCommand = (
    RecordNotification
    | RecordDecisionTold
    | RequestReview
    | ReferSupport
    | ConfirmInWriting
    | RecordVps
    | RecordSpecialMeasures
    | RecordCourtEvent
    | RecordDecision
    | ReviewWithdrawal
    | ReviewTelling
)
# A supervisor answers for an incident whose case waits or is closed, and must be able to settle it.
_TELL = write_of(DataClass.VICTIM_NOTIFICATIONS, DataClass.APPROVALS)

NEEDS = {
    "record-notification": _TELL,
    "record-decision-told": _TELL,
    "request-review": _TELL,
    "refer-support": write_of(DataClass.REFERRALS),
    "confirm-in-writing": _TELL,
    "record-vps": _TELL,
    "record-special-measures": _TELL,
    "record-court-event": _TELL,
    "record-decision": _TELL,
    "review-withdrawal": write_of(DataClass.SUSPECT_STATUS, DataClass.APPROVALS),
    "review-telling": write_of(DataClass.APPROVALS),
}
"""What each command needs of the access matrix."""
