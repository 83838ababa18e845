"""Risk is a snapshot: it is assessed again at intervals by grade, and at every new event
(docs/domain.md 2.5, 9.2)."""

from __future__ import annotations

from datetime import datetime

from models.calendars import EVERY_DAY, due_instant
from models.case.people import officer_of
from models.case.risk.state import ReportDate
from models.case.state import CaseFacts
from models.clocks import CalendarKind, Limit
from models.enums import ClockType, RecordingType
from models.instants import london_date
from models.marac_criteria import TickCount
from models.messages import (
    BailChanged,
    OrderBreached,
    OrderChanged,
    ReportArrived,
    SuspectChanged,
)
from models.report import Report
from models.stream import Context, append, arm, cancel, meet, open_clock, raise_task, settle_tasks

REASSESS = "REASSESS_RISK"
DATES_KEPT = 200


def due(state: CaseFacts, ctx: Context, at: datetime, why: str) -> None:
    """An event after which the risk must be assessed again; `why` is a code."""
    since = state.risk.reassess_since
    state.risk.reassess_since = max(at, since) if since else at
    state.risk.reassess_why = why
    append(state, ctx, "risk:reassessment:due", at, why=why)


def assessed(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """A general tool was used: the interval counts from here, and the events before it are
    covered."""
    state.risk.assessed_at = at
    clock = open_clock(state, ClockType.RISK_REVIEW)
    if clock is not None:
        meet(state, ctx, clock, max(at, clock.started_at))
    if state.risk.reassess_since is not None and at >= state.risk.reassess_since:
        state.risk.reassess_since = None
        state.risk.reassess_why = ""
        settle_tasks(state, ctx, REASSESS)


def on_report(state: CaseFacts, ctx: Context, message: ReportArrived) -> ReportDate | None:
    """Keep a report's date and ticks. Returns what was known of the incident before."""
    report = message.report
    known = next(
        (d for d in state.risk.report_dates if d.incident_ref == report.incident_ref), None
    )
    if known is not None and known.version >= report.version:
        return known
    # One that came before the case and joins it now is new to it.
    known = known if known is not None and known.version > 0 else None
    _keep(state, ctx, message)
    _ticks(state, ctx, report)
    if known is None and len(state.incidents) > 1:
        due(state, ctx, report.reported_at, "NEW_REPORT")
    return known


def _keep(state: CaseFacts, ctx: Context, message: ReportArrived) -> None:
    """The report, and the victim's others before it that intake knows: those have version 0."""
    report, held = message.report, state.risk.report_dates
    known = {date.incident_ref: date for date in _earlier(message)}
    known |= {date.incident_ref: date for date in held}
    known[report.incident_ref] = ReportDate(
        incident_ref=report.incident_ref,
        reported_at=report.reported_at,
        criminal=report.recording_type is RecordingType.CRIME,
        perpetrator_ref=report.perpetrator_ref,
        earlier_365=message.repeat_count_365,
        version=report.version,
        stalking=report.stalking,
    )
    months = ctx.policy.of_duties.risk.history_months
    kept = [date for date in known.values() if _recent(date.reported_at, months, ctx.now)]
    state.risk.report_dates = sorted(kept, key=lambda d: d.reported_at)[-DATES_KEPT:]


def _earlier(message: ReportArrived) -> list[ReportDate]:
    return [
        ReportDate(
            incident_ref=earlier.incident_ref,
            reported_at=earlier.reported_at,
            criminal=earlier.criminal,
            perpetrator_ref=earlier.perpetrator_ref,
            version=0,
        )
        for earlier in message.earlier_reports
    ]


def _recent(reported_at: datetime, months: int, now: datetime) -> bool:
    limit = Limit(kind=CalendarKind.CALENDAR_DAYS, amount=months, unit="months")
    last = due_instant(limit, reported_at, EVERY_DAY, beginning_with=True)
    return london_date(now) <= london_date(last)


def _ticks(state: CaseFacts, ctx: Context, report: Report) -> None:
    """The count that officers at the scene put in the report."""
    tool, count = report.risk_tool, report.risk_score
    if tool is None or count is None or tool not in ctx.policy.marac.visible_high_risk_ticks:
        return
    held = state.risk.high_ticks.get(tool)
    if held is None or held.at <= report.reported_at:
        state.risk.high_ticks[tool] = TickCount(count=count, at=report.reported_at)


def on_suspect(state: CaseFacts, ctx: Context, message: SuspectChanged) -> None:
    """The suspect is at large again, let out or escaped: the risk has changed."""
    if message.freed or message.status in ctx.policy.of_duties.risk.reassess_on:
        due(state, ctx, message.at, f"SUSPECT_{message.status.value}")


def on_order(state: CaseFacts, ctx: Context, message: OrderChanged) -> None:
    """A protection ended, and nothing took its place: the risk has changed."""
    if message.protection_ended:
        due(state, ctx, message.at, f"{message.order_type.value}_ENDED")


def on_bail(state: CaseFacts, ctx: Context, message: BailChanged) -> None:
    """Bail ended with its conditions: the risk has changed."""
    if not message.in_force:
        due(state, ctx, message.at, "BAIL_ENDED")


def on_breach(state: CaseFacts, ctx: Context, message: OrderBreached) -> None:
    """An order or bail was broken: a new event."""
    due(state, ctx, message.at, f"{message.of.value}_BREACHED")


def react(state: CaseFacts, ctx: Context) -> None:
    """Keep the interval's clock by grade, and the task of an event that waits."""
    _follow_clock(state, ctx)
    if state.live and state.risk.reassess_since is not None:
        raise_task(
            state,
            ctx,
            REASSESS,
            officer_of(state),
            f"risk is a snapshot: assess it again after this event ({state.risk.reassess_why})",
            due_at=ctx.now,
            command=f"dalo do {state.case_ref} assess-risk",
        )


def _follow_clock(state: CaseFacts, ctx: Context) -> None:
    grade = state.risk_grade.value
    started, event = _counts_from(state, ctx)
    clock = open_clock(state, ClockType.RISK_REVIEW)
    limit = ctx.policy.clock_rules[ClockType.RISK_REVIEW].limit_for(grade)
    wanted = state.live and state.allocated_at is not None and limit is not None
    if clock is not None and not wanted:
        cancel(state, ctx, clock, "NOT_DUE_AT_THIS_GRADE")
    elif clock is not None and (clock.rule_key, clock.started_at) != (grade, started):
        cancel(state, ctx, clock, "GRADE_CHANGED")
        clock = None
    if wanted and clock is None:
        arm(
            state,
            ctx,
            ClockType.RISK_REVIEW,
            started,
            event,
            rule_key=grade,
            owner=state.dalo_id,
        )


def _counts_from(state: CaseFacts, ctx: Context) -> tuple[datetime, str]:
    """The last assessment; before there was one, the case's opening. A case that began under a
    release without re-assessment owes it from when it was taken over."""
    risk = state.risk
    if risk.assessed_at is not None:
        return risk.assessed_at, "assessment:recorded"
    if risk.counts_from is None:
        # Only a run with this duty notes when a grade was given.
        risk.counts_from = state.opened_at if risk.graded_at is not None else ctx.now
    opened = risk.counts_from == state.opened_at
    return risk.counts_from, "case:opened" if opened else "stream:renewed"
