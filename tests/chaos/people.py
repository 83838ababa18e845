"""Victims with cases, by way of the real intake, and officers who send commands until answered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from casework.runtime import Runtime
from models import registry
from models.commands import (
    AddNeedAction,
    Answer,
    CaseCommand,
    CaseEnvelope,
    Grant,
    NeedActionEntry,
    RecordAttempt,
)
from models.enums import Channel, ContactResult, NeedDomain, RiskGrade, Role
from models.ids import case_stream, incident_stream
from store.allocation import allocate
from tests.models.play import a_report
from tests.opening import AREA, open_case, staff

DALO, SERGEANT = "PC-4011", "PS-4001"
GRANT = Grant(actor=DALO, role=Role.DALO, access_log_id="chaos")


@dataclass(frozen=True)
class Opened:
    """A case and the incident that opened it."""

    case: str
    incident: str


def now() -> datetime:
    """The machine's time, which is the engine's too."""
    return datetime.now(UTC)


async def open_cases(
    runtime: Runtime, hours_end_at: list[datetime], first_number: int = 1
) -> list[Opened]:
    """A case for each instant at which its incident's golden hour is to end, taken in a minute ago
    and allocated; the worker's relay starts the workflows."""
    taken_at = now() - timedelta(minutes=1)
    await staff(runtime, DALO, SERGEANT, capacity=900)
    opened = []
    for number, ends in enumerate(hours_end_at, first_number):
        report = a_report(
            ends - timedelta(hours=1),
            incident_ref=f"46/{number}/27",
            victim_ref=f"VIC-{number:04d}",
            risk_grade=RiskGrade.HIGH,
        )
        ref = await open_case(runtime, report, taken_at)
        incident = incident_stream(report.incident_ref, report.victim_ref)
        opened.append(Opened(case_stream(ref), incident))
    result = await allocate(runtime.engine, AREA, taken_at, registry.current_policy())
    assert len(result.allocated) == len(opened)
    await until_recorded(runtime, streams(opened))
    return opened


def streams(opened: list[Opened]) -> list[str]:
    """Every workflow's stream."""
    return [stream for each in opened for stream in (each.case, each.incident)]


async def until_recorded(runtime: Runtime, wanted: list[str], seconds: float = 60) -> None:
    """Wait until every workflow runs and nothing of any is unrecorded."""
    deadline = time.monotonic() + seconds
    waiting = list(wanted)
    while waiting:
        assert time.monotonic() < deadline, f"never recorded: {waiting}"
        heads = [await _head(runtime, stream) for stream in waiting]
        waiting = [s for s, head in zip(waiting, heads, strict=True) if head is None or head]
        await asyncio.sleep(0.1)


async def _head(runtime: Runtime, stream: str) -> int | None:
    handle = runtime.client.get_workflow_handle(stream)
    try:
        head = await handle.query("ledger_head", rpc_timeout=timedelta(seconds=5))
    except Exception:
        return None
    return int(head["unrecorded"])


def attempt() -> RecordAttempt:
    """Nobody answered just now."""
    at = now() - timedelta(seconds=1)
    return RecordAttempt(
        at=at, channel=Channel.CALL, result=ContactResult.NO_ANSWER, route="mobile"
    )


def promise(due_at: datetime) -> AddNeedAction:
    """Something to be done by then: an obligation whose clock must come due once."""
    action = NeedActionEntry(
        domain=NeedDomain.SAFETY, action="CALL_BACK", owner=DALO, due_at=due_at
    )
    return AddNeedAction(at=now() - timedelta(seconds=1), action=action)


async def tell(
    runtime: Runtime, case: str, command: CaseCommand, command_id: str, seconds: float = 5
) -> Answer:
    """Give a command straight to the workflow, as the gate would after logging it."""
    handle: WorkflowHandle[object, object] = runtime.client.get_workflow_handle(case)
    envelope = CaseEnvelope(command_id=command_id, grant=GRANT, command=command)
    answer: Answer = await handle.execute_update(
        "command",
        envelope,
        id=command_id,
        result_type=Answer,
        rpc_timeout=timedelta(seconds=seconds),
    )
    return answer


async def insist(runtime: Runtime, case: str, command: CaseCommand, command_id: str) -> Answer:
    """As `tell`, again and again under the same id until there is an answer."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return await tell(runtime, case, command, command_id, seconds=3)
        except WorkflowUpdateFailedError:
            raise
        except Exception:
            assert time.monotonic() < deadline, f"{command_id} was never answered"
            await asyncio.sleep(0.2)
