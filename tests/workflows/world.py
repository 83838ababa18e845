"""Workflows on the time-skipping server, with the real record and the real encryption."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.ledger import LedgerActivities
from activities.meetings import MeetingActivities
from casework.runtime import Runtime, open_runtime
from casework.service import WORKFLOWS
from casework.settings import Settings
from models import registry
from models.clocks import next_wake
from models.commands import (
    Answer,
    CaseCommand,
    CaseEnvelope,
    Grant,
    IncidentCommand,
    IncidentEnvelope,
    ReferralCommand,
    ReferralEnvelope,
)
from models.enums import ConsentStatus, ReferralPathway, RiskGrade, Role
from models.ids import case_stream, incident_stream, referral_stream
from models.messages import (
    Allocated,
    CaseStart,
    IncidentStart,
    ReferralStart,
    ReportArrived,
)
from models.report import Report
from store import reads
from store.tables import case_key, clock, ledger_event
from tests.models.play import DALO, SERGEANT, a_report
from workflows.case import CaseInput, CaseWorkflow
from workflows.incident import IncidentInput, IncidentWorkflow
from workflows.referral import ReferralInput, ReferralWorkflow

MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
LONGEST_HOP = timedelta(days=15)
STRICT = SandboxRestrictions.default.with_passthrough_modules(
    "pydantic", "pydantic_core", "models", "activities", "structlog"
)
"""Our own workflow modules are re-executed in the sandbox, as production does not."""


@dataclass
class World:
    """One runtime on the test server; the clock is the server's and is everybody's."""

    env: WorkflowEnvironment
    runtime: Runtime
    task_queue: str
    cleared: set[str] = field(default_factory=set)

    async def clear(self) -> None:
        """End what still runs: whoever lets a year pass would live through every neglected case
        of the tests before. Meetings go on, as the register holds them open."""
        async with self.runtime.engine.connect() as conn:
            streams = set((await conn.execute(select(case_key.c.scope))).scalars())
        for stream in sorted(streams - self.cleared):
            if stream.startswith(("case/", "incident/", "referral/")):
                with suppress(RPCError):
                    await self._at_rest(stream)
                    await self.client.get_workflow_handle(stream).terminate()
        self.cleared |= streams

    async def _at_rest(self, workflow_id: str) -> None:
        """Wait until the workflow has no task and no activity under way: the server lets no time
        pass during an activity, and an activity whose workflow was ended never ends for it."""
        handle = self.client.get_workflow_handle(workflow_id)
        for _ in range(400):
            head: dict[str, int] = await handle.query("ledger_head")
            now = (await handle.describe()).raw_description
            if not head["unrecorded"] and not now.pending_activities:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{workflow_id} never came to rest")

    @property
    def client(self) -> Client:
        """The encrypted client."""
        return self.runtime.client

    async def now(self) -> datetime:
        """The server's time."""
        return await self.env.get_current_time()

    async def sleep(self, **length: float) -> None:
        """Let time pass for every workflow, in hops that the server answers in time however many
        workflows wake on the way."""
        left = timedelta(**length)
        while left > timedelta(0):
            hop = min(left, LONGEST_HOP)
            await self.env.sleep(hop)
            left -= hop

    async def make_keys(self, *streams: str) -> None:
        """What intake does for the streams it opens."""
        async with self.runtime.engine.begin() as conn:
            await self.runtime.keyring.make_many(conn, streams)

    async def open_case(
        self, grade: RiskGrade = RiskGrade.MEDIUM, *, allocated: bool = True, policy: str = ""
    ) -> WorkflowHandle[CaseWorkflow, str]:
        """Start a case of its own victim, allocated to the DALO; under the policy in force, where
        none is named."""
        now = await self.now()
        number = uuid.uuid4().int % 100_000
        ref = f"CASE-2027-{number:05d}"
        stream = case_stream(ref)
        await self.make_keys(stream)
        report = a_report(now, incident_ref=f"46/{number}/27", victim_ref=f"VIC-{number}")
        messages: list[ReportArrived | Allocated] = [
            ReportArrived(message_id="r1", report=report, received_at=now, grade=grade)
        ]
        if allocated:
            messages.append(
                Allocated(message_id="a1", dalo_id=DALO, supervisor_id=SERGEANT, allocated_at=now)
            )
        start = CaseStart(
            case_ref=ref,
            victim_ref=report.victim_ref,
            opened_at=now,
            pilot_area="Medway",
            allocation_arm="PILOT",
            policy_version=policy or registry.current_policy().version,
            calendar_version=registry.current_calendar().version,
            messages=tuple(messages),
        )
        return await self.client.start_workflow(
            CaseWorkflow.run,
            CaseInput(start=start),
            id=stream,
            task_queue=self.task_queue,
            execution_timeout=timedelta(days=4000),
        )

    async def open_incident(self, report: Report) -> WorkflowHandle[IncidentWorkflow, str]:
        """Start an incident."""
        stream = incident_stream(report.incident_ref, report.victim_ref)
        await self.make_keys(stream)
        start = IncidentStart(
            incident_ref=report.incident_ref,
            victim_ref=report.victim_ref,
            case_ref="CASE-2027-00001",
            policy_version=registry.current_policy().version,
            calendar_version=registry.current_calendar().version,
            dalo_id=DALO,
            supervisor_id=SERGEANT,
            messages=(
                ReportArrived(
                    message_id="r1",
                    report=report,
                    received_at=await self.now(),
                    grade=RiskGrade.MEDIUM,
                ),
            ),
        )
        return await self.client.start_workflow(
            IncidentWorkflow.run,
            IncidentInput(start=start),
            id=stream,
            task_queue=self.task_queue,
            execution_timeout=timedelta(days=4000),
        )

    async def open_referral(
        self, pathway: ReferralPathway, **changes: object
    ) -> WorkflowHandle[ReferralWorkflow, str]:
        """Start a referral of its own."""
        ref = f"{pathway.value}-2027-{uuid.uuid4().int % 100_000:05d}"
        await self.make_keys(referral_stream(ref))
        facts: dict[str, object] = {
            "referral_ref": ref,
            "pathway": pathway,
            "area": "Medway",
            "asked_by": DALO,
            "dalo_id": DALO,
            "supervisor_id": SERGEANT,
            "risk_grade": RiskGrade.HIGH,
            "consent_status": ConsentStatus.GIVEN,
            "submitted_at": await self.now(),
            "policy_version": registry.current_policy().version,
            "calendar_version": registry.current_calendar().version,
            **changes,
        }
        return await self.client.start_workflow(
            ReferralWorkflow.run,
            ReferralInput(start=ReferralStart.model_validate(facts)),
            id=referral_stream(ref),
            task_queue=self.task_queue,
            execution_timeout=timedelta(days=4000),
        )

    async def do_referral(
        self,
        handle: WorkflowHandle[ReferralWorkflow, str],
        command: ReferralCommand,
        actor: str,
        role: Role,
    ) -> Answer:
        """Give a referral a command."""
        envelope = ReferralEnvelope(
            command_id=str(uuid.uuid4()),
            grant=Grant(actor=actor, role=role, access_log_id="test"),
            command=command,
        )
        return await handle.execute_update(ReferralWorkflow.command, envelope)

    async def do(
        self,
        handle: WorkflowHandle[CaseWorkflow, str],
        command: CaseCommand,
        actor: str = DALO,
        role: Role = Role.DALO,
        command_id: str = "",
    ) -> Answer:
        """Give a case a command."""
        envelope = CaseEnvelope(
            command_id=command_id or str(uuid.uuid4()),
            grant=Grant(actor=actor, role=role, access_log_id="test"),
            command=command,
        )
        return await handle.execute_update(CaseWorkflow.command, envelope)

    async def do_incident(
        self, handle: WorkflowHandle[IncidentWorkflow, str], command: IncidentCommand
    ) -> Answer:
        """Give an incident a command."""
        envelope = IncidentEnvelope(
            command_id=str(uuid.uuid4()),
            grant=Grant(actor=DALO, role=Role.DALO, access_log_id="test"),
            command=command,
        )
        return await handle.execute_update(IncidentWorkflow.command, envelope)

    async def ledger(self, stream: str) -> list[str]:
        """The tags that the ledger holds for a stream, in order."""
        query = (
            select(ledger_event.c.tag)
            .where(ledger_event.c.stream == stream)
            .order_by(ledger_event.c.seq)
        )
        async with self.runtime.engine.connect() as conn:
            return list((await conn.execute(query)).scalars())

    async def settled(self, stream: str) -> dict[str, int]:
        """Wait until nothing of the workflow is unrecorded and every clock that is past has fired;
        returns its ledger head."""
        handle = self.client.get_workflow_handle(stream)
        for _ in range(200):
            head: dict[str, int] = await handle.query("ledger_head")
            if not head["unrecorded"] and not await self._about_to_fire(stream):
                return head
            await self.env.sleep(0.05)
        raise AssertionError(f"{stream} never got recorded")

    async def _about_to_fire(self, stream: str) -> bool:
        """Whether the engine still has to wake the workflow for a clock that is past."""
        now = await self.now()
        query = select(clock).where(clock.c.stream == stream, clock.c.status == "OPEN")
        async with self.runtime.engine.connect() as conn:
            rows = (await conn.execute(query)).mappings().all()
        wakes = [next_wake(reads.clock_of(dict(row))) for row in rows]
        return any(wake is not None and wake <= now for wake in wakes)

    async def replays(self, workflow_id: str) -> None:
        """Every workflow test ends by replaying its own history, runs before it included."""
        history = await self.client.get_workflow_handle(workflow_id).fetch_history()
        replayer = Replayer(
            workflows=WORKFLOWS,
            data_converter=self.client.data_converter,
            workflow_runner=SandboxedWorkflowRunner(restrictions=STRICT),
        )
        await replayer.replay_workflow(history)


def a_worker(runtime: Runtime, task_queue: str, cached: int = 1000) -> Worker:
    """A worker in the strict sandbox; one that keeps no workflow may go and come back: this server
    never gives a task of a worker that is gone to another."""
    recording = LedgerActivities(runtime.engine, runtime.keyring)
    opening = MeetingActivities(runtime.engine, runtime.keyring)
    return Worker(
        runtime.client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=[recording.record, recording.close_case, opening.open_meeting],
        workflow_runner=SandboxedWorkflowRunner(restrictions=STRICT),
        max_cached_workflows=cached,
    )


@asynccontextmanager
async def a_world(env: WorkflowEnvironment, database_url: str) -> AsyncIterator[World]:
    """A worker beside a database of its own."""
    task_queue = f"test-{uuid.uuid4()}"
    settings = Settings(
        database_url=SecretStr(database_url),
        temporal_address=env.client.service_client.config.target_host,
        temporal_namespace="default",
        master_keys_text=SecretStr(MASTER),
        task_queue=task_queue,
    )
    async with open_runtime(settings) as runtime, a_worker(runtime, task_queue):
        yield World(env, runtime, task_queue)
