"""A referral's states, clocks and chases (docs/domain.md 6, 8)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.referral import handle
    from models.referral.state import ReferralFacts


async def referral(core: Core[ReferralFacts]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("referral"):
        handle.react(core.state, ctx)
