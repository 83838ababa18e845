"""Contact owed to the victim, and the ladder when it fails (docs/domain.md 9.2, 9.3)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.case import contact as rules
    from models.case.state import CaseFacts


async def contact(core: Core[CaseFacts]) -> None:
    """Keep the contact clock that the facts call for; climb the ladder when contact fails."""
    async for ctx in core.changes("contact"):
        rules.react(core.state, ctx)
