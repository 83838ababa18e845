"""What a referral is told: its start, messages and commands, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.commands import Grant, ReferralCommand
from models.enums import ReferralPathway, ReferralState
from models.messages import ReferralMessage, ReferralStart
from models.referral import disruption, flagged, hearing, retaliation, steps, work
from models.referral.checks import open_only
from models.referral.consequences import react
from models.referral.fields import sound
from models.referral.guards import unsent
from models.referral.moving import enter
from models.referral.state import ReferralFacts
from models.stream import SYSTEM, Context, append

__all__ = ["apply", "begin", "check", "ended", "react", "receive"]

Check = Callable[[ReferralFacts, Context, Any, Grant], None]
Apply = Callable[[ReferralFacts, Context, Any], tuple[str, ...]]

COMMANDS: dict[str, tuple[Check, Apply]] = {
    "move-referral": (steps.check_move, steps.apply_move),
    "amend-referral": (steps.check_amend, steps.apply_amend),
    "withdraw-referral": (steps.check_withdraw, steps.apply_withdraw),
    "chase-referral": (steps.check_chase, steps.apply_chase),
    "record-referral-attempt": (work.check_attempt, work.apply_attempt),
    "give-marac-feedback": (work.check_feedback, work.apply_feedback),
    "review-referral": (work.check_review, work.apply_review),
    "rescore-subject": (work.check_rescore, work.apply_rescore),
    "plan-disruption": (disruption.check_plan, disruption.apply_plan),
    "carry-out-disruption": (disruption.check_carry_out, disruption.apply_carry_out),
    "drop-disruption": (disruption.check_drop, disruption.apply_drop),
    "answer-for-victims": (retaliation.check_for_victims, retaliation.apply_for_victims),
    "transfer-referral": (flagged.check_transfer, flagged.apply_transfer),
    "confirm-transfer": (flagged.check_confirm, flagged.apply_confirm),
    "decide-repeat": (flagged.check_decide, flagged.apply_decide),
}


def begin(state: ReferralFacts, ctx: Context, start: ReferralStart) -> None:
    """The referral exists: keep its form, enter its first state, take what else waits. One that was
    drafted, or may not leave the police yet, is held as a draft."""
    given = dict(start.facts)
    drafted = given.pop("draft", False) is True
    state.facts, left_out = sound(state.path, given)
    if "score" in state.facts:
        state.score = state.entry_score = float(state.facts["score"])
        state.scored_at = start.submitted_at
    append(
        state,
        ctx,
        "referral:begun",
        start.submitted_at,
        referral_ref=state.referral_ref,
        pathway=state.pathway,
        area=state.area,
        case_ref=state.case_ref,
        victim_ref=state.victim_ref,
        perpetrator_ref=state.perpetrator_ref,
        asked_by=state.asked_by,
        consent_status=state.consent_status,
        disclosure_basis=state.disclosure_basis,
        fields=sorted(state.facts),
        left_out=left_out,
    )
    enter(state, ctx, _first(state, drafted=drafted), start.submitted_at)
    for message in start.messages:
        receive(state, ctx, message)


def _first(state: ReferralFacts, *, drafted: bool) -> ReferralState:
    may_draft = ReferralState.DRAFT in {s for move in state.path.moves for s in move.sources}
    if may_draft and (drafted or unsent(state) is not None):
        return ReferralState.DRAFT
    if state.pathway is ReferralPathway.MATAC and state.asked_by != SYSTEM:
        # A person's nomination is their decision; a scoring run only recommends.
        return ReferralState.NOMINATED
    return state.path.first


def receive(state: ReferralFacts, ctx: Context, message: ReferralMessage) -> None:
    """Take a message once."""
    hearing.receive(state, ctx, message)


def check(state: ReferralFacts, ctx: Context, command: ReferralCommand, grant: Grant) -> None:
    """Raise `Refused` if the command is impossible now; change nothing."""
    open_only(state)
    COMMANDS[command.kind][0](state, ctx, command, grant)


def apply(state: ReferralFacts, ctx: Context, command: ReferralCommand) -> tuple[str, ...]:
    """Apply a checked command; returns codes worth knowing."""
    codes = COMMANDS[command.kind][1](state, ctx, command)
    if state.closed:
        disruption.drop_all(state, ctx)
    return codes


def ended(state: ReferralFacts) -> bool:
    """Whether its last state is reached; a MARAC referral lives as long as its flag."""
    return state.closed
