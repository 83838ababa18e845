"""Commands for death and serious injury, legal hold, criminal disclosure, threat to life and
counter-allegations (docs/domain.md 2.6, 16a)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import Action, DataClass, write_of
from models.enums import Aggressor, GraveHarm, Party, ReviewReferral

Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9/. _-]{1,39}$")]
"""A reference of a person, incident or request; never a name."""


class RecordDeathOrSeriousInjury(Record):
    """A party died or was gravely hurt: freezes the case and everything that it would send."""

    kind: Literal["record-death-or-serious-injury"] = "record-death-or-serious-injury"
    at: datetime
    party: Party
    harm: GraveHarm
    note_ref: str = ""


class LiftFreeze(Record):
    """An inspector ends the freeze after a serious injury; contact is owed again from then."""

    kind: Literal["lift-freeze"] = "lift-freeze"
    at: datetime
    reason: Code


class RecordReviewReferral(Record):
    """An inspector's decision on a domestic homicide review or a police-complaints referral."""

    kind: Literal["record-review-referral"] = "record-review-referral"
    at: datetime
    referral: ReviewReferral
    decision: Literal["REFERRED", "NOT_NEEDED"]
    reason: Code
    note_ref: str = ""


class PlaceLegalHold(Record):
    """An inspector places a legal hold: nothing of the case may be erased while it stands."""

    kind: Literal["place-legal-hold"] = "place-legal-hold"
    at: datetime
    reason: Code


class ReviewLegalHold(Record):
    """An inspector reviews a legal hold and keeps it."""

    kind: Literal["review-legal-hold"] = "review-legal-hold"
    at: datetime
    hold_id: str
    reason: Code


class LiftLegalHold(Record):
    """An inspector lifts a legal hold, with a reason."""

    kind: Literal["lift-legal-hold"] = "lift-legal-hold"
    at: datetime
    hold_id: str
    reason: Code


class RecordThreatToLife(Record):
    """A threat to life and the warning given: who, when, authorised by whom, and a note of it."""

    kind: Literal["record-threat-to-life"] = "record-threat-to-life"
    at: datetime
    warned: Reference
    """Whom: a reference of the case (`VIC-0001`)."""
    warned_by: Reference
    authorised_by: Reference
    note_ref: str = ""


class ReviewThreatToLife(Record):
    """A supervisor reviews a threat to life: it stands, or it has ended."""

    kind: Literal["review-threat-to-life"] = "review-threat-to-life"
    at: datetime
    threat_id: str
    stands: Literal["STANDS", "ENDED"]
    reason: Code


class RecordDisclosureRequest(Record):
    """A request to disclose the contact log in criminal proceedings (CPIA 1996)."""

    kind: Literal["record-disclosure-request"] = "record-disclosure-request"
    at: datetime
    request_ref: Reference
    asked_by: Code
    """`CPS`, `DEFENCE`, `COURT`."""
    due_on: date | None = None


class AnswerDisclosureRequest(Record):
    """What became of a disclosure request."""

    kind: Literal["answer-disclosure-request"] = "answer-disclosure-request"
    at: datetime
    request_ref: Reference
    decision: Literal["SCHEDULED", "DISCLOSED", "WITHHELD"]
    reason: Code
    note_ref: str = ""


class RecordPrimaryAggressor(Record):
    """A supervisor's review of who is the primary aggressor where both allege."""

    kind: Literal["record-primary-aggressor"] = "record-primary-aggressor"
    at: datetime
    incident_ref: str
    aggressor: Aggressor
    reason: Code
    note_ref: str = ""


EssentialsCommand = (
    RecordDeathOrSeriousInjury
    | LiftFreeze
    | RecordReviewReferral
    | PlaceLegalHold
    | ReviewLegalHold
    | LiftLegalHold
    | RecordThreatToLife
    | ReviewThreatToLife
    | RecordDisclosureRequest
    | AnswerDisclosureRequest
    | RecordPrimaryAggressor
)
NEEDS: dict[str, Action] = {
    "record-death-or-serious-injury": write_of(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "lift-freeze": write_of(DataClass.APPROVALS),
    "record-review-referral": write_of(DataClass.APPROVALS),
    "place-legal-hold": write_of(DataClass.APPROVALS),
    "review-legal-hold": write_of(DataClass.APPROVALS),
    "lift-legal-hold": write_of(DataClass.APPROVALS),
    "record-threat-to-life": write_of(DataClass.RISK_ASSESSMENT),
    "review-threat-to-life": write_of(DataClass.APPROVALS),
    "record-disclosure-request": write_of(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "answer-disclosure-request": write_of(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "record-primary-aggressor": write_of(DataClass.APPROVALS),
}
