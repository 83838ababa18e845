"""The needs assessment over every need domain, and the actions that come of it."""

from __future__ import annotations

from models.base import Refused
from models.case import engagement
from models.case.authority import happened, owner_only, owner_or_supervisor
from models.case.state import CaseFacts, NeedAction
from models.clocks import CalendarKind, Limit
from models.commands import (
    AddNeedAction,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    Grant,
    NeedActionEntry,
)
from models.enums import CaseState, ClockType, NeedDomain
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    meet,
    number,
    open_clock,
    settle_tasks,
)

AGREED = Limit(kind=CalendarKind.FIXED)


def check_complete(
    state: CaseFacts, ctx: Context, command: CompleteNeedsAssessment, grant: Grant
) -> None:
    """Every need domain once, or declined altogether."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.first_contact_at is None:
        raise Refused(
            "NO_CONTACT_YET",
            "needs are assessed with the victim, and there was no contact yet",
            "record the contact first (record-attempt)",
        )
    if command.declined:
        return
    given = [need.domain for need in command.needs]
    missing = [domain.value for domain in NeedDomain if domain not in given]
    if missing or len(given) != len(set(given)):
        raise Refused(
            "NEED_DOMAINS",
            f"each need domain is assessed once; missing: {', '.join(missing) or 'none'}",
            "give every domain a level: NONE, LOW or HIGH",
            "needs",
        )
    for action in command.actions:
        _check_action(ctx, action)


def _check_action(ctx: Context, action: NeedActionEntry) -> None:
    if action.due_at <= ctx.now:
        raise Refused("IN_PAST", "an action is due in the past", "give a later date", "due_at")


def apply_complete(
    state: CaseFacts, ctx: Context, command: CompleteNeedsAssessment
) -> tuple[str, ...]:
    """Keep the levels, start the actions' clocks, meet the assessment's."""
    state.needs_status = "DECLINED" if command.declined else "COMPLETED"
    state.needs = {need.domain: need.level for need in command.needs}
    append(
        state,
        ctx,
        "needs:assessment:declined" if command.declined else "needs:assessment:completed",
        command.at,
        case_ref=state.case_ref,
        at=command.at,
        needs={need.domain.value: need.level for need in command.needs},
        note_ref=command.note_ref,
    )
    if state.release > 1:
        engagement.spoken(state)
    clock = open_clock(state, ClockType.NEEDS_ASSESSMENT)
    if clock is not None:
        meet(state, ctx, clock, command.at)
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    for action in command.actions:
        add_action(state, ctx, action)
    if state.state is CaseState.ASSESSMENT:
        state.state = CaseState.ACTIVE_SUPPORT
    return ()


def add_action(state: CaseFacts, ctx: Context, entry: NeedActionEntry) -> None:
    """Start an action with its agreed due instant."""
    action = NeedAction(
        action_id=f"ACT-{number(state, 'action'):03d}",
        domain=entry.domain,
        action=entry.action,
        owner=entry.owner,
        due_at=entry.due_at,
    )
    state.actions[action.action_id] = action
    append(
        state,
        ctx,
        "needs:action:added",
        action_id=action.action_id,
        domain=action.domain,
        action=action.action,
        owner=action.owner,
        due_at=action.due_at,
    )
    arm(
        state,
        ctx,
        ClockType.NEED_ACTION,
        ctx.now,
        "needs:action:added",
        subject=action.action_id,
        owner=action.owner,
        due_at=action.due_at,
        limit=AGREED,
        basis="agreed in the needs assessment",
    )


def check_add(state: CaseFacts, ctx: Context, command: AddNeedAction, grant: Grant) -> None:
    """An action follows an assessment and is due in the future."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    _check_action(ctx, command.action)


def apply_add(state: CaseFacts, ctx: Context, command: AddNeedAction) -> tuple[str, ...]:
    """Add one action."""
    add_action(state, ctx, command.action)
    return (list(state.actions)[-1],)


def check_end(state: CaseFacts, ctx: Context, command: CompleteNeedAction, grant: Grant) -> None:
    """Only an open action ends; one that is not done needs a reason."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.action_id not in state.actions:
        raise Refused(
            "UNKNOWN_ACTION",
            "no such open action",
            f"open actions: {', '.join(state.actions) or 'none'}",
            "action_id",
        )
    if command.outcome != "DONE" and not command.reason:
        raise Refused(
            "REASON_NEEDED", "an action that is not done needs a reason", "give --reason", "reason"
        )


def apply_end(state: CaseFacts, ctx: Context, command: CompleteNeedAction) -> tuple[str, ...]:
    """End the action and its clock."""
    action = state.actions.pop(command.action_id)
    append(
        state,
        ctx,
        "needs:action:ended",
        command.at,
        action_id=action.action_id,
        outcome=command.outcome,
        reason=command.reason,
    )
    clock = open_clock(state, ClockType.NEED_ACTION, action.action_id)
    if clock is None:
        return ()
    if command.outcome == "DONE":
        meet(state, ctx, clock, command.at)
    else:
        cancel(state, ctx, clock, command.outcome)
    settle_tasks(state, ctx, "BREACH", clock.clock_id)
    return ()


def react(state: CaseFacts, ctx: Context) -> None:
    """The assessment's clock starts at the first contact. While the victim wants no contact none
    runs; once wishes are renewed it starts anew."""
    first, clock = state.first_contact_at, open_clock(state, ClockType.NEEDS_ASSESSMENT)
    if not state.live or state.needs_status != "NOT_STARTED" or first is None:
        return
    if state.release > 1 and state.essentials.frozen:
        return
    asked = state.asked
    if state.release > 1 and asked.no_contact_at is not None:
        if clock is not None:
            cancel(state, ctx, clock, "NO_CONTACT_ASKED")
    elif clock is None:
        renewed = asked.renewed_at is not None and asked.renewed_at > first
        arm(
            state,
            ctx,
            ClockType.NEEDS_ASSESSMENT,
            asked.renewed_at if renewed and asked.renewed_at else first,
            "contact:wishes:renewed" if renewed else "contact:attempt:recorded",
            owner=state.dalo_id,
        )
