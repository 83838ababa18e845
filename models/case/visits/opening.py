"""The open visit from selection to its end: each change is an event of the visit, with its clocks
and tasks (docs/domain.md 7, 11). One visit is open at a time, and one `HHV_DUE` with it."""

from __future__ import annotations

from datetime import datetime

from models.case.people import officer_of, supervisor_of
from models.case.recommending import ACCEPTED, decide
from models.case.state import CaseFacts
from models.case.visits.state import Authority, Visit
from models.enums import CheckResult, ClockType, VisitCheck, VisitRule
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    cancel_open,
    meet,
    meet_open,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

RULE = "HHV"
VISIT_TASKS = ("AUTHORISE_VISIT", "PRE_VISIT_CHECKS", "VISIT", "VISIT_REVIEW")


def select(
    state: CaseFacts, ctx: Context, rules: tuple[VisitRule, ...], asked_by: str, at: datetime
) -> Visit:
    """Select the victim for a visit; whatever recommended one is thereby accepted."""
    visit = Visit(
        visit_id=f"VIS-{number(state, 'visit'):03d}",
        selected_for=rules,
        asked_by=asked_by,
        selected_at=at,
    )
    state.visits.visit = visit
    append(
        state,
        ctx,
        "visit:selected",
        at,
        visit_id=visit.visit_id,
        case_ref=state.case_ref,
        selected_for=",".join(rules),
        selected_at=at,
        state=visit.state,
        asked_by=asked_by,
        attempts=0,
    )
    for made in list(state.recommendations.values()):
        if made.rule == RULE:
            decide(state, ctx, RULE, ACCEPTED, subject=made.subject, chose=visit.visit_id, at=at)
    return visit


def ask_authority(state: CaseFacts, ctx: Context, visit: Visit, at: datetime) -> None:
    """The supervisor has 24 hours to authorise or refuse."""
    clock = arm(
        state,
        ctx,
        ClockType.HHV_AUTHORISE,
        at,
        "visit:selected",
        subject=visit.visit_id,
        owner=supervisor_of(state),
    )
    raise_task(
        state,
        ctx,
        "AUTHORISE_VISIT",
        supervisor_of(state),
        "a hidden-harm visit is selected: authorise it between two times, or refuse it",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} authorise-visit --opens-at TIME --until TIME",
        subject=visit.visit_id,
    )


def put_checks(
    state: CaseFacts, ctx: Context, checks: dict[VisitCheck, CheckResult], at: datetime
) -> None:
    """Keep what was checked."""
    visit = state.visits.visit
    if visit is None or not checks:
        return
    state.visits.visit = visit.model_copy(update={"checks": {**visit.checks, **checks}})
    append(
        state,
        ctx,
        "visit:checked",
        at,
        visit_id=visit.visit_id,
        checks={check.value: result.value for check, result in checks.items()},
    )


def authorise(
    state: CaseFacts,
    ctx: Context,
    at: datetime,
    *,
    opens_at: datetime,
    until: datetime,
    safer_because: str,
) -> None:
    """Authorise the open visit. The first authority starts its clock; the ladder's own visit clock,
    if one runs, gives way to it."""
    visit = state.visits.visit
    if visit is None:
        raise ValueError("no visit is open")
    state.visits.visit = visit = visit.model_copy(
        update={
            "state": "AUTHORISED",
            "authorised_by": ctx.actor,
            "authorised_at": at,
            "opens_at": opens_at,
            "until": until,
            "safer_because": safer_because,
        }
    )
    given = Authority(opens_at=opens_at, until=until) if safer_because else None
    state.visits.authority = given
    due = _due_clock(state, ctx, visit, at)
    append(
        state,
        ctx,
        "visit:authorised",
        at,
        visit_id=visit.visit_id,
        state=visit.state,
        authorised_by=ctx.actor,
        authorised_at=at,
        authorised_from=opens_at,
        authorised_until=until,
        due_at=due,
        reason=safer_because,
    )
    meet_open(state, ctx, ClockType.HHV_AUTHORISE, at, visit.visit_id)
    for kind in ("AUTHORISE_VISIT", "VISIT_REVIEW", "VISIT"):
        settle_tasks(state, ctx, kind, visit.visit_id)
    raise_task(
        state,
        ctx,
        "VISIT",
        officer_of(state),
        "a hidden-harm visit is authorised: make it and record what came of it",
        due_at=until,
        command=f"dalo do {state.case_ref} record-visit --outcomes OUTCOME",
        subject=visit.visit_id,
    )


def withdraw(state: CaseFacts, ctx: Context, why: str) -> None:
    """Take the open visit's authority back: nobody is prompted to make it, its clock runs on, and
    the supervisor authorises it anew or ends it."""
    visit = state.visits.visit
    if visit is None:
        return
    state.visits.visit = visit.model_copy(
        update={"state": "SELECTED", "opens_at": None, "until": None, "safer_because": ""}
    )
    state.visits.authority = None
    append(
        state,
        ctx,
        "visit:authority:withdrawn",
        visit_id=visit.visit_id,
        state="SELECTED",
        authorised_from=None,
        authorised_until=None,
        reason=why,
    )
    settle_tasks(state, ctx, "VISIT", visit.visit_id)
    raise_task(
        state,
        ctx,
        "AUTHORISE_VISIT",
        supervisor_of(state),
        f"the authority of a visit was withdrawn ({why}): authorise it again once that is settled, "
        "or end it",
        command=f"dalo do {state.case_ref} authorise-visit --opens-at TIME --until TIME",
        subject=visit.visit_id,
    )


def _due_clock(state: CaseFacts, ctx: Context, visit: Visit, at: datetime) -> datetime:
    own = open_clock(state, ClockType.HHV_DUE, visit.visit_id)
    if own is not None:
        return own.due_at
    cancel_open(state, ctx, ClockType.HHV_DUE, "VISIT_AUTHORISED")
    made = arm(
        state,
        ctx,
        ClockType.HHV_DUE,
        at,
        "visit:authorised",
        subject=visit.visit_id,
        rule_key=state.risk_grade.value,
        owner=officer_of(state),
    )
    return made.due_at


def end(
    state: CaseFacts, ctx: Context, outcome: str, at: datetime, *, reason: str = "", done: bool
) -> None:
    """End the open visit: `done` where it was made, so that its clocks are met. Where officers
    went, its authority still says what was safe."""
    visit = state.visits.visit
    if visit is None:
        return
    if not visit.attempts:
        state.visits.authority = None
    for kind in (ClockType.HHV_AUTHORISE, ClockType.HHV_DUE, ClockType.HHV_REATTEMPT):
        clock = open_clock(state, kind, visit.visit_id)
        if clock is not None and done and at >= clock.started_at:
            meet(state, ctx, clock, at)
        elif clock is not None:
            cancel(state, ctx, clock, outcome)
    append(
        state,
        ctx,
        "visit:ended",
        at,
        visit_id=visit.visit_id,
        state=outcome,
        ended_at=at,
        reason=reason,
    )
    for task_kind in VISIT_TASKS:
        settle_tasks(state, ctx, task_kind, visit.visit_id)
    state.visits.visit = None
