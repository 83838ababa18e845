"""Commands of contact, cadence and wishes (docs/domain.md 9)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.enums import (
    CadencePlan,
    Channel,
    ContactResult,
    NoContactOffer,
)
from models.safe_contact import SafeContactPlan


class NotificationOptOut(StrEnum):
    """Which statutory notices a victim has asked not to get."""

    NONE = "NONE"
    ALL = "ALL"
    ALL_EXCEPT_RELEASE = "ALL_EXCEPT_RELEASE"


class SetSafeContactPlan(Record):
    """The safe-contact plan, mandatory before any call, text, letter or visit."""

    kind: Literal["set-safe-contact-plan"] = "set-safe-contact-plan"
    at: datetime
    plan: SafeContactPlan
    reason: Code | None = None
    """Why, where the plan allows more than the one in force, or protects less."""


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
    """Reason code where the attempt was made against the plan: `THREAT_TO_LIFE`, which must be on
    record, `SUPERVISOR_AUTHORISED`, or `VICTIM_CALLED`. The supervisor sees it."""
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
    `RISK_RELOOKED`, `WELFARE_CHECK_AUTHORISED`, `HHV_REPEATED`, `AGENCY_ENQUIRY`,
    `MARAC_CONSIDERED`, `MISSING_PERSON_CONSIDERED`. A hidden-harm visit is authorised by
    `authorise-visit`, which ends L3."""
    note_ref: str = ""


class SetCadence(Record):
    """The victim's preferred cadence. Lower than the default for HIGH waits for sign-off."""

    kind: Literal["set-cadence"] = "set-cadence"
    at: datetime
    plan: CadencePlan
    interval_days: int | None = Field(default=None, ge=1, le=365)
    victim_wish: bool = False
    alone: bool = False
    """For NO_CONTACT: the victim was alone when asking."""
    verified: bool = False
    """For NO_CONTACT: it was verified to be the victim."""
    offers: tuple[NoContactOffer, ...] = ()
    """For NO_CONTACT: what was offered instead."""
    notices: NotificationOptOut | None = None
    """For NO_CONTACT: which statutory notices the victim opts out of, having been told that they
    may go on."""
    recontact_on: date | None = None
    """For NO_CONTACT: the one agreed London date on which to ask again."""
    no_recontact: bool = False
    """For NO_CONTACT: no such date was agreed."""
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


ContactCommand = (
    SetSafeContactPlan
    | RecordAttempt
    | RestoreChannel
    | RecordLadderStep
    | SetCadence
    | ApproveCadence
    | ApproveWait
    | RecordWishes
    | PauseContact
    | ResumeContact
)
