"""Handover, absence, transfer, conflict, merge (docs/domain.md 16a)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case.handover import rules
    from models.case.state import CaseFacts


async def handover(core: Core[CaseFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("handover"):
        rules.react(core.state, ctx)
