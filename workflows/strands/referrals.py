"""The case's side of its referrals (docs/domain.md 5, 6, 8)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case.referrals import rules
    from models.case.state import CaseFacts


async def referrals(core: Core[CaseFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("referrals"):
        rules.react(core.state, ctx)
