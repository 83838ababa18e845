"""The right to ask for a review: a period that runs from when a decision was told
(docs/domain.md 4.3). Its end is nobody's failure; before it the victim is reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.enums import ClockType, SuspectStatus
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task, perpetrator
from models.incident.victims_code.people import answers
from models.incident.victims_code.state import Period
from models.instants import show
from models.stream import Context, append, arm, cancel, open_clock

REMIND = "REVIEW_PERIOD_ENDS"
KEPT_FOR = timedelta(days=28)
"""How long after its end a request that was made in time may still be recorded."""


def suspect_identified(state: IncidentState) -> bool:
    """A review exists only where somebody was identified as the suspect."""
    reported = state.report.suspect_status if state.report else None
    status = state.suspect.status or reported
    return bool(perpetrator(state)) or status not in (None, SuspectStatus.UNKNOWN)


def begin(state: IncidentState, ctx: Context, subject: str, told_at: datetime) -> bool:
    """The victim was told a decision that may be reviewed; whether a period runs now."""
    if not suspect_identified(state):
        append(state, ctx, "review:not_available", told_at, reason="SUSPECT_NOT_IDENTIFIED")
        return False
    if open_clock(state, ClockType.RIGHT_TO_REVIEW, subject) is None:
        arm(
            state,
            ctx,
            ClockType.RIGHT_TO_REVIEW,
            told_at,
            "the victim was told the decision",
            subject=subject,
            owner=answers(state),
        )
    return True


def last(state: IncidentState) -> Period | None:
    """The period that runs, else the last that lapsed; None where there is none."""
    clock = open_clock(state, ClockType.RIGHT_TO_REVIEW)
    if clock is not None:
        return Period(subject=clock.subject, began_at=clock.started_at, ended_at=clock.due_at)
    return state.code.lapsed[-1] if state.code.lapsed else None


def react(state: IncidentState, ctx: Context) -> None:
    """Remind before the period ends; let it lapse when it does, and forget it some weeks later."""
    state.code.lapsed = [p for p in state.code.lapsed if ctx.now <= p.ended_at + KEPT_FOR]
    for clock in list(state.clocks.values()):
        if clock.clock_type is not ClockType.RIGHT_TO_REVIEW:
            continue
        task = Duty(
            kind=REMIND,
            role="DALO",
            person=answers(state),
            why=f"the victim may ask for a review until {show(clock.due_at)}: see that she knows",
            command=f"dalo do {name(state)} request-review",
            due_at=clock.due_at,
            subject=clock.subject,
        )
        over = clock.breached_at is not None
        calm = not state.code.frozen
        keep_task(state, ctx, task, wanted=clock.warned_at is not None and not over and calm)
        if over:
            over_now = Period(
                subject=clock.subject, began_at=clock.started_at, ended_at=clock.due_at
            )
            state.code.lapsed = [*state.code.lapsed, over_now]
            cancel(state, ctx, clock, "PERIOD_OVER")
        else:
            follow_owner(state, ctx, clock, answers(state))
