"""Handover of a case and cover in an absence: every obligation lands on the next person before the
one before is released (docs/commands/handover.md)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.authority import another_officer, happened, no_conflict
from models.case.handover.obligations import owned_by, pass_actions
from models.case.handover.state import Cover, PendingHandover
from models.case.state import CaseFacts
from models.case.telling import tell_owners, tell_register
from models.checks import inspector_only, supervisor_only
from models.commands import AcceptHandover, Grant, HandOver, NameSupervisor, RecordCover
from models.enums import ClockType
from models.stream import (
    Context,
    append,
    arm,
    cancel_open,
    change_owner,
    meet_open,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

RECEIVE, KEEP, COVER = "ACCEPT_HANDOVER", "HANDOVER_OPEN", "COVER_NEEDED"


# --- handover ------------------------------------------------------------------------------------


def check_hand_over(state: CaseFacts, ctx: Context, command: HandOver, grant: Grant) -> None:
    """A supervisor's decision about an allocated case; whether the receiver is on the roster, has
    room and no conflict of interest is checked before it is sent."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    another_officer(state, command.dalo_id)
    no_conflict(state, command.dalo_id, "dalo_id")


def apply_hand_over(state: CaseFacts, ctx: Context, command: HandOver) -> tuple[str, ...]:
    """Everything passes to the receiver at once; the officer before answers beside them until it is
    accepted."""
    before = state.handover.pending
    outgoing = before.old if before is not None else state.dalo_id
    end_pending(state, ctx, "HANDED_ON")
    handover_id = f"HO-{number(state, 'handover'):03d}"
    give(state, ctx, command.at, command.dalo_id, "handover:begun", command.reason, handover_id)
    state.over_capacity = command.over_capacity
    if outgoing == command.dalo_id:
        # It came back to whom it was taken from: nobody else answers for it.
        return (handover_id,)
    state.handover.pending = PendingHandover(
        handover_id=handover_id,
        old=outgoing,
        new=command.dalo_id,
        begun_at=command.at,
        asked_by=ctx.actor,
    )
    tell_register(state, outgoing_dalo_id=outgoing)
    return (handover_id,)


def give(
    state: CaseFacts,
    ctx: Context,
    at: datetime,
    new: str,
    tag: str,
    reason: str,
    handover_id: str = "",
) -> None:
    """Put the case and all that is owed on it on another officer, and keep what that was."""
    old, state.dalo_id = state.dalo_id, new
    append(
        state,
        ctx,
        tag,
        at,
        case_ref=state.case_ref,
        handover_id=handover_id,
        old=old,
        new=new,
        reason=reason,
        **owned_by(state, old),
    )
    change_owner(state, ctx, old, new)
    pass_actions(state, ctx, old, new)
    tell_register(state, dalo_id=new)
    tell_owners(state, ctx)


def end_pending(state: CaseFacts, ctx: Context, reason: str) -> None:
    """A handover that waits is over without having been accepted."""
    pending, state.handover.pending = state.handover.pending, None
    if pending is None:
        return
    cancel_open(state, ctx, ClockType.HANDOVER, reason, pending.handover_id)
    for kind in (RECEIVE, KEEP):
        settle_tasks(state, ctx, kind)
    tell_register(state, outgoing_dalo_id=None)


def check_accept(state: CaseFacts, ctx: Context, command: AcceptHandover, grant: Grant) -> None:
    """Only the receiver accepts, or who covers for them."""
    pending = state.handover.pending
    if pending is None:
        raise Refused("NO_HANDOVER", "no handover waits to be accepted", "nothing to accept")
    if pending.new not in (grant.actor, grant.covering):
        raise Refused(
            "NOT_THE_RECEIVER",
            f"the case was handed to {pending.new}",
            f"ask {pending.new} to accept it, or a supervisor to hand it to somebody else",
            "actor",
        )
    happened(state, command.at, ctx.now, since=pending.begun_at)


def apply_accept(state: CaseFacts, ctx: Context, command: AcceptHandover) -> tuple[str, ...]:
    """The officer before is released."""
    pending, state.handover.pending = state.handover.pending, None
    if pending is None:
        raise ValueError("checked: a handover waits")
    append(
        state,
        ctx,
        "handover:accepted",
        command.at,
        case_ref=state.case_ref,
        handover_id=pending.handover_id,
        old=pending.old,
        new=pending.new,
        note_ref=command.note_ref,
    )
    meet_open(state, ctx, ClockType.HANDOVER, command.at, pending.handover_id)
    for kind in (RECEIVE, KEEP):
        settle_tasks(state, ctx, kind)
    tell_register(state, outgoing_dalo_id=None)
    return ()


