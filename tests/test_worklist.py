"""One worklist: theirs, their role's, whom they cover; the most urgent first, each with a reason
and the command that settles it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert

from access.gate import Gate
from casework.master_key import MasterKey
from casework.runtime import Runtime
from casework.settings import Settings
from casework.worklist import Item, worklist_of
from models import registry
from models.enums import ClockType
from models.settling import SETTLED_BY
from store.ciphers import MasterKeys
from store.engine import make_engine
from store.keys import Keyring
from store.secrets import SecretStore
from store.tables import case, clock, officer, task

NOW = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)


class Office:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.number = 0

    async def put(self, table: Any, **values: Any) -> None:
        async with self.runtime.engine.begin() as conn:
            await conn.execute(insert(table).values(**values))

    async def owes(self, owner: str, kind: str, ref: str, hours: float, subject: str = "") -> None:
        self.number += 1
        await self.put(
            task,
            stream=f"case/{ref}",
            task_id=f"{kind}:{self.number}",
            kind=kind,
            owner=owner,
            subject=subject,
            case_ref=ref,
            why=f"why {kind}",
            command=f"dalo do {ref} review-case",
            raised_at=NOW - timedelta(days=1),
            due_at=NOW + timedelta(hours=hours),
        )

    async def runs(self, owner: str, clock_type: ClockType, ref: str, hours: float) -> None:
        self.number += 1
        policy, calendar = registry.current_policy(), registry.current_calendar()
        await self.put(
            clock,
            stream=f"case/{ref}",
            clock_id=f"{clock_type.value}:{self.number}",
            clock_type=clock_type.value,
            subject="",
            case_ref=ref,
            limit="W 1",
            owner=owner,
            status="OPEN",
            start_event="case:opened",
            policy_version=policy.version,
            calendar_version=calendar.version,
            started_at=NOW,
            due_at=NOW + timedelta(hours=hours),
        )

    async def list(self, who: str) -> tuple[Item, ...]:
        return (await worklist_of(self.runtime, who, 50)).items


@pytest_asyncio.fixture
async def office(database: str) -> AsyncIterator[Office]:
    registry.load_shipped()
    engine = make_engine(database)
    keyring = Keyring(engine, MasterKeys((MasterKey("k", bytes(32)),)), lambda: NOW)
    runtime = Runtime(
        settings=Settings(),
        engine=engine,
        keyring=keyring,
        secrets=SecretStore(keyring),
        gate=Gate(engine, lambda: NOW),
        clock=lambda: NOW,
    )
    office = Office(runtime)
    await office.put(officer, officer_id="PC-1", role="DALO", area="Medway")
    away = {"absent_from": NOW - timedelta(days=1), "absent_until": NOW + timedelta(days=1)}
    await office.put(officer, officer_id="PC-2", role="DALO", area="Medway", **away)
    await office.put(officer, officer_id="PC-3", role="DALO", area="Medway", covers="PC-2")
    await office.put(officer, officer_id="DI-1", role="INSPECTOR", area="Medway")
    await office.put(case, case_ref="CASE-2027-00001", risk_grade="MEDIUM")
    await office.put(case, case_ref="CASE-2027-00002", risk_grade="HIGH")
    yield office
    await engine.dispose()


async def test_urgency_comes_before_the_due_time(office: Office) -> None:
    one, two = "CASE-2027-00001", "CASE-2027-00002"
    await office.owes("PC-1", "CASE_NOTE", one, -5)
    await office.owes("PC-1", "LADDER", two, 20)
    await office.owes("PC-1", "BREACH", one, 30, "CHILD_REFERRAL:1")
    await office.owes("PC-1", "REVIEW_THREAT_TO_LIFE", one, 40)
    await office.owes("PC-1", "ORDER_BREACH", one, 10)
    await office.runs("PC-1", ClockType.CASE_REVIEW, one, -1)
    found = await office.list("PC-1")
    assert [item.urgency for item in found] == [
        "THREAT_TO_LIFE",
        "CHILD",
        "HIGH",
        "ORDER_BREACH",
        "ROUTINE",
        "ROUTINE",
    ]
    assert [item.what for item in found[-2:]] == ["CASE_NOTE", "CASE_REVIEW"]
    assert all(item.why and item.command for item in found)
    assert "because the case was opened" in found[-1].explanation


async def test_a_role_and_an_absent_officer_are_on_the_list_of_who_answers(office: Office) -> None:
    ref = "CASE-2027-00001"
    await office.owes("INSPECTOR@Medway", "HHV", ref, 1)
    await office.owes("INSPECTOR@Thanet", "HHV", ref, 1, "elsewhere")
    await office.owes("PC-2", "LADDER", ref, 1)
    assert [i.on_behalf_of for i in await office.list("DI-1")] == ["INSPECTOR@Medway"]
    assert [i.on_behalf_of for i in await office.list("PC-3")] == ["PC-2"]
    assert await office.list("PC-1") == ()


async def test_a_breach_is_on_the_list_once(office: Office) -> None:
    ref = "CASE-2027-00001"
    await office.runs("PC-1", ClockType.NEEDS_ASSESSMENT, ref, -2)
    await office.owes("PC-1", "BREACH", ref, -2, "NEEDS_ASSESSMENT:1")
    assert [item.what for item in await office.list("PC-1")] == ["BREACH NEEDS_ASSESSMENT:1"]


@pytest.mark.parametrize("clock_type", list(ClockType))
def test_every_clock_says_what_settles_it(clock_type: ClockType) -> None:
    from cli.do import SPECS

    command = SETTLED_BY[clock_type]
    if clock_type is ClockType.MARAC_REPEAT_WINDOW:
        assert command == "", "nothing but time ends a flag"
        return
    kind, *options = command.split()
    assert kind in SPECS, f"{clock_type.value} names a command that there is not"
    known = {name.replace("_", "-") for name in SPECS[kind].options}
    flags = {option.removeprefix("--") for option in options if option.startswith("--")}
    assert flags <= known
