"""`IncidentWorkflow` on the time-skipping server: the golden hour lived with nobody near."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from temporalio.client import WorkflowHandle

from models.commands import EvidenceEntry, RecordEvidence
from models.enums import (
    EvidenceCode,
    EvidenceStatus,
    GoldenHourResult,
    RiskGrade,
    SuspectStatus,
)
from models.events import Event
from models.evidence import golden_set
from models.incident import IncidentView
from models.messages import ReportArrived
from models.report import Report
from store.ledger import events_of
from tests.models.play import DALO, SERGEANT, a_report
from tests.models.play_incident import GOLDEN_TASKS
from tests.workflows.world import World
from workflows.incident import IncidentWorkflow

Handle = WorkflowHandle[IncidentWorkflow, str]
_numbers = itertools.count(700_001)


async def reported(world: World, minutes_ago: float = 0, **changes: object) -> Report:
    """A report of a victim of its own, made to police so long ago."""
    number = next(_numbers)
    at = (await world.now()).replace(microsecond=0) - timedelta(minutes=minutes_ago)
    return a_report(at, incident_ref=f"46/{number}/27", victim_ref=f"VIC-{number}", **changes)


async def seen(handle: Handle) -> IncidentView:
    """The incident at this moment."""
    view: IncidentView = await handle.query("view", result_type=IncidentView)
    return view


def golden_tasks(view: IncidentView) -> list[tuple[str, str]]:
    """The open tasks of the golden hour alone, with their owners."""
    return [(t.kind, t.owner) for t in view.tasks if t.kind in GOLDEN_TASKS]


async def stored(world: World, handle: Handle, *tags: str) -> list[Event]:
    """What the ledger holds of the incident under these tags."""
    await world.settled(handle.id)
    async with world.runtime.engine.connect() as conn:
        return [event for event in await events_of(conn, handle.id) if event.tag in tags]


def captured(at: datetime, *codes: EvidenceCode) -> RecordEvidence:
    """These items, captured then."""
    entries = [
        EvidenceEntry(item=c, status=EvidenceStatus.CAPTURED, at=at, reference=f"BWV-{n}")
        for n, c in enumerate(codes)
    ]
    return RecordEvidence(entries=tuple(entries))


async def capture_all(world: World, handle: Handle) -> tuple[str, ...]:
    """Every golden item that is still open, captured now."""
    items = [item.code for item in golden_set((await seen(handle)).items) if item.pending]
    return (await world.do_incident(handle, captured(await world.now(), *items))).codes


def golden(events: list[Event]) -> list[tuple[str, datetime]]:
    """What the golden-hour clock said, and when it said it."""
    of_clock = [e for e in events if e.data["clock"]["clock_type"] == "GOLDEN_HOUR"]
    return [(e.tag, e.recorded_at.replace(microsecond=0)) for e in of_clock]


async def test_with_nobody_near_it_warns_at_45_minutes_and_judges_at_60(world: World) -> None:
    report = await reported(world)
    handle = await world.open_incident(report)
    await world.sleep(minutes=44)
    assert golden_tasks(await seen(handle)) == []
    await world.sleep(minutes=2)
    warned = await seen(handle)
    assert golden_tasks(warned) == [("GOLDEN_HOUR_WARNING", DALO)]
    assert warned.verdict is None
    await world.sleep(minutes=15)
    over = await seen(handle)
    assert over.verdict is not None
    assert over.verdict.result is GoldenHourResult.NOT_ACHIEVED
    assert ("GOLDEN_HOUR_BREACHED", SERGEANT) in {(t.kind, t.owner) for t in over.tasks}
    spoken = golden(await stored(world, handle, "clock:warned", "clock:breached"))
    assert spoken == [
        ("clock:warned", report.reported_at + timedelta(minutes=45)),
        ("clock:breached", report.reported_at + timedelta(minutes=60)),
    ]
    await world.replays(handle.id)


async def test_the_verdict_is_complete_as_soon_as_everything_is_captured(world: World) -> None:
    handle = await world.open_incident(await reported(world))
    await world.sleep(minutes=20)
    assert "GOLDEN_HOUR_COMPLETE" in await capture_all(world, handle)
    view = await seen(handle)
    assert view.verdict is not None
    assert view.verdict.result is GoldenHourResult.COMPLETE
    assert not any(clock.clock_type == "GOLDEN_HOUR" for clock in view.clocks)
    await world.sleep(minutes=50)
    verdicts = await stored(world, handle, "golden_hour:verdict", "clock:breached")
    assert [e.data.get("result") for e in verdicts if "result" in e.data] == ["COMPLETE"]
    assert golden([e for e in verdicts if "clock" in e.data]) == []
    await world.replays(handle.id)


async def test_part_of_the_set_is_judged_partial_and_a_late_capture_does_not_change_the_hour(
    world: World,
) -> None:
    handle = await world.open_incident(await reported(world))
    await world.sleep(minutes=10)
    first = EvidenceCode.INITIAL_ACCOUNT_VIDEO
    await world.do_incident(handle, captured(await world.now(), first))
    await world.sleep(minutes=55)
    await capture_all(world, handle)
    view = await seen(handle)
    assert view.verdict is not None
    assert view.verdict.result is GoldenHourResult.PARTIAL
    late = [item for item in golden_set(view.items) if item.code is not first]
    assert {item.status for item in late} == {EvidenceStatus.CAPTURED_LATE}
    await world.replays(handle.id)


async def test_a_higher_version_of_the_report_acts_on_the_running_incident(world: World) -> None:
    report = await reported(world, strangulation=False, suspect_status=SuspectStatus.OUTSTANDING)
    handle = await world.open_incident(report)
    before = {item.code for item in (await seen(handle)).items}
    await world.sleep(minutes=5)
    changed = {"version": 2, "strangulation": True, "suspect_status": SuspectStatus.ARRESTED}
    second = report.model_copy(update=changed)
    newer = ReportArrived(
        message_id="r2", report=second, received_at=await world.now(), grade=RiskGrade.HIGH
    )
    older = newer.model_copy(update={"message_id": "r1-again", "report": report})
    await handle.signal("tell", [newer, older, newer])
    view = await seen(handle)
    assert (view.version, view.suspect_status) == (2, SuspectStatus.ARRESTED)
    assert {item.code for item in view.items} > before
    applied = await stored(world, handle, "incident:report:applied", "incident:suspect:changed")
    assert [event.data.get("version") for event in applied] == [1, None, 2, None]
    await world.replays(handle.id)


async def test_a_report_that_is_hours_old_gets_an_honest_verdict_not_a_fresh_hour(
    world: World,
) -> None:
    report = await reported(world, minutes_ago=300)
    handle = await world.open_incident(report)
    view = await seen(handle)
    assert view.received_late
    assert view.verdict is not None
    assert view.verdict.result is GoldenHourResult.NOT_ACHIEVED
    assert view.golden_hour_due_at == report.reported_at + timedelta(hours=1)
    await world.sleep(hours=2)
    verdicts = await stored(world, handle, "golden_hour:verdict")
    assert [(e.data["result"], e.data["received_late"]) for e in verdicts] == [
        ("NOT_ACHIEVED", True)
    ]
    assert len(golden(await stored(world, handle, "clock:breached"))) == 1
    await world.replays(handle.id)
