"""The ladder after failed contact (docs/domain.md 9.3): seven steps, each with a clock, each
idempotent; a success resets it. It starts at the earlier of attempts exhausted or the adjusted due
time passed."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.cadence import attempts_exhausted
from models.case import approach
from models.case.authority import happened, owner_or_supervisor
from models.case.state import CaseFacts
from models.checks import supervisor_only
from models.clocks import Clock
from models.commands import Grant, RecordLadderStep
from models.enums import ClockType, EngagementStatus, LadderStep
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    meet,
    open_clock,
    raise_task,
    settle_tasks,
)

STEPS = tuple(LadderStep)
WHAT = {
    LadderStep.L1: "vary time and channel",
    LadderStep.L2: "ask the third safe contact or the IDVA to try",
    LadderStep.L3: "supervisor review, risk re-look",
    LadderStep.L4: "welfare check or hidden-harm visit",
    LadderStep.L5: "repeat visit, other agency enquiry",
    LadderStep.L6: "MARAC referral or professional judgement, missing-person consideration",
}
SUPERVISED = (LadderStep.L3, LadderStep.L6)
VISIT_AUTHORISED = ("HHV_AUTHORISED", "WELFARE_CHECK_AUTHORISED")
OUTCOMES = {
    LadderStep.L1: ("VARIED_TIME", "VARIED_CHANNEL"),
    LadderStep.L2: ("THIRD_CONTACT_ASKED", "IDVA_ASKED"),
    LadderStep.L3: ("RISK_RELOOKED", *VISIT_AUTHORISED),
    LadderStep.L4: ("VISITED_NOT_SEEN", "WELFARE_CHECK_DONE"),
    LadderStep.L5: ("HHV_REPEATED", "AGENCY_ENQUIRY"),
    LadderStep.L6: ("MARAC_CONSIDERED", "MISSING_PERSON_CONSIDERED"),
}


def entry_step(state: CaseFacts) -> LadderStep:
    """Where the ladder starts: what was already tried is not asked for again. Different times of
    day or channels count as L1; a second route counts as L2."""
    varied = len({(a.at.hour, a.channel) for a in state.attempts}) > 1
    routes = {(a.channel, a.route) for a in state.attempts}
    if varied and len(routes) > 1:
        return LadderStep.L3
    return LadderStep.L2 if varied else LadderStep.L1


def react(state: CaseFacts, ctx: Context, contact: Clock | None) -> None:
    """Enter the ladder when contact has failed; go on to the next step when one ran out of time;
    leave it when contact is no longer owed."""
    if contact is None:
        if state.ladder_step is not LadderStep.L0:
            reset(state, ctx, ctx.now)
        return
    if contact.paused:
        return
    overdue = contact.breached_at is not None and contact.due_at <= ctx.now
    spent = attempts_exhausted(
        [a.at for a in state.attempts], state.risk_grade, ctx.policy, ctx.now
    )
    if state.ladder_step is LadderStep.L0 and (overdue or spent):
        enter(state, ctx, entry_step(state), "DUE_PASSED" if overdue else "ATTEMPTS_EXHAUSTED")
        return
    clock = step_clock(state)
    if state.ladder_open and clock is not None and clock.breached_at is not None:
        if not _of_visit(state, clock):
            cancel(state, ctx, clock, "STEP_RAN_OUT")
        following(state, ctx, state.ladder_step, "STEP_RAN_OUT")


def step_clock(state: CaseFacts) -> Clock | None:
    """The clock of the open step: L4's is the visit's own."""
    step = open_clock(state, ClockType.LADDER_STEP)
    if step is None and (state.release == 1 or state.ladder_step is LadderStep.L4):
        return open_clock(state, ClockType.HHV_DUE)
    return step


def _of_visit(state: CaseFacts, clock: Clock) -> bool:
    """Whether the clock belongs to an authorised visit, which ends by itself: the ladder only looks
    at it."""
    return state.release > 1 and clock.clock_type is ClockType.HHV_DUE and clock.subject != ""


def enter(
    state: CaseFacts, ctx: Context, step: LadderStep, reason: str, at: datetime | None = None
) -> None:
    """Enter a step with its clock and the task that settles it."""
    state.ladder_step = step
    state.ladder_open = True
    started = at or ctx.now
    append(state, ctx, "contact:ladder:entered", started, step=step, reason=reason)
    owner = state.supervisor_id if step in SUPERVISED else state.dalo_id
    authorised = open_clock(state, ClockType.HHV_DUE) if state.release > 1 else None
    if step is LadderStep.L4 and authorised is not None:
        clock = authorised
    elif step is LadderStep.L4:
        clock = arm(
            state,
            ctx,
            ClockType.HHV_DUE,
            started,
            "contact:ladder:entered",
            rule_key=state.risk_grade.value,
            owner=owner,
        )
    else:
        clock = arm(
            state,
            ctx,
            ClockType.LADDER_STEP,
            started,
            "contact:ladder:entered",
            subject=step.value,
            rule_key=step.value,
            owner=owner,
        )
    settle_tasks(state, ctx, "LADDER")
    raise_task(
        state,
        ctx,
        "LADDER",
        owner,
        f"no contact ({reason}): {WHAT[step]}",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} record-ladder-step --step {step.value}",
        subject=step.value,
    )
    if step is LadderStep.L3:
        state.engagement_status = EngagementStatus.RETICENT


def reset(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """Back to L0: contact was made, or is no longer owed."""
    clock = step_clock(state)
    if clock is not None and not _of_visit(state, clock):
        if at >= clock.started_at:
            meet(state, ctx, clock, at)
        else:
            cancel(state, ctx, clock, "CONTACT_MADE")
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    settle_tasks(state, ctx, "LADDER")
    if state.ladder_step is not LadderStep.L0:
        append(state, ctx, "contact:ladder:reset", at, step=state.ladder_step)
    state.ladder_step = LadderStep.L0
    state.ladder_open = False


def following(
    state: CaseFacts, ctx: Context, step: LadderStep, reason: str, at: datetime | None = None
) -> None:
    """The step after `step`. After L6 the ladder is spent: contact is owed again after one
    interval, and a further failure starts at the supervisor's review."""
    position = STEPS.index(step)
    if position + 1 < len(STEPS):
        enter(state, ctx, STEPS[position + 1], reason, at)
        return
    settle_tasks(state, ctx, "LADDER")
    append(state, ctx, "contact:ladder:spent", at or ctx.now, reason=reason)
    state.ladder_step = LadderStep.L0
    state.ladder_open = False
    state.attempts = []
    state.contact_due_from = at or ctx.now


