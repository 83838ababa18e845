"""A closed case reopened, a case of the first release renewed, two cases of one person merged: on
the time-skipping server, with the real register, relay and ledger."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework import case_commands
from casework.renewal import renew
from models import registry
from models.base import Refused
from models.commands import Grant, NeedActionEntry, ReopenCase
from models.commands.needs import AddNeedAction
from models.enums import CaseState, ClockType, NeedDomain, RiskGrade, Role
from models.events import Effect, EffectKind
from models.ids import case_stream, incident_stream, victim_stream
from models.incident import IncidentView
from models.messages import Allocated, CaseStart, ReportArrived
from store import outbox
from store.merging import Merge, merge
from store.tables import case as case_table
from store.tables import case_register
from tests.models.play import DALO, SERGEANT, a_report
from tests.opening import take_in
from tests.workflows.test_closure import SERGEANT as CHIEF
from tests.workflows.test_closure import Beat, beat, seen
from tests.workflows.world import World

__all__ = ["beat"]


def grant(actor: str = CHIEF, role: Role = Role.SUPERVISOR) -> Grant:
    return Grant(actor=actor, role=role, access_log_id="test")


async def test_a_reopened_case_goes_on_under_its_own_reference_and_number(
    world: World, beat: Beat
) -> None:
    report = await beat.report()
    handle = await beat.open(report)
    again = ReopenCase(at=await world.now(), reason="NEW_FACTS")
    runtime = await beat.runtime()
    with pytest.raises(Refused) as running:
        await case_commands.send(runtime, handle.id, again, grant(), "too-early")
    assert running.value.code == "NOT_CLOSED"

    await beat.close(handle)
    await handle.result()
    runtime = await beat.runtime()
    await runtime.relay_once()
    last = (await beat.ledger(handle.id))[-1].seq
    again = ReopenCase(at=runtime.clock(), reason="NEW_FACTS")
    command_id = str(uuid.uuid4())
    with pytest.raises(Refused) as not_his:
        officer = grant(beat.dalo, Role.DALO)
        await case_commands.send(runtime, handle.id, again, officer, "not-his")
    assert not_his.value.code == "SUPERVISOR_ONLY"
    sent = await case_commands.send(runtime, handle.id, again, grant(), command_id)
    assert sent.seq == last + 1

    view = await seen(world.client.get_workflow_handle(handle.id))
    kinds = {clock.clock_type for clock in view.clocks}
    assert ClockType.CASE_REVIEW in kinds
    assert kinds & {ClockType.FIRST_CONTACT, ClockType.CONTACT_CADENCE}
    assert view.summary["closed_at"] is None
    assert (await beat.registered(handle)).closed_at is None
    await world.settled(handle.id)
    async with runtime.engine.connect() as conn:
        query = select(case_table).where(case_table.c.case_ref == view.case_ref)
        row = (await conn.execute(query)).one()
    assert (row.closed_at, row.state) == (None, view.summary["state"])
    repeated = await case_commands.send(runtime, handle.id, again, grant(), command_id)
    assert repeated.repeated
    events = await beat.ledger(handle.id)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert [e.tag for e in events].count("case:reopened") == 1

    await runtime.relay_once()
    incident = world.client.get_workflow_handle(
        incident_stream(report.incident_ref, report.victim_ref)
    )
    told: IncidentView = await incident.query("view", result_type=IncidentView)
    assert told.lead == beat.dalo
    await world.replays(handle.id)


async def test_a_case_is_not_reopened_beside_another_of_the_victim(
    world: World, beat: Beat
) -> None:
    report = await beat.report()
    handle = await beat.open(report)
    await beat.close(handle)
    await handle.result()
    runtime = await beat.runtime()
    changes = {"incident_ref": f"{report.incident_ref}9", "reported_at": await world.now()}
    taken = await take_in(runtime, report.model_copy(update=changes), runtime.clock())
    again = ReopenCase(at=runtime.clock(), reason="NEW_FACTS")
    with pytest.raises(Refused) as refused:
        await case_commands.send(runtime, handle.id, again, grant(), "beside")
    assert refused.value.code == "OTHER_CASE_OPEN"
    assert taken.case_ref in refused.value.message


async def first_release(world: World, beat: Beat) -> str:
    """A case that began under the first release's policy; returns its stream."""
    runtime = await beat.runtime()
    now = await world.now()
    ref = f"CASE-2027-{uuid.uuid4().int % 100_000:05d}"
    stream = case_stream(ref)
    old = next(v for v in registry.policy_versions() if v.startswith("kent-1@"))
    report = a_report(now, victim_ref=f"VIC-{ref[-5:]}", incident_ref=f"46/{ref[-5:]}/27")
    start = CaseStart(
        case_ref=ref,
        victim_ref=report.victim_ref,
        opened_at=now,
        pilot_area="Medway",
        allocation_arm="PILOT",
        policy_version=old,
        calendar_version=registry.current_calendar().version,
        messages=(
            ReportArrived(message_id="r1", report=report, received_at=now, grade=RiskGrade.MEDIUM),
            Allocated(message_id="a1", dalo_id=DALO, supervisor_id=SERGEANT, allocated_at=now),
        ),
    )
    async with runtime.engine.begin() as conn:
        await runtime.keyring.make_many(conn, [stream])
        row = {
            "case_ref": ref,
            "victim_ref": report.victim_ref,
            "area": "Nowhere",
            "state": "ALLOCATED",
            "priority_score": 1,
            "risk_grade": "MEDIUM",
            "opened_at": now,
            "dalo_id": DALO,
        }
        await conn.execute(case_register.insert().values(**row))
        effect = Effect(
            effect_id=f"start:{stream}",
            kind=EffectKind.START,
            target=stream,
            payload=start.model_dump(mode="json"),
        )
        await outbox.put(conn, victim_stream(report.victim_ref), [effect], now)
    await runtime.relay_once()
    return stream


