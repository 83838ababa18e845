"""Finding the suspect: the arrest target, circulation at the target, reviews of the search
(docs/domain.md 3.4)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.calendars import due_instant
from models.checks import supervisor_only
from models.clocks import Clock
from models.commands import Grant, ReviewOutstandingSuspect
from models.due import recompute
from models.enums import ClockType, EvidenceCode, SuspectStatus
from models.evidence import CAPTURED, crime
from models.incident.commands import happened
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task, perpetrator
from models.incident.suspect.statuses import AT_LARGE
from models.stream import Context, append, arm, cancel, meet, meet_open, move, open_clock


def wanted(state: IncidentState) -> bool:
    """Whether a suspect of a crime is known and not found yet."""
    report, facts = state.report, state.suspect
    if report is None or not crime(report) or facts.status not in AT_LARGE:
        return False
    named = perpetrator(state) != ""
    return named or facts.status not in (None, SuspectStatus.UNKNOWN)


def start_of(state: IncidentState) -> datetime:
    """What the arrest target counts from: the report, or when a found suspect got away."""
    assert state.report is not None
    return state.suspect.large_from or state.report.reported_at


def target(state: IncidentState, ctx: Context) -> datetime:
    """When an arrest is due by the working grade."""
    assert state.grade is not None
    limit = ctx.policy.clock_rules[ClockType.SUSPECT_ARREST].limit_for(state.grade.value)
    assert limit is not None
    return due_instant(limit, start_of(state), ctx.calendar)


def planned_at(state: IncidentState) -> datetime | None:
    """When the arrest (or its written plan) was recorded as evidence, for the present search."""
    item = state.items.get(EvidenceCode.SUSPECT_ARREST_OR_PLAN)
    if item is None or item.status not in CAPTURED or item.captured_at is None:
        return None
    since = state.suspect.large_from
    return item.captured_at if since is None or item.captured_at >= since else None


def react(state: IncidentState, ctx: Context) -> None:
    """Keep the clock to the target, the circulation at it, and the reviews after it."""
    searching = wanted(state)
    _target_clock(state, ctx, searching=searching)
    planned = planned_at(state) is not None
    late = searching and (planned or ctx.now >= target(state, ctx))
    circulate = Duty(
        kind="CIRCULATE_SUSPECT",
        role="OIC",
        person=state.item_owner,
        why="the suspect is not found by the arrest target: circulate as wanted, or record that "
        "he was found",
        due_at=target(state, ctx) if searching else None,
        command=f"dalo do {name(state)} change-suspect-status --status CIRCULATED",
        subject="SUSPECT",
    )
    circulated = state.suspect.status is SuspectStatus.CIRCULATED
    keep_task(state, ctx, circulate, wanted=late and not circulated)
    _review_clock(state, ctx, late=late)


def _target_clock(state: IncidentState, ctx: Context, *, searching: bool) -> None:
    clock = open_clock(state, ClockType.SUSPECT_ARREST)
    planned = planned_at(state)
    if clock is not None and (planned is not None or not searching):
        _stop(state, ctx, clock, planned)
        return
    if not searching or planned is not None:
        return
    assert state.grade is not None
    key = state.grade.value
    if clock is not None and clock.started_at != start_of(state):
        cancel(state, ctx, clock, "START_CORRECTED")
        clock = None
    if clock is None:
        started = "the suspect got away" if state.suspect.large_from else "incident reported"
        arm(
            state,
            ctx,
            ClockType.SUSPECT_ARREST,
            start_of(state),
            started,
            rule_key=key,
            owner=state.item_owner,
        )
        return
    _keep(state, ctx, clock, state.item_owner)


def _keep(state: IncidentState, ctx: Context, clock: Clock, owner: str) -> None:
    """Keep a clock of the search to the working grade, unless it is over, and with its owner."""
    assert state.grade is not None
    key = state.grade.value
    if clock.rule_key != key and clock.breached_at is None:
        limit = ctx.policy.clock_rules[clock.clock_type].limit_for(key) or clock.limit
        keyed = clock.model_copy(update={"rule_key": key, "limit": limit})
        again = recompute(keyed, ctx.policy, ctx.calendar)
        move(state, ctx, again, again.due_at, "GRADE_CHANGED")
        clock = state.clocks[clock.clock_id]
    follow_owner(state, ctx, clock, owner)


def _stop(state: IncidentState, ctx: Context, clock: Clock, planned: datetime | None) -> None:
    facts = state.suspect
    if planned is not None and facts.status in AT_LARGE:
        meet(state, ctx, clock, planned)
    elif facts.status is SuspectStatus.NFA or facts.status in AT_LARGE:
        cancel(state, ctx, clock, "NOT_CALLED_FOR")
    else:
        found = [at for at in (planned, facts.status_at) if at is not None]
        meet(state, ctx, clock, min(found, default=ctx.now))


# --- reviews ----------------------------------------------------------------------------------


def _review_clock(state: IncidentState, ctx: Context, *, late: bool) -> None:
    clock = open_clock(state, ClockType.SUSPECT_REVIEW)
    facts = state.suspect
    if not late:
        found = None if facts.status in AT_LARGE else facts.status_at
        if clock is not None and found is not None and found >= clock.started_at:
            meet(state, ctx, clock, found)
        elif clock is not None:
            cancel(state, ctx, clock, "NOT_CALLED_FOR")
        return
    if clock is not None:
        _keep(state, ctx, clock, state.supervisor_id or state.lead)
        return
    assert state.grade is not None
    due, reviewed = target(state, ctx), facts.reviewed_at
    arm(
        state,
        ctx,
        ClockType.SUSPECT_REVIEW,
        max(due, reviewed) if reviewed else due,
        "the search was reviewed" if reviewed and reviewed >= due else "the arrest was due",
        rule_key=state.grade.value,
        owner=state.supervisor_id or state.lead,
    )


def check_review(
    state: IncidentState, ctx: Context, command: ReviewOutstandingSuspect, grant: Grant
) -> None:
    """A supervisor's, while the suspect is past the arrest target."""
    supervisor_only(state, grant)
    happened(state, ctx, command.at)
    clock = open_clock(state, ClockType.SUSPECT_REVIEW)
    if clock is None:
        raise Refused(
            "NOTHING_TO_REVIEW",
            "no suspect is wanted past the arrest target",
            "nothing to do",
        )
    if state.suspect.reviewed_at is not None and command.at <= state.suspect.reviewed_at:
        raise Refused(
            "OUT_OF_ORDER",
            "the last review was held later",
            "give when this review was held",
            "at",
        )


def apply_review(
    state: IncidentState, ctx: Context, command: ReviewOutstandingSuspect
) -> tuple[str, ...]:
    """The review was held; the next is due while the suspect is not found."""
    state.suspect.reviewed_at = command.at
    append(
        state,
        ctx,
        "incident:search:reviewed",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        note_ref=command.note_ref,
    )
    meet_open(state, ctx, ClockType.SUSPECT_REVIEW, command.at)
    return ()
