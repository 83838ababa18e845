"""The one recorder strand: never two batches in flight, retried for ever, so that the ledger is
the workflow's own sequence and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow

from workflows.core import Core
from workflows.options import RECORDING

with workflow.unsafe.imports_passed_through():
    from activities.interfaces import RECORD
    from models.events import RecordResult


async def recorder(
    core: Core[Any],
    closing: Callable[[], bool] = lambda: False,
    close: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Send what waits; when nothing waits and `closing` says so, hand over to `close`."""
    while True:
        await core.until(lambda: core.waiting() or (core.quiet() and closing()))
        core.recording = True
        if core.waiting():
            batch = core.next_batch()
            result = await workflow.execute_activity(
                RECORD,
                batch,
                result_type=RecordResult,
                summary=f"{batch.first_seq}..{batch.first_seq + len(batch.events) - 1}",
                **RECORDING,
            )
            core.recorded(batch, result)
        elif close is not None and core.quiet() and closing():
            await close()
        core.recording = False
