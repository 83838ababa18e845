"""Whom a referral tells: its case, a meeting's list, the victims' cases."""

from __future__ import annotations

from datetime import datetime

from models.base import Record
from models.enums import Channel, DisruptionStanding, Forum, ReferralPathway, ReferralState
from models.events import Effect, EffectKind, tell_effect
from models.ids import case_stream
from models.messages import (
    DisruptionChecked,
    Listed,
    ListRequest,
    OfficerChanged,
    ReferralChanged,
    TransferredOut,
    Withdrawn,
)
from models.messages.forums import AFTER
from models.referral.state import ReferralFacts
from models.stream import Context, append, number

_FORUMS = {ReferralPathway.MARAC: Forum.MARAC, ReferralPathway.MATAC: Forum.MATAC}


def tell_case(
    state: ReferralFacts,
    ctx: Context,
    at: datetime,
    codes: tuple[str, ...] = (),
    *,
    channel: Channel | None = None,
    route: str = "",
) -> None:
    """The case hears every change of state, and what it should act on."""
    if not state.case_ref:
        return
    told = changed(state, f"{state.stream}/changed/{number(state, 'told')}", at, codes)
    told = told.model_copy(update={"channel": channel, "route": route})
    tell(state, case_stream(state.case_ref), told.message_id, told)


def changed(
    state: ReferralFacts, message_id: str, at: datetime, codes: tuple[str, ...] = ()
) -> ReferralChanged:
    """The referral as a case needs to know it."""
    return ReferralChanged(
        message_id=message_id,
        referral_ref=state.referral_ref,
        pathway=state.pathway,
        perpetrator_ref=state.perpetrator_ref,
        state=state.state,
        at=at,
        submitted_at=state.submitted_at,
        heard_at=state.heard_at,
        flag_until=state.flag_until,
        outcome=state.outcome,
        ended=state.settled,
        codes=codes,
    )


def ask_case(
    state: ReferralFacts, ctx: Context, case_ref: str, subject: str, codes: tuple[str, ...]
) -> None:
    """Ask another case something, once a subject."""
    told = changed(state, f"{state.stream}/{subject}/{case_ref}", ctx.now, codes)
    tell(state, case_stream(case_ref), told.message_id, told)


def tell_case_of_disruption(
    state: ReferralFacts, ctx: Context, case_ref: str, disruption_id: str, code: str
) -> None:
    """Ask a victim's case whether a planned disruption is safe, or say that nobody asks any more;
    each once."""
    message_id = f"{state.stream}/{disruption_id}/{code}/{case_ref}"
    told = changed(state, message_id, ctx.now, (code,))
    told = told.model_copy(update={"disruption_id": disruption_id})
    tell(state, case_stream(case_ref), message_id, told)


def tell_meeting_of_disruption(
    state: ReferralFacts, disruption_id: str, standing: DisruptionStanding, at: datetime
) -> None:
    """The meeting that has the referral, or heard it, learns how a disruption stands."""
    if not state.meeting:
        return
    told = DisruptionChecked(
        message_id=f"{state.stream}/{disruption_id}/{standing.value}",
        referral_ref=state.referral_ref,
        disruption_id=disruption_id,
        standing=standing,
        at=at,
    )
    tell(state, state.meeting, told.message_id, told)


def ask_to_list(state: ReferralFacts, ctx: Context, at: datetime) -> None:
    """Ask for a place on the next list of the forum in the area; what was deferred asks for one
    after the meeting that it was for."""
    forum = _FORUMS[state.pathway]
    state.asked_to_list += 1
    effect_id = f"{state.stream}/list/{state.asked_to_list}"
    request = ListRequest(
        message_id=effect_id,
        referral_ref=state.referral_ref,
        case_ref=state.case_ref,
        victim_ref=state.victim_ref,
        perpetrator_ref=state.perpetrator_ref,
        dalo_id=state.handed_to or state.dalo_id,
        repeat=bool(state.repeat_of) or state.referral_type.value == "REPEAT",
        emergency=state.emergency,
        score=state.score,
        at=at,
    )
    payload = request.model_dump(mode="json")
    if state.state is ReferralState.DEFERRED and state.meeting_at is not None:
        payload[AFTER] = state.meeting_at.isoformat()
    state.effects.append(
        Effect(
            effect_id=effect_id,
            kind=EffectKind.LIST,
            target=f"{forum.value}/{state.area}",
            payload=payload,
        )
    )


def leave_list(state: ReferralFacts, to: ReferralState, at: datetime) -> None:
    """What will not be heard there any more is taken off the list; what was heard stays in it."""
    if not state.meeting:
        return
    effect_id = f"{state.stream}/withdrawn/{number(state, 'withdrawn')}"
    message = Withdrawn(
        message_id=effect_id,
        referral_ref=state.referral_ref,
        reason=state.reason or to.value,
        at=at,
    )
    tell(state, state.meeting, effect_id, message)
    state.meeting = ""


def decline_place(state: ReferralFacts, ctx: Context, message: Listed) -> None:
    """A meeting listed it after it was taken back or decided: the place comes free again."""
    append(
        state,
        ctx,
        "referral:place:declined",
        message.at,
        referral_ref=state.referral_ref,
        of_meeting=message.meeting,
    )
    effect_id = f"{state.stream}/declined/{message.message_id}"
    answer = Withdrawn(
        message_id=effect_id,
        referral_ref=state.referral_ref,
        reason=state.reason or state.state.value,
        at=message.at,
    )
    tell(state, message.meeting, effect_id, answer)


def tell_meeting_of_officer(state: ReferralFacts, ctx: Context, before: str) -> None:
    """The meeting that has it, or heard it, learns who answers for it now."""
    if not state.meeting:
        return
    effect_id = f"{state.stream}/officer/{number(state, 'officer')}"
    message = OfficerChanged(
        message_id=effect_id,
        referral_ref=state.referral_ref,
        old=before,
        new=state.lead,
        at=ctx.now,
    )
    tell(state, state.meeting, effect_id, message)


def tell_meeting_of_transfer(state: ReferralFacts, to_area: str, at: datetime) -> None:
    """The meeting that heard it learns that another area has its actions now."""
    if not state.meeting or state.heard_at is None:
        return
    effect_id = f"{state.stream}/transferred"
    message = TransferredOut(
        message_id=effect_id, referral_ref=state.referral_ref, to_area=to_area, at=at
    )
    tell(state, state.meeting, effect_id, message)


def tell(state: ReferralFacts, stream: str, effect_id: str, message: Record) -> None:
    """Leave a message for another workflow."""
    state.effects.append(tell_effect(effect_id, stream, message))
