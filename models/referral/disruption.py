"""Disruptions of a MATAC subject: none before each victim's DALO has said that it is safe
(docs/domain.md 8.2)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.commands import CarryOutDisruption, DropDisruption, Grant, PlanDisruption
from models.enums import DisruptionStanding, ReferralPathway, ReferralState
from models.ids import CASE_REF
from models.referral.checks import by, happened
from models.referral.retaliation import ask, planned, stop_asking
from models.referral.state import Disruption, ReferralFacts
from models.referral.telling import tell_meeting_of_disruption
from models.referral.work import of_pathway
from models.stream import Context, append, number

_TAKEN_ON = (
    ReferralState.SELECTED,
    ReferralState.PROFILED,
    ReferralState.ACTIVE,
    ReferralState.REVIEW,
)
_MOST = 20


def victims_cases(state: ReferralFacts) -> tuple[str, ...]:
    """The subject's victims' cases as the last scoring run knew them, beside its own."""
    named = (ref for ref in state.facts.get("cases", ()) if ref != state.case_ref)
    return tuple(dict.fromkeys(ref for ref in named if CASE_REF.match(ref)))


def _to_answer(state: ReferralFacts, command: PlanDisruption) -> tuple[str, ...]:
    """Who must be answered for: open cases, and victims who have none."""
    own = (state.case_ref,) if state.case_ref and not state.case_closed else ()
    victims = (case or victim for victim, case in (command.asked_of or {}).items())
    return tuple(dict.fromkeys((*own, *victims, *command.cases)))


def check_plan(state: ReferralFacts, ctx: Context, command: PlanDisruption, grant: Grant) -> None:
    """A subject that was taken on, an action that is not the victim's, and somebody to ask."""
    of_pathway(state, ReferralPathway.MATAC)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    if state.state not in _TAKEN_ON:
        raise Refused(
            "NOT_TAKEN_ON",
            "only a selected subject's disruption is planned",
            "have the meeting decide on the nomination first",
        )
    if command.action in ctx.policy.of_duties.matac.barred_actions:
        raise Refused(
            "VICTIM_COOPERATION",
            "a victim's cooperation is never a MATAC action",
            "plan something that rests on the subject alone",
            "action",
        )
    if len(state.disruptions) >= _MOST:
        raise Refused(
            "TOO_MANY_PLANNED",
            f"{_MOST} disruptions already wait",
            "carry out what was found safe, or drop-disruption what was not",
        )
    _somebody_answers(state, command)


def _looked_up(command: PlanDisruption | CarryOutDisruption) -> dict[str, str]:
    """The subject's victims, each with their open case or none."""
    if command.asked_of is None:
        raise Refused(
            "VICTIMS_NOT_LOOKED_UP",
            "the subject's victims were not looked up",
            "send it by dalo do, which looks them up",
            "asked_of",
        )
    return command.asked_of


def _somebody_answers(state: ReferralFacts, command: PlanDisruption) -> None:
    _looked_up(command)
    wrong = [ref for ref in command.cases if not CASE_REF.match(ref)]
    if wrong or not _to_answer(state, command):
        raise Refused(
            "NO_CASES",
            "somebody must answer for each victim's safety, and no case is named",
            "name the victims' cases with --cases CASE-2027-00001, each once",
            "cases",
        )


def apply_plan(state: ReferralFacts, ctx: Context, command: PlanDisruption) -> tuple[str, ...]:
    """Ask every case; for victims who have none a supervisor answers."""
    made = Disruption(
        disruption_id=f"DIS-{number(state, 'disruption'):03d}",
        action=command.action,
        planned_at=command.at,
        by=ctx.actor,
        victims=dict(command.asked_of or {}),
        waiting=_to_answer(state, command),
    )
    state.disruptions[made.disruption_id] = made
    append(
        state,
        ctx,
        "referral:disruption:planned",
        command.at,
        disruption_id=made.disruption_id,
        disruption=made.action,
        cases=made.waiting,
        note_ref=command.note_ref,
    )
    ask(state, ctx, made)
    return (made.disruption_id,)


