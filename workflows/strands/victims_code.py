"""The Victims' Code: what the victim must be told, and offered (docs/domain.md 4)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.incident import IncidentState
    from models.incident.victims_code import rules


async def victims_code(core: Core[IncidentState]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("victims_code"):
        rules.react(core.state, ctx)
