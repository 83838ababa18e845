"""The needs assessment and its clock."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case import needs as rules
    from models.case.state import CaseFacts


async def needs(core: Core[CaseFacts]) -> None:
    """Start the assessment's clock at the first contact."""
    async for ctx in core.changes("needs"):
        rules.react(core.state, ctx)
