"""What the victim is owed news of: one clock an event, and her wishes (docs/domain.md 4.3)."""

from __future__ import annotations

from datetime import datetime

from models.commands.contact import NotificationOptOut
from models.enums import ClockType, RecordingType
from models.enums.victims_code import DecisionTold
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task, settle_one
from models.incident.suspect.state import NotifiableEvent
from models.incident.suspect.statuses import DETAINED
from models.incident.victims_code.people import answers, chief
from models.incident.victims_code.state import Owed
from models.instants import show
from models.messages import WishesChanged
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    cancel_open,
    number,
    open_clock,
    settle_tasks,
)

RELEASE_PLANNED = "RELEASE_PLANNED"
NOTIFY = "NOTIFY_VICTIM"
HELD = "NOTIFICATION_HELD"
ASK_WISHES = "RECORD_NOTICE_WISHES"
D = DecisionTold
ENDS = ("NO_CHARGE", "RELEASED_NO_CHARGE")
STOPPED = ("PROCEEDINGS_STOPPED", "RELEASED_PROCEEDINGS_STOPPED")
NEWS_OF: dict[DecisionTold, tuple[str, ...]] = {
    D.NOT_INVESTIGATED: (D.NOT_INVESTIGATED.value,),
    D.NO_FURTHER_ACTION: (*ENDS, *STOPPED),
    D.NO_CHARGE: ENDS,
    D.PROCEEDINGS_STOPPED: STOPPED,
    D.OUT_OF_COURT_DISPOSAL: (D.OUT_OF_COURT_DISPOSAL.value, "RELEASED_CAUTIONED"),
    D.OVERTURNED: ("DECISION_OVERTURNED",),
}
"""Which owed news is told with a decision; the first where nothing else told of it."""
ENDING = frozenset(
    kind for of, kinds in NEWS_OF.items() if of is not D.OVERTURNED for kind in kinds
)
"""News that the investigation, or a part of it, is over."""


def owe(
    state: IncidentState,
    ctx: Context,
    event_kind: str,
    event_at: datetime,
    *,
    reported: bool = False,
) -> Owed:
    """The victim is owed news of something; `react` starts its clock."""
    owed = Owed(
        notification_id=f"NOT-{number(state, 'notification'):03d}",
        event_kind=event_kind,
        event_at=event_at,
        reported=reported,
    )
    state.code.owed[owed.notification_id] = owed
    if event_kind in ctx.policy.of_duties.code.charge_events:
        state.code.charged = True
    if event_kind in ENDING:
        state.code.decided = True
    return owed


def start(state: IncidentState, ctx: Context, owed: Owed) -> None:
    """One working day from the event's date; recorded with its due instant."""
    clock = arm(
        state,
        ctx,
        ClockType.VICTIM_NOTIFICATION,
        owed.event_at,
        f"the victim is owed news of {owed.event_kind}, which was",
        subject=owed.notification_id,
        owner=answers(state),
    )
    crime = state.report is None or state.report.recording_type is RecordingType.CRIME
    append(
        state,
        ctx,
        "notification:due",
        owed.event_at,
        **row(state, owed),
        event_at=owed.event_at,
        due_at=clock.due_at,
        clock_id=clock.clock_id,
        outcome="DUE",
        under="VICTIMS_CODE" if crime else "POLICY",
    )


def row(state: IncidentState, owed: Owed) -> dict[str, object]:
    """What names a notification in the read models."""
    return {
        "notification_id": owed.notification_id,
        "event_kind": owed.event_kind,
        "case_ref": state.case_ref,
        "incident_ref": state.incident_ref,
        "victim_ref": state.victim_ref,
    }


def opted_out(state: IncidentState, ctx: Context, event_kind: str) -> bool:
    """Whether the victim has said that she wants no news of this kind; never inferred."""
    match state.code.opt_out:
        case NotificationOptOut.NONE:
            return False
        case NotificationOptOut.ALL:
            return True
        case NotificationOptOut.ALL_EXCEPT_RELEASE:
            return event_kind not in ctx.policy.of_duties.code.release_events
    raise ValueError("every scope of opting out is known")


def hear_wishes(state: IncidentState, ctx: Context, message: WishesChanged) -> None:
    """The newest word counts, in whatever order messages come."""
    code = state.code
    code.support_withdrawn_at = code.support_withdrawn_at or message.support_withdrawn_at
    if code.wishes_at is not None and message.at < code.wishes_at:
        return
    code.wishes_at = message.at
    code.opt_out = message.notification_opt_out
    code.frozen = message.frozen
    append(
        state,
        ctx,
        "code:wishes:taken",
        message.at,
        notification_opt_out=code.opt_out,
        frozen=code.frozen,
    )
    settle_tasks(state, ctx, ASK_WISHES)


