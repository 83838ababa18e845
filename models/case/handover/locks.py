"""Who must not see a case: conflict of interest and restricted records (docs/domain.md 1.3). The
register follows, and the gate asks the register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.handover.handing import end_pending, give, set_supervisor
from models.case.handover.obligations import pass_actions
from models.case.people import area_role
from models.case.state import CaseFacts
from models.case.telling import tell_register
from models.checks import inspector_only
from models.commands import DeclareConflict, Grant, LiftConflict, RestrictCase, UnrestrictCase
from models.enums import INSPECTORS, Role
from models.ids import role_address
from models.messages import PartyMerged
from models.stream import Context, append, change_owner, raise_task, settle_tasks

REASSIGN = "CONFLICT_REASSIGN"
LOCKED_OUT = "LOCKED_OUT_OWNERS"


def keep(state: CaseFacts, officers: Iterable[str]) -> list[str]:
    """Keep who is in conflict of interest, each once; returns who was not known to be."""
    new = [each for each in dict.fromkeys(officers) if each not in state.handover.conflicts]
    state.handover.conflicts = [*state.handover.conflicts, *new]
    return new


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
    keep(state, [command.officer_id])
    _lock(state, ctx, command.officer_id, command.reason, command.at)
    return ()


def _lock(state: CaseFacts, ctx: Context, officer_id: str, reason: str, at: datetime) -> None:
    append(
        state,
        ctx,
        "conflict:declared",
        at,
        case_ref=state.case_ref,
        officer_id=officer_id,
        reason=reason,
    )
    tell_register(
        state,
        conflict={
            "officer_id": officer_id,
            "reason_code": reason,
            "declared_at": at.isoformat(),
            "declared_by": ctx.actor,
        },
    )
    take_away(state, ctx, officer_id, at)


def take_away(state: CaseFacts, ctx: Context, officer_id: str, at: datetime) -> None:
    """What somebody in conflict of interest has to do on the case is another's from now."""
    pending = state.handover.pending
    if pending is not None and officer_id in (pending.old, pending.new):
        end_pending(state, ctx, "CONFLICT_OF_INTEREST")
    cover = state.handover.cover
    if cover is not None and cover.cover_id == officer_id:
        state.handover.cover = cover.model_copy(update={"cover_id": state.supervisor_id})
    if officer_id == state.supervisor_id:
        set_supervisor(state, ctx, at, _inspector(state), "CONFLICT_OF_INTEREST")
        _ask(state, ctx, "the case needs another supervisor: name one", "name-supervisor")
    if officer_id == state.dalo_id and state.allocated_at is not None:
        heir = state.supervisor_id or _inspector(state)
        give(state, ctx, at, heir, "case:reassigned", "CONFLICT_OF_INTEREST")
        why = "the case's officer declared a conflict of interest: hand it to another"
        _ask(state, ctx, why, "hand-over")
    _pass_rest(state, ctx, [officer_id])


def _inspector(state: CaseFacts) -> str:
    return area_role(state, Role.INSPECTOR)


def _owners(state: CaseFacts) -> list[str]:
    """Everybody who has something to do on the case."""
    clocks, tasks, actions = (d.values() for d in (state.clocks, state.tasks, state.actions))
    owned = [c.owner for c in clocks] + [t.owner for t in tasks] + [a.owner for a in actions]
    return sorted({*owned} - {""})


def _pass_rest(state: CaseFacts, ctx: Context, locked_out: Iterable[str]) -> None:
    """What is left with people who cannot open the record any more is the supervisor's."""
    heir = state.supervisor_id or _inspector(state)
    owners = _owners(state)
    for old in [each for each in owners if each in locked_out]:
        pass_actions(state, ctx, old, heir)
        change_owner(state, ctx, old, heir)


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
    if restricted:
        _shut(state, ctx)
    else:
        settle_tasks(state, ctx, LOCKED_OUT)
    return ()


def _shut(state: CaseFacts, ctx: Context) -> None:
    """A restricted record: what people had to do on it who cannot open it any more is the
    supervisor's, who is asked to find an owner for what its incidents and referrals owe."""
    pending, cover = state.handover.pending, state.handover.cover
    areas = (state.pilot_area, state.district)
    may = {state.dalo_id, state.supervisor_id, pending.old if pending is not None else ""}
    may |= {role_address(role.value, area) for role in INSPECTORS for area in areas if area}
    if cover is not None and cover.cover_id not in may:
        state.handover.cover = cover.model_copy(update={"cover_id": state.supervisor_id})
    _pass_rest(state, ctx, [each for each in _owners(state) if each not in may])
    raise_task(
        state,
        ctx,
        LOCKED_OUT,
        state.supervisor_id or _inspector(state),
        "the record is restricted: investigating officers and partners cannot open it any more; see"
        " that what its incidents and referrals owe has an owner who can",
        due_at=ctx.now,
        command=f"dalo do {state.case_ref} review-case",
    )


def take_over(state: CaseFacts, ctx: Context, message: PartyMerged) -> None:
    """A lock is on the person, so one under another reference of theirs holds here too; whom it
    shuts out loses the case, and an inspector lifts it here."""
    theirs = message.carried.get("handover", {})
    for officer_id in keep(state, [*message.conflicts, *theirs.get("conflicts", [])]):
        _lock(state, ctx, officer_id, "MERGED", ctx.now)
    # Of what came, nothing stays with whom this case had locked out before.
    _pass_rest(state, ctx, state.handover.conflicts)
    restricted = message.restricted or theirs.get("restricted", False)
    if restricted and not state.handover.restricted:
        state.handover.restricted = True
        append(state, ctx, "case:restricted", case_ref=state.case_ref, reason="MERGED")
        tell_register(state, restricted=True)
    if state.handover.restricted:
        _shut(state, ctx)


def react(state: CaseFacts, ctx: Context) -> None:
    """The case has another officer, or another supervisor: nobody needs to find one."""
    if state.dalo_id != state.supervisor_id and "@" not in state.dalo_id:
        settle_tasks(state, ctx, REASSIGN, "hand-over")
    if "@" not in state.supervisor_id:
        settle_tasks(state, ctx, REASSIGN, "name-supervisor")
