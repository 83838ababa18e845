"""Who gets which case, what waits, and what the workflows are told."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.run import Intake, IntakeOptions, IntakeSummary
from models.enums import Role
from models.events import CloseRequest, Event
from models.ids import case_stream
from models.messages import CaseStart, IncidentStart
from models.policy import Policy
from store.allocation import AllocationResult, allocate
from store.closing import close_case
from store.ledger import append_events
from store.roster import RosterEntry, RosterError, list_roster, load_roster, read_roster
from store.tables import case_register, ledger_event, outbox
from tests.intake.conftest import MEDWAY, NOW, keyring_of
from tests.intake.test_reader import HEADER, line


async def feed(intake: Intake, *rows: str) -> IntakeSummary:
    content = "\n".join([HEADER, *rows]) + "\n"
    return await intake.run(io.BytesIO(content.encode()), "x.csv", IntakeOptions(actor="tests"))


def victim(number: int, **facts: str) -> list[str]:
    """Two reports of one victim, the second of which opens a case."""
    ref = {"Victim_Ref": f"VIC-{number}"}
    return [
        line(Incident_No=f"46/{number}0/26", Risk_Grade="Standard", **ref),
        line(
            Incident_No=f"46/{number}1/26",
            Reported=f"02/11/2026 10:{number:02d}",
            **ref,
            **{"Risk_Grade": "Medium", **facts},
        ),
    ]


async def roster(engine: AsyncEngine, **capacity: int) -> None:
    entries = [RosterEntry(officer_id="PS-1", role=Role.SUPERVISOR, area="Medway")]
    entries += [
        RosterEntry(
            officer_id=name, role=Role.DALO, area="Medway", capacity=room, supervisor_id="PS-1"
        )
        for name, room in capacity.items()
    ]
    async with engine.begin() as conn:
        await load_roster(conn, entries)


async def register(engine: AsyncEngine) -> dict[str, Any]:
    async with engine.connect() as conn:
        rows = (await conn.execute(select(case_register))).mappings()
        return {row["victim_ref"]: row for row in rows}


async def messages(engine: AsyncEngine, kind: str) -> list[Any]:
    async with engine.connect() as conn:
        query = select(outbox).order_by(outbox.c.sequence)
        rows = (await conn.execute(query)).mappings()
        return [row for row in rows if row["payload"].get("kind", "start") == kind]


async def again(engine: AsyncEngine, policy: Policy, hours: int = 1) -> AllocationResult:
    return await allocate(engine, "Medway", NOW + timedelta(hours=hours), policy)


async def test_cases_go_to_the_dalo_with_most_room_by_priority(
    intake: Intake, engine: AsyncEngine
) -> None:
    await roster(engine, A=1, B=2)
    rows = [*victim(1), *victim(2, Strangulation="Y"), *victim(3), *victim(4, Order_Breach="Y")]
    summary = await feed(intake, *rows)
    assert (summary.allocated, summary.waitlisted, summary.over_capacity) == (3, 1, 0)
    found = await register(engine)
    assert found["VIC-2"]["dalo_id"] == "B", "first of all, to the most room"
    assert {found[f"VIC-{n}"]["dalo_id"] for n in (1, 4)} == {"A", "B"}
    assert found["VIC-3"]["state"] == "WAITLISTED", "equal priority, so the older first"
    assert found["VIC-1"]["supervisor_id"] == "PS-1"


async def test_high_risk_never_waits_but_is_flagged(intake: Intake, engine: AsyncEngine) -> None:
    await roster(engine, A=0)
    summary = await feed(intake, *victim(1), *victim(2, Risk_Grade="High"))
    assert (summary.allocated, summary.over_capacity, summary.waitlisted) == (1, 1, 1)
    found = await register(engine)
    assert found["VIC-2"]["over_capacity"] and found["VIC-2"]["dalo_id"] == "A"
    (told,) = await messages(engine, "allocated")
    assert told["payload"]["over_capacity"] is True


async def test_a_waiting_case_that_turns_high_is_allocated(
    intake: Intake, engine: AsyncEngine
) -> None:
    await roster(engine, A=0)
    await feed(intake, *victim(1))
    summary = await feed(
        intake,
        line(
            Incident_No="46/9/26",
            Victim_Ref="VIC-1",
            Reported="03/11/2026 10:00",
            Risk_Grade="High",
        ),
    )
    assert summary.outcomes == {"LINKED_TO_OPEN_CASE": 1}
    assert summary.allocated == 1


async def test_with_no_roster_everything_waits_and_the_caller_hears_it_once(
    intake: Intake, engine: AsyncEngine, policy: Policy
) -> None:
    summary = await feed(intake, *victim(1, Risk_Grade="High"))
    assert summary.areas_without_dalo == ("Medway",)
    assert (summary.waitlisted, summary.waiting) == (1, 1)
    result = await again(engine, policy)
    assert (result.waitlisted, result.waiting, result.no_roster) == ((), 1, True)
    assert len(await messages(engine, "waitlisted")) == 1
    await roster(engine, A=5)
    assert len((await again(engine, policy)).allocated) == 1
    assert (await again(engine, policy)).allocated == ()


async def test_absent_dalos_get_no_cases(intake: Intake, engine: AsyncEngine) -> None:
    await roster(engine, A=5)
    away = RosterEntry(
        officer_id="B",
        role=Role.DALO,
        area="Medway",
        capacity=50,
        absent_from=NOW - timedelta(days=1),
        absent_until=NOW + timedelta(days=1),
    )
    async with engine.begin() as conn:
        cover = RosterEntry(officer_id="S", role=Role.SUPERVISOR, area="Medway", covers="B")
        await load_roster(conn, [away, cover])
    await feed(intake, *victim(1))
    assert (await register(engine))["VIC-1"]["dalo_id"] == "A"


async def test_an_area_outside_the_pilot_allocates_nothing(
    engine: AsyncEngine, policy: Policy
) -> None:
    result = await allocate(engine, "Thanet", NOW, policy)
    assert result == AllocationResult(area="Thanet")


async def test_a_new_case_starts_both_workflows_with_the_report_inside(
    intake: Intake, engine: AsyncEngine
) -> None:
    await roster(engine, A=5)
    await feed(intake, *victim(1))
    starts = {row["target"]: row["payload"] for row in await messages(engine, "start")}
    assert set(starts) == {"case/CASE-2026-00001", "incident/46/11/26/VIC-1"}
    case = CaseStart.model_validate(starts["case/CASE-2026-00001"])
    incident = IncidentStart.model_validate(starts["incident/46/11/26/VIC-1"])
    assert case.messages[0].kind == "report-arrived"
    assert case.messages == incident.messages
    assert (case.pilot_area, case.opened_at, incident.case_ref) == (
        "Medway",
        NOW,
        "CASE-2026-00001",
    )
    (owner,) = await messages(engine, "owner-changed")
    assert owner["target"] == "incident/46/11/26/VIC-1"
    assert owner["payload"]["dalo_id"] == "A"


async def test_an_update_tells_case_and_incident(intake: Intake, engine: AsyncEngine) -> None:
    await feed(intake, *victim(1))
    changed = victim(1, Version="2", Suspect_Status="Arrested", District="Swale")[1]
    await feed(intake, changed)
    told = await messages(engine, "report-arrived")
    assert [row["target"] for row in told] == ["case/CASE-2026-00001", "incident/46/11/26/VIC-1"]
    assert all(row["payload"]["now_ineligible"] for row in told)
    assert all(row["payload"]["report"]["version"] == 2 for row in told)


async def test_a_child_s_report_is_referred_once_and_tells_the_open_case(
    intake: Intake, engine: AsyncEngine
) -> None:
    await feed(intake, *victim(1))
    child = {"Incident_No": "46/9/26", "Victim_Ref": "VIC-1", "Suspect_Age": "14"}
    first = await feed(intake, line(**child))
    second = await feed(intake, line(**child, Version="2"))
    assert (first.child_referrals, second.child_referrals) == (1, 0)
    (told,) = await messages(engine, "under-16-party")
    assert told["target"] == "case/CASE-2026-00001"
    async with engine.connect() as conn:
        query = select(ledger_event.c.tag).where(ledger_event.c.tag.like("%child_safeguarding%"))
        assert len((await conn.execute(query)).all()) == 1


async def close(engine: AsyncEngine, seen: list[str]) -> bool:
    event = Event(
        seq=2,
        tag="case:closed",
        occurred_at=NOW,
        recorded_at=NOW,
        actor="PS-1",
        role=Role.SUPERVISOR,
        data={"case_ref": "CASE-2026-00001", "reason": "RISK_REDUCED"},
    )
    request = CloseRequest(
        case_ref="CASE-2026-00001",
        victim_ref="VIC-1",
        event=event,
        seen_incidents=seen,
        final_state={},
    )
    async with engine.begin() as conn:
        return (await close_case(conn, keyring_of(engine), request)).closed


async def test_closing_waits_for_a_joining_incident_and_then_a_new_one_opens_a_new_case(
    intake: Intake, engine: AsyncEngine
) -> None:
    await feed(intake, *victim(1))
    started = Event(
        seq=1, tag="case:started", occurred_at=NOW, recorded_at=NOW, actor="SYSTEM", role="SYSTEM"
    )
    async with engine.begin() as conn:
        await append_events(conn, case_stream("CASE-2026-00001"), 1, [started])
    joined = line(Incident_No="46/9/26", Victim_Ref="VIC-1", Reported="03/11/2026 10:00")
    await feed(intake, joined)
    assert not await close(engine, ["46/11/26"])
    assert (await register(engine))["VIC-1"]["closed_at"] is None
    assert await close(engine, ["46/11/26", "46/9/26"])
    later = line(Incident_No="46/8/26", Victim_Ref="VIC-1", Reported="04/11/2026 10:00")
    summary = await feed(intake, later)
    assert summary.outcomes == {"CASE_OPENED": 1}
    async with engine.connect() as conn:
        query = select(case_register.c.previous_case_ref).where(case_register.c.closed_at.is_(None))
        assert (await conn.execute(query)).scalar_one() == "CASE-2026-00001"


async def test_a_manual_reassignment_is_left_alone(
    intake: Intake, engine: AsyncEngine, policy: Policy
) -> None:
    await roster(engine, A=1, B=5)
    await feed(intake, *victim(1))
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(dalo_id="A"))
    assert (await again(engine, policy)).allocated == ()
    assert (await register(engine))["VIC-1"]["dalo_id"] == "A"


async def test_the_sample_roster_loads_and_loading_it_again_changes_nothing(
    engine: AsyncEngine,
) -> None:
    entries = read_roster(MEDWAY / "roster.csv")
    for _ in range(2):
        async with engine.begin() as conn:
            await load_roster(conn, entries)
    async with engine.connect() as conn:
        listed = await list_roster(conn)
    assert sorted(listed, key=lambda e: e.officer_id) == sorted(entries, key=lambda e: e.officer_id)
    dalos = [entry for entry in entries if entry.role.value == "DALO"]
    assert [dalo.capacity for dalo in dalos] == [35, 35, 35]


async def test_a_supervisor_nobody_knows_is_refused(engine: AsyncEngine) -> None:
    entry = RosterEntry(
        officer_id="A", role=Role.DALO, area="Medway", capacity=1, supervisor_id="PS-9"
    )
    with pytest.raises(RosterError, match="A: supervisor_id: is not on the roster"):
        async with engine.begin() as conn:
            await load_roster(conn, [entry])


def two_officers(**changes: str) -> list[RosterEntry]:
    """A sergeant and an OIC."""
    return [
        RosterEntry(officer_id="PS-9", role=Role.SUPERVISOR, area="Medway"),
        RosterEntry.model_validate(
            {"officer_id": "OIC-9", "role": "OIC", "area": "Medway", **changes}
        ),
    ]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("dalo_id", "A: active: is the DALO of 1 open cases"),
        ("outgoing_dalo_id", "A: active: hands over 1 open cases"),
        ("supervisor_id", "A: active: supervises 1 open cases"),
    ],
)
async def test_who_still_has_open_cases_stays_active(
    intake: Intake, engine: AsyncEngine, column: str, said: str
) -> None:
    await roster(engine, A=1, B=1)
    await feed(intake, *victim(1))
    names = dict.fromkeys(("dalo_id", "outgoing_dalo_id", "supervisor_id"))
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(**names | {column: "A"}))
    gone = RosterEntry(officer_id="A", role=Role.DALO, area="Medway", capacity=1, active=False)
    with pytest.raises(RosterError, match=said):
        async with engine.begin() as conn:
            await load_roster(conn, [gone])
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(closed_at=NOW))
        await load_roster(conn, [gone])
        assert "A" in {each.officer_id for each in await list_roster(conn) if not each.active}


@pytest.mark.parametrize("known_as", ["PS-9", "PC 7001"])
async def test_what_an_extract_calls_somebody_means_one_person(
    engine: AsyncEngine, known_as: str
) -> None:
    entries = two_officers(known_as=known_as)
    if known_as == "PC 7001":
        entries[0] = entries[0].model_copy(update={"known_as": known_as})
    with pytest.raises(RosterError, match="OIC-9: known_as: means PS-9 too"):
        async with engine.begin() as conn:
            await load_roster(conn, entries)
    async with engine.begin() as conn:
        await load_roster(conn, two_officers(known_as="PC 7002"))
        (oic,) = (each for each in await list_roster(conn) if each.known_as)
    assert (oic.officer_id, oic.known_as) == ("OIC-9", "PC 7002")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("officer_id,area\nA,Medway\n", "line 1: column role is missing"),
        ("officer_id,role,shoe\nA,OIC,9\n", "line 1: column shoe is unknown"),
        ("officer_id,role\nA,CONSTABLE\n", "line 2: role"),
        ("officer_id,role,area\nA,DALO,Medway\n", "line 2: capacity: a DALO needs one"),
        ("officer_id,role,area,capacity\nA,DALO,,3\n", "line 2: area: a DALO needs one"),
        ("officer_id,role,area,capacity\nA,DALO,Medway,-1\n", "line 2: capacity"),
        ("officer_id,role\nA,OIC\nA,OIC\n", "line 3: officer_id: is there twice"),
        ("officer_id,role\nA\n", "line 2: has not 2 fields"),
        ("officer_id,role,absent_from\nA,OIC,soon\n", "line 2: absent_from"),
    ],
)
def test_a_mistake_in_a_roster_names_line_and_field(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(content)
    with pytest.raises(RosterError, match=said):
        read_roster(path)
