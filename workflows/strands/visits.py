"""Hidden-harm visits (docs/domain.md 7)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case.state import CaseFacts
    from models.case.visits import rules


async def visits(core: Core[CaseFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("visits"):
        rules.react(core.state, ctx)
