"""What a duty of the incident is: its commands, what messages mean to it, its consequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.commands import Grant
from models.incident.state import IncidentState
from models.stream import Context

Check = Callable[[IncidentState, Context, Any, Grant], None]
"""Raises `Refused` if the command is impossible now; changes nothing."""
Apply = Callable[[IncidentState, Context, Any], tuple[str, ...]]
"""Does it; returns codes worth knowing."""
DutyIncidentCommands = dict[str, tuple[Check, Apply]]
