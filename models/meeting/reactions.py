"""Every consequence of a meeting's facts: clocks, the closing of the list, chasing, escalation, the
end. Each is derived from state alone and done once, however often it is asked for."""

from __future__ import annotations

from models.clocks import Clock
from models.enums import ActionStatus, Agency, AgendaState, ClockType, Forum, MeetingState
from models.escalation import SAID_OTHERWISE, escalate
from models.instants import end_of_day, london_date, show
from models.meeting.agenda import RESEARCH, call_off, end, freeze, tell_open_actions
from models.meeting.schedule import CUT_OFF
from models.meeting.state import MeetingAction, MeetingFacts
from models.stream import Context, append, arm, cancel, meet, open_clock, raise_task, settle_tasks

HEARING = {Forum.MARAC: ClockType.MARAC_HEARING, Forum.MATAC: ClockType.MATAC_MEETING}
ISSUE = {
    Forum.MARAC: ClockType.MARAC_ACTIONS_ISSUED,
    Forum.MATAC: ClockType.MATAC_ACTIONS_ISSUED,
}
MINUTES = {Forum.MARAC: ClockType.MARAC_MINUTES, Forum.MATAC: ClockType.MATAC_MINUTES}
ACTION = {Forum.MARAC: ClockType.MARAC_ACTION, Forum.MATAC: ClockType.MATAC_ACTION}
NO_BREACH = SAID_OTHERWISE | {*CUT_OFF.values(), *ACTION.values()}
"""Ends of clocks that are nobody's failure (a list closes by itself), or that its owner is chased
for first."""
IMMEDIATE = "IMMEDIATE"
EMERGENCY = "emergency meeting: by its start"
_OVER = (MeetingState.ENDED, MeetingState.CANCELLED)