async def test_a_case_of_the_first_release_goes_on_as_a_new_one_without_losing_a_clock(
    world: World, beat: Beat
) -> None:
    stream = await first_release(world, beat)
    runtime = await beat.runtime()
    handle = world.client.get_workflow_handle(stream)
    await world.settled(stream)
    before = await seen(handle)
    run = (await handle.describe()).run_id

    dry = await renew(runtime, dry_run=True)
    assert stream in dry.told
    told = await renew(runtime)
    assert stream in told.told
    again = await renew(runtime)
    assert stream in again.waiting
    assert stream not in again.told
    await runtime.relay_once()
    for _ in range(100):
        if (await handle.describe()).run_id != run:
            break
        await world.env.sleep(0.05)
    await world.settled(stream)
    after = await seen(handle)
    kept = {c.clock_id: c.due_at for c in after.clocks}
    assert {c.clock_id: c.due_at for c in before.clocks}.items() <= kept.items()
    assert after.summary["policy_version"] == registry.current_policy().version
    assert (await renew(runtime)).current >= 1
    assert stream not in (await renew(runtime)).waiting
    await world.replays(stream)


async def test_two_open_cases_of_one_person_become_one_and_nothing_owed_is_lost(
    world: World, beat: Beat
) -> None:
    first, second = await beat.report(), await beat.report()
    kept, gone = await beat.open(first), await beat.open(second)
    await (await beat.runtime()).relay_once()
    entry = NeedActionEntry(
        domain=NeedDomain.HOUSING,
        action="REFUGE",
        owner=beat.dalo,
        due_at=await world.now() + timedelta(days=3),
    )
    command = AddNeedAction(at=await world.now(), action=entry)
    await world.do(gone, command, CHIEF, Role.SUPERVISOR)
    await world.settled(gone.id)
    runtime = await beat.runtime()
    asked = Merge(
        kept=first.victim_ref,
        merged=second.victim_ref,
        reason="SAME_PERSON",
        decided_by=CHIEF,
        role="SUPERVISOR",
        at=runtime.clock(),
    )
    async with runtime.engine.begin() as conn:
        found = await merge(conn, runtime.keyring, asked, registry.current_policy())
    assert (case_stream(found.kept_case), case_stream(found.closing_case)) == (kept.id, gone.id)
    await runtime.relay_once()
    assert await gone.result() == CaseState.CLOSED
    await runtime.relay_once()
    await world.settled(kept.id)
    await runtime.relay_once()

    view = await seen(kept)
    assert [a.action for a in view.actions] == ["REFUGE"]
    assert second.incident_ref in view.incidents
    assert any(c.clock_type is ClockType.MERGE_REVIEW for c in view.clocks)
    stream = incident_stream(second.incident_ref, second.victim_ref)
    incident = world.client.get_workflow_handle(stream)
    told: IncidentView = await incident.query("view", result_type=IncidentView)
    assert told.case_ref == found.kept_case

    later = {"incident_ref": f"{second.incident_ref}9", "reported_at": await world.now()}
    taken = await take_in(runtime, second.model_copy(update=later), runtime.clock())
    assert (taken.victim_ref, taken.outcome) == (first.victim_ref, "LINKED_TO_OPEN_CASE")
    update = second.model_copy(update={"version": 2, "weapon": True})
    await take_in(runtime, update, runtime.clock())
    await runtime.relay_once()
    assert (await seen(kept)).incidents[second.incident_ref] == 2
    again = ReopenCase(at=await world.now(), reason="R")
    with pytest.raises(Refused) as refused:
        await case_commands.send(runtime, gone.id, again, grant(), "gone")
    assert refused.value.code in ("OTHER_CASE_OPEN", "MERGED_AWAY")
    for each in (kept.id, gone.id):
        await world.replays(each)
