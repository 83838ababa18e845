"""The safe-contact plan is looked at again when the suspect is released or will be (docs/domain.md
11, RELEASE_PLANNED: "victim told by a safe route, plan re-looked"): where he then lives, and what
he then sees, may make a safe route unsafe."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case import event_contact
from models.case.authority import happened, owner_only
from models.case.state import CaseFacts
from models.commands import ConfirmSafeContactPlan, Grant
from models.enums import ClockType
from models.messages import CaseMessage
from models.stream import Context, append, meet, open_clock, raise_task, settle_tasks

KIND = "RELOOK_PLAN"


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """One look for however many releases; before a planned one where that is sooner."""
    if not event_contact.of_release(ctx, message) or not state.live or state.essentials.frozen:
        return
    clock = open_clock(state, ClockType.PLAN_RELOOK)
    if clock is None:
        clock = event_contact.arm_before(
            state,
            ctx,
            ClockType.PLAN_RELOOK,
            event_contact.release_at(message),
            owner=state.dalo_id or state.supervisor_id,
        )
    raise_task(
        state,
        ctx,
        KIND,
        clock.owner,
        "the suspect is released, or will be: look at the safe-contact plan again, without asking "
        "the victim where they want no contact",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} confirm-safe-contact-plan",
    )


def check_confirm(
    state: CaseFacts, ctx: Context, command: ConfirmSafeContactPlan, grant: Grant
) -> None:
    """There must be a plan to stand by."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.plan is None:
        raise Refused("NO_PLAN", "there is no safe-contact plan", "set one (set-safe-contact-plan)")


def apply_confirm(
    state: CaseFacts, ctx: Context, command: ConfirmSafeContactPlan
) -> tuple[str, ...]:
    """The plan stands as it is, looked at now."""
    if state.plan is not None:
        state.plan = state.plan.model_copy(update={"plan_reviewed_at": command.at})
    append(state, ctx, "contact:plan:confirmed", command.at, note_ref=command.note_ref)
    _looked(state, ctx, ctx.now)
    return ()


def _looked(state: CaseFacts, ctx: Context, at: datetime) -> None:
    clock = open_clock(state, ClockType.PLAN_RELOOK)
    if clock is not None and at >= clock.started_at:
        meet(state, ctx, clock, at)
        settle_tasks(state, ctx, KIND)


def react(state: CaseFacts, ctx: Context) -> None:
    """A plan that was set anew was looked at."""
    if state.plan_set_at is not None:
        _looked(state, ctx, state.plan_set_at)
