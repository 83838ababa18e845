"""What a meeting is told: messages and commands change facts; consequences are drawn by `react`."""

from __future__ import annotations

from models.enums import AgendaState, MeetingState
from models.meeting.agenda import (
    ask_for_next,
    message_id,
    put_on_list,
    take_off,
)
from models.meeting.disruptions import disruption_stands
from models.meeting.doing import pass_actions_on
from models.meeting.officers import take_over
from models.meeting.state import MeetingFacts
from models.messages import (
    CalendarChanged,
    DisruptionChecked,
    ListRequest,
    MeetingMessage,
    MeetingStart,
    OfficerChanged,
    Renewed,
    TransferredOut,
    Withdrawn,
)
from models.stream import Context, append

MESSAGES_KEPT = 500


def new_state(start: MeetingStart) -> MeetingFacts:
    """The state of a meeting whose list opens."""
    return MeetingFacts(
        stream=start.stream,
        policy_version=start.policy_version,
        calendar_version=start.calendar_version,
        forum=start.forum,
        area=start.area,
        date=start.date,
        number=start.number,
        starts_at=start.starts_at,
        coordinator=start.coordinator,
        chair=start.chair,
        emergency=start.emergency,
        opened_at=start.opened_at,
    )


def begin(state: MeetingFacts, ctx: Context, start: MeetingStart) -> None:
    """The list opens, with what already waits for it."""
    append(
        state,
        ctx,
        "meeting:opened",
        start.opened_at,
        forum=state.forum,
        area=state.area,
        date=state.date,
        number=state.number,
        starts_at=state.starts_at,
        emergency=state.emergency,
    )
    for message in start.messages:
        apply_message(state, ctx, message)


def apply_message(state: MeetingFacts, ctx: Context, message: MeetingMessage) -> None:
    """Take a message once."""
    if message.message_id in state.seen_messages:
        return
    state.seen_messages = [*state.seen_messages, message.message_id][-MESSAGES_KEPT:]
    match message:
        case ListRequest():
            _requested(state, ctx, message)
        case Withdrawn():
            item = state.agenda.get(message.referral_ref)
            if item is not None and item.state is AgendaState.LISTED:
                take_off(state, ctx, item, AgendaState.WITHDRAWN, message.reason)
        case DisruptionChecked():
            disruption_stands(state, ctx, message)
        case TransferredOut():
            pass_actions_on(state, ctx, message)
        case OfficerChanged():
            take_over(state, ctx, message)
        case CalendarChanged() | Renewed():
            raise ValueError(f"{message.kind} is the workflow's own to handle")


def _requested(state: MeetingFacts, ctx: Context, request: ListRequest) -> None:
    """A place on the list while it is open, at an emergency meeting until it is held; after that
    the request goes on to the next meeting."""
    late = state.emergency and request.emergency and state.stage is MeetingState.FROZEN
    if state.stage is MeetingState.OPEN or late:
        put_on_list(state, ctx, request)
        return
    append(state, ctx, "meeting:request:passed_on", request.at, referral_ref=request.referral_ref)
    again = request.model_copy(
        update={"message_id": message_id(state, "passed", request.referral_ref)}
    )
    ask_for_next(state, again)
