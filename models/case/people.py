"""Who answers for a case: always somebody (docs/domain.md 1.2, 11)."""

from __future__ import annotations

from models.case.state import CaseFacts
from models.enums import Role
from models.ids import role_address


def area_role(state: CaseFacts, role: Role) -> str:
    """Whoever holds a role in the case's area."""
    return role_address(role.value, state.area)


def supervisor_of(state: CaseFacts) -> str:
    """The case's supervisor, or whoever supervises in its area."""
    return state.supervisor_id or area_role(state, Role.SUPERVISOR)


def officer_of(state: CaseFacts) -> str:
    """The case's DALO; while it waits for one, its supervisor."""
    return state.dalo_id or supervisor_of(state)
