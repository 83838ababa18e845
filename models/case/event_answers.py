"""What officer and supervisor answer where contact at an event is owed (docs/domain.md 9.2)."""

from __future__ import annotations

from models.base import Refused
from models.case import approach
from models.case.authority import happened, owner_or_supervisor
from models.case.event_contact import DECIDE, approach_now, open_events, settle
from models.case.state import CaseFacts
from models.checks import supervisor_only
from models.clocks import Clock
from models.commands import AllowApproach, Grant, SettleContactAtEvent
from models.stream import Context, append, meet


def _the_event(state: CaseFacts, subject: str) -> Clock:
    for clock in open_events(state):
        if clock.subject == subject:
            return clock
    raise Refused(
        "NO_SUCH_EVENT",
        "no contact waits for this event",
        f"waiting: {', '.join(clock.subject for clock in open_events(state)) or 'none'}",
        "subject",
    )


def check_settle(
    state: CaseFacts, ctx: Context, command: SettleContactAtEvent, grant: Grant
) -> None:
    """Only what waits can be settled; what waits for the supervisor, by one."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if _the_event(state, command.subject).rule_key == DECIDE:
        supervisor_only(state, grant)


def apply_settle(state: CaseFacts, ctx: Context, command: SettleContactAtEvent) -> tuple[str, ...]:
    """No contact of its own is needed."""
    append(
        state,
        ctx,
        "contact:event:settled",
        command.at,
        subject=command.subject,
        reason=command.reason,
    )
    clock = _the_event(state, command.subject)
    meet(state, ctx, clock, max(command.at, clock.started_at))
    settle(state, ctx, command.subject)
    return ()


def check_allow(state: CaseFacts, ctx: Context, command: AllowApproach, grant: Grant) -> None:
    """A supervisor's decision: at an event that waits for it, or one approach to a victim with
    whom there is no contact."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.essentials.frozen:
        raise Refused(
            "FROZEN",
            "a party died or was gravely hurt: nobody makes contact",
            "an inspector lifts the freeze first (lift-freeze)",
        )
    if command.subject:
        if _the_event(state, command.subject).rule_key != DECIDE:
            raise Refused(
                "CONTACT_ALLOWED",
                "contact at this event waits for nobody's decision",
                "make it and record it (record-attempt)",
                "subject",
            )
    elif not approach.silent(state) or state.asked.approach == "ALLOWED":
        raise Refused(
            "CONTACT_ALLOWED",
            "the victim's wishes allow contact already",
            "make it and record it (record-attempt)",
        )


def apply_allow(state: CaseFacts, ctx: Context, command: AllowApproach) -> tuple[str, ...]:
    """Keep the decision with its reason, and ask for the contact."""
    append(
        state,
        ctx,
        "contact:approach:decided",
        command.at,
        subject=command.subject,
        reason=command.reason,
    )
    approach_now(state, ctx, command.subject)
    return ("ONE_APPROACH",)
