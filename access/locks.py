"""Locks that no reason opens, and nearness that the roster does not know (docs/domain.md 1.3): a
conflict of interest, a restricted record; an officer who hands over, an area that is asked to take.
"""

from __future__ import annotations

from collections.abc import Sequence

from access.subjects import Account
from models.access import Relation
from models.base import Refused
from models.enums import INSPECTORS, SUPERVISORY
from store.locks import Held, in_conflict, restriction


def locked(account: Account, held: Sequence[Held]) -> Refused | None:
    """Why this account may not open what belongs to the people of these cases, whatever its reason;
    None if no lock is in its way."""
    if in_conflict(held):
        return Refused(
            "CONFLICT_OF_INTEREST",
            "a conflict of interest is declared: this record is closed to this account",
            "ask the case's supervisor; an inspector may lift a conflict that does not hold",
            "ref",
        )
    lock = restriction(held)
    if lock is None or account.actor in lock.people:
        return None
    if account.role in INSPECTORS and account.area.casefold() == lock.area.casefold():
        return None
    return Refused(
        "RESTRICTED",
        f"{lock.case_ref} is restricted to its officer, its supervisor and the area's inspector",
        "ask one of them; no reason opens it",
        "ref",
    )


def nearer(account: Account, held: Sequence[Held], relation: Relation) -> Relation:
    """The relation, closer where the register says so: an officer is near a case until it is
    accepted from them, and a supervisor near one that is offered to their area."""
    open_cases = [case for case in held if case.open]
    if relation in (Relation.OWN, Relation.COVERING, Relation.SUPERVISES) or len(open_cases) != 1:
        return relation
    (case,) = open_cases
    if case.outgoing_dalo_id == account.actor:
        return Relation.OWN
    if account.covering and case.outgoing_dalo_id == account.covering:
        return Relation.COVERING
    offered = (case.offered_area or "").casefold()
    manages = account.role in SUPERVISORY
    if offered and manages and offered == account.area.casefold():
        return Relation.SUPERVISES
    return relation
