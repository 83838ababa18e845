"""Contact at events beside the cadence (docs/domain.md 9.2): release, bail, the end of an order,
MARAC heard, IDVA closed. By a safe route only; of one who asked for nothing else, only where it is
an event of safety."""

from __future__ import annotations

from datetime import timedelta

from models.base import Refused
from models.case import approach
from models.case.authority import happened, owner_or_supervisor
from models.case.state import CaseFacts
from models.commands import Grant, NotificationOptOut, SettleContactAtEvent
from models.enums import ReferralPathway, ReferralState
from models.messages import CaseMessage, OrderChanged, ReferralChanged, SuspectChanged
from models.stream import Context, append, raise_task, settle_tasks

KIND = "CONTACT_AT_EVENT"


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Ask for contact where the message tells of such an event."""
    found = _event(ctx, message)
    if found is None or not state.live or state.essentials.frozen:
        return
    subject, what, safety = found
    full = state.wishes.notification_opt_out is not NotificationOptOut.NONE
    silent = approach.asked_for_none(state)
    if (full or silent) and not safety:
        return
    if silent:
        approach.allow(state, ctx, "SAFETY_EVENT")
    hours = ctx.policy.of_duties.wishes.contact_within_hours
    raise_task(
        state,
        ctx,
        KIND,
        state.dalo_id or state.supervisor_id,
        f"{what}: contact the victim, by a safe route only",
        due_at=ctx.now + timedelta(hours=hours),
        command=f"dalo do {state.case_ref} record-attempt",
        subject=subject,
    )


def _event(ctx: Context, message: CaseMessage) -> tuple[str, str, bool] | None:
    """Subject, words, and whether it is an event of safety; None where it is no such event."""
    policy = ctx.policy.of_duties.wishes
    match message:
        case SuspectChanged(incident_ref=ref, release_planned_at=planned) if planned is not None:
            return f"{ref}:RELEASE_PLANNED", "the suspect will be released", True
        case SuspectChanged(incident_ref=ref, status=status) if status in policy.contact_statuses:
            safety = status in policy.safety_statuses
            return f"{ref}:{status.value}", f"the suspect's status is {status.value}", safety
        case OrderChanged(in_force=False):
            name = message.order_type.value
            return f"{_order(message)}:ENDED", f"an order ({name}) ended", True
        case OrderChanged() if message.order_type in policy.bail_orders:
            return f"{_order(message)}:CHANGED", "bail conditions changed", False
        case ReferralChanged(pathway=ReferralPathway.MARAC, state=ReferralState.HEARD):
            return f"{message.referral_ref}:HEARD", "MARAC heard the case", False
        case ReferralChanged(pathway=ReferralPathway.IDVA, ended=True):
            return f"{message.referral_ref}:ENDED", "the IDVA's work ended", False
    return None


def _order(message: OrderChanged) -> str:
    """An order among those of all incidents: each incident numbers its own from one."""
    return f"{message.incident_ref}:{message.order_id}"


def check_settle(
    state: CaseFacts, ctx: Context, command: SettleContactAtEvent, grant: Grant
) -> None:
    """Only what waits can be settled."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    waiting = [task.subject for task in state.tasks.values() if task.kind == KIND]
    if command.subject not in waiting:
        raise Refused(
            "NO_SUCH_EVENT",
            "no contact waits for this event",
            f"waiting: {', '.join(waiting) or 'none'}",
            "subject",
        )


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
    settle_tasks(state, ctx, KIND, command.subject)
    return ()


def react(state: CaseFacts, ctx: Context) -> None:
    """Contact after the event settles it; a freeze ends all of it."""
    for task in [task for task in state.tasks.values() if task.kind == KIND]:
        reached = state.last_contact_at is not None and state.last_contact_at >= task.raised_at
        if reached or state.essentials.frozen:
            settle_tasks(state, ctx, KIND, task.subject)
