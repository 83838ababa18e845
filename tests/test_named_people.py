"""Commands that name somebody who cannot have what they would be given, and reads of what is not
there yet: refused by the register and the roster, before any workflow is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import insert

from casework.meetings import open_by_hand
from casework.people import check_people
from casework.runtime import Runtime, open_runtime
from casework.settings import Settings
from models.base import Refused
from models.commands import (
    AcceptTransfer,
    AddNeedAction,
    Command,
    Grant,
    HandOver,
    NameSupervisor,
    NeedActionEntry,
)
from models.enums import Forum, NeedDomain, Role
from models.ids import case_stream
from store.closing import stored_state
from store.roster import RosterEntry, load_roster, set_absence
from store.tables import case_register, officer

NOW = datetime(2027, 6, 7, 9, tzinfo=UTC)
CASE = "CASE-2027-00001"
DAY = timedelta(days=1)
MASTER = "bmFtZWQgcGVvcGxlIG1hc3RlciBrZXkgMzIgYnl0ZXM="
PEOPLE = (
    RosterEntry(officer_id="PS-1", role=Role.SUPERVISOR, area="Medway"),
    RosterEntry(officer_id="PS-2", role=Role.SUPERVISOR, area="Swale"),
    RosterEntry(officer_id="MT-1", role=Role.MATAC_COORDINATOR, area="Medway"),
    *(
        RosterEntry(
            officer_id=officer_id, role=Role.DALO, area=area, capacity=9, supervisor_id=supervisor
        )
        for officer_id, area, supervisor in (
            ("PC-1", "Medway", "PS-1"),
            ("PC-2", "Medway", "PS-1"),
            ("PC-3", "Medway", "PS-1"),
            ("PC-4", "Swale", "PS-2"),
        )
    ),
)


@pytest_asyncio.fixture
async def runtime(database: str) -> AsyncIterator[Runtime]:
    """The product without an engine: one case, of PC-1, offered to Swale."""
    settings = Settings(
        database_url=SecretStr(database),
        master_keys_text=SecretStr(MASTER),
        temporal_address="127.0.0.1:1",
    )
    async with open_runtime(settings, need_temporal=False, clock=lambda: NOW) as made:
        async with made.engine.begin() as conn:
            await load_roster(conn, PEOPLE, NOW)
            row = {
                "case_ref": CASE,
                "victim_ref": "VIC-1",
                "area": "Medway",
                "state": "ALLOCATED",
                "priority_score": 0,
                "risk_grade": "HIGH",
                "opened_at": NOW,
                "dalo_id": "PC-1",
                "supervisor_id": "PS-1",
                "offered_area": "Swale",
            }
            await conn.execute(insert(case_register), row)
        yield made


async def refusal(runtime: Runtime, command: Command, actor: str = "PS-1") -> str:
    """The code with which a command is refused for whom it names."""
    grant = Grant(actor=actor, role=Role.SUPERVISOR, access_log_id="test")
    with pytest.raises(Refused) as refused:
        await check_people(runtime, case_stream(CASE), command, grant)
    assert refused.value.remedy
    return refused.value.code


async def absence(runtime: Runtime, who: str, cover: str, days: int = 1) -> None:
    """Somebody is away from tomorrow, or from today, and another covers."""
    async with runtime.engine.begin() as conn:
        await set_absence(conn, who, NOW - DAY + days * DAY, NOW + 9 * DAY, cover)


async def test_nobody_gives_a_case_to_an_officer_who_is_away(runtime: Runtime) -> None:
    await absence(runtime, "PC-2", "PC-3", days=0)
    command = HandOver(at=NOW, dalo_id="PC-2", reason="ROTATION")
    assert await refusal(runtime, command) == "OFFICER_AWAY"


async def test_an_officer_without_room_gets_a_case_only_if_the_supervisor_says_so(
    runtime: Runtime,
) -> None:
    async with runtime.engine.begin() as conn:
        await conn.execute(officer.update().values(capacity=1))
    command = HandOver(at=NOW, dalo_id="PC-1", reason="ROTATION")
    assert await refusal(runtime, command) == "NO_ROOM"
    over = command.model_copy(update={"over_capacity": True})
    grant = Grant(actor="PS-1", role=Role.SUPERVISOR, access_log_id="test")
    await check_people(runtime, case_stream(CASE), over, grant)


async def test_who_supervises_or_owns_an_action_is_somebody_of_the_roster(
    runtime: Runtime,
) -> None:
    for nobody in ("PS-9", "PC-2"):
        name = NameSupervisor(at=NOW, supervisor_id=nobody, reason="ROTATION")
        assert await refusal(runtime, name) == "UNKNOWN_OFFICER"
    for nobody in ("PC-9", "IDVA_PARTNER", "NEIGHBOUR@Medway"):
        action = NeedActionEntry(
            domain=NeedDomain.SAFETY, action="LOCKS", owner=nobody, due_at=NOW + DAY
        )
        command = AddNeedAction(at=NOW, action=action)
        assert await refusal(runtime, command) == "UNKNOWN_OFFICER"


async def test_a_case_is_taken_on_by_the_area_it_is_offered_to(runtime: Runtime) -> None:
    command = AcceptTransfer(at=NOW, dalo_id="PC-2")
    assert await refusal(runtime, command, "PS-1") == "WRONG_AREA"
    assert await refusal(runtime, command, "PS-2") == "WRONG_AREA"
    ours = AcceptTransfer(at=NOW, dalo_id="PC-4")
    grant = Grant(actor="PS-2", role=Role.SUPERVISOR, access_log_id="test")
    await check_people(runtime, case_stream(CASE), ours, grant)


@pytest.mark.parametrize(
    ("who", "cover", "code"),
    [
        ("PC-1", "PC-1", "UNKNOWN_OFFICER"),
        ("PC-1", "PC-9", "UNKNOWN_OFFICER"),
        ("PC-1", "PC-3", "COVERS_ANOTHER"),
        ("PC-1", "PC-2", "OFFICER_AWAY"),
    ],
)
async def test_who_covers_is_another_who_is_there_and_covers_nobody_else(
    runtime: Runtime, who: str, cover: str, code: str
) -> None:
    await absence(runtime, "PC-2", "PC-3")
    with pytest.raises(Refused) as refused:
        await absence(runtime, who, cover)
    assert refused.value.code == code


async def test_an_open_case_is_not_reopened_and_an_unknown_one_is_named(runtime: Runtime) -> None:
    for ref, code in ((CASE, "NOT_CLOSED"), ("CASE-2027-09999", "UNKNOWN_CASE")):
        with pytest.raises(Refused) as refused:
            async with runtime.engine.begin() as conn:
                await stored_state(conn, runtime.keyring, ref)
        assert refused.value.code == code


async def test_a_closed_case_of_which_nothing_was_kept_is_not_reopened(runtime: Runtime) -> None:
    async with runtime.engine.begin() as conn:
        await conn.execute(case_register.update().values(closed_at=NOW))
        with pytest.raises(Refused) as refused:
            await stored_state(conn, runtime.keyring, CASE)
    assert refused.value.code == "NOT_REOPENABLE"


@pytest.mark.parametrize(
    ("code", "on", "emergency"),
    [
        ("NOT_A_MEETING_DAY", date(2027, 7, 6), False),
        ("LIST_CLOSED", NOW.date(), False),
        ("MARAC_ONLY", None, True),
    ],
)
async def test_a_meeting_is_opened_on_a_day_of_its_series_before_its_list_closes(
    runtime: Runtime, code: str, on: date | None, emergency: bool
) -> None:
    grant = Grant(actor="MT-1", role=Role.MATAC_COORDINATOR, access_log_id="test")
    with pytest.raises(Refused) as refused:
        await open_by_hand(runtime, grant, Forum.MATAC, "Medway", on, emergency=emergency)
    assert refused.value.code == code
    assert code != "NOT_A_MEETING_DAY" or "2027-08-02" in refused.value.message
