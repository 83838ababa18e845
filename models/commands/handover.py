"""Commands of a case's hands: handover, cover, transfer, conflict of interest, restriction, merge
(docs/domain.md 1.3, 16a)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import DataClass, write_of
from models.enums import ConsentStatus, DisclosureBasis


class HandOver(Record):
    """A supervisor gives the case to another DALO, who must accept it; until then both answer."""

    kind: Literal["hand-over"] = "hand-over"
    at: datetime
    dalo_id: str = Field(min_length=1)
    reason: Code
    over_capacity: bool = False
    """The receiver may be given more cases than they have room for."""


class AcceptHandover(Record):
    """The receiving DALO has the case: the officer before is released."""

    kind: Literal["accept-handover"] = "accept-handover"
    at: datetime
    note_ref: str = ""


class RecordCover(Record):
    """Who looks after the case while its DALO is away."""

    kind: Literal["record-cover"] = "record-cover"
    at: datetime
    officer_id: str = Field(min_length=1)
    cover_id: str = Field(min_length=1)
    away_from: datetime
    away_until: datetime
    reason: Code


class OfferTransfer(Record):
    """A supervisor offers the case to another area, or to another force."""

    kind: Literal["offer-transfer"] = "offer-transfer"
    at: datetime
    to_area: str = Field(min_length=1, max_length=60)
    out_of_force: bool = False
    reason: Code
    victim_informed: bool = False
    not_informed_reason: Code | None = None
    consent: ConsentStatus | None = None
    basis: DisclosureBasis | None = None
    note_ref: str = ""


class AcceptTransfer(Record):
    """A supervisor of the receiving area takes the case and names its DALO; another force's receipt
    is recorded by its reference."""

    kind: Literal["accept-transfer"] = "accept-transfer"
    at: datetime
    dalo_id: str = ""
    receipt: Code | None = None
    override_reason: Code | None = None
    """An inspector lets it leave the force although something cannot be settled."""


class RefuseTransfer(Record):
    """The receiving area does not take the case, with a reason: it stays where it is."""

    kind: Literal["refuse-transfer"] = "refuse-transfer"
    at: datetime
    reason: Code


class NameSupervisor(Record):
    """An inspector gives the case another supervisor."""

    kind: Literal["name-supervisor"] = "name-supervisor"
    at: datetime
    supervisor_id: str = Field(min_length=1)
    reason: Code


class DeclareConflict(Record):
    """An officer or partner is related to a party: they may not see the case, nor be given it."""

    kind: Literal["declare-conflict"] = "declare-conflict"
    at: datetime
    officer_id: str = Field(min_length=1)
    reason: Code


class LiftConflict(Record):
    """An inspector finds that a declared conflict of interest does not hold."""

    kind: Literal["lift-conflict"] = "lift-conflict"
    at: datetime
    officer_id: str = Field(min_length=1)
    reason: Code


class RestrictCase(Record):
    """An inspector locks the record: only its DALO, its supervisor and the area's inspector."""

    kind: Literal["restrict-case"] = "restrict-case"
    at: datetime
    reason: Code


class UnrestrictCase(Record):
    """An inspector opens a restricted record again."""

    kind: Literal["unrestrict-case"] = "unrestrict-case"
    at: datetime
    reason: Code


class ReviewMerge(Record):
    """A supervisor has looked through what a merge carried into the case."""

    kind: Literal["review-merge"] = "review-merge"
    at: datetime
    note_ref: str = ""


HandoverCommand = (
    HandOver
    | AcceptHandover
    | RecordCover
    | OfferTransfer
    | AcceptTransfer
    | RefuseTransfer
    | NameSupervisor
    | DeclareConflict
    | LiftConflict
    | RestrictCase
    | UnrestrictCase
    | ReviewMerge
)

_APPROVALS = write_of(DataClass.APPROVALS)
_HANDS_ON = write_of(DataClass.CONTACT_LOG, DataClass.APPROVALS)
NEEDS = {
    "hand-over": _APPROVALS,
    "accept-handover": _HANDS_ON,
    "record-cover": _APPROVALS,
    "offer-transfer": _APPROVALS,
    "accept-transfer": _APPROVALS,
    "refuse-transfer": _APPROVALS,
    "name-supervisor": _APPROVALS,
    "declare-conflict": _HANDS_ON,
    "lift-conflict": _APPROVALS,
    "restrict-case": _APPROVALS,
    "unrestrict-case": _APPROVALS,
    "review-merge": _APPROVALS,
}
"""What each command needs of the access matrix."""
