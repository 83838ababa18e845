"""A supervisor's look at a visit: another attempt or its end, what was unsafe, and a victim who
cannot be found (docs/domain.md 7)."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened
from models.case.people import supervisor_of
from models.case.recommending import ACCEPTED, decide
from models.case.state import CaseFacts
from models.case.visits import opening
from models.case.visits.commands import open_visit
from models.case.visits.recording import LIFE
from models.checks import supervisor_only
from models.commands import ConsiderMissingPerson, Grant, ReviewVisit
from models.enums import LifeConcern
from models.stream import Context, append, raise_task, settle_tasks

NOTED = ("UNSAFE_VISIT", "CONCERN_FOR_LIFE")
"""Tasks that a supervisor settles by a look, also after the visit's end."""


def check_review(state: CaseFacts, ctx: Context, command: ReviewVisit, grant: Grant) -> None:
    """A supervisor's decision on an open visit, or on what one that has ended left to look at."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    noted = any(task.kind in NOTED for task in state.tasks.values())
    if command.decision != "NOTED" or not noted:
        open_visit(state)


def apply_review(state: CaseFacts, ctx: Context, command: ReviewVisit) -> tuple[str, ...]:
    """Settle what waited for the supervisor; another attempt needs its own authority."""
    visit = state.visits.visit
    append(
        state,
        ctx,
        "visit:reviewed",
        command.at,
        decision=command.decision,
        reason=command.reason,
        visit=visit.visit_id if visit else "",
    )
    for kind in NOTED:
        settle_tasks(state, ctx, kind)
    if visit is None or command.decision == "NOTED":
        return ()
    settle_tasks(state, ctx, "VISIT_REVIEW", visit.visit_id)
    if command.decision == "END":
        made = bool(visit.attempts)
        opening.end(state, ctx, "ENDED_UNSEEN", command.at, reason=command.reason, done=made)
        return ()
    raise_task(
        state,
        ctx,
        "AUTHORISE_VISIT",
        supervisor_of(state),
        "another attempt at the visit is decided: authorise it at another time of day",
        command=f"dalo do {state.case_ref} authorise-visit --opens-at TIME --until TIME",
        subject=visit.visit_id,
    )
    return ()


def check_missing(
    state: CaseFacts, ctx: Context, command: ConsiderMissingPerson, grant: Grant
) -> None:
    """A supervisor's decision, once it is recommended."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if not _life_waiting(state):
        raise Refused(
            "NOT_RECOMMENDED",
            "no missing-person consideration waits",
            "it is recommended after three failed visits with concern for life (--life-concern)",
        )


def _life_waiting(state: CaseFacts) -> list[str]:
    return [made.subject for made in state.recommendations.values() if made.rule == LIFE]


def apply_missing(
    state: CaseFacts, ctx: Context, command: ConsiderMissingPerson
) -> tuple[str, ...]:
    """Keep what was done with what was recommended."""
    for subject in _life_waiting(state):
        decide(state, ctx, LIFE, ACCEPTED, subject=subject, chose=command.outcome, at=command.at)
    append(state, ctx, "case:life_concern:decided", command.at, outcome=command.outcome)
    if command.outcome is LifeConcern.FOUND_SAFE and state.visits.visit is not None:
        opening.end(state, ctx, "FOUND_SAFE", command.at, done=True)
    return ()
