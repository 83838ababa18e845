"""Named conditions of the pathways: pure functions of what the referral knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from models.base import Refused
from models.commands import MoveReferral
from models.enums import AttemptResult, IdvaOutcome, TransferAnswer
from models.instants import london_date
from models.referral.consent import consent_refusal
from models.referral.fields import missing
from models.referral.running import FLAG
from models.referral.state import Attempt, ReferralFacts
from models.stream import Context, open_clock


def unsent(state: ReferralFacts) -> Refused | None:
    """Why the referral may not go to its service, or stay with it; None where it may."""
    return consent_refusal(
        state.pathway,
        state.risk_grade,
        state.consent_status,
        state.disclosure_basis,
        str(state.facts.get("basis_reason") or state.facts.get("reason") or ""),
    )


def _may_be_sent(state: ReferralFacts, ctx: Context, command: MoveReferral) -> Refused | None:
    return unsent(state)


def _form_is_whole(state: ReferralFacts, ctx: Context, command: MoveReferral) -> Refused | None:
    left = missing(state, command.facts)
    if not left:
        return None
    return Refused(
        "FORM_INCOMPLETE",
        f"the form lacks {', '.join(left)}",
        "give each with --facts FIELD=VALUE (NONE or UNKNOWN is an answer), the basis with"
        " amend-referral --disclosure-basis",
        "facts",
    )


def distinct_attempts(attempts: list[Attempt], apart: timedelta) -> int:
    """How many attempts were made on different days, or at times so far apart."""
    count, last = 0, None
    for attempt in sorted(attempts, key=lambda each: each.at):
        other_day = last is None or london_date(attempt.at) != london_date(last)
        if last is None or other_day or attempt.at - last >= apart:
            count, last = count + 1, attempt.at
    return count


def tried(state: ReferralFacts, ctx: Context) -> bool:
    """Whether the attempts that policy asks for were made and nobody was reached (docs/domain.md
    6): on different days or times, since the victim was last reached or last waited on a list."""
    rule = ctx.policy.of_duties.idva
    since = [each.at for each in state.attempts if each.result is AttemptResult.REACHED]
    since += [state.tries_from] if state.tries_from else []
    missed = [each for each in state.attempts if not since or each.at > max(since)]
    return distinct_attempts(missed, timedelta(hours=rule.attempts_apart_hours)) >= rule.attempts


def _tried_enough(state: ReferralFacts, ctx: Context, command: MoveReferral) -> Refused | None:
    if command.outcome != IdvaOutcome.UNABLE_TO_CONTACT or tried(state, ctx):
        return None
    rule = ctx.policy.of_duties.idva
    return Refused(
        "TOO_FEW_ATTEMPTS",
        f"UNABLE_TO_CONTACT needs {rule.attempts} attempts on different days or at times"
        f" {rule.attempts_apart_hours} h apart, after which nobody was reached",
        "try again, and record it (record-referral-attempt)",
        "outcome",
    )


def _transfer_is_accepted(
    state: ReferralFacts, ctx: Context, command: MoveReferral
) -> Refused | None:
    if state.transfer is not None and state.transfer.answer is TransferAnswer.ACCEPTED:
        return None
    return Refused(
        "TRANSFER_NOT_ACCEPTED",
        "the referral and its actions stay here until the new area accepts them",
        "use transfer-referral, then confirm-transfer --answer ACCEPTED",
        "to",
    )


def direct_work_barred(ctx: Context, stage: str | None) -> bool:
    """Whether policy allows no direct work at this stage of the investigation (docs/domain.md
    8.3)."""
    return stage == "ACTIVE" and not ctx.policy.of_duties.masip.intervention_during_investigation


def _not_under_investigation(
    state: ReferralFacts, ctx: Context, command: MoveReferral
) -> Refused | None:
    stage = command.facts.get("investigation_stage") or state.facts.get("investigation_stage")
    if not direct_work_barred(ctx, stage):
        return None
    return Refused(
        "UNDER_INVESTIGATION",
        "no direct work with somebody under active police investigation; advice goes on",
        "wait, or update investigation_stage when the investigation is over",
        "to",
    )


Guard = Callable[[ReferralFacts, Context, MoveReferral], Refused | None]
GUARDS: dict[str, Guard] = {
    "may_be_sent": _may_be_sent,
    "form_is_whole": _form_is_whole,
    "tried_enough": _tried_enough,
    "transfer_is_accepted": _transfer_is_accepted,
    "not_under_investigation": _not_under_investigation,
}
"""Conditions of moves: why not, or None."""


def _actions_are_open(state: ReferralFacts, now: datetime) -> bool:
    return state.open_actions > 0


def _no_action_is_open(state: ReferralFacts, now: datetime) -> bool:
    return state.open_actions == 0


def _flag_is_over(state: ReferralFacts, now: datetime) -> bool:
    over = state.flag_until is not None and now >= state.flag_until
    return over and open_clock(state, FLAG) is None and not state.repeats


def _no_flag_runs(state: ReferralFacts, now: datetime) -> bool:
    return not state.repeats and (state.flag_until is None or _flag_is_over(state, now))


PREDICATES: dict[str, Callable[[ReferralFacts, datetime], bool]] = {
    "actions_are_open": _actions_are_open,
    "no_action_is_open": _no_action_is_open,
    "flag_is_over": _flag_is_over,
    "no_flag_runs": _no_flag_runs,
}
"""When a state follows by itself."""
