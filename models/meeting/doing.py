"""What a checked command does to a meeting's facts; consequences are drawn by `react`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from models.commands.meeting import (
    ActionNotAchievable,
    AddAction,
    CancelAction,
    CancelMeeting,
    CloseMeeting,
    CompleteAction,
    DeferReferral,
    FreezeList,
    HearReferral,
    IssueActions,
    IssueMinutes,
    ListReferral,
    RecordAttendance,
    RequestResearch,
    ReturnResearch,
)
from models.enums import ActionStatus, Agency, AgendaState, ClockType, MeetingState
from models.meeting.agenda import (
    call_off,
    carry,
    end,
    freeze,
    issue,
    message_id,
    put_on_list,
    tell,
)
from models.meeting.disruptions import NO_LONGER_SAFE
from models.meeting.reactions import ACTION
from models.meeting.state import MeetingAction, MeetingFacts, Returned
from models.messages import (
    Heard,
    ListRequest,
    TransferredOut,
)
from models.stream import Context, append, cancel, meet, number, settle_tasks


def apply(state: MeetingFacts, ctx: Context, command: Any) -> tuple[str, ...]:
    """Apply a checked command; returns codes worth knowing."""
    for kind, one in _APPLY.items():
        if isinstance(command, kind):
            return one(state, ctx, command)
    raise ValueError(f"{command.kind} is not a command of a meeting")


# --- the list ---------------------------------------------------------------------------------


def _list(state: MeetingFacts, ctx: Context, command: ListReferral) -> tuple[str, ...]:
    request = ListRequest(
        message_id=message_id(state, "by-hand", command.referral_ref),
        referral_ref=command.referral_ref,
        case_ref=command.case_ref,
        victim_ref=command.victim_ref,
        perpetrator_ref=command.perpetrator_ref,
        dalo_id=command.dalo_id,
        at=command.at,
    )
    put_on_list(state, ctx, request, command.chair_reason or "")
    return ("LATE_ITEM",) if state.stage is MeetingState.FROZEN else ()


def _defer(state: MeetingFacts, ctx: Context, command: DeferReferral) -> tuple[str, ...]:
    item = state.agenda[command.referral_ref]
    carry(state, ctx, item, command.at, command.reason, AgendaState.DEFERRED)
    return ()


def _freeze(state: MeetingFacts, ctx: Context, command: FreezeList) -> tuple[str, ...]:
    freeze(state, ctx, command.at)
    return () if state.listed else ("NOTHING_LISTED",)


def _request(state: MeetingFacts, ctx: Context, command: RequestResearch) -> tuple[str, ...]:
    for agency in command.agencies or tuple(state.research_asked):
        if state.research_asked.get(agency) is None:
            state.research_asked[agency] = command.at
    append(
        state,
        ctx,
        "meeting:research:asked",
        command.at,
        agencies=[agency for agency, at in state.research_asked.items() if at == command.at],
    )
    return ()


def _return(state: MeetingFacts, ctx: Context, command: ReturnResearch) -> tuple[str, ...]:
    answer = Returned(result=command.result, at=command.at, note_ref=command.note_ref)
    items = [item for item in state.listed if command.referral_ref in ("", item.referral_ref)]
    for item in items:
        research = {**item.research, command.agency: answer}
        state.agenda[item.referral_ref] = item.model_copy(update={"research": research})
        whole = not set(state.research_asked) - set(research)
        returned = {"research_returned_at": command.at} if whole else {}
        append(
            state,
            ctx,
            "agenda:research:returned",
            command.at,
            referral_ref=item.referral_ref,
            agency=command.agency,
            details={f"research_{command.agency.value}": answer},
            **returned,
        )
    return ()


# --- the meeting ------------------------------------------------------------------------------


def _attend(state: MeetingFacts, ctx: Context, command: RecordAttendance) -> tuple[str, ...]:
    if state.stage is MeetingState.OPEN:
        freeze(state, ctx, state.starts_at)
    state.held_at = state.held_at or command.at
    state.stage = MeetingState.HELD
    state.present = {**state.present, **command.present}
    state.apologies = list(command.apologies)
    state.chair = command.chaired_by or state.chair
    append(
        state,
        ctx,
        "meeting:held",
        command.at,
        held_at=state.held_at,
        chaired_by=state.chair or None,
        present=sorted(f"{person} ({agency.value})" for person, agency in state.present.items()),
        apologies=state.apologies,
    )
    if Agency.IDVA in state.present.values():
        return ()
    return ("NO_IDVA",)


def _hear(state: MeetingFacts, ctx: Context, command: HearReferral) -> tuple[str, ...]:
    item = state.agenda[command.referral_ref].model_copy(
        update={
            "state": AgendaState.HEARD,
            "heard_at": command.at,
            "decision": command.decision,
            "research": {},
        }
    )
    state.agenda[item.referral_ref] = item
    count = len(state.open_actions(item.referral_ref))
    state.settled_told[item.referral_ref] = count
    append(
        state,
        ctx,
        "agenda:heard",
        command.at,
        referral_ref=item.referral_ref,
        case_ref=item.case_ref or None,
        state=item.state,
        decision=item.decision,
        heard_at=command.at,
        actions=count,
        details={"note_ref": command.note_ref} if command.note_ref else {},
    )
    heard = Heard(
        message_id=message_id(state, "heard", item.referral_ref),
        meeting=state.stream,
        at=command.at,
        decision=command.decision.value,
        actions=count,
    )
    tell(state, item.referral_ref, heard)
    return ()


def _add(state: MeetingFacts, ctx: Context, command: AddAction) -> tuple[str, ...]:
    item = state.agenda[command.referral_ref]
    action = MeetingAction(
        action_id=str(number(state, "action")),
        referral_ref=item.referral_ref,
        case_ref=item.case_ref,
        action_type=command.action_type,
        action=command.action,
        agency=command.agency,
        owner=command.owner or state.runs_it,
        due_at=command.due_at,
        immediate=command.immediate,
        intervention=command.intervention,
        disruption_id=command.disruption_id,
        asks_visit=command.asks_visit,
        added_at=command.at,
        note_ref=command.note_ref,
    )
    state.actions[action.action_id] = action
    append(
        state,
        ctx,
        "action:added",
        command.at,
        action_id=action.action_id,
        case_ref=action.case_ref or None,
        referral_ref=action.referral_ref,
        action_type=action.action_type,
        action=action.action,
        agency=action.agency,
        owner=action.owner,
        due_at=action.due_at,
        added_at=action.added_at,
        status=ActionStatus.OPEN,
        intervention=action.intervention,
        disruption_id=action.disruption_id or None,
        note_ref=action.note_ref or None,
    )
    if action.immediate or state.actions_issued_at is not None:
        issue(state, ctx, action, command.at)
    return (f"ACTION_{action.action_id}",)


def _issue(state: MeetingFacts, ctx: Context, command: IssueActions) -> tuple[str, ...]:
    carried = state.listed
    for item in carried:
        carry(state, ctx, item, command.at, "NOT_HEARD")
    state.actions_issued_at = command.at
    append(state, ctx, "meeting:actions:issued", command.at, actions=len(state.actions))
    for action in list(state.actions.values()):
        if action.issued_at is None:
            issue(state, ctx, action, command.at)
    return ("CARRIED_OVER",) if carried else ()


def _complete(state: MeetingFacts, ctx: Context, command: CompleteAction) -> tuple[str, ...]:
    return _settle(state, ctx, command.action_id, ActionStatus.DONE, command.at, "")


def _cancel_action(state: MeetingFacts, ctx: Context, command: CancelAction) -> tuple[str, ...]:
    status = ActionStatus.CANCELLED
    return _settle(state, ctx, command.action_id, status, command.at, command.reason)


def _not_achievable(
    state: MeetingFacts, ctx: Context, command: ActionNotAchievable
) -> tuple[str, ...]:
    status = ActionStatus.NOT_ACHIEVABLE
    return _settle(state, ctx, command.action_id, status, command.at, command.reason)


def _settle(
    state: MeetingFacts,
    ctx: Context,
    action_id: str,
    status: ActionStatus,
    at: datetime,
    reason: str,
) -> tuple[str, ...]:
    action = state.actions.pop(action_id)
    append(
        state,
        ctx,
        "action:ended",
        at,
        action_id=action_id,
        case_ref=action.case_ref or None,
        referral_ref=action.referral_ref,
        status=status,
        outcome=status,
        reason=reason or None,
        ended_at=at,
    )
    late = False
    for clock in list(state.clocks.values()):
        if clock.subject != action_id:
            continue
        if clock.clock_type is ACTION[state.forum] and status is ActionStatus.DONE:
            late = at > clock.due_at
            meet(state, ctx, clock, at)
        elif clock.clock_type in (ACTION[state.forum], ClockType.ACTION_ESCALATION):
            cancel(state, ctx, clock, status.value)
    for kind in ("MEETING_ACTION", "CHASE_ACTION", "ACTION_ESCALATED", NO_LONGER_SAFE):
        settle_tasks(state, ctx, kind, action_id)
    return ("DONE_LATE",) if late else ()


def pass_actions_on(state: MeetingFacts, ctx: Context, message: TransferredOut) -> None:
    """The referral's open actions are another area's: nobody is chased for them here."""
    for action in state.open_actions(message.referral_ref):
        cancelled = ActionStatus.CANCELLED
        _settle(state, ctx, action.action_id, cancelled, message.at, "TRANSFERRED_OUT")


def _minutes(state: MeetingFacts, ctx: Context, command: IssueMinutes) -> tuple[str, ...]:
    state.minutes_issued_at = command.at
    append(state, ctx, "meeting:minutes:issued", command.at, note_ref=command.note_ref)
    return ()


def _cancel(state: MeetingFacts, ctx: Context, command: CancelMeeting) -> tuple[str, ...]:
    carried = bool(state.listed)
    call_off(state, ctx, command.at, command.reason)
    return ("CARRIED_OVER",) if carried else ()


def _close(state: MeetingFacts, ctx: Context, command: CloseMeeting) -> tuple[str, ...]:
    end(state, ctx, MeetingState.ENDED, command.at, command.reason)
    return ()


_APPLY: dict[type[Any], Callable[[MeetingFacts, Context, Any], tuple[str, ...]]] = {
    ListReferral: _list,
    DeferReferral: _defer,
    FreezeList: _freeze,
    RequestResearch: _request,
    ReturnResearch: _return,
    RecordAttendance: _attend,
    HearReferral: _hear,
    AddAction: _add,
    IssueActions: _issue,
    CompleteAction: _complete,
    CancelAction: _cancel_action,
    ActionNotAchievable: _not_achievable,
    IssueMinutes: _minutes,
    CancelMeeting: _cancel,
    CloseMeeting: _close,
}