def check_name_supervisor(
    state: CaseFacts, ctx: Context, command: NameSupervisor, grant: Grant
) -> None:
    """An inspector's decision."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)
    no_conflict(state, command.supervisor_id, "supervisor_id")
    if command.supervisor_id == state.supervisor_id:
        raise Refused(
            "SAME_OFFICER", "this is the case's supervisor already", "name another", "supervisor_id"
        )


def apply_name_supervisor(
    state: CaseFacts, ctx: Context, command: NameSupervisor
) -> tuple[str, ...]:
    """What waits for the supervisor passes to the new one."""
    set_supervisor(state, ctx, command.at, command.supervisor_id, command.reason)
    return ()


def set_supervisor(
    state: CaseFacts, ctx: Context, at: datetime, supervisor_id: str, reason: str
) -> None:
    """Another supervisor, with every clock and task of the one before."""
    old, state.supervisor_id = state.supervisor_id, supervisor_id
    append(
        state,
        ctx,
        "case:supervisor:changed",
        at,
        case_ref=state.case_ref,
        old=old,
        new=supervisor_id,
        reason=reason,
    )
    if old and old != state.dalo_id:
        change_owner(state, ctx, old, supervisor_id)
    tell_register(state, supervisor_id=supervisor_id)
    tell_owners(state, ctx)


# --- absence -------------------------------------------------------------------------------------


def check_cover(state: CaseFacts, ctx: Context, command: RecordCover, grant: Grant) -> None:
    """A supervisor says who looks after the case while its DALO is away."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if command.officer_id != state.dalo_id:
        raise Refused(
            "NOT_THE_OWNER",
            f"the case is {state.dalo_id or 'nobody'}'s",
            "name the officer who has it",
            "officer_id",
        )
    if command.away_until <= max(command.away_from, ctx.now):
        raise Refused(
            "NO_ABSENCE",
            "the absence ends before it begins, or is over",
            "give when it begins and ends",
            "away_until",
        )
    if command.cover_id == command.officer_id:
        raise Refused(
            "SAME_OFFICER", "nobody covers for themselves", "name another officer", "cover_id"
        )
    no_conflict(state, command.cover_id, "cover_id")


def apply_cover(state: CaseFacts, ctx: Context, command: RecordCover) -> tuple[str, ...]:
    """The absence and who covers are on record; a case whose cover is its supervisor waits for
    another officer."""
    settle_tasks(state, ctx, COVER)
    state.handover.cover = Cover(
        officer_id=command.officer_id,
        cover_id=command.cover_id,
        away_from=command.away_from,
        away_until=command.away_until,
        reason=command.reason,
    )
    append(
        state,
        ctx,
        "handover:cover:recorded",
        command.at,
        case_ref=state.case_ref,
        **state.handover.cover.model_dump(),
        **owned_by(state, command.officer_id),
    )
    return ()


# --- what follows --------------------------------------------------------------------------------


def react(state: CaseFacts, ctx: Context) -> None:
    """The receiver's clock and both officers' tasks; a cover that is over is forgotten."""
    pending = state.handover.pending
    if pending is not None and (pending.new != state.dalo_id or not state.live):
        end_pending(state, ctx, "REASSIGNED" if state.live else "CASE_CLOSED")
    elif pending is not None:
        _wait_for(state, ctx, pending)
    cover = state.handover.cover
    if cover is None:
        return
    if cover.officer_id != state.dalo_id or ctx.now >= cover.away_until or not state.live:
        state.handover.cover = None
        settle_tasks(state, ctx, COVER)
        append(state, ctx, "handover:cover:ended", case_ref=state.case_ref, cover_id=cover.cover_id)
    elif cover.cover_id == state.supervisor_id:
        raise_task(
            state,
            ctx,
            COVER,
            state.supervisor_id,
            "the case's officer is away and no officer covers it: hand it over",
            due_at=max(cover.away_from, ctx.now),
            command=f"dalo do {state.case_ref} hand-over",
            subject=cover.officer_id,
        )


def _wait_for(state: CaseFacts, ctx: Context, pending: PendingHandover) -> None:
    clock = open_clock(state, ClockType.HANDOVER, pending.handover_id)
    if clock is None:
        clock = arm(
            state,
            ctx,
            ClockType.HANDOVER,
            pending.begun_at,
            "handover:begun",
            subject=pending.handover_id,
            owner=pending.new,
        )
    for kind, owner, why in (
        (RECEIVE, pending.new, "the case was handed to you with all that is owed on it: accept it"),
        (KEEP, pending.old, f"you answer for the case beside {pending.new} until it is accepted"),
    ):
        raise_task(
            state,
            ctx,
            kind,
            owner,
            why,
            due_at=clock.due_at,
            command=f"dalo do {state.case_ref} accept-handover",
            subject=pending.handover_id,
        )
