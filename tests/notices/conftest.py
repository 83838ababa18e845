"""A database with a small roster, a clock to turn, and a post office."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.notices.notifier import Notifier
from casework.settings import Settings
from models import registry
from store.engine import make_engine
from store.tables import case, case_register, notice, officer, task
from tests.notices.post_office import PostOffice, post_office

MONDAY = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)
CASE = "CASE-2027-00001"
STREAM = f"case/{CASE}"


class Desk:
    """The notifier with what surrounds it; `now` is its clock."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.now = MONDAY
        self.notifier = Notifier(engine, settings, lambda: self.now)

    async def put(self, table: Any, **values: Any) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(insert(table).values(**values))

    async def raise_task(self, task_id: str, owner: str, kind: str = "LADDER", **more: Any) -> None:
        values = {"command": f"dalo do {CASE} review-case", "case_ref": CASE, **more}
        values.setdefault("raised_at", self.now)
        await self.put(task, stream=STREAM, task_id=task_id, kind=kind, owner=owner, **values)

    async def settle(self, task_id: str) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(
                update(task).where(task.c.task_id == task_id).values(settled_at=self.now)
            )

    async def owned_by(self, owner: str) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(update(task).values(owner=owner))

    async def graded_high(self) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(update(case).values(risk_grade="HIGH"))

    async def states(self) -> dict[str, str]:
        async with self.engine.connect() as conn:
            rows = await conn.execute(select(notice.c.notice_id, notice.c.state))
            return {row.notice_id: row.state for row in rows}

    async def in_the_register(self) -> None:
        await self.put(
            case_register,
            case_ref=CASE,
            victim_ref="VIC-0001",
            area="Medway",
            state="ALLOCATED",
            priority_score=0,
            risk_grade="MEDIUM",
            opened_at=self.now,
            supervisor_id="PS-1",
        )

    async def later(self, **span: float) -> int:
        self.now += timedelta(**span)
        return await self.notifier.once()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


@pytest_asyncio.fixture
async def desk(database: str, office: PostOffice) -> AsyncIterator[Desk]:
    registry.load_shipped()
    engine = make_engine(database)
    settings = Settings(
        smtp_address=f"127.0.0.1:{office.port}",
        smtp_tls="none",
        mail_from="casework@force.example",
        hub_officer="HUB",
        duty_sergeant="PS-9",
    )
    desk = Desk(engine, settings)
    for officer_id, role, boss in (
        ("PC-1", "DALO", "PS-1"),
        ("PS-1", "SUPERVISOR", None),
        ("PS-9", "SUPERVISOR", None),
        ("HUB", "SUPERVISOR", None),
        ("DI-1", "INSPECTOR", None),
    ):
        await desk.put(
            officer,
            officer_id=officer_id,
            role=role,
            area="Medway",
            supervisor_id=boss,
            email=f"{officer_id.lower()}@force.example",
        )
    await desk.put(case, case_ref=CASE, victim_ref="VIC-0001", risk_grade="MEDIUM")
    yield desk
    await engine.dispose()