def react(state: MeetingFacts, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet."""
    if state.stage not in _OVER:
        _closing(state, ctx)
        _hearing(state, ctx)
    if state.stage not in _OVER:
        _research(state, ctx)
        _after(state, ctx)
        for action in list(state.actions.values()):
            _action(state, ctx, action)
        _counts(state, ctx)
        escalate(
            state,
            ctx,
            lambda _: state.runs_it,
            state.area,
            f"dalo meeting show {state.ref}",
            NO_BREACH,
        )
        _finished(state, ctx)
    if state.stage in _OVER:
        _nothing_left(state, ctx)


def over(state: MeetingFacts) -> bool:
    """Whether nothing is left to do."""
    return state.stage in _OVER and not state.clocks and not state.tasks


# --- before the meeting -----------------------------------------------------------------------


def _closing(state: MeetingFacts, ctx: Context) -> None:
    """The list closes when its clock runs out, or before by command."""
    kind = CUT_OFF[state.forum]
    clock = open_clock(state, kind)
    if state.stage is MeetingState.OPEN and clock is None:
        clock = arm(
            state,
            ctx,
            kind,
            state.starts_at,
            "meeting scheduled",
            owner=state.runs_it,
            due_at=state.starts_at if state.emergency else None,
            basis=EMERGENCY if state.emergency else "",
        )
    if clock is None:
        return
    if state.stage is MeetingState.OPEN and clock.breached_at is not None:
        freeze(state, ctx, clock.due_at)
    if state.stage is not MeetingState.OPEN:
        meet(state, ctx, clock, state.frozen_at or ctx.now)
        settle_tasks(state, ctx, "FREEZE_LIST")
    elif clock.warned_at is not None and not state.emergency:
        raise_task(
            state,
            ctx,
            "FREEZE_LIST",
            state.runs_it,
            "the list closes today: look it through, close it, send the agenda the same day",
            due_at=clock.due_at,
            command=f"dalo do {state.ref} freeze-list",
        )


def _hearing(state: MeetingFacts, ctx: Context) -> None:
    kind = HEARING[state.forum]
    clock = open_clock(state, kind)
    if state.held_at is not None:
        if clock is not None:
            meet(state, ctx, clock, state.held_at)
        return
    if clock is None:
        arm(
            state,
            ctx,
            kind,
            state.opened_at,
            "meeting scheduled",
            owner=state.runs_it,
            due_at=end_of_day(london_date(state.starts_at)),
            basis=f"the meeting of {show(state.starts_at)}",
        )
    elif clock.breached_at is not None and not state.listed:
        call_off(state, ctx, clock.due_at, "NOTHING_LISTED")


def _research(state: MeetingFacts, ctx: Context) -> None:
    """One clock an agency, until it has answered on every referral that is listed."""
    for agency in state.research_asked:
        clock = open_clock(state, RESEARCH[state.forum], agency.value)
        if state.stage is not MeetingState.FROZEN:
            if clock is not None:
                cancel(state, ctx, clock, "MEETING_HELD")
            continue
        silent = [item for item in state.listed if agency not in item.research]
        if silent and clock is None:
            _ask(state, ctx, agency)
        elif not silent and clock is not None:
            _answered(state, ctx, agency, clock)
    unsent = [agency for agency, at in state.research_asked.items() if at is None]
    if state.stage is MeetingState.FROZEN and state.listed and unsent and state.frozen_at:
        raise_task(
            state,
            ctx,
            "SEND_AGENDA",
            state.runs_it,
            "the list is closed: send agenda and research requests the same day, to work addresses",
            due_at=end_of_day(london_date(state.frozen_at)),
            command=f"dalo do {state.ref} request-research",
        )
    else:
        settle_tasks(state, ctx, "SEND_AGENDA")


def _ask(state: MeetingFacts, ctx: Context, agency: Agency) -> None:
    arm(
        state,
        ctx,
        RESEARCH[state.forum],
        state.starts_at,
        "meeting scheduled",
        subject=agency.value,
        owner=state.runs_it,
        due_at=state.starts_at if state.emergency else None,
        basis=EMERGENCY if state.emergency else "",
    )


def _answered(state: MeetingFacts, ctx: Context, agency: Agency, clock: Clock) -> None:
    if not state.listed:
        cancel(state, ctx, clock, "NOTHING_LISTED")
        return
    last = max(item.research[agency].at for item in state.listed)
    meet(state, ctx, clock, last)


# --- after it ---------------------------------------------------------------------------------


def _after(state: MeetingFacts, ctx: Context) -> None:
    if state.held_at is None:
        return
    for kind, done_at in (
        (ISSUE[state.forum], state.actions_issued_at),
        (MINUTES[state.forum], state.minutes_issued_at),
    ):
        clock = open_clock(state, kind)
        if done_at is None and clock is None:
            arm(state, ctx, kind, state.held_at, "meeting held", owner=state.runs_it)
        elif done_at is not None and clock is not None:
            meet(state, ctx, clock, done_at)


def _action(state: MeetingFacts, ctx: Context, action: MeetingAction) -> None:
    """Chased at its due time, escalated 5 working days after it."""
    if action.issued_at is None:
        return
    kind = ACTION[state.forum]
    clock = open_clock(state, kind, action.action_id)
    if clock is None:
        clock = _start(state, ctx, action, kind)
    if clock.breached_at is None:
        return
    if not action.overdue:
        _chase(state, ctx, action, clock)
    late = open_clock(state, ClockType.ACTION_ESCALATION, action.action_id)
    if late is None:
        late = arm(
            state,
            ctx,
            ClockType.ACTION_ESCALATION,
            clock.due_at,
            "the action's due time passed",
            subject=action.action_id,
            owner=state.runs_it,
        )
    if late.breached_at is not None:
        raise_task(
            state,
            ctx,
            "ACTION_ESCALATED",
            state.in_the_chair,
            f"action {action.action_id} of {action.agency.value} for {action.referral_ref} is five"
            " working days overdue",
            command=f"dalo meeting show {state.ref}",
            subject=action.action_id,
        )


def _start(state: MeetingFacts, ctx: Context, action: MeetingAction, kind: ClockType) -> Clock:
    clock = arm(
        state,
        ctx,
        kind,
        action.issued_at or ctx.now,
        "the action was issued",
        subject=action.action_id,
        rule_key=IMMEDIATE if action.immediate else "",
        owner=action.owner,
        due_at=action.due_at,
        basis="agreed at the meeting" if action.due_at else "",
    )
    append(
        state,
        ctx,
        "action:due",
        action_id=action.action_id,
        due_at=clock.due_at,
        status=ActionStatus.OPEN,
    )
    raise_task(
        state,
        ctx,
        "MEETING_ACTION",
        action.owner,
        f"{action.action} for {action.referral_ref}, agreed at {state.ref}",
        due_at=clock.due_at,
        command=f"dalo do {state.ref} complete-action --action-id {action.action_id}",
        subject=action.action_id,
    )
    return clock


def _chase(state: MeetingFacts, ctx: Context, action: MeetingAction, clock: Clock) -> None:
    state.actions[action.action_id] = action.model_copy(update={"overdue": True})
    append(
        state,
        ctx,
        "action:overdue",
        clock.due_at,
        action_id=action.action_id,
        status=ActionStatus.OVERDUE,
    )
    settle_tasks(state, ctx, "MEETING_ACTION", action.action_id)
    raise_task(
        state,
        ctx,
        "CHASE_ACTION",
        action.owner,
        f"{action.action} for {action.referral_ref} was due {show(clock.due_at)}: do it, or say"
        " why it cannot be done",
        due_at=clock.due_at,
        command=f"dalo do {state.ref} complete-action --action-id {action.action_id}",
        subject=action.action_id,
    )


def _counts(state: MeetingFacts, ctx: Context) -> None:
    """A referral that was heard knows how many of its actions are open."""
    for item in state.agenda.values():
        if item.state is not AgendaState.HEARD:
            continue
        told = state.settled_told.get(item.referral_ref)
        if told != len(state.open_actions(item.referral_ref)):
            append(
                state,
                ctx,
                "agenda:actions:counted",
                referral_ref=item.referral_ref,
                open_actions=len(state.open_actions(item.referral_ref)),
            )
            tell_open_actions(state, item.referral_ref, ctx.now)


def _finished(state: MeetingFacts, ctx: Context) -> None:
    done = state.actions_issued_at is not None and state.minutes_issued_at is not None
    if done and not state.actions and not state.listed:
        end(state, ctx, MeetingState.ENDED, ctx.now, "EVERYTHING_SETTLED")


def _nothing_left(state: MeetingFacts, ctx: Context) -> None:
    for clock in list(state.clocks.values()):
        cancel(state, ctx, clock, f"MEETING_{state.stage.value}")
    for task in list(state.tasks.values()):
        settle_tasks(state, ctx, task.kind, task.subject)
