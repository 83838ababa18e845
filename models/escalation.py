"""Every breach reaches somebody by name: one task a breached clock, for whom the policy says."""

from __future__ import annotations

from collections.abc import Callable, Collection

from models.enums import ClockType, Role
from models.ids import role_address
from models.stream import Context, StreamState, raise_task

SAID_OTHERWISE = frozenset({ClockType.PAUSE_REVIEW})
"""Clocks whose end is no failure of anybody."""
ROLES = frozenset(role.value for role in Role)


def escalate(
    state: StreamState,
    ctx: Context,
    person_of: Callable[[str], str],
    area: str,
    command: str,
    but: Collection[ClockType] = SAID_OTHERWISE,
) -> None:
    """Raise `BREACH` for each open clock past its due time. `person_of` names the person whom
    `breach_to` of the policy means here, or nobody; then the role in the area is addressed. The
    task is settled when its clock ends."""
    for clock in list(state.clocks.values()):
        if clock.breached_at is None or clock.clock_type in but:
            continue
        wanted = ctx.policy.clock_rules[clock.clock_type].breach_to
        to = person_of(wanted)
        if not to and wanted in ROLES:
            to = role_address(wanted, area)
        raise_task(
            state,
            ctx,
            "BREACH",
            to or person_of(Role.SUPERVISOR.value) or role_address(Role.INSPECTOR.value, area),
            f"{clock.clock_type.value} passed its due time",
            due_at=clock.due_at,
            command=command,
            subject=clock.clock_id,
        )
