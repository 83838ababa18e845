"""The golden hour: warned at 45 minutes, judged at 60, chased after it (docs/domain.md 3)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core

with workflow.unsafe.imports_passed_through():
    from models import incident as rules


async def golden_hour(core: Core[rules.IncidentState]) -> None:
    """Keep one clock an evidence item and one verdict an incident."""
    async for ctx in core.changes("golden_hour"):
        rules.react(core.state, ctx)
