"""The cadence that the victim asked for, and dated pauses (docs/domain.md 9.2, 9.4)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case import cadence_plan as rules
    from models.case.state import CaseFacts


async def cadence(core: Core[CaseFacts]) -> None:
    """A pause ends by itself on its date."""
    async for ctx in core.changes("cadence"):
        rules.react(core.state, ctx)
