"""Death, legal hold, threat to life, counter-allegations (docs/domain.md 16a)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case.essentials import rules
    from models.case.state import CaseFacts


async def essentials(core: Core[CaseFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("essentials"):
        rules.react(core.state, ctx)
