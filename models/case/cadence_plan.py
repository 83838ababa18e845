"""The victim's preferred cadence and its sign-off (docs/domain.md 9.2, 9.4). Higher than the
default is always allowed; lower needs the victim's stated wish, and for HIGH or for no contact at
all a supervisor's signature. What was asked for as no contact ends by the victim's own word."""

from __future__ import annotations

from models.base import Refused
from models.case import approach, engagement, event_contact, pausing, wishes
from models.case.authority import happened, owner_only
from models.case.engagement import NO_PROACTIVE_CONTACT
from models.case.state import CaseFacts, PendingCadence
from models.checks import supervisor_only
from models.commands import ApproveCadence, Grant, SetCadence
from models.enums import CadencePlan, CaseState, ClockType, RiskGrade
from models.instants import london_date
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    cancel_open,
    meet,
    open_clock,
    raise_task,
    settle_tasks,
)

APPROVE = "APPROVE_CADENCE"


def default_interval(state: CaseFacts, ctx: Context) -> int:
    """The default days between contacts at the case's grade."""
    return ctx.policy.contact[state.risk_grade].interval_days


def lowers(state: CaseFacts, ctx: Context, wish: SetCadence) -> bool:
    """Whether a wish means less contact than the default."""
    if wish.plan in NO_PROACTIVE_CONTACT:
        return True
    return (wish.interval_days or 0) > default_interval(state, ctx)


def check_set(state: CaseFacts, ctx: Context, command: SetCadence, grant: Grant) -> None:
    """Less contact needs the victim's stated wish; CUSTOM needs a number of days."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if (command.plan is CadencePlan.CUSTOM) != (command.interval_days is not None):
        raise Refused(
            "INTERVAL_DAYS",
            "a CUSTOM cadence has a number of days, the others have none",
            "give --interval-days with CUSTOM only",
            "interval_days",
        )
    if lowers(state, ctx, command) and not command.victim_wish:
        raise Refused(
            "VICTIM_WISH_NEEDED",
            "less contact than the default needs the victim's stated wish",
            "record the wish (--victim-wish), or keep the default",
            "victim_wish",
        )
    if state.release > 1:
        approach.heard_since(state)
        if command.plan is CadencePlan.NO_CONTACT:
            _check_no_contact(state, ctx, command)
        elif approach.asked_for_none(state):
            _check_leaving(state, command)


def _check_leaving(state: CaseFacts, wish: SetCadence) -> None:
    """No contact ends by the victim's own word, spoken since they asked for it."""
    asked, last = state.asked.no_contact_at, state.last_contact_at
    heard = asked is not None and last is not None and last > asked
    if not (heard and wish.victim_wish):
        raise Refused(
            "NO_CONTACT_STANDS",
            "the victim asked for no contact, and has not been heard to wish otherwise since",
            "record the contact and the wish (record-attempt, --victim-wish), or ask a supervisor "
            "for one safe approach (allow-approach)",
            "plan",
        )


def _check_no_contact(state: CaseFacts, ctx: Context, wish: SetCadence) -> None:
    """No contact at all is confirmed to be the victim's free wish, with what was offered instead
    and what was agreed (docs/domain.md 9.4)."""
    needed = {
        "a conversation with the victim (record-attempt)": state.first_contact_at is not None,
        "that the victim was alone (--alone)": wish.alone,
        "that it was verified to be the victim (--verified)": wish.verified,
        "the victim's words (--note)": wish.note_ref != "",
        "what was offered instead (--offers)": bool(wish.offers),
        "which notices they opt out of (--notices)": wish.notices is not None,
        "one agreed day to ask again, or none (--recontact-on, --no-recontact)": (
            (wish.recontact_on is not None) != wish.no_recontact
        ),
    }
    missing = [what for what, known in needed.items() if not known]
    if missing:
        raise Refused(
            "NO_CONTACT_UNCONFIRMED",
            f"no contact at all is confirmed first; missing: {'; '.join(missing)}",
            "confirm it with the victim, then record all of it",
            "plan",
        )
    if wish.recontact_on is not None and wish.recontact_on <= london_date(ctx.now):
        raise Refused(
            "RECONTACT_OVER",
            "the day on which to ask again is not in the future",
            "give a later day",
            "recontact_on",
        )


def apply_set(state: CaseFacts, ctx: Context, command: SetCadence) -> tuple[str, ...]:
    """Put the cadence in force, or ask the supervisor to sign it off."""
    if not _needs_signature(state, ctx, command):
        _put_in_force(state, ctx, command)
        return ()
    _ask(state, ctx, command, ctx.actor)
    return ("WAITS_FOR_SIGN_OFF",)


def _needs_signature(state: CaseFacts, ctx: Context, wish: SetCadence) -> bool:
    high = state.risk_grade is RiskGrade.HIGH
    return lowers(state, ctx, wish) and (high or wish.plan in NO_PROACTIVE_CONTACT)


def _ask(state: CaseFacts, ctx: Context, wish: SetCadence, asked_by: str) -> None:
    state.pending_cadence = PendingCadence(asked_by=asked_by, wish=wish)
    append(state, ctx, "contact:cadence:asked", wish.at, plan=wish.plan)
    raise_task(
        state,
        ctx,
        APPROVE,
        state.supervisor_id,
        "the victim asks for less contact: sign it off or refuse it",
        due_at=ctx.now,
        command=f"dalo do {state.case_ref} approve-cadence",
    )