def check_carry_out(
    state: ReferralFacts, ctx: Context, command: CarryOutDisruption, grant: Grant
) -> None:
    """Every victim is answered for, those who came since the plan included, and all are safe."""
    of_pathway(state, ReferralPathway.MATAC)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    found = planned(state, command.disruption_id)
    if found.unsafe:
        raise Refused(
            "RETALIATION_RISK",
            "a victim's DALO says that it risks retaliation",
            "do not carry it out; plan another with plan-disruption",
            "disruption_id",
        )
    if found.waiting:
        raise Refused(
            "RETALIATION_NOT_CHECKED",
            f"{len(found.waiting)} of the victims have not been answered for yet",
            f"wait for {', '.join(found.waiting)}",
            "disruption_id",
        )
    _nobody_new(found, command)
    if command.at < found.planned_at:
        raise Refused(
            "BEFORE_LAST_STATE",
            "the time given is earlier than the plan",
            "give when it was carried out",
            "at",
        )


def _nobody_new(found: Disruption, command: CarryOutDisruption) -> None:
    """No victim, and no new case of one, has come since the DALOs were asked."""
    asked_of = _looked_up(command)
    answered = set(found.safe)
    new = [
        case or victim
        for victim, case in asked_of.items()
        if victim not in found.victims or (case and case not in answered)
    ]
    if new:
        raise Refused(
            "RETALIATION_NOT_CHECKED",
            "since it was planned there is a victim, or a case of one, that nobody was asked about",
            f"drop-disruption, and plan it anew: that asks about {', '.join(new)} too",
            "disruption_id",
        )


def apply_carry_out(
    state: ReferralFacts, ctx: Context, command: CarryOutDisruption
) -> tuple[str, ...]:
    """It was done."""
    done = state.disruptions.pop(command.disruption_id)
    append(
        state,
        ctx,
        "referral:disruption:carried_out",
        command.at,
        disruption_id=done.disruption_id,
        disruption=done.action,
        cases=done.safe,
        note_ref=command.note_ref,
    )
    stop_asking(state, ctx, done)
    carried_out = DisruptionStanding.CARRIED_OUT
    tell_meeting_of_disruption(state, done.disruption_id, carried_out, command.at)
    return ()


def check_drop(state: ReferralFacts, ctx: Context, command: DropDisruption, grant: Grant) -> None:
    """The service drops what it planned, whatever the answers."""
    of_pathway(state, ReferralPathway.MATAC)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    found = planned(state, command.disruption_id)
    if command.at < found.planned_at:
        raise Refused(
            "BEFORE_LAST_STATE",
            "the time given is earlier than the plan",
            "give when it was dropped",
            "at",
        )


def apply_drop(state: ReferralFacts, ctx: Context, command: DropDisruption) -> tuple[str, ...]:
    """It will not be done: nobody need answer any more."""
    _drop(state, ctx, command.disruption_id, command.at, command.reason, command.note_ref)
    return ()


def drop_all(state: ReferralFacts, ctx: Context) -> None:
    """Nothing is done to a subject whose referral has ended."""
    for disruption_id in list(state.disruptions):
        _drop(state, ctx, disruption_id, state.ended_at or ctx.now, state.state.value)


def _drop(
    state: ReferralFacts,
    ctx: Context,
    disruption_id: str,
    at: datetime,
    reason: str,
    note_ref: str = "",
) -> None:
    gone = state.disruptions.pop(disruption_id)
    append(
        state,
        ctx,
        "referral:disruption:dropped",
        at,
        disruption_id=disruption_id,
        disruption=gone.action,
        reason=reason,
        note_ref=note_ref,
    )
    stop_asking(state, ctx, gone)
    tell_meeting_of_disruption(state, disruption_id, DisruptionStanding.DROPPED, at)
