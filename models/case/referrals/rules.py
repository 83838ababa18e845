"""The case's side of its referrals (docs/domain.md 5, 6, 8)."""

from __future__ import annotations

from models.case.duty import DutyCaseCommands
from models.case.state import CaseFacts
from models.commands import CloseCase
from models.messages import CaseMessage
from models.stream import Context

COMMANDS: DutyCaseCommands = {}


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """What a message means to this duty; one that means nothing changes nothing."""


def react(state: CaseFacts, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """What of this keeps the case from closing, each named with its subject."""
    return []
