"""Whether a planned disruption is safe from retaliation, victim by victim: the DALO of each says it
on their case, a supervisor for a victim who has none (docs/domain.md 8.2, 16(iv))."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.commands import AnswerForVictims, Grant
from models.enums import SUPERVISORY, DisruptionStanding, ReferralPathway, RetaliationRisk, Role
from models.ids import CASE_REF, role_address
from models.messages import RetaliationAnswer
from models.referral.checks import by, happened
from models.referral.state import Disruption, ReferralFacts
from models.referral.telling import tell_case_of_disruption, tell_meeting_of_disruption
from models.referral.work import of_pathway
from models.stream import Context, append, raise_task, settle_tasks

CHECK = "RETALIATION_CHECK"
DROPPED = "DISRUPTION_DROPPED"
UNASKED = "RETALIATION_UNASKED"
"""Task of a supervisor: victims without an open case have no DALO to ask."""
WAITS, ANSWERED = "DISRUPTION_WAITS", "DISRUPTION_ANSWERED"
"""Tasks of the coordinator: answers are awaited; it is decided whether the disruption is safe."""
ANSWERED_WITHIN = timedelta(hours=24)


def planned(state: ReferralFacts, disruption_id: str) -> Disruption:
    """The disruption; raises `Refused` where none of that number is planned."""
    found = state.disruptions.get(disruption_id)
    if found is None:
        raise Refused(
            "UNKNOWN_DISRUPTION",
            "no such planned disruption",
            f"planned: {', '.join(state.disruptions) or 'none'}",
            "disruption_id",
        )
    return found


def ask(state: ReferralFacts, ctx: Context, each: Disruption) -> None:
    """Ask every case; a supervisor answers for victims who have none."""
    for case_ref in filter(CASE_REF.match, each.waiting):
        tell_case_of_disruption(state, ctx, case_ref, each.disruption_id, CHECK)
    raise_task(
        state,
        ctx,
        WAITS,
        state.service,
        "a planned disruption waits for answers: where one does not come, or the case was closed or"
        " merged meanwhile, drop it and plan it anew",
        due_at=each.planned_at + ANSWERED_WITHIN,
        command=f"dalo referral {state.referral_ref}",
        subject=each.disruption_id,
    )
    _supervise(state, ctx, each)


def _without_case(each: Disruption) -> list[str]:
    return [ref for ref in each.waiting if not CASE_REF.match(ref)]


def _supervise(state: ReferralFacts, ctx: Context, each: Disruption) -> None:
    left = _without_case(each)
    if not left or each.unsafe:
        settle_tasks(state, ctx, UNASKED, each.disruption_id)
        return
    raise_task(
        state,
        ctx,
        UNASKED,
        state.supervisor_id or role_address(Role.SUPERVISOR.value, state.area),
        "a disruption is planned, and there are victims of the subject without an open case, so"
        " without a DALO to ask: say whether it puts them at risk of retaliation",
        due_at=each.planned_at + ANSWERED_WITHIN,
        command=f"dalo do {state.referral_ref} answer-for-victims"
        f" --disruption-id {each.disruption_id} --answer SAFE --reason CODE",
        subject=each.disruption_id,
    )


def answered(state: ReferralFacts, ctx: Context, message: RetaliationAnswer) -> None:
    """A DALO's answer counts for what waits for that case."""
    for key, each in list(state.disruptions.items()):
        of_another = message.disruption_id not in ("", key)
        if of_another or message.case_ref not in each.waiting or message.at < each.planned_at:
            continue
        _answer(state, ctx, each, (message.case_ref,), safe=message.safe, at=message.at)


def check_for_victims(
    state: ReferralFacts, ctx: Context, command: AnswerForVictims, grant: Grant
) -> None:
    """A supervisor answers, and only for victims whom no DALO answers for."""
    of_pathway(state, ReferralPathway.MATAC)
    by(state, grant, SUPERVISORY)
    happened(state, command.at, ctx.now)
    found = planned(state, command.disruption_id)
    left = _without_case(found)
    if not left or not set(command.victims) <= set(left):
        raise Refused(
            "NOT_ASKED",
            "nobody waits for a supervisor's answer for these victims",
            f"waiting: {', '.join(left) or 'none'}; a victim's DALO answers on their case",
            "victims",
        )
    if command.at < found.planned_at:
        raise Refused(
            "BEFORE_LAST_STATE",
            "the time given is earlier than the plan",
            "give when it was decided",
            "at",
        )


def apply_for_victims(
    state: ReferralFacts, ctx: Context, command: AnswerForVictims
) -> tuple[str, ...]:
    """The answer counts for the victims named, or for all who have no case."""
    each = planned(state, command.disruption_id)
    refs = command.victims or tuple(_without_case(each))
    safe = command.answer is RetaliationRisk.SAFE
    about = {"reason": command.reason, "note_ref": command.note_ref}
    _answer(state, ctx, each, refs, safe=safe, at=command.at, **about)
    return (command.answer.value,)


def _answer(
    state: ReferralFacts,
    ctx: Context,
    each: Disruption,
    refs: tuple[str, ...],
    *,
    safe: bool,
    at: datetime,
    **about: str,
) -> None:
    """Keep it. What is decided is told at once: one who says no decides, or else the last."""
    decided = each.checked is not None
    now = each.model_copy(
        update={
            "waiting": tuple(ref for ref in each.waiting if ref not in refs),
            "safe": each.safe + (refs if safe else ()),
            "unsafe": each.unsafe + (() if safe else refs),
        }
    )
    state.disruptions[each.disruption_id] = now
    for ref in refs:
        append(
            state,
            ctx,
            "referral:disruption:answered",
            at,
            disruption_id=each.disruption_id,
            case=ref,
            safe=safe,
            waiting=len(now.waiting),
            **about,
        )
    _supervise(state, ctx, now)
    if not decided and now.checked is not None:
        _decided(state, ctx, now, at)


def _decided(state: ReferralFacts, ctx: Context, each: Disruption, at: datetime) -> None:
    settle_tasks(state, ctx, WAITS, each.disruption_id)
    standing = DisruptionStanding.SAFE if each.checked else DisruptionStanding.NOT_SAFE
    tell_meeting_of_disruption(state, each.disruption_id, standing, at)
    why, command = "every victim is answered for: the disruption is safe", "carry-out-disruption"
    reason = ""
    if not each.checked:
        why = "a disruption risks retaliation: do not carry it out, drop it or plan another"
        command, reason = "drop-disruption", f" --reason {CHECK}"
    raise_task(
        state,
        ctx,
        ANSWERED,
        state.service,
        why,
        command=f"dalo do {state.referral_ref} {command}"
        f" --disruption-id {each.disruption_id}{reason}",
        subject=each.disruption_id,
    )


def stop_asking(state: ReferralFacts, ctx: Context, each: Disruption) -> None:
    """Nobody need answer any more."""
    for kind in (WAITS, ANSWERED, UNASKED):
        settle_tasks(state, ctx, kind, each.disruption_id)
    for case_ref in filter(CASE_REF.match, each.waiting):
        tell_case_of_disruption(state, ctx, case_ref, each.disruption_id, DROPPED)
