"""Supervision: grades that wait for review, and breaches (docs/domain.md 2.5, 11)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case import lifecycle as rules
    from models.case.state import CaseFacts


async def oversight(core: Core[CaseFacts]) -> None:
    """Bring every breach and pending review to a named supervisor."""
    async for ctx in core.changes("oversight"):
        rules.react(core.state, ctx)
