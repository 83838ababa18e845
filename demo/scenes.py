"""What every scene of the demonstration's rarer events is made of: a case or an incident to which
nothing of all this has happened before, a command now, and what somebody does about it later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from demo.desk import Act, Desk, Later, Order, Row
from models.commands import CaseCommand, IncidentCommand
from models.enums import Role
from models.ids import case_stream, incident_stream
from store.tables import case, incident

Scene = tuple[int, time, Act]
"""So many days after the first, at about this time."""


class Scenes:
    """What scenes of cases and of incidents share."""

    def __init__(self, desk: Desk, later: Later, met: set[str]) -> None:
        self._desk = desk
        self._later = later
        self.met = met
        """The cases to which something rare has happened, whoever's scene it was."""
        self._played: set[str] = set()
        """The scenes that waited for something to happen, and were played."""

    async def _rows(self, query: Select[Any]) -> list[Row]:
        async with self._desk.runtime.engine.connect() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]


class CaseScenes(Scenes):
    """Scenes that a case is told of."""

    async def _some(self, *where: ColumnElement[bool]) -> AsyncIterator[Row]:
        query = (
            select(case)
            .where(case.c.closed_at.is_(None), case.c.allocated_at.is_not(None), *where)
            .order_by(case.c.case_ref)
        )
        for row in await self._rows(query):
            if row["case_ref"] not in self.met:
                yield row

    async def _one(self, *where: ColumnElement[bool]) -> Row | None:
        """The next case to which nothing of all this has happened yet."""
        async for row in self._some(*where):
            self.met.add(row["case_ref"])
            return row
        return None

    async def _give(self, actor: str, row: Row, command: CaseCommand, note: str = "") -> None:
        await self._desk.give(Order(actor, case_stream(row["case_ref"]), command, note))

    def _then(self, at: datetime, who: Role | str, row: Row, command: CaseCommand) -> None:
        """What somebody, or whoever has this role, does about it later."""

        async def act(then: datetime) -> None:
            actor = self._desk.cast.of(who) if isinstance(who, Role) else who
            await self._give(actor, row, command)

        self._later(at, act)


class IncidentScenes(Scenes):
    """Scenes that an incident is told of; some only where its officer has an account."""

    def __init__(self, desk: Desk, later: Later, met: set[str], oic: Mapping[str, str]) -> None:
        super().__init__(desk, later, met)
        self._oic = oic

    async def _some(self, *where: ColumnElement[bool]) -> AsyncIterator[Row]:
        query = (
            select(incident, case.c.dalo_id)
            .join(case, case.c.case_ref == incident.c.case_ref)
            .where(
                incident.c.ended_at.is_(None),
                case.c.closed_at.is_(None),
                case.c.allocated_at.is_not(None),
                *where,
            )
            .order_by(incident.c.incident_ref)
        )
        for row in await self._rows(query):
            if row["case_ref"] not in self.met:
                yield row

    async def _give(self, actor: str, row: Row, command: IncidentCommand) -> None:
        await self._desk.give(Order(actor, stream_of(row), command))

    def _then(self, at: datetime, row: Row, command: IncidentCommand, actor: str = "") -> None:
        """What is done later, by whoever has the case then if nobody else."""

        async def act(now: datetime) -> None:
            dalo = select(case.c.dalo_id).where(case.c.case_ref == row["case_ref"])
            (has_it,) = await self._rows(dalo)
            await self._give(actor or has_it["dalo_id"], row, command)

        self._later(at, act)


def stream_of(row: Row) -> str:
    """The stream of an incident's row."""
    return incident_stream(row["incident_ref"], row["victim_ref"])
