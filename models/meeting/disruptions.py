"""Planned disruptions, as the meeting that decides on them hears of them: none is agreed before
every victim is answered for (docs/domain.md 8.2, 16(iv))."""

from __future__ import annotations

from models.base import Refused
from models.enums import DisruptionStanding
from models.meeting.state import MeetingFacts
from models.messages import DisruptionChecked
from models.stream import Context, append, raise_task

NO_LONGER_SAFE = "CANCEL_DISRUPTION"
"""Task: an action rests on a disruption that is not safe, or that nobody plans any more."""


def checked(state: MeetingFacts, referral_ref: str, disruption_id: str) -> None:
    """Every victim is answered for, and this disruption is safe; raises `Refused` otherwise."""
    if not disruption_id:
        raise Refused(
            "DISRUPTION_NEEDED",
            "a disruption is agreed by its number: each is checked by itself",
            "plan it on the referral (dalo do MATAC-... plan-disruption) and give --disruption-id",
            "disruption_id",
        )
    standing = state.disruptions.get(referral_ref, {}).get(disruption_id)
    if standing is DisruptionStanding.NOT_SAFE:
        raise Refused(
            "RETALIATION_RISK",
            "this disruption would put a victim at risk of retaliation",
            "agree another intervention, or plan another disruption on the referral",
            "disruption_id",
        )
    if standing is not DisruptionStanding.SAFE:
        raise Refused(
            "RETALIATION_NOT_CHECKED",
            "a disruption is agreed when every victim is answered for, before it is carried out",
            "see dalo referral MATAC-... for whose answer is missing; plan-disruption asks for all",
            "disruption_id",
        )


def disruption_stands(state: MeetingFacts, ctx: Context, message: DisruptionChecked) -> None:
    """Keep how it stands; an action that was agreed on it is cancelled where it is dropped."""
    of_referral = state.disruptions.setdefault(message.referral_ref, {})
    of_referral[message.disruption_id] = message.standing
    append(
        state,
        ctx,
        "meeting:disruption:told",
        message.at,
        referral_ref=message.referral_ref,
        disruption_id=message.disruption_id,
        standing=message.standing,
    )
    if message.standing in (DisruptionStanding.SAFE, DisruptionStanding.CARRIED_OUT):
        return
    for action in state.open_actions(message.referral_ref):
        if action.disruption_id == message.disruption_id:
            raise_task(
                state,
                ctx,
                NO_LONGER_SAFE,
                state.runs_it,
                "this action is a disruption that must not be carried out: tell its owner, cancel"
                " it",
                command=f"dalo do {state.ref} cancel-action --action-id {action.action_id}"
                " --reason RETALIATION_RISK",
                subject=action.action_id,
            )
