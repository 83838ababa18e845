"""What a case looks like from outside: the read model's row and the full view of one case."""

from __future__ import annotations

from datetime import datetime

from models.base import Record
from models.case import wishes
from models.case.contact import contact_clock
from models.case.essentials import rules as essentials
from models.case.essentials.state import EssentialFacts
from models.case.handover.state import HandoverFacts
from models.case.referrals.state import ReferralFacts
from models.case.risk.state import RiskFacts
from models.case.state import Attempt, CaseFacts, Interruption, NeedAction, Wishes
from models.case.visits.state import VisitFacts
from models.case.wish_facts import AskedFacts
from models.clocks import Clock
from models.enums import NeedDomain, NeedLevel
from models.events import Json
from models.safe_contact import SafeContactPlan
from models.stream import Task, jsonable


class CaseView(Record):
    """One case as it stands at `as_of`: references, codes and instants, no personal data."""

    as_of: datetime
    case_ref: str
    victim_ref: str
    summary: Json
    incidents: dict[str, int]
    clocks: tuple[Clock, ...]
    tasks: tuple[Task, ...]
    plan: SafeContactPlan | None
    suspended: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    needs_status: str
    needs: dict[NeedDomain, NeedLevel]
    actions: tuple[NeedAction, ...]
    interruption: Interruption | None
    wishes: Wishes | None = None
    """None: not known here; the read model does not hold them."""
    risk: RiskFacts | None = None
    referrals: ReferralFacts | None = None
    visits: VisitFacts | None = None
    asked: AskedFacts | None = None
    essentials: EssentialFacts | None = None
    handover: HandoverFacts | None = None
    unrecorded: int


def summary(state: CaseFacts) -> Json:
    """The columns of the `case` read model."""
    clock = contact_clock(state)
    later: Json = {}
    if state.release > 1:
        later = jsonable({"wishes": wishes.column(state), "flags": essentials.flags(state)})
    return later | jsonable(
        {
            "case_ref": state.case_ref,
            "victim_ref": state.victim_ref,
            "state": state.state,
            "dalo_id": state.dalo_id,
            "supervisor_id": state.supervisor_id,
            "district": state.district,
            "pilot_area": state.pilot_area,
            "allocation_arm": state.allocation_arm,
            "risk_grade": state.risk_grade,
            "grade_pending_review": state.grade_pending_review,
            "engagement_status": state.engagement_status,
            "cadence_plan": state.cadence_plan,
            "reticent": state.reticent,
            "over_capacity": state.over_capacity,
            "opened_at": state.opened_at,
            "allocated_at": state.allocated_at,
            "first_contact_at": state.first_contact_at,
            "last_contact_at": state.last_contact_at,
            "next_contact_due_raw": clock.due_raw if clock else None,
            "next_contact_due_adjusted": clock.due_at if clock else None,
            "ladder_step": state.ladder_step,
            "incident_count": len(state.incidents),
            "policy_version": state.policy_version,
            "calendar_version": state.calendar_version,
            "closed_at": state.closed_at,
            "closure_reason": state.closure_reason,
            "previous_case_ref": state.previous_case_ref,
        }
    )


def view(state: CaseFacts, now: datetime) -> CaseView:
    """Everything one screen of the case shows."""
    return CaseView(
        as_of=now,
        case_ref=state.case_ref,
        victim_ref=state.victim_ref,
        summary=summary(state),
        incidents=dict(state.incidents),
        clocks=tuple(sorted(state.clocks.values(), key=lambda c: c.due_at)),
        tasks=tuple(state.tasks.values()),
        plan=state.plan,
        suspended=tuple(state.suspended),
        attempts=tuple(state.attempts),
        needs_status=state.needs_status,
        needs=dict(state.needs),
        actions=tuple(state.actions.values()),
        interruption=state.interruption,
        wishes=state.wishes,
        risk=state.risk,
        referrals=state.referrals,
        visits=state.visits,
        asked=state.asked,
        essentials=state.essentials,
        handover=state.handover,
        unrecorded=len(state.unrecorded),
    )
