"""An attempt at a visit and what follows from its outcomes (docs/domain.md 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.case import approach, contact, safety
from models.case.authority import happened, owner_or_supervisor
from models.case.needs import add_action
from models.case.people import officer_of, supervisor_of
from models.case.recommending import recommend, waiting
from models.case.state import Attempt, CaseFacts
from models.case.telling import tell_incident
from models.case.visits import opening
from models.case.visits.commands import open_visit, part_of_day, parts_tried
from models.case.visits.state import Visit, VisitAttempt
from models.commands import (
    Grant,
    NeedActionEntry,
    RecordVisit,
)
from models.enums import (
    Channel,
    ClockType,
    ContactResult,
    NeedDomain,
    SafetyMeasure,
    VisitCheck,
    VisitOutcome,
)
from models.messages import MeasureAgreed
from models.stream import (
    Context,
    append,
    arm,
    meet,
    number,
    open_clock,
    raise_task,
)

NOBODY_IN = (VisitOutcome.NO_REPLY, VisitOutcome.MOVED_AWAY)
MET_SOMEBODY = (
    VisitOutcome.SEEN_ALONE,
    VisitOutcome.SEEN_NOT_ALONE,
    VisitOutcome.REFUSED_ENTRY,
)
OWED_BY_INCIDENT = (SafetyMeasure.CHILD_REFERRAL, SafetyMeasure.CARE_ACT_CONCERN)
"""Measures with a duty and a clock of their own, which the newest incident has."""
LIFE, AFTER_VISIT = "MISSING_PERSON", "GRADE_AFTER_VISIT"
AGREED_FOR = {
    "CHILD_REFERRAL": NeedDomain.CHILDREN,
    "CIVIL_ORDER_HELP": NeedDomain.LEGAL,
    "DEVICE_SECURITY": NeedDomain.DIGITAL_SAFETY,
    "REFUGE": NeedDomain.HOUSING,
}
"""The need that a measure of the menu answers; the others are for safety."""


def check_record(state: CaseFacts, ctx: Context, command: RecordVisit, grant: Grant) -> None:
    """A visit that was made is always recorded, also an unsafe one; only what contradicts itself is
    refused."""
    owner_or_supervisor(state, grant)
    visit = open_visit(state)
    happened(state, command.at, ctx.now, since=visit.selected_at)
    outcomes = set(command.outcomes)
    if outcomes & set(NOBODY_IN) and outcomes & set(MET_SOMEBODY):
        raise Refused(
            "OUTCOMES_CLASH",
            "nobody was met, and somebody was",
            "give the outcomes of one attempt; record another attempt by itself",
            "outcomes",
        )
    if len(outcomes) > 1 and command.primary not in outcomes:
        raise Refused(
            "PRIMARY_OUTCOME",
            "of several outcomes one counts most",
            "name it with --primary",
            "primary",
        )
    if (VisitOutcome.SUSPECT_ARRESTED in outcomes) != (command.arrest_reason is not None):
        raise Refused(
            "ARREST_REASON",
            "an arrest at a visit has its reason, and only an arrest has one",
            "give SUSPECT_ARRESTED and --arrest-reason together",
            "arrest_reason",
        )
    if command.injuries_photographed and not command.injuries_seen:
        raise Refused(
            "INJURIES_NOT_SEEN",
            "injuries were photographed that were not seen",
            "give --injuries-seen too",
            "injuries_seen",
        )


def apply_record(state: CaseFacts, ctx: Context, command: RecordVisit) -> tuple[str, ...]:
    """Log the attempt, then draw what its outcomes mean; it was the one safe approach, if only one
    was allowed."""
    visit = open_visit(state)
    unsafe = _unsafe(state, ctx, visit, command)
    warned = _same_time(ctx, visit, command)
    attempt = VisitAttempt(
        at=command.at, outcomes=command.outcomes, life_concern=command.life_concern
    )
    visit = visit.model_copy(update={"attempts": (*visit.attempts, attempt)})
    state.visits.visit = visit
    _log(state, ctx, visit, command, (*unsafe, *warned))
    _end_reattempt(state, ctx, visit, command)
    if unsafe:
        raise_task(
            state,
            ctx,
            "UNSAFE_VISIT",
            supervisor_of(state),
            f"a visit was made against the rules ({', '.join(unsafe)})",
            due_at=ctx.now + timedelta(hours=1),
            command=f"dalo do {state.case_ref} review-visit --decision NOTED --reason REASON",
            subject=visit.visit_id,
        )
    _follow(state, ctx, visit, command)
    _conclude(state, ctx, visit, command)
    approach.used(state, ctx, command.at)
    return (*(("UNSAFE_VISIT",) if unsafe else ()), *unsafe, *warned)


def _log(
    state: CaseFacts, ctx: Context, visit: Visit, command: RecordVisit, codes: tuple[str, ...]
) -> None:
    done = command.model_dump(mode="json", exclude={"kind", "at", "note_ref", "arrest_reason"})
    append(
        state,
        ctx,
        "visit:attempted",
        command.at,
        visit_id=visit.visit_id,
        attempted_at=command.at,
        attempts=len(visit.attempts),
        primary_outcome=command.primary or command.outcomes[0],
        arrest_reason=command.arrest_reason,
        flags={**done, "codes": list(codes)},
        note_ref=command.note_ref,
    )


def _unsafe(state: CaseFacts, ctx: Context, visit: Visit, command: RecordVisit) -> tuple[str, ...]:
    """Why the visit should not have been made then: without authority, unchecked, while contact was
    held back or in a do-not-contact time without a recorded threat to life, outside windows without
    an authority that says why."""
    found = []
    opens, until = visit.opens_at, visit.until
    if visit.state != "AUTHORISED":
        found.append("NOT_AUTHORISED")
    elif (opens and command.at < opens) or (until and command.at > until):
        found.append("OUTSIDE_AUTHORITY")
    if any(check not in visit.checks for check in VisitCheck):
        found.append("UNCHECKED")
    threat = bool(state.essentials.threats)
    held = approach.held_back(state)
    if held and not threat:
        found.append(held)
    safe = safety.by_plan(state, Channel.IN_PERSON, "", command.at, ctx.calendar)
    if not safe.allowed and not (threat and visit.safer_because):
        found.append(safe.reason_code)
    return tuple(found)


def _same_time(ctx: Context, visit: Visit, command: RecordVisit) -> tuple[str, ...]:
    again = part_of_day(ctx.policy, command.at) in parts_tried(ctx.policy, visit)
    return ("SAME_PART_OF_DAY",) if again else ()


def _end_reattempt(state: CaseFacts, ctx: Context, visit: Visit, command: RecordVisit) -> None:
    again = open_clock(state, ClockType.HHV_REATTEMPT, visit.visit_id)
    if again is not None and command.at >= again.started_at:
        meet(state, ctx, again, command.at)


def _follow(state: CaseFacts, ctx: Context, visit: Visit, command: RecordVisit) -> None:
    """What the facts found set off, whether or not the victim was seen."""
    for measure in dict.fromkeys(command.safeguarding):
        add_action(
            state,
            ctx,
            NeedActionEntry(
                domain=AGREED_FOR.get(measure.value, NeedDomain.SAFETY),
                action=measure.value,
                owner=officer_of(state),
                due_at=ctx.now + timedelta(days=ctx.policy.of_duties.visits.measure_days),
            ),
        )
        if measure in OWED_BY_INCIDENT:
            _tell_measure(state, ctx, visit, measure, command.at)
    if command.arrest_reason is not None or command.order_breached:
        incident = next(reversed(state.incidents), "INCIDENT")
        raise_task(
            state,
            ctx,
            "ARREST_AT_VISIT",
            officer_of(state),
            "tell the incident what was found of the suspect, with the officer in the case",
            due_at=ctx.now + timedelta(hours=1),
            command=f"dalo do {incident}/{state.victim_ref} change-suspect-status",
            subject=visit.visit_id,
        )
    if command.grade_hint is not None and command.grade_hint is not state.risk_grade:
        recommend(
            state,
            ctx,
            AFTER_VISIT,
            command.grade_hint.value,
            {"visit_id": visit.visit_id, "outcomes": list(command.outcomes)},
            why=f"the visit suggests {command.grade_hint.value}",
            command=f"dalo do {state.case_ref} regrade --grade {command.grade_hint.value} "
            "--reason VISIT",
            subject=visit.visit_id,
            at=command.at,
        )


def _tell_measure(
    state: CaseFacts, ctx: Context, visit: Visit, measure: SafetyMeasure, at: datetime
) -> None:
    incident = next(reversed(state.incidents), "")
    if not incident:
        return
    message = MeasureAgreed(
        message_id=f"measure:{state.stream}:{number(state, 'measure')}",
        measure=measure,
        visit_id=visit.visit_id,
        at=at,
    )
    tell_incident(state, ctx, incident, message)


def _conclude(state: CaseFacts, ctx: Context, visit: Visit, command: RecordVisit) -> None:
    """Whether the visit is over, is tried again, or waits for the supervisor."""
    outcomes = command.outcomes
    if VisitOutcome.SEEN_ALONE in outcomes:
        _seen_alone(state, ctx, command)
        opening.end(state, ctx, "SEEN_ALONE", command.at, done=True)
    elif VisitOutcome.MOVED_AWAY in outcomes:
        _review(state, ctx, visit, "the victim has moved away: find where to")
    elif VisitOutcome.NO_REPLY in outcomes or VisitOutcome.ABORTED_UNSAFE in outcomes:
        _try_again(state, ctx, visit, command)
    else:
        _review(state, ctx, visit, "the victim was not seen alone: decide on another attempt")


def _seen_alone(state: CaseFacts, ctx: Context, command: RecordVisit) -> None:
    seen = Attempt(
        at=command.at, channel=Channel.IN_PERSON, route="", result=ContactResult.SEEN_ALONE
    )
    contact.record(
        state, ctx, seen, satisfied=True, safe=True, codes=("VISIT",), note_ref=command.note_ref
    )
    contact.succeed(state, ctx, command.at)


def _try_again(state: CaseFacts, ctx: Context, visit: Visit, command: RecordVisit) -> None:
    if open_clock(state, ClockType.HHV_REATTEMPT, visit.visit_id) is None:
        arm(
            state,
            ctx,
            ClockType.HHV_REATTEMPT,
            command.at,
            "visit:attempted",
            subject=visit.visit_id,
            rule_key=state.risk_grade.value,
            owner=officer_of(state),
        )
    policy = ctx.policy.of_duties.visits
    if visit.fails >= policy.review_after_fails:
        _review(state, ctx, visit, f"{visit.fails} attempts failed: review the visit")
    concern = state.essentials.threats or any(a.life_concern for a in visit.attempts)
    known = waiting(state, LIFE, visit.visit_id) is not None
    if visit.fails >= policy.missing_after_fails and concern and not known:
        recommend(
            state,
            ctx,
            LIFE,
            "MISSING_PERSON_OR_S17",
            {"visit_id": visit.visit_id, "failed_attempts": visit.fails},
            why="the victim was not found and life may be at risk: consider entry under PACE s17 "
            "and a missing-person report",
            command=f"dalo do {state.case_ref} consider-missing-person --outcome OUTCOME",
            subject=visit.visit_id,
            due_at=ctx.now,
            at=command.at,
        )


def _review(state: CaseFacts, ctx: Context, visit: Visit, why: str) -> None:
    raise_task(
        state,
        ctx,
        "VISIT_REVIEW",
        supervisor_of(state),
        why,
        due_at=ctx.now + timedelta(hours=24),
        command=f"dalo do {state.case_ref} review-visit --decision ANOTHER_ATTEMPT --reason REASON",
        subject=visit.visit_id,
    )
