"""Who must not see a case: conflict of interest and restricted records (docs/domain.md 1.3). The
register follows, and the gate asks the register."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.handover.handing import end_pending, give, inspector_only, set_supervisor
from models.case.state import CaseFacts
from models.case.telling import tell_register
from models.commands import DeclareConflict, Grant, LiftConflict, RestrictCase, UnrestrictCase
from models.enums import Role
from models.ids import role_address
from models.stream import Context, append, raise_task, settle_tasks

REASSIGN = "CONFLICT_REASSIGN"


def check_declare(state: CaseFacts, ctx: Context, command: DeclareConflict, grant: Grant) -> None:
    """Anybody declares their own; of another person the case's officer or a supervisor does."""
    if grant.actor != command.officer_id:
        owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.officer_id in state.handover.conflicts:
        raise Refused(
            "ALREADY_DECLARED",
            "this conflict of interest is on record",
            "nothing to do; an inspector may lift it (lift-conflict)",
            "officer_id",
        )


def apply_declare(state: CaseFacts, ctx: Context, command: DeclareConflict) -> tuple[str, ...]:
    """The person is locked out; what was theirs passes to the supervisor, or to the inspector."""
    state.handover.conflicts = [*state.handover.conflicts, command.officer_id]
    append(
        state,
        ctx,
        "conflict:declared",
        command.at,
        case_ref=state.case_ref,
        officer_id=command.officer_id,
        reason=command.reason,
    )
    tell_register(
        state,
        conflict={
            "officer_id": command.officer_id,
            "reason_code": command.reason,
            "declared_at": command.at.isoformat(),
            "declared_by": ctx.actor,
        },
    )
    _take_away(state, ctx, command)
    return ()


def _take_away(state: CaseFacts, ctx: Context, command: DeclareConflict) -> None:
    pending = state.handover.pending
    if pending is not None and command.officer_id in (pending.old, pending.new):
        end_pending(state, ctx, "CONFLICT_OF_INTEREST")
    cover = state.handover.cover
    if cover is not None and cover.cover_id == command.officer_id:
        state.handover.cover = cover.model_copy(update={"cover_id": state.supervisor_id})
    if command.officer_id == state.supervisor_id:
        inspector = role_address(Role.INSPECTOR.value, state.district or state.pilot_area)
        set_supervisor(state, ctx, command.at, inspector, "CONFLICT_OF_INTEREST")
        _ask(state, ctx, "the case needs another supervisor: name one", "name-supervisor")
    if command.officer_id == state.dalo_id and state.allocated_at is not None:
        heir = state.supervisor_id or role_address(
            Role.INSPECTOR.value, state.district or state.pilot_area
        )
        give(state, ctx, command.at, heir, "case:reassigned", "CONFLICT_OF_INTEREST")
        why = "the case's officer declared a conflict of interest: hand it to another"
        _ask(state, ctx, why, "hand-over")


def _ask(state: CaseFacts, ctx: Context, why: str, command: str) -> None:
    raise_task(
        state,
        ctx,
        REASSIGN,
        state.supervisor_id or state.dalo_id,
        why,
        due_at=ctx.now,
        command=f"dalo do {state.case_ref} {command}",
        subject=command,
    )


def check_lift(state: CaseFacts, ctx: Context, command: LiftConflict, grant: Grant) -> None:
    """An inspector's decision."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)
    if command.officer_id not in state.handover.conflicts:
        raise Refused(
            "NO_CONFLICT",
            "no conflict of interest of this person is on record",
            f"on record: {', '.join(state.handover.conflicts) or 'none'}",
            "officer_id",
        )


def apply_lift(state: CaseFacts, ctx: Context, command: LiftConflict) -> tuple[str, ...]:
    """The person is no longer locked out; the case stays with who has it now."""
    kept = [each for each in state.handover.conflicts if each != command.officer_id]
    state.handover.conflicts = kept
    append(
        state,
        ctx,
        "conflict:lifted",
        command.at,
        case_ref=state.case_ref,
        officer_id=command.officer_id,
        reason=command.reason,
    )
    tell_register(state, lifted=command.officer_id)
    return ()


def check_restrict(
    state: CaseFacts, ctx: Context, command: RestrictCase | UnrestrictCase, grant: Grant
) -> None:
    """An inspector's decision, once."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)
    wanted = isinstance(command, RestrictCase)
    if state.handover.restricted is wanted:
        raise Refused(
            "ALREADY_RESTRICTED" if wanted else "NOT_RESTRICTED",
            f"the record is {'restricted' if wanted else 'open'} already",
            "nothing to do",
        )


def apply_restrict(
    state: CaseFacts, ctx: Context, command: RestrictCase | UnrestrictCase
) -> tuple[str, ...]:
    """Lock the record to its officer, its supervisor and the area's inspector, or open it."""
    restricted = isinstance(command, RestrictCase)
    state.handover.restricted = restricted
    tag = "case:restricted" if restricted else "case:unrestricted"
    append(state, ctx, tag, command.at, case_ref=state.case_ref, reason=command.reason)
    tell_register(state, restricted=restricted)
    return ()


def react(state: CaseFacts, ctx: Context) -> None:
    """The case has another officer, or another supervisor: nobody needs to find one."""
    if state.dalo_id != state.supervisor_id and "@" not in state.dalo_id:
        settle_tasks(state, ctx, REASSIGN, "hand-over")
    if "@" not in state.supervisor_id:
        settle_tasks(state, ctx, REASSIGN, "name-supervisor")
