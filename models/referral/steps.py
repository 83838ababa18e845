"""Commands that every pathway has: go on, amend the form, chase, withdraw."""

from __future__ import annotations

from typing import Any

from models.base import Refused
from models.clocks import Clock
from models.commands import (
    AmendReferral,
    ChaseReferral,
    Grant,
    MoveReferral,
    WithdrawReferral,
)
from models.enums import (
    ClockType,
    ConsentStatus,
    DisclosureBasis,
    ReferralPathway,
    ReferralState,
    Role,
)
from models.referral.checks import by, happened, in_order, reason_given
from models.referral.fields import accept
from models.referral.guards import GUARDS
from models.referral.moving import enter
from models.referral.pathway import Move
from models.referral.running import WITHDRAWN
from models.referral.state import ReferralFacts
from models.referral.telling import leave_list
from models.referral.withholding import say_withdrawn, withhold
from models.referral.work import ROUTE_NOT_SAFE
from models.stream import Context, append, open_clock, settle_tasks


def ways_on(state: ReferralFacts) -> tuple[Move, ...]:
    """The moves that lead on from here."""
    return tuple(move for move in state.path.moves if state.state in move.sources)


def _move(state: ReferralFacts, command: MoveReferral) -> Move:
    ways = [move for move in ways_on(state) if move.to is command.to]
    if not ways:
        on = ", ".join(dict.fromkeys(move.to.value for move in ways_on(state)))
        raise Refused(
            "NO_SUCH_STEP",
            f"from {state.state.value} a {state.pathway.value} referral does not go to"
            f" {command.to.value}",
            f"it goes on to {on}" if on else "a meeting moves it on, not a command",
            "to",
        )
    return ways[0]


def check_move(state: ReferralFacts, ctx: Context, command: MoveReferral, grant: Grant) -> None:
    """The pathway has such a step, it is the actor's, and its conditions hold."""
    move = _move(state, command)
    by(state, grant, move.by)
    happened(state, command.at, ctx.now)
    in_order(state, command.at)
    given = accept(state.path, command.facts)
    _check_outcome(move, command)
    if move.reason:
        reason_given(command.reason, f"{move.to.value}")
    lacks = [name for name in move.fields if not {**state.facts, **given}.get(name)]
    if lacks:
        raise Refused(
            "FIELDS_NEEDED",
            f"{move.to.value} needs {', '.join(lacks)}",
            "give each with --facts FIELD=VALUE",
            "facts",
        )
    for name in move.guards:
        refused = GUARDS[name](state, ctx, command)
        if refused is not None:
            raise refused


def _check_outcome(move: Move, command: MoveReferral) -> None:
    if move.outcomes and command.outcome not in move.outcomes:
        raise Refused(
            "OUTCOME_NEEDED",
            f"{move.to.value} needs an outcome",
            f"give --outcome, one of {', '.join(move.outcomes)}",
            "outcome",
        )
    if not move.outcomes and command.outcome:
        raise Refused(
            "NO_OUTCOME_HERE",
            f"{move.to.value} takes no outcome",
            "leave --outcome out",
            "outcome",
        )


def apply_move(state: ReferralFacts, ctx: Context, command: MoveReferral) -> tuple[str, ...]:
    """Keep what came with it and go on."""
    state.facts |= accept(state.path, command.facts)
    state.outcome = command.outcome or ""
    state.reason = command.reason or ""
    if command.to is ReferralState.REVIEW:
        state.before_review = state.state
    if command.to is ReferralState.DISCHARGED:
        state.exit_score = state.score
    if state.pathway is ReferralPathway.MATAC and state.state in state.path.listed_in:
        # Decided before the meeting: nobody prepares for it there.
        leave_list(state, command.to, command.at)
    extra: dict[str, Any] = {}
    if state.exit_score is not None:
        extra["exit_score"] = state.exit_score
    enter(
        state,
        ctx,
        command.to,
        command.at,
        reason=command.reason,
        note_ref=command.note_ref,
        fields=sorted(command.facts),
        **extra,
    )
    return (state.state.value,)


# --- the form ------------------------------------------------------------------------------------