def check_approve(state: CaseFacts, ctx: Context, command: ApproveCadence, grant: Grant) -> None:
    """A supervisor other than the officer who asked; or, with nothing asked, the 28-day review of
    what was signed off."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.pending_cadence is None:
        if open_clock(state, ClockType.CADENCE_SIGNOFF_REVIEW) is None:
            raise Refused("NOTHING_TO_APPROVE", "no cadence waits for sign-off", "nothing to do")
    elif state.pending_cadence.asked_by == grant.actor:
        raise Refused(
            "FOUR_EYES", "who asked cannot sign off", "another supervisor must decide", "actor"
        )


def apply_approve(state: CaseFacts, ctx: Context, command: ApproveCadence) -> tuple[str, ...]:
    """Sign off the lower cadence and start its 28-day review, or refuse it. A refusal at the
    review brings the default cadence back; where the victim asked for no contact it allows one
    safe approach, and their word stands."""
    pending, state.pending_cadence = state.pending_cadence, None
    settle_tasks(state, ctx, APPROVE)
    review = open_clock(state, ClockType.CADENCE_SIGNOFF_REVIEW)
    if review is not None:
        meet(state, ctx, review, command.at)
        settle_tasks(state, ctx, "BREACH", review.clock_id)
    tag = "contact:cadence:approved" if command.approve else "contact:cadence:refused"
    append(state, ctx, tag, command.at, reason=command.reason)
    if not command.approve:
        return _refused(state, ctx, command) if pending is None else ("REFUSED",)
    if pending is not None:
        _put_in_force(state, ctx, pending.wish)
    arm(
        state,
        ctx,
        ClockType.CADENCE_SIGNOFF_REVIEW,
        command.at,
        tag,
        owner=state.supervisor_id,
    )
    return ()


def _refused(state: CaseFacts, ctx: Context, command: ApproveCadence) -> tuple[str, ...]:
    """What was signed off before is not signed off again."""
    default = SetCadence(at=command.at, plan=CadencePlan.DEFAULT_BY_RISK)
    if state.release == 1:
        _put_in_force(state, ctx, default)
    elif approach.asked_for_none(state):
        event_contact.approach_now(state, ctx)
        return ("REFUSED", "ONE_APPROACH")
    else:
        _in_force(state, ctx, default)
    return ("REFUSED",)


def _in_force(state: CaseFacts, ctx: Context, wish: SetCadence) -> None:
    rested = state.cadence_plan in NO_PROACTIVE_CONTACT and state.last_contact_at is not None
    if state.release > 1 and rested and wish.plan not in NO_PROACTIVE_CONTACT:
        # Nobody owed contact meanwhile: the interval begins with this decision.
        state.contact_due_from = wish.at
    state.cadence_plan = wish.plan
    state.interval_days = wish.interval_days
    append(
        state,
        ctx,
        "contact:cadence:set",
        wish.at,
        plan=wish.plan,
        interval_days=wish.interval_days,
        victim_wish=wish.victim_wish,
    )


def _put_in_force(state: CaseFacts, ctx: Context, wish: SetCadence) -> None:
    _in_force(state, ctx, wish)
    if state.release > 1:
        superseded(state, ctx, "CADENCE_CHANGED")
        _agreed(state, ctx, wish)
    elif (review := open_clock(state, ClockType.CADENCE_SIGNOFF_REVIEW)) is not None:
        cancel(state, ctx, review, "CADENCE_CHANGED")
    if wish.plan is CadencePlan.NO_CONTACT:
        engagement.rest(state)
    elif state.state is CaseState.DORMANT_MONITORED:
        state.state = CaseState.REOPENED
    if state.release > 1 and wish.plan is CadencePlan.CONTACT_ON_EVENT:
        engagement.contact_declined(state)


def superseded(state: CaseFacts, ctx: Context, why: str) -> None:
    """What was signed off, and what waits for a signature, no longer counts; `why` is a code."""
    cancel_open(state, ctx, ClockType.CADENCE_SIGNOFF_REVIEW, why)
    state.pending_cadence = None
    settle_tasks(state, ctx, APPROVE)


def _agreed(state: CaseFacts, ctx: Context, wish: SetCadence) -> None:
    """What was agreed with a victim who wants no contact; any other cadence renews contact."""
    cancel_open(state, ctx, ClockType.RECONTACT, "CADENCE_CHANGED")
    approach.renewed(state, ctx, wish.at)
    if wish.plan is not CadencePlan.NO_CONTACT:
        return
    state.asked.no_contact_at = wish.at
    state.asked.recontact_on = wish.recontact_on
    append(
        state,
        ctx,
        "contact:none:agreed",
        wish.at,
        alone=wish.alone,
        verified=wish.verified,
        offers=wish.offers,
        notices=wish.notices,
        recontact_on=wish.recontact_on.isoformat() if wish.recontact_on else "",
        note_ref=wish.note_ref,
    )
    if wish.notices is not None:
        wishes.opt_out(state, ctx, wish.notices, wish.at)


def react(state: CaseFacts, ctx: Context) -> None:
    """A pause ends by itself on its date; less contact than the default stays signed off."""
    pausing.react(state, ctx)
    if state.release == 1 or not state.live:
        return
    standing = SetCadence(
        at=ctx.now,
        plan=state.cadence_plan,
        interval_days=state.interval_days,
        victim_wish=True,
    )
    review = open_clock(state, ClockType.CADENCE_SIGNOFF_REVIEW)
    if review is not None or not _needs_signature(state, ctx, standing):
        return
    if standing.plan in NO_PROACTIVE_CONTACT:
        arm(
            state,
            ctx,
            ClockType.CADENCE_SIGNOFF_REVIEW,
            ctx.now,
            "contact:cadence:set",
            owner=state.supervisor_id,
        )
        return
    # Nobody signed for it at this grade: the default holds until somebody does.
    _in_force(state, ctx, SetCadence(at=ctx.now, plan=CadencePlan.DEFAULT_BY_RISK))
    if state.pending_cadence is None:
        _ask(state, ctx, standing, state.dalo_id)
