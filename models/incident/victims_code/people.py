"""Who answers for what the victim is owed: always somebody (docs/domain.md 1.2, 11)."""

from __future__ import annotations

from models.commands import Grant
from models.enums import Role
from models.ids import role_address
from models.incident.commands import may
from models.incident.state import IncidentState


def district(state: IncidentState) -> str:
    """Where the incident was reported."""
    return state.report.district if state.report else ""


def answers(state: IncidentState) -> str:
    """The DALO, or who has the incident after closure; else whoever supervises the district."""
    return state.lead or role_address(Role.SUPERVISOR.value, district(state))


def chief(state: IncidentState) -> str:
    """The supervisor; else whoever supervises the district."""
    return state.supervisor_id or role_address(Role.SUPERVISOR.value, district(state))


def person_of(state: IncidentState, wanted: str) -> str:
    """Whom `breach_to` of the policy means here."""
    match wanted:
        case "duty inspector" | "INSPECTOR":
            return role_address(Role.INSPECTOR.value, district(state))
        case "OIC":
            return state.oic_id or answers(state)
        case "SUPERVISOR":
            return chief(state)
    return ""


def may_tell(state: IncidentState, grant: Grant) -> None:
    """Who may act on the incident, and Witness Care for the cases referred to it."""
    if grant.role is not Role.WITNESS_CARE:
        may(state, grant)
