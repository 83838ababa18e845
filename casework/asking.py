"""Questions to running workflows: exact at this moment, and an answer, or none, within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from casework.runtime import Runtime
from models.enums import Channel
from models.ids import case_stream
from models.safe_decision import SafeDecision
from store.keys import KeyFault

WORKFLOW = "workflow"
READ_MODEL = "read model"
ANSWER_WITHIN = timedelta(seconds=5)
"""A workflow that takes longer counts as one that does not answer."""
ASKED_AT_ONCE = 8
_SILENT = (
    RPCError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    TimeoutError,
    KeyFault,
)
NO_ANSWER = SafeDecision(allowed=False, reason_code="NO_ANSWER")


async def ask(runtime: Runtime, stream: str, query: str, kind: Any, *args: Any) -> Any:
    """A workflow's answer to a query, exact at this moment; None if it does not answer in 5 s, is
    unknown, past retention or erased."""
    if runtime.connected is None:
        return None
    handle = runtime.connected.get_workflow_handle(stream)
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            return await handle.query(
                query, args=list(args), result_type=kind, rpc_timeout=ANSWER_WITHIN
            )
    except _SILENT:
        return None


async def safe_to_call(runtime: Runtime, case_ref: str, now: datetime) -> SafeDecision:
    """Whether the victim may be called now: the case workflow's decision at this moment; no answer
    means no."""
    found = await ask(
        runtime, case_stream(case_ref), "safe_contact", SafeDecision, Channel.CALL, "", now
    )
    return found if isinstance(found, SafeDecision) else NO_ANSWER


async def safe_to_send(
    runtime: Runtime, case_ref: str, channel: Channel, route: str, now: datetime
) -> SafeDecision:
    """Whether a message by this route is safe at this moment, as the case alone knows; no answer
    in 5 s is a no."""
    found = await ask(
        runtime, case_stream(case_ref), "safe_contact", SafeDecision, channel, route, now
    )
    return found if isinstance(found, SafeDecision) else NO_ANSWER


async def safe_to_call_each(
    runtime: Runtime, case_refs: Sequence[str], now: datetime
) -> dict[str, SafeDecision]:
    """As `safe_to_call` for several cases, all within 5 s: who has not answered by then says no."""
    gate = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(case_ref: str) -> SafeDecision:
        async with gate:
            return await safe_to_call(runtime, case_ref, now)

    asked = {ref: asyncio.create_task(one(ref)) for ref in case_refs}
    if asked:
        _, late = await asyncio.wait(asked.values(), timeout=ANSWER_WITHIN.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    return {ref: NO_ANSWER if task.cancelled() else task.result() for ref, task in asked.items()}
