"""Court orders and notices (docs/domain.md 11)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.incident import IncidentState
    from models.incident.orders import rules


async def orders(core: Core[IncidentState]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("orders"):
        rules.react(core.state, ctx)
