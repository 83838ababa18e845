"""What a service records of its work: attempts, feedback, reviews, scores."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.base import Refused
from models.commands import (
    GiveMaracFeedback,
    Grant,
    RecordReferralAttempt,
    RescoreSubject,
    ReviewReferral,
)
from models.enums import AttemptResult, ClockType, ReferralPathway, ReferralState
from models.messages import SubjectScored
from models.referral.checks import by, happened
from models.referral.guards import distinct_attempts, tried
from models.referral.moving import enter
from models.referral.running import clocks, counts, reviewed
from models.referral.state import ATTEMPTS_KEPT, Attempt, ReferralFacts
from models.referral.telling import tell_case
from models.stream import Context, append, meet, open_clock, raise_task, settle_tasks

TRYING = (ReferralState.SUBMITTED, ReferralState.ACKNOWLEDGED, ReferralState.ATTEMPTING)
UNSAFE = (AttemptResult.WRONG_PERSON, AttemptResult.UNSAFE_ENDED)
ROUTE_NOT_SAFE = "ROUTE_NOT_SAFE"


def of_pathway(state: ReferralFacts, *pathways: ReferralPathway) -> None:
    """Some commands belong to one pathway only."""
    if state.pathway not in pathways:
        raise Refused(
            "OTHER_PATHWAY",
            f"this is for {' or '.join(each.value for each in pathways)}, and"
            f" {state.referral_ref} is {state.pathway.value}",
            "see dalo referral for what is next",
        )


def check_attempt(
    state: ReferralFacts, ctx: Context, command: RecordReferralAttempt, grant: Grant
) -> None:
    """The service tries while it has the referral and has not engaged."""
    of_pathway(state, ReferralPathway.IDVA)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    if state.state not in TRYING:
        raise Refused(
            "NOT_ATTEMPTING",
            f"no attempt is recorded of a referral that is {state.state.value}",
            "after the waiting list acknowledge it first (move-referral --to ACKNOWLEDGED)",
        )


def apply_attempt(
    state: ReferralFacts, ctx: Context, command: RecordReferralAttempt
) -> tuple[str, ...]:
    """Keep the attempt; the first one is the answer to the referral too."""
    made = Attempt(at=command.at, result=command.result)
    state.attempts = [*state.attempts, made][-ATTEMPTS_KEPT:]
    state.first_attempt_at = min(command.at, state.first_attempt_at or command.at)
    apart = timedelta(hours=ctx.policy.of_duties.idva.attempts_apart_hours)
    count = distinct_attempts(state.attempts, apart)
    append(
        state,
        ctx,
        "referral:attempt:recorded",
        command.at,
        referral_ref=state.referral_ref,
        first_attempt_at=state.first_attempt_at,
        result=command.result,
        channel=command.channel,
        route=command.route,
        distinct=count,
        note_ref=command.note_ref,
    )
    settle_tasks(state, ctx, "CONSENT_CHANGED")
    if state.state is not ReferralState.ATTEMPTING:
        enter(state, ctx, ReferralState.ATTEMPTING, max(command.at, state.entered_at))
    reached = command.result is AttemptResult.REACHED
    if state.attempted_at is None and (reached or tried(state, ctx)):
        state.attempted_at = command.at
        clocks(state, ctx)
    if reached:
        return ("REACHED", "SAY_WHETHER_ENGAGED")
    if command.result in UNSAFE:
        _say_unsafe(state, ctx, command)
        return (f"ATTEMPTS_{count}", command.result.value)
    return (f"ATTEMPTS_{count}",)


def _say_unsafe(state: ReferralFacts, ctx: Context, command: RecordReferralAttempt) -> None:
    """The case suspends the route and its supervisor reviews it at once (docs/domain.md 9.1); the
    service leaves it alone meanwhile."""
    told = (command.result.value,)
    tell_case(state, ctx, command.at, told, channel=command.channel, route=command.route)
    raise_task(
        state,
        ctx,
        ROUTE_NOT_SAFE,
        state.service,
        "that route reached somebody else or ended unsafely: do not use it again before the police"
        " have looked at it and named a safe one",
        due_at=ctx.now,
        command=f"dalo referral {state.referral_ref}",
    )


def check_feedback(
    state: ReferralFacts, ctx: Context, command: GiveMaracFeedback, grant: Grant
) -> None:
    """There is a decision that the victim was not told of."""
    of_pathway(state, ReferralPathway.IDVA)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    if open_clock(state, ClockType.IDVA_MARAC_FEEDBACK) is None:
        raise Refused(
            "NO_FEEDBACK_DUE",
            "no MARAC decision waits to be told",
            "the meeting says when it has heard the case",
        )


def apply_feedback(
    state: ReferralFacts, ctx: Context, command: GiveMaracFeedback
) -> tuple[str, ...]:
    """Meet the clock."""
    clock = open_clock(state, ClockType.IDVA_MARAC_FEEDBACK)
    append(
        state,
        ctx,
        "referral:feedback:given",
        command.at,
        referral_ref=state.referral_ref,
        meeting=state.feedback_of,
        note_ref=command.note_ref,
    )
    if clock is not None:
        meet(state, ctx, clock, command.at)
    state.feedback_of = ""
    return ()


def check_review(state: ReferralFacts, ctx: Context, command: ReviewReferral, grant: Grant) -> None:
    """Only what the forum has taken on is reviewed."""
    of_pathway(state, ReferralPathway.MATAC, ReferralPathway.MASIP)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    review = state.path.review
    if review is None or state.state not in review.while_in:
        raise Refused(
            "NOTHING_TO_REVIEW",
            f"no review runs while the referral is {state.state.value}",
            "see dalo referral for what is next",
        )
    begun = state.review_from is not None and command.at < state.review_from
    if begun or (state.last_review_at is not None and command.at <= state.last_review_at):
        raise Refused(
            "BEFORE_LAST_STATE",
            "the time given is earlier than the first day of the reviews, or not after the last"
            " one",
            "give when it was held",
            "at",
        )


def apply_review(state: ReferralFacts, ctx: Context, command: ReviewReferral) -> tuple[str, ...]:
    """The review was held: through REVIEW and back to where it stood. One that comes long before
    the next is due is one more, and moves none of the series."""
    review = state.path.review
    assert review is not None
    back = state.before_review or state.state
    extra = not counts(state, ctx, review, command.at)
    if state.state is not ReferralState.REVIEW:
        enter(state, ctx, ReferralState.REVIEW, max(command.at, state.entered_at))
    if not extra:
        reviewed(state, ctx, review, command.at)
    state.last_review_at = command.at
    state.before_review = None
    append(
        state,
        ctx,
        "referral:reviewed",
        command.at,
        referral_ref=state.referral_ref,
        reason=command.reason,
        extra=extra,
        note_ref=command.note_ref,
    )
    enter(state, ctx, back, max(command.at, state.entered_at))
    clocks(state, ctx)
    return (back.value, "EXTRA_REVIEW") if extra else (back.value,)


def check_rescore(
    state: ReferralFacts, ctx: Context, command: RescoreSubject, grant: Grant
) -> None:
    """The coordinator scores, and no score is older than the last."""
    of_pathway(state, ReferralPathway.MATAC)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    if state.scored_at is not None and command.at < state.scored_at:
        raise Refused(
            "SCORE_OLDER",
            "there is a later score already",
            "give when this score was worked out",
            "at",
        )


def apply_rescore(state: ReferralFacts, ctx: Context, command: RescoreSubject) -> tuple[str, ...]:
    """Keep the score beside the one at entry. No threshold discharges: that is a judgement."""
    _rescored(state, ctx, command)
    below = command.score < ctx.policy.of_duties.matac.stays_from
    return ("BELOW_THRESHOLD",) if below else ()


def scored(state: ReferralFacts, ctx: Context, message: SubjectScored) -> None:
    """A scoring run's score, unless there is a later one; the victims' cases are as it found
    them."""
    if state.scored_at is not None and message.at < state.scored_at:
        return
    state.facts["cases"] = list(message.cases)
    _rescored(state, ctx, message, run=message.run, rank=message.rank)


def _rescored(
    state: ReferralFacts, ctx: Context, found: RescoreSubject | SubjectScored, **about: Any
) -> None:
    before = state.score
    state.score, state.scored_at = found.score, found.at
    if state.entry_score is None:
        state.entry_score = found.score
    parts = {
        "recency": found.recency,
        "frequency": found.frequency,
        "gravity": found.gravity,
        "victims": found.victims,
        "weights_version": found.weights_version,
    }
    state.facts |= {"score": found.score, **parts, **about}
    append(
        state,
        ctx,
        "referral:rescored",
        found.at,
        referral_ref=state.referral_ref,
        score=found.score,
        before=before,
        entry_score=state.entry_score,
        **parts,
        **about,
    )
