"""What a duty of the case consists of: its commands, what messages mean to it, its consequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.case.state import CaseFacts
from models.commands import Grant
from models.stream import Context

Check = Callable[[CaseFacts, Context, Any, Grant], None]
"""Raises `Refused` if the command is impossible now; changes nothing."""
Apply = Callable[[CaseFacts, Context, Any], tuple[str, ...]]
"""Does it; returns codes worth knowing."""
DutyCaseCommands = dict[str, tuple[Check, Apply]]
