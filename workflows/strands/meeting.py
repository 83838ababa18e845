"""The meeting: closing of the list, research, actions, minutes, chasing (docs/domain.md 8)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.meeting import reactions
    from models.meeting.state import MeetingFacts


async def meeting(core: Core[MeetingFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("meeting"):
        reactions.react(core.state, ctx)
