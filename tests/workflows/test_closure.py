"""A case is closed by register and workflow together, or not at all."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from casework import case_commands
from casework.runtime import Runtime
from models import registry
from models.base import Refused
from models.case.view import CaseView
from models.commands import Answer, AskClosure, CaseEnvelope, CloseCase, Grant
from models.enums import CaseState, ClosureReason, ContactResult, RiskGrade, Role
from models.events import Event
from models.ids import case_stream, incident_stream, victim_stream
from models.incident import IncidentView
from models.messages import ReportArrived
from models.report import Report
from store.allocation import allocate
from store.ledger import events_of, lock_stream
from store.tables import case_register, clock, officer, outbox
from tests.models.play import a_report
from tests.opening import AREA, open_case, staff, take_in
from tests.workflows.test_case_workflow import attempt, refused_as
from tests.workflows.world import World
from workflows.case import CaseWorkflow

Handle = WorkflowHandle[CaseWorkflow, str]
SERGEANT = "PS-9001"
INSPECTOR = "DI-9001"
_numbers = itertools.count(900_001)


@dataclass(frozen=True)
class Beat:
    """An area with one DALO who has room for one case; intake and relay keep the server's time."""

    world: World
    dalo: str

    async def runtime(self) -> Runtime:
        """The product at this instant."""
        now = await self.world.now()
        return replace(self.world.runtime, clock=lambda: now)

    async def report(self, **changes: object) -> Report:
        """A report of a victim of its own, made just now."""
        number = next(_numbers)
        at = (await self.world.now()).replace(microsecond=0) - timedelta(minutes=10)
        names = {"incident_ref": f"46/{number}/27", "victim_ref": f"VIC-{number}"}
        return a_report(at, **{**names, "risk_grade": RiskGrade.MEDIUM, **changes})

    async def open(self, report: Report) -> Handle:
        """Its case, allocated or waiting."""
        runtime = await self.runtime()
        opened_at = runtime.clock() - timedelta(minutes=5)
        stream = case_stream(await open_case(runtime, report, opened_at))
        await allocate(runtime.engine, AREA, runtime.clock(), registry.current_policy())
        await runtime.relay_once()
        return self.world.client.get_workflow_handle_for(CaseWorkflow.run, stream)

    async def close(self, handle: Handle) -> Answer:
        """The DALO asks, the inspector agrees, although the case is young."""
        at = await self.world.now()
        view = await seen(handle)
        if view.handover is None or view.handover.asked is None:
            ask = AskClosure(at=at, reason=ClosureReason.RISK_REDUCED, victim_told=True)
            await self.world.do(handle, ask, self.dalo)
        command = CloseCase(
            at=at,
            reason=ClosureReason.RISK_REDUCED,
            victim_told=True,
            override_reason="YOUNG_CASE",
        )
        return await self.world.do(handle, command, INSPECTOR, Role.INSPECTOR)

    async def ledger(self, stream: str) -> list[Event]:
        """What the ledger holds of a stream."""
        async with self.world.runtime.engine.connect() as conn:
            return await events_of(conn, stream)

    async def registered(self, handle: Handle) -> Any:
        """The register's row of a case."""
        query = select(case_register).where(case_register.c.case_ref == handle.id.split("/")[1])
        async with self.world.runtime.engine.connect() as conn:
            return (await conn.execute(query)).one()


async def seen(handle: Handle) -> CaseView:
    """The case at this moment."""
    view: CaseView = await handle.query("view", result_type=CaseView)
    return view


@pytest.fixture
async def beat(world: World) -> Beat:
    """Nobody else works or waits here: what earlier tests left has gone."""
    waits = case_register.c.dalo_id.is_(None)
    async with world.runtime.engine.begin() as conn:
        await conn.execute(update(officer).values(active=False))
        await conn.execute(update(case_register).where(waits).values(closed_at=await world.now()))
    dalo = f"PC-{next(_numbers)}"
    await staff(world.runtime, dalo, SERGEANT, capacity=1)
    return Beat(world, dalo)


async def test_closing_ends_the_clocks_tells_the_incidents_and_frees_the_place(
    world: World, beat: Beat
) -> None:
    report = await beat.report()
    handle = await beat.open(report)
    waiting = await beat.open(await beat.report())
    assert (await beat.registered(handle)).dalo_id == beat.dalo
    assert (await seen(waiting)).summary["state"] == CaseState.WAITLISTED

    assert (await beat.close(handle)).codes == ("CLOSING",)
    assert await handle.result() == CaseState.CLOSED
    assert (await beat.registered(handle)).closed_at is not None
    events = await beat.ledger(handle.id)
    tags = [event.tag for event in events]
    assert tags.count("case:closed") == 1
    assert tags.index("case:closing:asked") < tags.index("case:closed")
    assert tags.index("case:closed") < tags.index("clock:cancelled")
    open_clocks = select(clock.c.clock_id).where(
        clock.c.stream == handle.id, clock.c.status == "OPEN"
    )
    async with world.runtime.engine.connect() as conn:
        assert (await conn.execute(open_clocks)).all() == []

    await (await beat.runtime()).relay_once()
    incident = world.client.get_workflow_handle(
        incident_stream(report.incident_ref, report.victim_ref)
    )
    told: IncidentView = await incident.query("view", result_type=IncidentView)
    assert told.lead == SERGEANT
    assert (await beat.registered(waiting)).dalo_id == beat.dalo
    assert (await seen(waiting)).summary["state"] == CaseState.ALLOCATED
    for stream in (handle.id, waiting.id, incident.id):
        await world.replays(stream)


