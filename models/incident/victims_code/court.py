"""Decisions made and told, their review, and the look back at an unsafe telling
(docs/domain.md 4.2, 4.3)."""

from __future__ import annotations

from models.base import Refused
from models.checks import supervisor_only
from models.commands import Grant
from models.commands.victims_code import (
    RecordDecision,
    RecordDecisionTold,
    RequestReview,
    ReviewTelling,
)
from models.enums import ClockType
from models.enums.victims_code import DecidedBy, DecisionTold, NotificationOutcome
from models.incident.commands import happened, may
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import settle_one
from models.incident.victims_code import owed as news
from models.incident.victims_code import period, telling
from models.incident.victims_code.people import answers, may_tell
from models.incident.victims_code.state import Owed
from models.instants import london_date
from models.stream import Context, append, meet_open, raise_task, settle_tasks

ARRANGE = "ARRANGE_REVIEW"
D = DecisionTold


# --- decisions --------------------------------------------------------------------------------


def check_made(state: IncidentState, ctx: Context, command: RecordDecision, grant: Grant) -> None:
    """A decision is owed once: what the suspect's status told is owed already."""
    may_tell(state, grant)
    happened(state, ctx, command.at)
    _review_asked(state, command.decision)
    waiting = _waiting(state, command.decision)
    if waiting:
        raise Refused(
            "DECISION_OWED_ALREADY",
            f"the victim is owed this news already ({waiting[-1].notification_id})",
            "tell the victim, then record-decision-told",
            "decision",
        )


def _review_asked(state: IncidentState, decision: DecisionTold) -> None:
    if decision is D.OVERTURNED and all(t.kind != ARRANGE for t in state.tasks.values()):
        raise Refused(
            "NO_REVIEW_ASKED",
            "no review waits for its result",
            "record first that the victim asked for one (request-review)",
            "decision",
        )


def _waiting(state: IncidentState, decision: DecisionTold) -> list[Owed]:
    return [o for o in state.code.owed.values() if o.event_kind in news.NEWS_OF[decision]]


def apply_made(state: IncidentState, ctx: Context, command: RecordDecision) -> tuple[str, ...]:
    """The victim is owed news of it, from when it was made."""
    owed = news.owe(state, ctx, news.NEWS_OF[command.decision][0], command.at)
    append(
        state,
        ctx,
        "code:decision:made",
        command.at,
        notification_id=owed.notification_id,
        decision=command.decision,
        decided_by=command.decided_by,
        note_ref=command.note_ref,
    )
    return (owed.notification_id,)


def check_decision(
    state: IncidentState, ctx: Context, command: RecordDecisionTold, grant: Grant
) -> None:
    """Told after it was made, and with its reasons."""
    may_tell(state, grant)
    happened(state, ctx, command.at)
    telling.check_override(command.safety_override)
    _review_asked(state, command.decision)
    if command.decided_at is not None:
        if command.decided_at > command.at:
            raise Refused(
                "BEFORE_EVENT",
                "the victim cannot have been told before the decision was made",
                "give when it was made",
                "decided_at",
            )
        happened(state, ctx, command.decided_at)
    if not command.reasons_given:
        raise Refused(
            "REASONS_OWED",
            "a decision is told with its reasons",
            "tell the victim the reasons as well, then record both with --reasons-given",
            "reasons_given",
        )


def apply_decision(
    state: IncidentState, ctx: Context, command: RecordDecisionTold
) -> tuple[str, ...]:
    """Told: the news is settled, and the right to a review begins where there is one."""
    waiting = _waiting(state, command.decision)
    settle_tasks(state, ctx, ARRANGE)
    owed = waiting[-1] if waiting else _made(state, ctx, command)
    by_cps = command.decided_by is DecidedBy.CPS
    days = ctx.policy.of_duties.code.review_ideal_working_days
    best_by = ctx.calendar.add_working_days(london_date(command.at), days)
    append(
        state,
        ctx,
        "code:decision:told",
        command.at,
        notification_id=owed.notification_id,
        decision=command.decision,
        decided_by=command.decided_by,
        review_best_asked_by=best_by.isoformat() if by_cps else "",
    )
    told = telling.Telling(
        at=command.at,
        outcome=NotificationOutcome.TOLD,
        channel=command.channel,
        route=command.route,
        decision_code=command.decision_code,
        safety_override=command.safety_override,
        note_ref=command.note_ref,
    )
    return telling.settle(state, ctx, owed, told)


def _made(state: IncidentState, ctx: Context, command: RecordDecisionTold) -> Owed:
    """A decision that nothing else told of: owed from when it was made, told now."""
    made_at = command.decided_at or command.at
    owed = news.owe(state, ctx, news.NEWS_OF[command.decision][0], made_at)
    news.start(state, ctx, owed)
    return owed


def check_request(state: IncidentState, ctx: Context, command: RequestReview, grant: Grant) -> None:
    """A review is of a decision that was told, where a suspect was identified, in its period."""
    may(state, grant)
    happened(state, ctx, command.at)
    if not period.suspect_identified(state):
        raise Refused(
            "SUSPECT_NOT_IDENTIFIED",
            "there is a right to review only where a suspect was identified",
            "explain it to the victim; a complaint is open to her",
        )
    found = period.last(state)
    if found is None or command.at > found.ended_at:
        raise Refused(
            "NO_REVIEW_PERIOD",
            "no period for a review runs: no decision was told, or three months are over",
            "record the decision told (record-decision-told), or put it to the reviewing officer",
        )
    if command.at < found.began_at:
        raise Refused(
            "BEFORE_EVENT", "a review follows the decision told", "give when she asked", "at"
        )


def apply_request(state: IncidentState, ctx: Context, command: RequestReview) -> tuple[str, ...]:
    """Asked for: the period has served; its result is told as a decision again."""
    found = period.last(state)
    assert found is not None
    subject = found.subject
    append(state, ctx, "review:requested", command.at, decision=subject, note_ref=command.note_ref)
    state.code.lapsed = [each for each in state.code.lapsed if each != found]
    meet_open(state, ctx, ClockType.RIGHT_TO_REVIEW, command.at, subject)
    settle_one(state, ctx, period.REMIND, subject)
    raise_task(
        state,
        ctx,
        ARRANGE,
        state.oic_id or answers(state),
        "the victim asked for a review: have it made, and record its result as a decision told "
        "(OVERTURNED where it goes on)",
        command=f"dalo do {name(state)} record-decision-told",
    )
    return ()


# --- looking back -----------------------------------------------------------------------------


def check_review(state: IncidentState, ctx: Context, command: ReviewTelling, grant: Grant) -> None:
    """A supervisor looks at a telling that went against the plan."""
    supervisor_only(state, grant)
    happened(state, ctx, command.at)
    asked = [t.subject for t in state.tasks.values() if t.kind == telling.UNSAFE]
    if command.notification_id not in asked:
        raise Refused(
            "NOTHING_TO_REVIEW",
            "no unsafe telling of this id waits for a review",
            f"waiting: {', '.join(asked) or 'none'}",
            "notification_id",
        )


def apply_review(state: IncidentState, ctx: Context, command: ReviewTelling) -> tuple[str, ...]:
    """The finding stays on record."""
    append(
        state,
        ctx,
        "code:unsafe_telling:reviewed",
        command.at,
        subject=command.notification_id,
        finding=command.finding,
        note_ref=command.note_ref,
    )
    settle_one(state, ctx, telling.UNSAFE, command.notification_id)
    return ()
