"""Disruptions of a MATAC subject: none before each victim's DALO has said that it is safe
(docs/domain.md 8.2)."""

from __future__ import annotations

from models.base import Refused
from models.commands import CarryOutDisruption, Grant, PlanDisruption
from models.enums import ReferralPathway, ReferralState
from models.ids import CASE_REF
from models.messages import RetaliationAnswer
from models.referral.checks import by, happened
from models.referral.state import Disruption, ReferralFacts
from models.referral.telling import ask_case
from models.referral.work import of_pathway
from models.stream import Context, append, number, raise_task, settle_tasks

CHECK = "RETALIATION_CHECK"
_TAKEN_ON = (
    ReferralState.SELECTED,
    ReferralState.PROFILED,
    ReferralState.ACTIVE,
    ReferralState.REVIEW,
)
_MOST = 20


def victims_cases(state: ReferralFacts) -> tuple[str, ...]:
    """The subject's victims' cases, as the referral was given them, beside its own."""
    named = (ref for ref in state.facts.get("cases", ()) if ref != state.case_ref)
    return tuple(dict.fromkeys(ref for ref in named if CASE_REF.match(ref)))


def _cases(state: ReferralFacts, command: PlanDisruption) -> tuple[str, ...]:
    own = (state.case_ref,) if state.case_ref else ()
    return tuple(dict.fromkeys((*own, *victims_cases(state), *command.cases)))


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
            "carry out what was found safe first",
        )
    wrong = [ref for ref in command.cases if not CASE_REF.match(ref)]
    if wrong or not _cases(state, command):
        raise Refused(
            "NO_CASES",
            "somebody must answer for each victim's safety, and no case is named",
            "name the victims' cases with --cases CASE-2027-00001, each once",
            "cases",
        )


def apply_plan(state: ReferralFacts, ctx: Context, command: PlanDisruption) -> tuple[str, ...]:
    """Ask every case."""
    made = Disruption(
        disruption_id=f"DIS-{number(state, 'disruption'):03d}",
        action=command.action,
        planned_at=command.at,
        by=ctx.actor,
        waiting=_cases(state, command),
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
    for case_ref in made.waiting:
        ask_case(state, ctx, case_ref, made.disruption_id, (CHECK,))
    return (made.disruption_id,)


def answered(state: ReferralFacts, ctx: Context, message: RetaliationAnswer) -> None:
    """A DALO's answer counts for what waits for that case; an unsafe one is told at once."""
    for key, each in list(state.disruptions.items()):
        of_another = message.disruption_id not in ("", key)
        if of_another or message.case_ref not in each.waiting or message.at < each.planned_at:
            continue
        left = tuple(ref for ref in each.waiting if ref != message.case_ref)
        yes = each.safe + ((message.case_ref,) if message.safe else ())
        no = each.unsafe + (() if message.safe else (message.case_ref,))
        state.disruptions[key] = each.model_copy(
            update={"waiting": left, "safe": yes, "unsafe": no}
        )
        append(
            state,
            ctx,
            "referral:disruption:answered",
            message.at,
            disruption_id=key,
            case=message.case_ref,
            safe=message.safe,
            waiting=len(left),
        )
        if not left:
            _tell_coordinator(state, ctx, state.disruptions[key])


def _tell_coordinator(state: ReferralFacts, ctx: Context, each: Disruption) -> None:
    why = "every victim's DALO says that the disruption is safe"
    if each.unsafe:
        why = "a disruption risks retaliation: do not carry it out, plan another"
    raise_task(
        state,
        ctx,
        "DISRUPTION_ANSWERED",
        state.service,
        why,
        command=f"dalo do {state.referral_ref} "
        + (
            "plan-disruption"
            if each.unsafe
            else f"carry-out-disruption --disruption-id {each.disruption_id}"
        ),
        subject=each.disruption_id,
    )


def check_carry_out(
    state: ReferralFacts, ctx: Context, command: CarryOutDisruption, grant: Grant
) -> None:
    """Every victim's DALO has said that it is safe."""
    of_pathway(state, ReferralPathway.MATAC)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    found = state.disruptions.get(command.disruption_id)
    if found is None:
        raise Refused(
            "UNKNOWN_DISRUPTION",
            "no such planned disruption",
            f"planned: {', '.join(state.disruptions) or 'none'}",
            "disruption_id",
        )
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
            f"{len(found.waiting)} of the victims' DALOs have not answered yet",
            f"wait for {', '.join(found.waiting)}",
            "disruption_id",
        )
    if command.at < found.planned_at:
        raise Refused(
            "BEFORE_LAST_STATE",
            "the time given is earlier than the plan",
            "give when it was carried out",
            "at",
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
    settle_tasks(state, ctx, "DISRUPTION_ANSWERED", done.disruption_id)
    return ()
