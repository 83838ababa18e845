"""What must hold before a case is referred: who, on what grounds, with or without consent
(docs/domain.md 5, 6, 8, 13)."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.referrals.grounds import (
    known_pairs,
    latest_repeat,
    stalking_known,
    suspect_of,
)
from models.case.state import CaseFacts
from models.commands import Grant, Refer
from models.enums import ConsentStatus, MaracCriterion, ReferralPathway
from models.ids import REFERRAL_REF
from models.marac_repeat import PairEvent, find_repeat
from models.referral.consent import consent_refusal, reason_needed
from models.referral.fields import accept
from models.referral.pathways import PATHWAYS
from models.stream import Context

OF_VICTIM = (ReferralPathway.IDVA, ReferralPathway.MARAC)
"""Pathways on which data of the victim goes to a partner: what they said is asked always."""
_OF_SUSPECT = (ReferralPathway.MATAC, ReferralPathway.MASIP)
"""Pathways about the person who harms, who must be named by reference."""


def check(state: CaseFacts, ctx: Context, command: Refer, grant: Grant) -> None:
    """Refuse what another officer should send, what is sent already, and what lacks its grounds."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    _reference(state, command)
    _suspect_named(state, command)
    _criteria(state, ctx, command)
    _not_open(state, ctx, command)
    _stalking(state, command)
    if command.draft:
        _drafted(command)
    else:
        _consent(state, command)
    accept(PATHWAYS[command.pathway], command.facts)


def _reference(state: CaseFacts, command: Refer) -> None:
    ref = command.assigned_ref
    fits = REFERRAL_REF.match(ref) and ref.startswith(f"{command.pathway.value}-")
    if not fits or ref in state.referrals.made:
        raise Refused(
            "NO_REFERENCE",
            "a referral needs a reference of its own pathway that is not in use",
            "send it by dalo do, which gives it one",
            "assigned_ref",
        )


def _suspect_named(state: CaseFacts, command: Refer) -> None:
    if command.pathway in _OF_SUSPECT and not suspect(state, command):
        raise Refused(
            "PERPETRATOR_NEEDED",
            f"{command.pathway.value} is about the person who harms, and none is known here",
            "give --perpetrator-ref",
            "perpetrator_ref",
        )


def _criteria(state: CaseFacts, ctx: Context, command: Refer) -> None:
    if command.pathway is not ReferralPathway.MARAC:
        _no_marac_fields(command)
        return
    if not command.criteria:
        raise Refused(
            "CRITERION_NEEDED",
            "a MARAC referral says which criterion is met",
            f"give --criteria: {', '.join(each.value for each in MaracCriterion)}",
            "criteria",
        )
    self_harm = MaracCriterion.SUICIDE_SELF_HARM in command.criteria
    if self_harm and not ctx.policy.marac.suicide_self_harm:
        raise Refused(
            "CRITERION_NOT_IN_POLICY",
            "SUICIDE_SELF_HARM is no criterion of the policy in force",
            "refer on PROFESSIONAL_JUDGEMENT, with the reason",
            "criteria",
        )
    if MaracCriterion.REPEAT in command.criteria and not repeat_of(state, ctx, command):
        raise Refused(
            "NOT_A_REPEAT",
            "by the dates of this pair there was no abuse within"
            f" {ctx.policy.marac.repeat_months} months of an earlier referral",
            "name another criterion, or give --event-at of abuse that no report tells of",
            "criteria",
        )


def _no_marac_fields(command: Refer) -> None:
    if command.criteria or command.emergency or command.event_at:
        raise Refused(
            "MARAC_ONLY",
            "criteria, emergency and event-at belong to a MARAC referral",
            "leave them out, or give --pathway MARAC",
            "pathway",
        )


def _not_open(state: CaseFacts, ctx: Context, command: Refer) -> None:
    """A second referral on the same pathway, except that new abuse makes a new MARAC referral, and
    that a MARAC case which was heard may come back."""
    of = suspect(state, command)
    for entry in state.referrals.made.values():
        if entry.pathway is not command.pathway or entry.ended:
            continue
        if command.pathway is not ReferralPathway.IDVA and entry.perpetrator_ref != of:
            continue
        marac = command.pathway is ReferralPathway.MARAC
        if marac and (entry.heard_at is not None or repeat_of(state, ctx, command)):
            continue
        raise Refused(
            "ALREADY_OPEN",
            f"{entry.referral_ref} is open on this pathway",
            f"add to it (dalo do {entry.referral_ref} amend-referral), or withdraw it first",
            "pathway",
        )


def _stalking(state: CaseFacts, command: Refer) -> None:
    masip = command.pathway is ReferralPathway.MASIP
    if masip and not stalking_known(state) and not command.facts.get("behaviours"):
        raise Refused(
            "NO_STALKING_GROUNDS",
            "no report and no screen of this case speaks of stalking",
            "do the stalking screen (screen-stalking), or give --facts behaviours=CODE,CODE",
            "facts",
        )


def _drafted(command: Refer) -> None:
    """A draft has left nobody: consent, basis and form are asked for when it is sent."""
    if command.pathway not in OF_VICTIM:
        raise Refused(
            "NO_DRAFT_HERE",
            f"a {command.pathway.value} referral has no draft",
            "send it, or wait with it",
            "draft",
        )


def _consent(state: CaseFacts, command: Refer) -> None:
    if command.pathway not in OF_VICTIM:
        return
    if command.consent_status is None:
        raise Refused(
            "CONSENT_NOT_STATED",
            "what the victim said is asked always",
            f"give --consent-status: {', '.join(each.value for each in ConsentStatus)}",
            "consent_status",
        )
    refused = consent_refusal(
        command.pathway,
        state.risk_grade,
        command.consent_status,
        command.disclosure_basis,
        command.reason or "",
    )
    if refused is not None:
        raise refused
    if command.consent_status is not ConsentStatus.GIVEN and not command.reason:
        raise reason_needed()


def suspect(state: CaseFacts, command: Refer) -> str:
    """Whom the referral is about: the one named, or the suspect of the newest report."""
    return command.perpetrator_ref or suspect_of(state)


def repeat_of(state: CaseFacts, ctx: Context, command: Refer) -> str:
    """The referral that this one repeats, by the newest abuse of the pair; empty where it is a
    first one."""
    if command.pathway is not ReferralPathway.MARAC:
        return ""
    of = suspect(state, command)
    if command.event_at is not None:
        told = PairEvent(
            incident_ref="",
            perpetrator_ref=of,
            at=command.event_at,
            known_at=command.at,
            criminal=False,
        )
        finding = find_repeat(told, known_pairs(state), ctx.policy.marac)
        return finding.in_force.referral_ref if finding.repeat else ""
    found = latest_repeat(state, ctx, of)
    return found.in_force.referral_ref if found else ""
