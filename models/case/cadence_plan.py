"""The victim's preferred cadence, its sign-off, and dated pauses of contact (docs/domain.md 9.2,
9.4). Higher than the default is always allowed; lower needs the victim's stated wish, and for HIGH
or for no contact at all a supervisor's signature."""

from __future__ import annotations

from models.base import Refused
from models.case import approach, wishes
from models.case.authority import happened, owner_only, owner_or_supervisor, supervisor_only
from models.case.contact import contact_clock
from models.case.state import CaseFacts, Interruption, PendingCadence
from models.case.telling import free_place
from models.clocks import Pause
from models.commands import ApproveCadence, Grant, PauseContact, ResumeContact, SetCadence
from models.due import recompute
from models.enums import CadencePlan, CaseState, ClockType, EngagementStatus, RiskGrade
from models.instants import end_of_day, london_date
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    meet,
    move,
    open_clock,
    raise_task,
    settle_tasks,
)

NO_PROACTIVE_CONTACT = (CadencePlan.CONTACT_ON_EVENT, CadencePlan.NO_CONTACT)


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
    signature = lowers(state, ctx, command) and (
        state.risk_grade is RiskGrade.HIGH or command.plan in NO_PROACTIVE_CONTACT
    )
    if not signature:
        _put_in_force(state, ctx, command)
        return ()
    state.pending_cadence = PendingCadence(asked_by=ctx.actor, wish=command)
    append(state, ctx, "contact:cadence:asked", command.at, plan=command.plan)
    raise_task(
        state,
        ctx,
        "APPROVE_CADENCE",
        state.supervisor_id,
        "the victim asks for less contact: sign it off or refuse it",
        due_at=ctx.now,
        command=f"dalo do {state.case_ref} approve-cadence",
    )
    return ("WAITS_FOR_SIGN_OFF",)


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
    review brings the default cadence back."""
    pending, state.pending_cadence = state.pending_cadence, None
    settle_tasks(state, ctx, "APPROVE_CADENCE")
    review = open_clock(state, ClockType.CADENCE_SIGNOFF_REVIEW)
    if review is not None:
        meet(state, ctx, review, command.at)
        settle_tasks(state, ctx, "BREACH", review.clock_id)
    tag = "contact:cadence:approved" if command.approve else "contact:cadence:refused"
    append(state, ctx, tag, command.at, reason=command.reason)
    if not command.approve:
        if pending is None:
            _put_in_force(state, ctx, SetCadence(at=command.at, plan=CadencePlan.DEFAULT_BY_RISK))
        return ("REFUSED",)
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


def _put_in_force(state: CaseFacts, ctx: Context, wish: SetCadence) -> None:
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
    review = open_clock(state, ClockType.CADENCE_SIGNOFF_REVIEW)
    if review is not None:
        cancel(state, ctx, review, "CADENCE_CHANGED")
    if state.release > 1:
        _agreed(state, ctx, wish)
    if wish.plan is CadencePlan.NO_CONTACT:
        state.state = CaseState.DORMANT_MONITORED
        state.engagement_status = EngagementStatus.NO_CONTACT
        free_place(state, "dormant")
    elif state.state is CaseState.DORMANT_MONITORED:
        state.state = CaseState.REOPENED


def _agreed(state: CaseFacts, ctx: Context, wish: SetCadence) -> None:
    """What was agreed with a victim who wants no contact; any other cadence renews contact."""
    again = open_clock(state, ClockType.RECONTACT)
    if again is not None:
        cancel(state, ctx, again, "CADENCE_CHANGED")
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
        offers=wish.offers,
        notices=wish.notices,
        recontact_on=wish.recontact_on.isoformat() if wish.recontact_on else "",
        note_ref=wish.note_ref,
    )
    if wish.notices is not None:
        wishes.opt_out(state, ctx, wish.notices, wish.at)
    if wish.recontact_on is not None:
        arm(
            state,
            ctx,
            ClockType.RECONTACT,
            wish.at,
            "contact:none:agreed",
            owner=state.dalo_id,
            due_at=end_of_day(wish.recontact_on),
            basis="agreed with the victim",
        )


def check_pause(state: CaseFacts, ctx: Context, command: PauseContact, grant: Grant) -> None:
    """A pause is dated, owned and reasoned, and there is one at a time."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.until <= ctx.now:
        raise Refused("PAUSE_OVER", "the pause would end in the past", "give a later date", "until")
    if state.interruption is not None:
        raise Refused(
            "ALREADY_PAUSED", "contact is paused already", "resume it first (resume-contact)"
        )
    if contact_clock(state) is None:
        raise Refused("NO_CONTACT_CLOCK", "no contact clock runs", "nothing to pause")


def apply_pause(state: CaseFacts, ctx: Context, command: PauseContact) -> tuple[str, ...]:
    """Stop the contact clock; a review clock ends the pause on its date."""
    state.interruption = Interruption(
        started_at=ctx.now, until=command.until, owner=command.owner, reason=command.reason
    )
    clock = contact_clock(state)
    if clock is not None:
        stopped = clock.model_copy(
            update={"pauses": (*clock.pauses, Pause(started_at=ctx.now, reason=command.reason))}
        )
        move(state, ctx, stopped, clock.due_at, "PAUSED", due_raw=clock.due_raw)
    append(
        state,
        ctx,
        "contact:paused",
        command.at,
        until=command.until,
        owner=command.owner,
        reason=command.reason,
    )
    arm(
        state,
        ctx,
        ClockType.PAUSE_REVIEW,
        ctx.now,
        "contact:paused",
        owner=command.owner,
        due_at=command.until,
        basis=command.reason,
    )
    return ()


def check_resume(state: CaseFacts, ctx: Context, command: ResumeContact, grant: Grant) -> None:
    """Only a paused contact resumes."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.interruption is None:
        raise Refused("NOT_PAUSED", "contact is not paused", "nothing to resume")


def apply_resume(state: CaseFacts, ctx: Context, command: ResumeContact) -> tuple[str, ...]:
    """End the pause before its date."""
    review = open_clock(state, ClockType.PAUSE_REVIEW)
    if review is not None:
        meet(state, ctx, review, command.at)
    end_pause(state, ctx)
    return ()


def end_pause(state: CaseFacts, ctx: Context) -> None:
    """Let the contact clock run on, later by the length of the pause."""
    state.interruption = None
    clock = contact_clock(state)
    if clock is not None and clock.paused:
        last = clock.pauses[-1].model_copy(update={"ended_at": ctx.now})
        running = clock.model_copy(update={"pauses": (*clock.pauses[:-1], last)})
        again = recompute(running, ctx.policy, ctx.calendar)
        move(state, ctx, running, again.due_at, "RESUMED", due_raw=again.due_at)
    append(state, ctx, "contact:resumed")


def react(state: CaseFacts, ctx: Context) -> None:
    """A pause ends by itself on its date."""
    review = open_clock(state, ClockType.PAUSE_REVIEW)
    if review is not None and review.breached_at is not None:
        meet(state, ctx, review, review.due_at)
        end_pause(state, ctx)