def check_amend(state: ReferralFacts, ctx: Context, command: AmendReferral, grant: Grant) -> None:
    """The DALO amends everything; a partner only the form, never consent or basis."""
    police_only = command.consent_status or command.disclosure_basis
    by(state, grant, (Role.DALO,) if police_only else (Role.DALO, *state.path.partners))
    happened(state, command.at, ctx.now)
    accept(state.path, command.facts)
    if not (command.facts or police_only):
        raise Refused(
            "NOTHING_GIVEN",
            "nothing to amend was given",
            "give --facts FIELD=VALUE, --consent-status or --disclosure-basis",
            "facts",
        )


def apply_amend(state: ReferralFacts, ctx: Context, command: AmendReferral) -> tuple[str, ...]:
    """Keep it. What rested on the victim's agreement rests on nothing once that is withdrawn: until
    consent or another basis is on record nothing is asked of the service, which is told so."""
    state.facts |= accept(state.path, command.facts)
    if command.reason and state.path.field("basis_reason") is not None:
        state.facts["basis_reason"] = command.reason
    agreed = state.consent_status is ConsentStatus.GIVEN
    state.consent_status = command.consent_status or state.consent_status
    state.disclosure_basis = command.disclosure_basis or state.disclosure_basis
    if state.consent_status is not ConsentStatus.GIVEN:
        if state.disclosure_basis is DisclosureBasis.CONSENT_PRACTICE:
            state.disclosure_basis = None
        if agreed and state.state is not ReferralState.DRAFT:
            say_withdrawn(state, ctx)
    append(
        state,
        ctx,
        "referral:amended",
        command.at,
        referral_ref=state.referral_ref,
        consent_status=state.consent_status,
        disclosure_basis=state.disclosure_basis,
        fields=sorted(command.facts),
        note_ref=command.note_ref,
    )
    withhold(state, ctx, command.at)
    if "safe_contact_ref" in command.facts:
        settle_tasks(state, ctx, "UNABLE_TO_CONTACT")
        settle_tasks(state, ctx, ROUTE_NOT_SAFE)
    return ()


# --- withdrawn, chased ---------------------------------------------------------------------------


def check_withdraw(
    state: ReferralFacts, ctx: Context, command: WithdrawReferral, grant: Grant
) -> None:
    """Made in error: the DALO, a supervisor or the service says so, until it is under way."""
    by(state, grant, (Role.DALO, *state.path.partners))
    happened(state, command.at, ctx.now)
    in_order(state, command.at)
    if state.heard_at or state.review_from or state.engaged_at:
        raise Refused(
            "ALREADY_UNDER_WAY",
            "the service has acted on it: that is no longer an error to take back",
            "let it run to its end, or discharge or close it",
        )


def apply_withdraw(
    state: ReferralFacts, ctx: Context, command: WithdrawReferral
) -> tuple[str, ...]:
    """Take it back; the meeting's list and the case hear of it."""
    state.reason, state.outcome = command.reason, ""
    enter(state, ctx, WITHDRAWN, command.at, reason=command.reason, note_ref=command.note_ref)
    return (WITHDRAWN.value,)


def _chased(state: ReferralFacts) -> Clock | None:
    chased = [rule.clock_type.value for rule in state.path.clocks if rule.chased]
    for subject in chased:
        clock = open_clock(state, ClockType.REFERRAL_CHASE, subject)
        if clock is not None:
            return clock
    return None


def check_chase(state: ReferralFacts, ctx: Context, command: ChaseReferral, grant: Grant) -> None:
    """Only an answer that is overdue is chased."""
    by(state, grant, (Role.DALO,))
    happened(state, command.at, ctx.now)
    if _chased(state) is None:
        raise Refused(
            "NOTHING_TO_CHASE",
            "no answer of the service is overdue",
            "see dalo referral for what is next, and by whom",
        )


def apply_chase(state: ReferralFacts, ctx: Context, command: ChaseReferral) -> tuple[str, ...]:
    """The service was asked again; the clock of the chase runs on until it answers."""
    clock = _chased(state)
    subject = clock.subject if clock else ""
    append(
        state,
        ctx,
        "referral:chased",
        command.at,
        referral_ref=state.referral_ref,
        about=subject,
        note_ref=command.note_ref,
    )
    settle_tasks(state, ctx, "CHASE_REFERRAL", subject)
    return ()
