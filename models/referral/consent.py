"""Consent and lawful basis, kept apart: what the victim said, and why data may leave the police
(docs/domain.md 6, 13)."""

from __future__ import annotations

from models.base import Refused
from models.enums import ConsentStatus, DisclosureBasis, ReferralPathway, RiskGrade


def consent_refusal(
    pathway: ReferralPathway,
    risk_grade: RiskGrade | None,
    consent: ConsentStatus | None,
    basis: DisclosureBasis | None,
    reason: str,
) -> Refused | None:
    """Why a referral may not be sent to its service as it is; None where it may.

    An IDVA is referred to with the victim's consent. Without it there must be a basis and a reason
    on record; serious harm alone is a basis at HIGH only. A MARAC needs no consent, and the other
    pathways are about the person who harms.
    """
    if pathway is not ReferralPathway.IDVA or consent is ConsentStatus.GIVEN:
        return None
    if basis is None or basis is DisclosureBasis.CONSENT_PRACTICE:
        return Refused(
            "CONSENT_OR_BASIS",
            "the victim has not agreed, and no other basis for disclosure is recorded",
            "ask again where it is safe, or record the disclosure basis and a reason",
            "disclosure_basis",
        )
    if basis is DisclosureBasis.SERIOUS_HARM_HIGH_RISK and risk_grade is not RiskGrade.HIGH:
        return Refused(
            "BASIS_NEEDS_HIGH",
            "SERIOUS_HARM_HIGH_RISK is a basis at HIGH risk only",
            "ask for consent, name another basis, or review the grade",
            "disclosure_basis",
        )
    if not reason:
        return reason_needed()
    return None


def reason_needed() -> Refused:
    """There is no consent, and nothing on record that stands in its place."""
    return Refused(
        "REASON_NEEDED",
        "a referral without consent needs the reason why it is necessary and proportionate",
        "give --reason",
        "reason",
    )
