"""Everything a running referral remembers: open items only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from models.base import Record
from models.enums import (
    AttemptResult,
    ConsentStatus,
    DisclosureBasis,
    MaracCriterion,
    ReferralPathway,
    ReferralState,
    ReferralType,
    RiskGrade,
    TransferAnswer,
)
from models.ids import role_address
from models.messages import ReferralStart
from models.referral.pathway import Pathway
from models.referral.pathways import PATHWAYS
from models.stream import StreamState

ATTEMPTS_KEPT = 30


class Attempt(Record):
    """One attempt of an IDVA to reach the victim."""

    at: datetime
    result: AttemptResult


class Disruption(Record):
    """A planned disruption, and who has yet to answer, said safe, or said not: cases by reference,
    and victims by theirs where no case of them is open. `victims` are those known when it was
    planned, each with the open case that was asked, empty where there was none."""

    disruption_id: str
    action: str
    planned_at: datetime
    by: str
    victims: dict[str, str] = Field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    safe: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()

    @property
    def checked(self) -> bool | None:
        """Whether it is safe; None while that is not decided. One who says no decides it."""
        if self.unsafe:
            return False
        return None if self.waiting else True


class Transfer(Record):
    """A transfer to another area, and the last answer from there."""

    to_area: str
    at: datetime
    answer: TransferAnswer | None = None


class Repeat(Record):
    """A report of the flagged pair that waits for a decision."""

    incident_ref: str
    reported_at: datetime
    criminal: bool
    district: str


class ReferralFacts(StreamState):
    """State of `ReferralWorkflow`."""

    referral_ref: str
    pathway: ReferralPathway
    area: str
    asked_by: str
    case_ref: str = ""
    victim_ref: str = ""
    perpetrator_ref: str = ""
    dalo_id: str = ""
    supervisor_id: str = ""
    handed_to: str = ""
    """Who answers for the police side once the case is closed."""
    case_closed: bool = False
    risk_grade: RiskGrade | None = None
    criteria: list[MaracCriterion] = Field(default_factory=list)
    referral_type: ReferralType = ReferralType.FIRST
    repeat_of: str = ""
    consent_status: ConsentStatus | None = None
    disclosure_basis: DisclosureBasis | None = None
    emergency: bool = False
    facts: dict[str, Any] = Field(default_factory=dict)
    """The form: references and codes, by field of the pathway."""
    state: ReferralState = ReferralState.DRAFT
    entered_at: datetime
    """When the state was entered."""
    created_at: datetime
    submitted_at: datetime | None = None
    """When it was first sent; a return for more information does not change it."""
    acknowledged_at: datetime | None = None
    accepted_at: datetime | None = None
    first_attempt_at: datetime | None = None
    engaged_at: datetime | None = None
    heard_at: datetime | None = None
    flag_until: datetime | None = None
    outcome: str = ""
    reason: str = ""
    attempts: list[Attempt] = Field(default_factory=list)
    tries_from: datetime | None = None
    """When the referral last went on a waiting list: earlier attempts count no longer."""
    attempted_at: datetime | None = None
    """When the victim was first reached, or the last of the attempts that policy asks for made."""
    unreached_told: bool = False
    """The DALO was told that three attempts or seven days reached nobody."""
    withheld_at: datetime | None = None
    """Since when the victim no longer agrees and no other basis is on record."""
    resumed_at: datetime | None = None
    """When consent or a basis was last on record again."""
    meeting: str = ""
    """Stream of the meeting that has it on its list, or that heard it last."""
    meeting_at: datetime | None = None
    open_actions: int = 0
    asked_to_list: int = 0
    feedback_of: str = ""
    """The meeting whose decision the victim is to be told."""
    review_from: datetime | None = None
    """The first day of the reviews, or the last review where they are not anchored."""
    reviews: int = 0
    """Reviews due up to the last one held, missed ones included."""
    last_review_at: datetime | None = None
    before_review: ReferralState | None = None
    entry_score: float | None = None
    score: float | None = None
    exit_score: float | None = None
    scored_at: datetime | None = None
    raised: list[str] = Field(default_factory=list)
    """What a chase was already asked for: answers that are overdue, by clock type."""
    disruptions: dict[str, Disruption] = Field(default_factory=dict)
    transfer: Transfer | None = None
    repeats: dict[str, Repeat] = Field(default_factory=dict)
    ended_at: datetime | None = None
    seen_messages: list[str] = Field(default_factory=list)

    @property
    def path(self) -> Pathway:
        """The pathway's data."""
        return PATHWAYS[self.pathway]

    @property
    def lead(self) -> str:
        """Who answers on the police's side: the DALO, who has it after closure, the supervisor, or
        for a subject of no case the service itself."""
        return self.handed_to or self.dalo_id or self.supervisor_id or self.service

    @property
    def service(self) -> str:
        """Whose answer is waited for: the role in the area."""
        return role_address(self.path.service.value, self.area)

    @property
    def closed(self) -> bool:
        """Whether its last state is reached."""
        return self.ended_at is not None

    @property
    def settled(self) -> bool:
        """Whether nothing of it is left to do; a flag may still run."""
        return self.closed or self.state in self.path.settled


def new_state(start: ReferralStart, stream: str) -> ReferralFacts:
    """The state of a referral that begins; `models.referral.handle.begin` does the rest."""
    return ReferralFacts(
        stream=stream,
        policy_version=start.policy_version,
        calendar_version=start.calendar_version,
        referral_ref=start.referral_ref,
        pathway=start.pathway,
        area=start.area,
        asked_by=start.asked_by,
        case_ref=start.case_ref,
        victim_ref=start.victim_ref,
        perpetrator_ref=start.perpetrator_ref,
        dalo_id=start.dalo_id,
        supervisor_id=start.supervisor_id,
        risk_grade=start.risk_grade,
        criteria=list(start.criteria),
        referral_type=start.referral_type,
        repeat_of=start.repeat_of,
        consent_status=start.consent_status,
        disclosure_basis=start.disclosure_basis,
        emergency=start.emergency,
        entered_at=start.submitted_at,
        created_at=start.submitted_at,
    )
