"""A referral has another officer: its actions that were the one before's pass to them."""

from __future__ import annotations

from models.meeting.state import MeetingAction, MeetingFacts
from models.messages import OfficerChanged
from models.stream import Context, append, give_clock, raise_again, settle_tasks


def take_over(state: MeetingFacts, ctx: Context, message: OfficerChanged) -> None:
    """Item, open actions, their clocks and tasks are the new officer's."""
    item = state.agenda.get(message.referral_ref)
    if item is None:
        return
    if item.dalo_id in ("", message.old):
        item = item.model_copy(update={"dalo_id": message.new})
        state.agenda[item.referral_ref] = item
    mine = [each for each in state.open_actions(item.referral_ref) if each.owner == message.old]
    append(
        state,
        ctx,
        "meeting:officer:changed",
        message.at,
        referral_ref=item.referral_ref,
        old=message.old,
        new=message.new,
        actions=[each.action_id for each in mine],
    )
    for action in mine:
        _pass_on(state, ctx, action, message)


def _pass_on(
    state: MeetingFacts, ctx: Context, action: MeetingAction, message: OfficerChanged
) -> None:
    state.actions[action.action_id] = action.model_copy(update={"owner": message.new})
    append(state, ctx, "action:handed_over", action_id=action.action_id, owner=message.new)
    for clock in list(state.clocks.values()):
        if (clock.subject, clock.owner) == (action.action_id, message.old):
            give_clock(state, ctx, clock, message.new)
    for task in list(state.tasks.values()):
        if (task.subject, task.owner) != (action.action_id, message.old):
            continue
        settle_tasks(state, ctx, task.kind, task.subject)
        raise_again(state, ctx, task, message.new)
