"""What may be told to a case about its referrals (docs/domain.md 5, 6, 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import DataClass, write_of
from models.enums import (
    ConsentStatus,
    DisclosureBasis,
    MaracCriterion,
    ReferralPathway,
    ReferralStep,
    RetaliationRisk,
)

Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./:@-]*$", max_length=60)]
"""A reference as another system or this one gave it; never a name."""


class Refer(Record):
    """Refer the case to an IDVA, MARAC, MATAC or MASIP."""

    kind: Literal["refer"] = "refer"
    at: datetime
    """When it was sent."""
    pathway: ReferralPathway
    perpetrator_ref: Reference | None = None
    criteria: tuple[MaracCriterion, ...] = ()
    consent_status: ConsentStatus | None = None
    disclosure_basis: DisclosureBasis | None = None
    reason: Code | None = None
    """Why it goes without consent; with consent, why it is referred."""
    emergency: bool = False
    draft: bool = False
    """Begun and not sent: consent, basis or form are still to come (IDVA and MARAC)."""
    event_at: datetime | None = None
    """When the abuse was that makes it a repeat, where no report tells of it."""
    facts: dict[str, str] = Field(default_factory=dict)
    """Fields of the pathway's form, as codes and references."""
    assigned_ref: str = ""
    """The referral's reference, given out before the command is sent."""
    note_ref: str = ""


class AskIdva(Record):
    """The victim asks for an IDVA, whatever the grade."""

    kind: Literal["ask-idva"] = "ask-idva"
    at: datetime
    note_ref: str = ""


class NoteReferral(Record):
    """What came back of a referral was read, and this follows."""

    kind: Literal["note-referral"] = "note-referral"
    at: datetime
    referral: Reference
    step: ReferralStep
    reason: Code | None = None
    note_ref: str = ""


class AnswerRetaliationCheck(Record):
    """Before a MATAC disruption: whether the victim is safe from retaliation for it."""

    kind: Literal["answer-retaliation-check"] = "answer-retaliation-check"
    at: datetime
    referral: Reference
    answer: RetaliationRisk
    reason: Code | None = None
    note_ref: str = ""


CaseReferralCommand = Refer | AskIdva | NoteReferral | AnswerRetaliationCheck

NEEDS = {
    kind: write_of(DataClass.REFERRALS)
    for kind in ("refer", "ask-idva", "note-referral", "answer-retaliation-check")
}
"""What each command needs of the access matrix."""
