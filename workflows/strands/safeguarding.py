"""Safeguarding children and adults (docs/domain.md 10)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.incident import IncidentState
    from models.incident.safeguarding import rules


async def safeguarding(core: Core[IncidentState]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("safeguarding"):
        rules.react(core.state, ctx)
