"""What a duty of the incident is: its commands, what messages mean to it, its consequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.commands import Grant
from models.enums import ClockType
from models.escalation import escalate
from models.incident.state import IncidentState, name
from models.stream import Context

Check = Callable[[IncidentState, Context, Any, Grant], None]
"""Raises `Refused` if the command is impossible now; changes nothing."""
Apply = Callable[[IncidentState, Context, Any], tuple[str, ...]]
"""Does it; returns codes worth knowing."""
DutyIncidentCommands = dict[str, tuple[Check, Apply]]


def escalate_own(
    state: IncidentState,
    ctx: Context,
    person_of: Callable[[IncidentState, str], str],
    settled_by: Mapping[ClockType, str],
) -> None:
    """Each breached clock of a duty reaches whom the policy names (`person_of` says who that is
    here), with the command that settles it."""
    district = state.report.district if state.report else ""
    for clock_type, command in settled_by.items():
        escalate(
            state,
            ctx,
            lambda wanted: person_of(state, wanted),
            district,
            f"dalo do {name(state)} {command}",
            but=frozenset(ClockType) - {clock_type},
        )
