"""Death or serious injury of a party (docs/domain.md 16a): nothing is sent, no clock drives
contact, reviews are referred, a legal hold stands."""

from __future__ import annotations

from datetime import timedelta

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.essentials.holds import hold
from models.case.essentials.state import Freeze
from models.case.people import area_role
from models.case.state import CaseFacts
from models.case.visits import opening
from models.checks import inspector_only
from models.commands import (
    Grant,
    LiftFreeze,
    RecordDeathOrSeriousInjury,
    RecordReviewReferral,
)
from models.enums import ClockType, GraveHarm, Party, ReviewReferral, Role
from models.stream import Context, append, cancel, raise_task, settle_tasks

CONTACT_CLOCKS = (
    ClockType.FIRST_CONTACT,
    ClockType.CONTACT_CADENCE,
    ClockType.LADDER_STEP,
    ClockType.RECONTACT,
    ClockType.NEEDS_ASSESSMENT,
    ClockType.WISHES_RENEWAL,
    ClockType.CONTACT_AT_EVENT,
    ClockType.PLAN_RELOOK,
)
"""Clocks that would drive somebody to the victim."""
CONTACT_TASKS = (
    *("APPROVE_WAIT", "LADDER", "RECONTACT", "RENEW_WISHES", "APPROACH_MADE"),
    *("CONTACT_AT_EVENT", "DECIDE_EVENT_CONTACT", "RELOOK_PLAN"),
)


def check_harm(
    state: CaseFacts, ctx: Context, command: RecordDeathOrSeriousInjury, grant: Grant
) -> None:
    """Each fact once."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    known = [(freeze.party, freeze.harm) for freeze in state.essentials.freezes]
    if (command.party, command.harm) in known and command.party is not Party.CHILD:
        raise Refused("RECORDED_ALREADY", "this is recorded already", "nothing to record", "party")


def apply_harm(
    state: CaseFacts, ctx: Context, command: RecordDeathOrSeriousInjury
) -> tuple[str, ...]:
    """Freeze the case, refer it, hold it; the incidents are told by the wishes."""
    facts = state.essentials
    facts.freezes = [
        *facts.freezes,
        Freeze(party=command.party, harm=command.harm, at=command.at),
    ]
    append(
        state,
        ctx,
        "case:frozen",
        command.at,
        case_ref=state.case_ref,
        party=command.party,
        harm=command.harm,
        note_ref=command.note_ref,
    )
    react(state, ctx)
    hold_id = hold(state, ctx, command.harm.value, command.at)
    policy = ctx.policy.of_duties.essentials
    hours = {
        ReviewReferral.COMPLAINTS_REFERRAL: policy.complaints_referral_hours,
        ReviewReferral.DOMESTIC_HOMICIDE_REVIEW: policy.homicide_review_hours,
    }
    for referral, within in hours.items():
        raise_task(
            state,
            ctx,
            referral.value,
            area_role(state, Role.INSPECTOR),
            "a party died or was gravely hurt: decide on the referral",
            due_at=ctx.now + timedelta(hours=within),
            command=f"dalo do {state.case_ref} record-review-referral --referral "
            f"{referral.value} --decision REFERRED --reason REASON",
        )
    return ("FROZEN", hold_id)


def check_lift(state: CaseFacts, ctx: Context, command: LiftFreeze, grant: Grant) -> None:
    """An inspector, and never after the victim's death."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)
    freezes = state.essentials.freezes
    if not freezes:
        raise Refused("NOT_FROZEN", "the case is not frozen", "nothing to lift")
    if any((f.party, f.harm) == (Party.VICTIM, GraveHarm.DEATH) for f in freezes):
        raise Refused(
            "VICTIM_DIED", "nobody is left to contact", "close the case once nothing blocks it"
        )


def apply_lift(state: CaseFacts, ctx: Context, command: LiftFreeze) -> tuple[str, ...]:
    """Contact is owed again, counted from now."""
    state.essentials.freezes = []
    state.contact_due_from = command.at
    append(state, ctx, "case:unfrozen", command.at, case_ref=state.case_ref, reason=command.reason)
    return ()


def check_referral(
    state: CaseFacts, ctx: Context, command: RecordReviewReferral, grant: Grant
) -> None:
    """An inspector decides on what waits."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)
    if all(task.kind != command.referral.value for task in state.tasks.values()):
        raise Refused(
            "NOTHING_TO_DECIDE",
            f"no {command.referral.value} waits for a decision",
            "record the death or serious injury first",
            "referral",
        )


def apply_referral(
    state: CaseFacts, ctx: Context, command: RecordReviewReferral
) -> tuple[str, ...]:
    """Keep the decision with its reason."""
    append(
        state,
        ctx,
        "case:review_referral:decided",
        command.at,
        referral=command.referral,
        decision=command.decision,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    settle_tasks(state, ctx, command.referral.value)
    return ()


def react(state: CaseFacts, ctx: Context) -> None:
    """While frozen no clock drives contact; a visit goes on only where life is at risk."""
    if not state.essentials.frozen:
        return
    for clock in list(state.clocks.values()):
        if clock.clock_type in CONTACT_CLOCKS:
            cancel(state, ctx, clock, "FROZEN")
    if state.visits.visit is not None and not state.essentials.threats:
        opening.end(state, ctx, "FROZEN", ctx.now, done=False)
    for kind in CONTACT_TASKS:
        settle_tasks(state, ctx, kind)
