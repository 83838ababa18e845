"""Making a referral: it is kept, its workflow starts, clock and recommendation are answered
(docs/domain.md 5, 6, 8)."""

from __future__ import annotations

from models.case.referrals.checks import OF_VICTIM, check, repeat_of, suspect
from models.case.referrals.owed import grounds_of, sent, tell_victim
from models.case.referrals.state import CaseReferral
from models.case.state import CaseFacts
from models.commands import Refer
from models.enums import (
    ConsentStatus,
    DisclosureBasis,
    MaracCriterion,
    ReferralState,
    ReferralType,
)
from models.events import Json, start_effect
from models.ids import referral_stream
from models.messages import ReferralStart
from models.referral.fields import accept
from models.referral.pathways import PATHWAYS
from models.stream import Context, append

__all__ = ["apply", "check"]


def apply(state: CaseFacts, ctx: Context, command: Refer) -> tuple[str, ...]:
    """Keep it, start its workflow, meet the clock, answer the recommendation."""
    start = _start(state, ctx, command)
    state.referrals.made[start.referral_ref] = CaseReferral(
        referral_ref=start.referral_ref,
        pathway=command.pathway,
        perpetrator_ref=start.perpetrator_ref,
        state=ReferralState.DRAFT if command.draft else PATHWAYS[command.pathway].first,
        submitted_at=command.at,
        repeat_of=start.repeat_of,
        grounds=grounds_of(state, ctx, command.pathway, start.perpetrator_ref),
    )
    append(state, ctx, "case:referral:made", command.at, **_told(state, start, command))
    state.effects.append(start_effect(referral_stream(start.referral_ref), start))
    if command.draft:
        return (start.referral_ref, "DRAFT")
    entry = state.referrals.made[start.referral_ref]
    sent(state, ctx, entry, command.at, command.reason or "")
    if command.pathway in OF_VICTIM and command.consent_status is not ConsentStatus.GIVEN:
        tell_victim(state, ctx, start.referral_ref)
    return (start.referral_ref, *(["REPEAT"] if start.repeat_of else []))


def _start(state: CaseFacts, ctx: Context, command: Refer) -> ReferralStart:
    repeated = repeat_of(state, ctx, command)
    criteria = set(command.criteria) | ({MaracCriterion.REPEAT} if repeated else set())
    basis = command.disclosure_basis
    if command.consent_status is ConsentStatus.GIVEN and basis is None:
        basis = DisclosureBasis.CONSENT_PRACTICE
    return ReferralStart(
        referral_ref=command.assigned_ref,
        pathway=command.pathway,
        area=state.area,
        asked_by=ctx.actor,
        case_ref=state.case_ref,
        victim_ref=state.victim_ref,
        perpetrator_ref=suspect(state, command),
        dalo_id=state.dalo_id,
        supervisor_id=state.supervisor_id,
        risk_grade=state.risk_grade,
        criteria=tuple(each for each in MaracCriterion if each in criteria),
        referral_type=ReferralType.REPEAT if repeated else ReferralType.FIRST,
        repeat_of=repeated,
        consent_status=command.consent_status,
        disclosure_basis=basis,
        emergency=command.emergency,
        submitted_at=command.at,
        facts=_form(command) | ({"draft": True} if command.draft else {}),
        policy_version=state.policy_version,
        calendar_version=state.calendar_version,
    )


def _form(command: Refer) -> Json:
    """The form's fields; the command's reason goes where the pathway keeps it."""
    found = accept(PATHWAYS[command.pathway], command.facts)
    if command.reason is None:
        return found
    agreed = command.pathway not in OF_VICTIM or command.consent_status is ConsentStatus.GIVEN
    name = "reason" if agreed else "basis_reason"
    return found if name in found else {**found, name: command.reason}


def _told(state: CaseFacts, start: ReferralStart, command: Refer) -> Json:
    names = {
        "referral_ref",
        "pathway",
        "perpetrator_ref",
        "criteria",
        "referral_type",
        "repeat_of",
        "consent_status",
        "disclosure_basis",
        "emergency",
    }
    told = start.model_dump(mode="json", include=names)
    return {
        "case_ref": state.case_ref,
        **{name: value for name, value in told.items() if value not in (None, "", [], False)},
        "reason": command.reason or "",
        **({"draft": True} if command.draft else {}),
        "note_ref": command.note_ref,
    }
