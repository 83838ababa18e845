"""Where the walk-throughs of docs/domain.md 16 are lived: intake, relay, gate, engine and database
are the product's own; only the clock is skipped.

Time passes from clock to clock, and what a clock sets off is delivered before the next one fires.
Officers act at the exact instants of the text.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import func, select
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from casework.case_commands import send, target_stream
from casework.runtime import Runtime, open_runtime
from casework.service import WORKFLOWS, build_worker, workflow_runner
from casework.settings import Settings
from casework.temporal_server import executable
from models import registry
from models.clocks import next_wake
from models.commands import Command, target_of
from models.enums import Role
from models.events import EffectKind
from models.ids import case_stream, incident_stream
from models.instants import LONDON, utc
from models.report import Report
from store import reads
from store.allocation import AllocationResult, allocate
from store.intake import RowResult
from store.keys import KeyDestroyed
from store.roster import RosterEntry, load_roster
from store.tables import clock as clock_table
from store.tables import outbox
from tests.opening import AREA, take_in
from tests.story_time import StoryTime
from tests.walkthroughs.on_record import OnRecord

MASTER = "d2Fsay10aHJvdWdocyBhcmUgbGl2ZWQgdW5kZXIgaXQ="
DALO, OIC, SERGEANT = "PC-5001", "DC-7001", "PS-4001"
INSPECTOR = "DI-2001"
MARAC_CO, MASIP_LEAD, IDVA = "MC-6001", "ML-6003", "IDVA-1"
PEOPLE = {
    SERGEANT: Role.SUPERVISOR,
    INSPECTOR: Role.INSPECTOR,
    OIC: Role.OIC,
    IDVA: Role.IDVA_PARTNER,
    MARAC_CO: Role.MARAC_COORDINATOR,
    MASIP_LEAD: Role.MASIP_LEAD,
}
_numbers = itertools.count(1)


def at(text: str) -> datetime:
    """A London time such as `2027-03-25 21:40`, in UTC."""
    return utc(datetime.fromisoformat(text).replace(tzinfo=LONDON))


@dataclass
class Stage(OnRecord):
    """One story. `now` is the clock outside workflows: the instant that the story has come to;
    `runner` makes it, ahead of the engine's time, the time inside them."""

    env: WorkflowEnvironment
    runner: StoryTime
    now: datetime
    opened: Runtime | None = None
    case_ref: str = ""
    victim_ref: str = ""
    refs: dict[str, str] = field(default_factory=dict)
    """References of the referrals, as the story names them."""

    @property
    def runtime(self) -> Runtime:
        """The product."""
        assert self.opened is not None
        return self.opened

    @property
    def case(self) -> str:
        """The case's stream."""
        return case_stream(self.case_ref)

    # --- time ---------------------------------------------------------------------------------

    async def to(self, text: str) -> datetime:
        """Let time pass to an instant; every clock on the way fires, and what it sets off is
        delivered, before the next."""
        wanted = at(text)
        while (wake := await self._next_wake()) is not None and wake < wanted:
            await self._sleep(wake)
        await self._sleep(wanted)
        return wanted

    async def _sleep(self, until: datetime) -> None:
        left = until - (await self.env.get_current_time() + self.runner.by)
        if left > timedelta(0):
            await self.env.sleep(left)
        self.now = max(self.now, until)
        for _ in range(600):
            await self.settle()
            wake = await self._next_wake()
            if wake is None or wake > self.now:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("a clock did not fire")

    async def _next_wake(self) -> datetime | None:
        """The next instant at which an open clock has something to say."""
        query = select(clock_table).where(clock_table.c.status == "OPEN")
        async with self.runtime.engine.connect() as conn:
            rows = (await conn.execute(query)).mappings().all()
        waits = [next_wake(reads.clock_of(dict(row))) for row in rows]
        return min((when for when in waits if when is not None), default=None)

    async def settle(self) -> None:
        """Deliver and record until nothing waits."""
        while True:
            sent = await self.runtime.relay_once()
            for stream in await self._running():
                await self._recorded(stream)
            if not sent and not await self._waiting():
                return

    async def _waiting(self) -> int:
        # What is written to somebody erased waits for ever, for the watchdog to see.
        erased = func.coalesce(outbox.c.last_error, "") == KeyDestroyed.__name__
        pending = outbox.c.dispatched_at.is_(None) & ~erased
        query = select(func.count()).select_from(outbox).where(pending)
        async with self.runtime.engine.connect() as conn:
            return int(await conn.scalar(query) or 0)

    async def _running(self) -> list[str]:
        query = select(outbox.c.target).where(
            outbox.c.kind == EffectKind.START.value, outbox.c.dispatched_at.is_not(None)
        )
        async with self.runtime.engine.connect() as conn:
            return sorted(set((await conn.execute(query)).scalars()))

    async def _recorded(self, stream: str) -> None:
        """Wait until the workflow, if it runs, has nothing unrecorded."""
        handle = self.runtime.client.get_workflow_handle(stream)
        for _ in range(600):
            if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                return
            if not (await handle.query("ledger_head"))["unrecorded"]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{stream} never got recorded")

    # --- intake -------------------------------------------------------------------------------

    async def staffed(self, dalo_at_work_from: str = "") -> None:
        """Everybody of the area; where an instant is given, the only DALO comes to work then, and
        the sergeant stands in until then."""
        people = [
            RosterEntry(
                officer_id=who, role=role, area=AREA, covers=DALO if who == SERGEANT else ""
            )
            for who, role in PEOPLE.items()
        ]
        dalo = RosterEntry(
            officer_id=DALO,
            role=Role.DALO,
            area=AREA,
            capacity=40,
            supervisor_id=SERGEANT,
            absent_from=self.now if dalo_at_work_from else None,
            absent_until=at(dalo_at_work_from) if dalo_at_work_from else None,
        )
        async with self.runtime.engine.begin() as conn:
            await load_roster(conn, [*people, dalo])

    async def history(self, report: Report, *changes: dict[str, object]) -> None:
        """Earlier reports of the same victim, loaded as history."""
        for number, change in enumerate(changes, 1):
            changed = {"incident_ref": f"{report.incident_ref}{number}", **change}
            earlier = report.model_copy(update=changed)
            await take_in(self.runtime, earlier, self.now, history=True)

    async def receive(self, report: Report) -> RowResult:
        """A row of the force's extract, as `dalo intake` takes it."""
        result = await take_in(self.runtime, report, self.now)
        await self.settle()
        if result.case_ref:
            self.case_ref, self.victim_ref = result.case_ref, report.victim_ref
        return result

    async def allocate(self) -> AllocationResult:
        """The area's allocation, which intake runs after its rows."""
        engine, policy = self.runtime.engine, registry.current_policy()
        result = await allocate(engine, AREA, self.now, policy)
        await self.settle()
        return result

    # --- people -------------------------------------------------------------------------------

    async def do(self, who: str, ref: str, command: Command) -> tuple[str, ...]:
        """A command by whom it takes, through the gate; returns its codes."""
        grant = await self.runtime.gate.authorise(who, command.kind, ref)
        stream = await target_stream(self.runtime, ref, target_of(command))
        sent = await send(
            self.runtime, stream, command, grant, f"walk-{next(_numbers)}", wait=False
        )
        await self.settle()
        return sent.codes

    async def tell_case(self, command: Command, who: str = DALO) -> tuple[str, ...]:
        """A command to the story's case."""
        return await self.do(who, self.case_ref, command)

    def incident(self, incident_ref: str) -> str:
        """The stream of an incident of the story's victim."""
        return incident_stream(incident_ref, self.victim_ref)

    async def replayed(self) -> None:
        """Every workflow of the story replays from its history."""
        replayer = Replayer(
            workflows=WORKFLOWS,
            data_converter=self.runtime.client.data_converter,
            workflow_runner=self.runner,
        )
        for stream in await self._running():
            handle = self.runtime.client.get_workflow_handle(stream)
            await replayer.replay_workflow(await handle.fetch_history())


@asynccontextmanager
async def a_stage(database_url: str, opening: str) -> AsyncIterator[Stage]:
    """A test server of its own, with the product's worker on it, that opens at this instant."""
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=os.fspath(executable("temporal-test-server"))
    )
    try:
        ahead = at(opening) - await env.get_current_time()
        stage = Stage(env, StoryTime(workflow_runner(), ahead), at(opening))
        settings = Settings(
            database_url=SecretStr(database_url),
            temporal_address=env.client.service_client.config.target_host,
            temporal_namespace="default",
            master_keys_text=SecretStr(MASTER),
            task_queue=f"walk-{uuid.uuid4()}",
            search_attributes=False,
        )
        async with open_runtime(settings, clock=lambda: stage.now) as runtime:
            stage.opened = runtime
            async with build_worker(runtime, stage.runner):
                yield stage
    finally:
        await env.shutdown()
