"""Who may give a case command. The gate has already checked account, role and access; here only
what the case's own state knows: owner, cover, supervision (docs/domain.md 1.3, 9.2)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.state import CaseFacts
from models.checks import not_later
from models.commands import Grant
from models.enums import SUPERVISORY, Role


def owner_only(state: CaseFacts, grant: Grant) -> None:
    """The case's DALO, one who hands it over and is not released yet, an officer who covers for
    either, or an officer with break-glass access."""
    pending = state.handover.pending
    answerable = {state.dalo_id, pending.old} if pending is not None else {state.dalo_id}
    if grant.role is Role.DALO and (
        answerable & {grant.actor, grant.covering} - {""} or grant.break_glass
    ):
        return
    raise Refused(
        "NOT_YOUR_CASE",
        f"{state.case_ref} is allocated to {state.dalo_id or 'nobody yet'}",
        "ask the supervisor to reassign it, or give a reason for break-glass access",
        "actor",
    )


def owner_or_supervisor(state: CaseFacts, grant: Grant) -> None:
    """The owner as above, or a supervisor or inspector."""
    if grant.role not in SUPERVISORY:
        owner_only(state, grant)


def allocated(state: CaseFacts) -> None:
    """The case has an officer."""
    if state.allocated_at is None:
        raise Refused("NOT_ALLOCATED", "the case still waits", "allocation gives it an officer")


def another_officer(state: CaseFacts, dalo_id: str) -> None:
    """The case has an officer, and this is not the one."""
    allocated(state)
    if dalo_id == state.dalo_id:
        raise Refused(
            "SAME_OFFICER", "the case is this officer's already", "name another", "dalo_id"
        )


def no_conflict(state: CaseFacts, officer_id: str, field: str) -> None:
    """The case never goes to somebody who is related to a party."""
    if officer_id in state.handover.conflicts:
        raise Refused(
            "CONFLICT_OF_INTEREST",
            "this officer declared a conflict of interest on the case",
            "name another officer",
            field,
        )


def happened(
    state: CaseFacts, at: datetime, now: datetime, *, since: datetime | None = None
) -> None:
    """`at` must not be in the future, nor before the case opened (or `since`)."""
    not_later(now, at)
    earliest = since or state.opened_at
    if at < earliest:
        raise Refused(
            "BEFORE_CASE",
            "the time given is earlier than the case's opening",
            "give when it happened; earlier contact belongs to an earlier case",
            "at",
        )
