"""What an officer says about a referral of their case (docs/domain.md 6, 8.2)."""

from __future__ import annotations

from enum import StrEnum


class ReferralStep(StrEnum):
    """What follows what came back of a referral."""

    SENT_AGAIN = "SENT_AGAIN"
    OTHER_SERVICE = "OTHER_SERVICE"
    CONTACT_BY_DALO = "CONTACT_BY_DALO"
    VICTIM_TOLD = "VICTIM_TOLD"
    NOT_SAFE_TO_TELL = "NOT_SAFE_TO_TELL"
    NO_FURTHER_REFERRAL = "NO_FURTHER_REFERRAL"


class RetaliationRisk(StrEnum):
    """Whether a disruption may go ahead, in the eyes of a victim's DALO."""

    SAFE = "SAFE"
    NOT_SAFE = "NOT_SAFE"
