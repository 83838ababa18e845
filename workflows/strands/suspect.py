"""The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models.incident import IncidentState
    from models.incident.suspect import rules


async def suspect(core: Core[IncidentState]) -> None:
    """Draw what follows from the facts."""
    async for ctx in core.changes("suspect"):
        rules.react(core.state, ctx)