def check(state: CaseFacts, ctx: Context, command: RecordLadderStep, grant: Grant) -> None:
    """Only the open step can be done, by its owner, with an outcome that belongs to it."""
    step = LadderStep(command.step)
    if step in SUPERVISED:
        supervisor_only(state, grant)
    else:
        owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if not state.ladder_open:
        raise Refused(
            "NO_STEP_OPEN",
            "no step of the ladder is open",
            "it starts by itself when contact has failed; until then record attempts",
            "step",
        )
    if state.ladder_step is not step:
        raise Refused(
            "NOT_THIS_STEP",
            f"the ladder stands at {state.ladder_step.value}",
            "record the step that is open now",
            "step",
        )
    if command.outcome not in OUTCOMES[step]:
        raise Refused(
            "UNKNOWN_CODE",
            f"{step.value} cannot end with this outcome",
            f"use one of {', '.join(OUTCOMES[step])}",
            "outcome",
        )
    if state.release > 1 and command.outcome in VISIT_AUTHORISED:
        _check_visit(state, command.outcome)


def _check_visit(state: CaseFacts, outcome: str) -> None:
    """A visit is authorised with its checks, its times and four eyes, by its own command alone;
    nobody is sent to the door before the primary aggressor is known, but where life is at risk."""
    if outcome == "HHV_AUTHORISED":
        raise Refused(
            "AUTHORISE_THE_VISIT",
            "a visit is authorised with its plan, checks and times",
            "select it (select-visit); another supervisor authorises it (authorise-visit), which "
            "ends this step",
            "outcome",
        )
    if not state.essentials.threats and approach.held_back(state) == "PRIMARY_AGGRESSOR_REVIEW":
        raise Refused(
            "PRIMARY_AGGRESSOR_REVIEW",
            "both parties allege, and the primary aggressor is not reviewed yet",
            "review it first (record-primary-aggressor), or record a threat to life",
            "outcome",
        )


def apply(state: CaseFacts, ctx: Context, command: RecordLadderStep) -> tuple[str, ...]:
    """The open step was done; enter the next."""
    step = LadderStep(command.step)
    done(state, ctx, step, command.outcome, command.at, command.note_ref)
    return (f"LADDER_{state.ladder_step.value}",)


def done(
    state: CaseFacts,
    ctx: Context,
    step: LadderStep,
    outcome: str,
    at: datetime,
    note_ref: str = "",
) -> None:
    """A step ended with this outcome; the next one is entered."""
    append(
        state,
        ctx,
        "contact:ladder:done",
        at,
        step=step,
        outcome=outcome,
        note_ref=note_ref,
    )
    clock = step_clock(state)
    if clock is not None and not _of_visit(state, clock):
        meet(state, ctx, clock, max(at, clock.started_at))
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    following(state, ctx, step, outcome, at)