async def test_a_closed_case_takes_no_command_and_the_next_incident_opens_another(
    world: World, beat: Beat
) -> None:
    report = await beat.report()
    handle = await beat.open(report)
    await beat.close(handle)
    await handle.result()
    runtime = await beat.runtime()
    grant = Grant(actor=beat.dalo, role=Role.DALO, access_log_id="test")
    with pytest.raises(Refused) as refused:
        command = await attempt(world, ContactResult.NO_ANSWER)
        await case_commands.send(runtime, handle.id, command, grant, "too-late")
    assert refused.value.code == "CASE_CLOSED"
    changes = {"incident_ref": f"46/{next(_numbers)}/27", "reported_at": await world.now()}
    again = report.model_copy(update=changes)
    taken = await take_in(runtime, again, runtime.clock())
    opened = await beat.ledger(victim_stream(report.victim_ref))
    previous = [e.data["previous_case_ref"] for e in opened if e.tag == "case:opened"]
    assert taken.case_ref not in ("", handle.id.split("/")[1])
    assert previous == ["", handle.id.split("/")[1]]
    await world.replays(handle.id)


async def test_an_incident_on_its_way_keeps_the_case_open(world: World, beat: Beat) -> None:
    report = await beat.report()
    handle = await beat.open(report)
    runtime = await beat.runtime()
    changes = {"incident_ref": f"46/{next(_numbers)}/27", "reported_at": runtime.clock()}
    await take_in(runtime, report.model_copy(update=changes), runtime.clock())

    await beat.close(handle)
    refused: list[Event] = []
    for _ in range(100):
        await world.settled(handle.id)
        refused = [e for e in await beat.ledger(handle.id) if e.tag == "case:closing:refused"]
        if refused:
            break
    assert [event.data["code"] for event in refused] == ["INCIDENT_JOINING"]
    assert (await beat.registered(handle)).closed_at is None
    view = await seen(handle)
    assert view.summary["state"] == CaseState.ALLOCATED
    assert view.clocks

    await runtime.relay_once()
    assert (await seen(handle)).summary["incident_count"] == 2
    await beat.close(handle)
    assert await handle.result() == CaseState.CLOSED
    await world.replays(handle.id)


async def test_what_arrives_while_the_register_decides_is_neither_lost_nor_misnumbered(
    world: World, beat: Beat
) -> None:
    report = await beat.report()
    handle = await beat.open(report)
    async with world.runtime.engine.begin() as conn:
        await lock_stream(conn, victim_stream(report.victim_ref))
        await beat.close(handle)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            command = await attempt(world, ContactResult.NO_ANSWER)
            await world.do(handle, command, beat.dalo)
        assert refused_as(refused.value) == "CASE_CLOSING"
        second = report.model_copy(update={"version": 2, "weapon": True})
        message = ReportArrived(
            message_id="v2",
            report=second,
            received_at=await world.now(),
            grade=RiskGrade.MEDIUM,
        )
        await handle.signal("tell", [message])
    assert await handle.result() == CaseState.CLOSED
    events = await beat.ledger(handle.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert "case:incident:updated" not in [event.tag for event in events]
    query = select(outbox.c.payload).where(
        outbox.c.target == handle.id, outbox.c.effect_id.startswith("again:")
    )
    async with world.runtime.engine.connect() as conn:
        (again,) = (await conn.execute(query)).scalars()
    assert ReportArrived.model_validate(again) == message
    await world.replays(handle.id)


async def test_closing_is_a_supervisors_and_every_blocker_is_named(
    world: World, beat: Beat
) -> None:
    handle = await beat.open(await beat.report())
    at = await world.now()
    await world.do(handle, AskClosure(at=at, reason=ClosureReason.RISK_REDUCED), beat.dalo)
    command = CloseCase(at=at, reason=ClosureReason.RISK_REDUCED)
    for actor, role, code in (
        (beat.dalo, Role.DALO, "SUPERVISOR_ONLY"),
        (SERGEANT, Role.SUPERVISOR, "CLOSURE_BLOCKED"),
    ):
        grant = Grant(actor=actor, role=role, access_log_id="test")
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            envelope = CaseEnvelope(command_id=f"close-{actor}", grant=grant, command=command)
            await handle.execute_update(CaseWorkflow.command, envelope)
        assert refused_as(refused.value) == code
    assert "--victim-told" in str(refused.value.cause)
    assert "case:closing:asked" not in await world.ledger(handle.id)
    await world.replays(handle.id)


async def test_a_case_whose_first_contact_is_already_late_lives_on(
    world: World, beat: Beat
) -> None:
    runtime = await beat.runtime()
    long_ago = runtime.clock() - timedelta(days=9)
    report = (await beat.report()).model_copy(update={"reported_at": long_ago})
    stream = case_stream(await open_case(runtime, report, long_ago))
    await allocate(runtime.engine, AREA, long_ago, registry.current_policy())
    await runtime.relay_once()
    handle = world.client.get_workflow_handle_for(CaseWorkflow.run, stream)
    await world.settled(stream)
    assert (await seen(handle)).summary["ladder_step"] == "L1"
    await beat.close(handle)
    assert await handle.result() == CaseState.CLOSED
    await world.replays(stream)
