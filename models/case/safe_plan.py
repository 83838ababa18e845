"""The safe-contact plan of a case: set anew as a whole, weakened only with a reason (docs/domain.md
9.1)."""

from __future__ import annotations

from datetime import timedelta

from models.base import Refused
from models.case.authority import happened, owner_only
from models.case.safety import NEW_ROUTE
from models.case.state import CaseFacts
from models.commands import Grant, SetSafeContactPlan
from models.safe_changes import changed, weakened
from models.safe_contact import SafeContactPlan
from models.stream import Context, append, raise_task


def check(state: CaseFacts, ctx: Context, command: SetSafeContactPlan, grant: Grant) -> None:
    """Refuse a plan of another officer's case, from the future, with a route twice, or one that
    allows more than the plan in force without saying why."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    names = [route.route_id for route in command.plan.routes]
    if len(names) != len(set(names)):
        raise Refused("ROUTE_TWICE", "two routes have one id", "name each route once", "routes")
    found = weakened(state.plan, command.plan, ctx.now) if state.release > 1 else []
    if found and command.reason is None:
        raise Refused(
            "REASON_NEEDED",
            f"the plan would be less strict than the one in force ({', '.join(found)})",
            "say why with --reason, or keep what stands there",
            "reason",
        )


def apply(state: CaseFacts, ctx: Context, command: SetSafeContactPlan) -> tuple[str, ...]:
    """Put the plan in force; the contact strand moves the open contact clock to it."""
    old, state.plan, state.plan_set_at = state.plan, command.plan, ctx.now
    if state.release == 1:
        append(state, ctx, "contact:plan:set", command.at, case_ref=state.case_ref)
        return ()
    less = weakened(old, command.plan, ctx.now)
    append(
        state,
        ctx,
        "contact:plan:set",
        command.at,
        case_ref=state.case_ref,
        changed=changed(old, command.plan),
        weakened=less,
        reason=command.reason,
    )
    _third_party(state)
    codes = ("PLAN_LESS_STRICT",) if less else ()
    return codes + _new_routes(state, ctx, old, command)


def _third_party(state: CaseFacts) -> None:
    """Whom the victim named stays named while the plan has a route to them."""
    plan = state.plan or SafeContactPlan(plan_reviewed_at=state.opened_at)
    routes = {route.route_id for route in plan.routes if route.third_party}
    if state.asked.third_party not in routes - set(plan.never_to_be_told):
        state.asked.third_party = ""


def _new_routes(
    state: CaseFacts, ctx: Context, old: SafeContactPlan | None, command: SetSafeContactPlan
) -> tuple[str, ...]:
    """A new route on a channel with a suspended one may be the same number under another name: it
    is not used until a supervisor has looked."""
    known = {route.route_id for route in old.routes} if old else set()
    wary = {name.partition(":")[0] for name in state.suspended if ":" in name}
    found = [
        f"{route.channel.value}:{route.route_id}"
        for route in command.plan.routes
        if route.route_id not in known and route.channel.value in wary
    ]
    for name in found:
        if name in state.suspended:
            continue
        state.suspended = [*state.suspended, name]
        append(state, ctx, "contact:channel:suspended", command.at, channel=name, reason=NEW_ROUTE)
        channel, _, route = name.partition(":")
        raise_task(
            state,
            ctx,
            NEW_ROUTE,
            state.supervisor_id,
            f"{name} is new, and a route of its channel is suspended: see that it is another one",
            due_at=ctx.now + timedelta(hours=24),
            command=f"dalo do {state.case_ref} restore-channel --channel {channel} --route {route}"
            " --reason REASON",
            subject=name,
        )
    return ("CHANNEL_SUSPENDED",) if found else ()
