"""Everything a running case remembers. Open items only: the ledger holds the history."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record
from models.case.essentials.state import EssentialFacts
from models.case.handover.state import HandoverFacts
from models.case.recommending import Recommendation
from models.case.referrals.state import ReferralFacts
from models.case.risk.state import RiskFacts
from models.case.visits.state import VisitFacts
from models.case.wish_facts import AskedFacts
from models.commands import CloseCase, NotificationOptOut, SetCadence
from models.enums import (
    CadencePlan,
    CaseState,
    Channel,
    ContactResult,
    EngagementStatus,
    LadderStep,
    NeedDomain,
    NeedLevel,
    RiskGrade,
)
from models.safe_contact import SafeContactPlan
from models.stream import StreamState

OPEN_STATES = frozenset(CaseState) - {
    CaseState.CLOSED,
    CaseState.TRANSFERRED,
    CaseState.NOT_ELIGIBLE,
}


class Attempt(Record):
    """A contact attempt since the last success."""

    at: datetime
    channel: Channel
    route: str
    result: ContactResult


class Wishes(Record):
    """What the victim last said, and when: notices they opt out of, and the notes of it."""

    notification_opt_out: NotificationOptOut = NotificationOptOut.NONE
    opted_out_at: datetime | None = None
    """When they last said which notices they want; None: never, so all are due."""
    noted_at: datetime | None = None
    note_ref: str = ""


class NeedAction(Record):
    """An open action for a need; its clock carries the due instant."""

    action_id: str
    domain: NeedDomain
    action: str
    owner: str
    due_at: datetime


class Interruption(Record):
    """A dated, owned, reasoned pause of contact."""

    started_at: datetime
    until: datetime
    owner: str
    reason: str


class PendingCadence(Record):
    """A cadence that waits for a supervisor's sign-off: who asked, and what."""

    asked_by: str
    wish: SetCadence


class PendingClosure(Record):
    """A closure that a supervisor has agreed to and that the register has not yet confirmed."""

    agreed_by: str
    role: str
    command_id: str
    command: CloseCase


class CaseFacts(StreamState):
    """State of `CaseWorkflow`."""

    case_ref: str
    victim_ref: str
    pilot_area: str
    allocation_arm: str
    district: str = ""
    opened_at: datetime
    previous_case_ref: str = ""
    state: CaseState = CaseState.RECEIVED
    dalo_id: str = ""
    supervisor_id: str = ""
    allocated_at: datetime | None = None
    over_capacity: bool = False
    risk_grade: RiskGrade = RiskGrade.MEDIUM
    grade_pending_review: bool = False
    reticent: bool = False
    repeat_count_365: int = 0
    incidents: dict[str, int] = Field(default_factory=dict)
    """Version last seen of each joined incident, by incident reference."""
    engagement_status: EngagementStatus = EngagementStatus.NOT_STARTED
    plan: SafeContactPlan | None = None
    plan_set_at: datetime | None = None
    suspended: list[str] = Field(default_factory=list)
    """Suspended channels (`CALL`) and routes (`CALL:route-2`)."""
    cadence_plan: CadencePlan = CadencePlan.DEFAULT_BY_RISK
    interval_days: int | None = None
    wishes: Wishes = Wishes()
    pending_cadence: PendingCadence | None = None
    wait_approved: str = ""
    """Clock id of the contact clock whose wait for a safe window is approved."""
    first_contact_at: datetime | None = None
    last_contact_at: datetime | None = None
    contact_due_from: datetime | None = None
    """Where the next interval counts from when that is not the last success."""
    attempts: list[Attempt] = Field(default_factory=list)
    ladder_step: LadderStep = LadderStep.L0
    ladder_open: bool = False
    """Whether the current step still waits to be done."""
    needs_status: str = "NOT_STARTED"
    needs: dict[NeedDomain, NeedLevel] = Field(default_factory=dict)
    actions: dict[str, NeedAction] = Field(default_factory=dict)
    interruption: Interruption | None = None
    closing: PendingClosure | None = None
    closed_at: datetime | None = None
    closure_reason: str = ""
    seen_messages: list[str] = Field(default_factory=list)
    recommendations: dict[str, Recommendation] = Field(default_factory=dict)
    """What waits for an officer's decision, by its id."""
    risk: RiskFacts = Field(default_factory=RiskFacts)
    referrals: ReferralFacts = Field(default_factory=ReferralFacts)
    visits: VisitFacts = Field(default_factory=VisitFacts)
    asked: AskedFacts = Field(default_factory=AskedFacts)
    essentials: EssentialFacts = Field(default_factory=EssentialFacts)
    handover: HandoverFacts = Field(default_factory=HandoverFacts)

    @property
    def area(self) -> str:
        """Whose officers have the case: the pilot's area, or else the district."""
        return self.pilot_area or self.district

    @property
    def live(self) -> bool:
        """Whether the case is not closed: waiting and dormant count as open."""
        return self.state in OPEN_STATES

    @property
    def contact_owed(self) -> bool:
        """Whether proactive contact is owed: allocated, not dormant, and the victim has not asked
        for statutory and safety events only."""
        return (
            self.live
            and self.allocated_at is not None
            and self.state is not CaseState.DORMANT_MONITORED
            and self.cadence_plan in (CadencePlan.DEFAULT_BY_RISK, CadencePlan.CUSTOM)
            and not self.contact_held
        )

    @property
    def contact_held(self) -> bool:
        """Whether contact waits: for the end of a freeze, or for wishes to be renewed after the one
        safe approach (docs/domain.md 9.4, 16a)."""
        return self.release > 1 and (self.essentials.frozen or self.asked.approach == "USED")
