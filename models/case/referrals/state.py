"""The case's side of its referrals (docs/domain.md 5, 6, 8).

What is kept: referrals that run or whose flag may still be hit, what a repeat is judged by, and
what was recommended on which grounds."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record, State
from models.enums import ReferralPathway, ReferralState
from models.marac_repeat import PairEvent
from models.messages.facts import PairReferral

NO_REFERRAL = (ReferralState.WITHDRAWN_IN_ERROR, ReferralState.NOT_MET)
"""What became no MARAC case: it starts no window and sets no flag."""


class CaseReferral(Record):
    """One referral that this case made. `ended`: nothing of it is left to do, though a MARAC flag
    may still run. `grounds` are the grounds that it answered."""

    referral_ref: str
    pathway: ReferralPathway
    perpetrator_ref: str = ""
    state: ReferralState
    submitted_at: datetime
    heard_at: datetime | None = None
    flag_until: datetime | None = None
    outcome: str = ""
    repeat_of: str = ""
    ended: bool = False
    grounds: tuple[str, ...] = ()

    @property
    def pair(self) -> PairReferral | None:
        """What a repeat is judged by; None where it is no referral to MARAC."""
        none = (*NO_REFERRAL, ReferralState.DRAFT)
        if self.pathway is not ReferralPathway.MARAC or self.state in none:
            return None
        return PairReferral(
            referral_ref=self.referral_ref,
            perpetrator_ref=self.perpetrator_ref,
            submitted_at=self.submitted_at,
            heard_at=self.heard_at,
        )


class ReferralFacts(State):
    """The case's side of its referrals (docs/domain.md 5, 6, 8)."""

    made: dict[str, CaseReferral] = Field(default_factory=dict)
    """Referrals of this case by reference, until they are over and their window with them."""
    pairs: dict[str, PairReferral] = Field(default_factory=dict)
    """MARAC referrals of the victim and a suspect that intake knew of, by reference."""
    events: list[PairEvent] = Field(default_factory=list)
    """Reported abuse by a known suspect, each incident once, the oldest first."""
    high_since: datetime | None = None
    """When the grade last became HIGH; None while it is not."""
    idva_asked_at: datetime | None = None
    stalking_reported: bool = False
    """A report of this case was flagged as stalking."""
    recommended: dict[str, list[str]] = Field(default_factory=dict)
    """Grounds of the recommendation that waits, by rule and subject (`MARAC_REFERRAL:PER-0001`)."""
    answered: list[str] = Field(default_factory=list)
    """Grounds that an officer referred on, or declined: they recommend nothing again."""
