"""Risk: tools by question, grading, review, recommendations (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case.risk import rules
    from models.case.state import CaseFacts


async def risk(core: Core[CaseFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("risk"):
        rules.react(core.state, ctx)
