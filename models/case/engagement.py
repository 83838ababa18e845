"""Whether a victim takes part in the service (docs/domain.md 15.2; M21 counts who leaves it).

Withdrawing support for a prosecution says nothing of it (9.4)."""

from __future__ import annotations

from models.case.state import CaseFacts
from models.case.telling import free_place
from models.enums import CadencePlan, CaseState, EngagementStatus

NO_PROACTIVE_CONTACT = (CadencePlan.CONTACT_ON_EVENT, CadencePlan.NO_CONTACT)


def spoken(state: CaseFacts) -> None:
    """The victim was spoken with: engaged, or in part where they declined the needs assessment.
    What a victim asked for is not undone by speaking with them once."""
    if state.cadence_plan in NO_PROACTIVE_CONTACT or state.asked.no_contact_at is not None:
        return
    partial = state.needs_status == "DECLINED"
    state.engagement_status = EngagementStatus.PARTIAL if partial else EngagementStatus.ENGAGED


def contact_declined(state: CaseFacts) -> None:
    """The victim wants to hear of events only: declined where they never took up the service (no
    needs assessment was completed), else withdrawn from it."""
    taken_up = state.needs_status == "COMPLETED"
    state.engagement_status = EngagementStatus.WITHDRAWN if taken_up else EngagementStatus.DECLINED


def rest(state: CaseFacts) -> None:
    """The victim asked for no contact: the case listens only, and its officer has room."""
    state.state = CaseState.DORMANT_MONITORED
    state.engagement_status = EngagementStatus.NO_CONTACT
    free_place(state, "dormant")
