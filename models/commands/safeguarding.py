"""What is told to an incident about children and adults at risk (docs/domain.md 10).

Safeguarding is shared without consent: none of these commands asks for any, and the basis is
recorded with what is sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.commands.victims_code import CodeOrNone
from models.data_classes import DataClass, write_of
from models.enums.safeguarding import (
    CareNeed,
    ChildAge,
    ChildPresence,
    ChildReferralKind,
    EncompassRecipient,
    NoCareActConcern,
    NoChildReferral,
    NoEncompass,
    ProtectionEnd,
    Schooling,
)

ChildRef = Annotated[str, Field(pattern=r"^CHD-[A-Za-z0-9-]{1,30}$")]
"""A child's reference: no name, no date of birth."""
ChildRefOrNone = Annotated[str, Field(pattern=r"^(CHD-[A-Za-z0-9-]{1,30}|UNNAMED)?$")]
"""`UNNAMED`, or nothing, for the children whom a report counts and nobody has named."""


class RecordChild(Record):
    """A child of the household or at the scene, by reference, with what the duties turn on."""

    kind: Literal["record-child"] = "record-child"
    at: datetime
    child_ref: ChildRef
    age: ChildAge
    schooling: Schooling = Schooling.NOT_KNOWN
    resident: bool
    presence: ChildPresence = ChildPresence.NOT_KNOWN
    note_ref: str = ""


class SendEncompass(Record):
    """The school (or, for a child without one, the council) was told under Operation Encompass."""

    kind: Literal["send-encompass"] = "send-encompass"
    at: datetime
    child_ref: ChildRefOrNone = ""
    recipient: EncompassRecipient
    school_ref: CodeOrNone = ""
    """The school as a code (`URN_118000`)."""
    presence: ChildPresence
    voice_recorded: bool
    """Whether what the child said is in it; asked for, so that nobody forgets to ask the child."""
    note_ref: str = ""


class SkipEncompass(Record):
    """No school is told: the child is not of school age, or there is no such child."""

    kind: Literal["no-encompass"] = "no-encompass"
    at: datetime
    child_ref: ChildRefOrNone = ""
    reason: NoEncompass


class ReferChild(Record):
    """Children's social care was told, or a child taken into police protection."""

    kind: Literal["refer-child"] = "refer-child"
    at: datetime
    referral: ChildReferralKind
    child_ref: tuple[ChildRef, ...] = ()
    service: CodeOrNone = ""
    """Who received it (`MASH_MEDWAY`)."""
    reason: CodeOrNone = ""
    """For police protection: the immediate danger."""
    note_ref: str = ""


class SkipChildReferral(Record):
    """A supervisor decides that no referral is made: no such child, or a partner made it."""

    kind: Literal["no-child-referral"] = "no-child-referral"
    at: datetime
    reason: NoChildReferral
    note_ref: str = ""


class EndPoliceProtection(Record):
    """Police protection ended, and where the child is now."""

    kind: Literal["end-police-protection"] = "end-police-protection"
    at: datetime
    child_ref: ChildRef
    outcome: ProtectionEnd


class RecordCareNeeds(Record):
    """An adult's needs for care and support, and whether she can protect herself (s42)."""

    kind: Literal["record-care-needs"] = "record-care-needs"
    at: datetime
    care_needs: tuple[CareNeed, ...] = Field(min_length=1)
    unable_to_protect: bool
    note_ref: str = ""


class SendCareActConcern(Record):
    """The adult safeguarding concern was sent."""

    kind: Literal["send-care-act-concern"] = "send-care-act-concern"
    at: datetime
    service: Code
    note_ref: str = ""


class SkipCareActConcern(Record):
    """No adult safeguarding concern is raised, with the reason."""

    kind: Literal["no-care-act-concern"] = "no-care-act-concern"
    at: datetime
    reason: NoCareActConcern
    note_ref: str = ""


SafeguardingCommand = (
    RecordChild
    | SendEncompass
    | SkipEncompass
    | ReferChild
    | SkipChildReferral
    | EndPoliceProtection
    | RecordCareNeeds
    | SendCareActConcern
    | SkipCareActConcern
)
# A supervisor answers for an incident whose case waits or is closed, and must be able to settle it.
_CHILD = write_of(DataClass.CHILDREN, DataClass.APPROVALS)
_ADULT = write_of(DataClass.NEEDS_ASSESSMENT, DataClass.APPROVALS)

NEEDS = {
    "record-child": _CHILD,
    "send-encompass": _CHILD,
    "no-encompass": _CHILD,
    "refer-child": _CHILD,
    "no-child-referral": write_of(DataClass.APPROVALS),
    "end-police-protection": _CHILD,
    "record-care-needs": _ADULT,
    "send-care-act-concern": _ADULT,
    "no-care-act-concern": _ADULT,
}
"""What each command needs of the access matrix."""
