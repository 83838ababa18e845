"""What a case tells others: the register, its incidents and referrals, the allocator."""

from __future__ import annotations

from models.case.handover.obligations import referral_refs
from models.case.state import CaseFacts
from models.events import Effect, EffectKind, Json, tell_effect
from models.ids import incident_stream, referral_stream
from models.messages import (
    CaseClosed,
    CaseMessage,
    GradeChanged,
    MeasureAgreed,
    OwnerChanged,
    Reopened,
    WishesChanged,
)
from models.stream import Context, number

Told = OwnerChanged | CaseClosed | Reopened | GradeChanged | MeasureAgreed | WishesChanged


def tell_register(state: CaseFacts, **columns: Json | str | bool | None) -> None:
    """The register, and with it allocation and the gate, follows what the case decided."""
    state.effects.append(
        Effect(
            effect_id=f"register:{state.stream}:{number(state, 'effect')}",
            kind=EffectKind.REGISTER,
            target=state.case_ref,
            payload={"district": state.district, **columns},
        )
    )


def tell_owners(state: CaseFacts, ctx: Context) -> None:
    """The obligations of incidents and referrals follow the case's officers."""
    for incident_ref in state.incidents:
        tell_incident(state, ctx, incident_ref, _owners(state))
    if state.release > 1:
        tell_referrals(state, _owners(state))


def _owners(state: CaseFacts) -> OwnerChanged:
    return OwnerChanged(
        message_id=f"owner:{state.stream}:{number(state, 'owner')}",
        dalo_id=state.dalo_id,
        supervisor_id=state.supervisor_id,
    )


def tell_grade(state: CaseFacts, ctx: Context) -> None:
    """The duties of an incident turn on the case's grade: each that goes by another is told."""
    told = state.risk.grade_told
    for incident_ref in state.incidents:
        if told.get(incident_ref) is state.risk_grade:
            continue
        told[incident_ref] = state.risk_grade
        message = GradeChanged(
            message_id=f"grade:{state.stream}:{number(state, 'grade')}",
            grade=state.risk_grade,
            at=state.risk.graded_at or ctx.now,
            told_at=ctx.now,
        )
        tell_incident(state, ctx, incident_ref, message)


def tell_incident(state: CaseFacts, ctx: Context, incident_ref: str, message: Told) -> None:
    """Leave a message for one of the case's incidents; one that a merge brought runs under the
    victim reference that it began with."""
    for victim_ref in state.handover.carried.get(incident_ref, [state.victim_ref]):
        own = victim_ref == state.victim_ref
        of = incident_ref if own else f"{incident_ref}:{victim_ref}"
        _tell(state, message, of, incident_stream(incident_ref, victim_ref))


def tell_referrals(state: CaseFacts, message: Told) -> None:
    """Leave a message for every open referral of the case."""
    for ref in referral_refs(state):
        tell_referral(state, ref, message)


def tell_referral(state: CaseFacts, ref: str, message: Told) -> None:
    """Leave a message for one referral."""
    _tell(state, message, ref, referral_stream(ref))


def _payload(message: Told) -> Json:
    """As the first release wrote it: what it did not have is there only where it says something."""
    payload: Json = message.model_dump(mode="json")
    if not payload.get("case_ref"):
        payload.pop("case_ref", None)
    return payload


def _tell(state: CaseFacts, message: Told, of: str, stream: str) -> None:
    state.effects.append(
        Effect(
            effect_id=f"{message.message_id}:{of}",
            kind=EffectKind.TELL,
            target=stream,
            payload=_payload(message),
        )
    )


def tell_again(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Put a message back into the outbox, for this stream or whoever hears for it by then."""
    effect_id = f"again:{state.stream}:{message.message_id}:{ctx.now.isoformat()}"
    if any(effect.effect_id == effect_id for effect in state.effects):
        return
    state.effects.append(tell_effect(effect_id, state.stream, message))


def free_place(state: CaseFacts, why: str) -> None:
    """The officer has room again: allocation runs for the area."""
    state.effects.append(
        Effect(
            effect_id=f"free:{state.stream}:{why}:{number(state, 'effect')}",
            kind=EffectKind.FREE_PLACE,
            target=state.area,
        )
    )