def react(state: IncidentState, ctx: Context) -> None:
    """Take what suspect and orders left, and keep a clock and a task for each thing owed."""
    taken, state.suspect.to_notify = state.suspect.to_notify, []
    for event in taken:
        if event.was_at is None:
            owe(state, ctx, event.event_kind, event.event_at, reported=event.reported)
        else:
            _correct(state, ctx, event)
    for owed in list(state.code.owed.values()):
        clock = open_clock(state, ClockType.VICTIM_NOTIFICATION, owed.notification_id)
        if opted_out(state, ctx, owed.event_kind):
            if clock is not None:
                cancel(state, ctx, clock, "OPTED_OUT")
            drop(state, ctx, owed)
            release_not_told(state, ctx, owed, "OPTED_OUT")
            scope = state.code.opt_out
            out = {**row(state, owed), "event_at": owed.event_at, "scope": scope}
            append(state, ctx, "notification:opted_out", **out, outcome="OPTED_OUT")
        elif state.code.frozen:
            if clock is not None:
                cancel(state, ctx, clock, "FROZEN")
            _hold(state, ctx, owed)
        else:
            _pursue(state, ctx, owed)


def _hold(state: IncidentState, ctx: Context, owed: Owed) -> None:
    if not owed.held:
        state.code.owed[owed.notification_id] = owed.model_copy(update={"held": True})
        held = {**row(state, owed), "event_at": owed.event_at, "outcome": "HELD"}
        append(state, ctx, "notification:held", **held)
    _keep(state, ctx, owed, NOTIFY, wanted=False)
    _keep(state, ctx, owed, HELD, wanted=True)


def _pursue(state: IncidentState, ctx: Context, owed: Owed) -> None:
    if owed.held:
        owed = owed.model_copy(update={"held": False})
        state.code.owed[owed.notification_id] = owed
    clock = open_clock(state, ClockType.VICTIM_NOTIFICATION, owed.notification_id)
    if clock is None:
        start(state, ctx, owed)
    else:
        follow_owner(state, ctx, clock, answers(state))
    _keep(state, ctx, owed, HELD, wanted=False)
    _keep(state, ctx, owed, NOTIFY, wanted=True)


def _keep(state: IncidentState, ctx: Context, owed: Owed, kind: str, *, wanted: bool) -> None:
    clock = open_clock(state, ClockType.VICTIM_NOTIFICATION, owed.notification_id)
    news = f"{owed.event_kind} of {show(owed.event_at)}"
    held = kind == HELD
    task = Duty(
        kind=kind,
        role="SUPERVISOR" if held else "DALO",
        person=chief(state) if held else answers(state),
        why=f"{news}: the record is frozen, decide who is told and by whom"
        if held
        else f"tell the victim of {news}, by a route that is safe at that moment",
        command=f"dalo do {name(state)} record-notification --notification-id "
        f"{owed.notification_id} --channel CALL --outcome TOLD",
        due_at=clock.due_at if clock else None,
        subject=owed.notification_id,
    )
    keep_task(state, ctx, task, wanted=wanted)


def drop(state: IncidentState, ctx: Context, owed: Owed) -> None:
    """Nothing is owed of it any more, and nobody is asked."""
    del state.code.owed[owed.notification_id]
    for kind in (NOTIFY, HELD):
        settle_one(state, ctx, kind, owed.notification_id)


def withdraw(state: IncidentState, ctx: Context, owed: Owed, reason: str) -> None:
    """What the victim was not told yet is news no more; `reason` is a code."""
    cancel_open(state, ctx, ClockType.VICTIM_NOTIFICATION, reason, owed.notification_id)
    drop(state, ctx, owed)
    gone = {**row(state, owed), "event_at": owed.event_at, "outcome": "WITHDRAWN"}
    append(state, ctx, "notification:withdrawn", **gone, reason=reason)


def withdraw_all(state: IncidentState, ctx: Context, event_kind: str, reason: str) -> None:
    """The same for whatever waits of a kind."""
    for owed in [o for o in state.code.owed.values() if o.event_kind == event_kind]:
        withdraw(state, ctx, owed, reason)


def _correct(state: IncidentState, ctx: Context, event: NotifiableEvent) -> None:
    """What a report told has its true time: the news of it is owed from then."""
    for owed in list(state.code.owed.values()):
        known = (owed.event_kind, owed.event_at, owed.reported)
        if known != (event.event_kind, event.was_at, True):
            continue
        update = {"event_at": event.event_at, "reported": False}
        state.code.owed[owed.notification_id] = owed.model_copy(update=update)
        cancel_open(
            state, ctx, ClockType.VICTIM_NOTIFICATION, "START_CORRECTED", owed.notification_id
        )


def of_the_release(state: IncidentState, ctx: Context, owed: Owed) -> bool:
    """Whether this is news of the release that was planned: of the plan, or, once the suspect is
    free, of the release itself."""
    free = state.suspect.status not in DETAINED
    releases = ctx.policy.of_duties.code.release_events
    return owed.event_kind == RELEASE_PLANNED or (free and owed.event_kind in releases)


def release_not_told(state: IncidentState, ctx: Context, owed: Owed, reason: str) -> None:
    """Who wants to hear of no release is told of none; the case still looks at her plan."""
    if not of_the_release(state, ctx, owed):
        return
    state.suspect.release_planned_at = None
    cancel_open(state, ctx, ClockType.RELEASE_PLANNED, reason)
