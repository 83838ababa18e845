"""What a story finds on record: the ledger, the read models and the metrics made of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select

from casework.runtime import Runtime
from evaluation.read import compute
from evaluation.rows import MetricTable
from models.case.view import CaseView
from models.clocks import Clock
from models.enums import ClockStatus, ClockType
from models.events import Event
from models.instants import show
from store import reads
from store.ledger import events_of
from store.tables import clock as clock_table
from store.tables import task


class OnRecord:
    """Reads for assertions; `now` is the instant that the story has come to."""

    now: datetime

    @property
    def runtime(self) -> Runtime:
        """The product."""
        raise NotImplementedError

    async def clocks(self, stream: str, *, ended: bool = False) -> list[Clock]:
        """The clocks of a stream as the read model has them."""
        query = select(clock_table).where(clock_table.c.stream == stream)
        if not ended:
            query = query.where(clock_table.c.status == "OPEN")
        async with self.runtime.engine.connect() as conn:
            rows = (await conn.execute(query.order_by(clock_table.c.started_at))).mappings()
            return [reads.clock_of(dict(row)) for row in rows]

    async def clock(
        self, stream: str, clock_type: ClockType, subject: str = "", *, ended: bool = False
    ) -> Clock:
        """The one clock of this type (and subject) that is open; the last one where `ended`."""
        found = [
            each
            for each in await self.clocks(stream, ended=ended)
            if each.clock_type is clock_type and subject in ("", each.subject)
        ]
        if not ended:
            assert len(found) == 1, f"{len(found)} open {clock_type.value} of {stream}"
        assert found, f"no {clock_type.value} of {stream}"
        return found[-1]

    async def due(self, stream: str, clock_type: ClockType, subject: str = "") -> str:
        """When the open clock of this type is due, as officers read it."""
        return show((await self.clock(stream, clock_type, subject)).due_at)

    async def events(self, stream: str, *tags: str) -> list[Event]:
        """What the ledger holds of a stream under these tags."""
        async with self.runtime.engine.connect() as conn:
            return [each for each in await events_of(conn, stream) if each.tag in tags]

    async def fired(self, stream: str, tag: str, clock_type: ClockType) -> list[str]:
        """When clocks of this type warned (`clock:warned`), or were breached."""
        return [
            show(each.occurred_at)
            for each in await self.events(stream, tag)
            if each.data["clock"]["clock_type"] == clock_type.value
        ]

    async def row(self, table: Table, **where: Any) -> dict[str, Any]:
        """The one row of a read model with these values."""
        (found,) = await self.rows(table, **where)
        return found

    async def rows(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """The rows of a read model with these values."""
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        async with self.runtime.engine.connect() as conn:
            return [dict(each) for each in (await conn.execute(query)).mappings()]

    async def tasks(self, stream: str, *kinds: str) -> list[tuple[str, str]]:
        """Kind and owner of the open tasks of a stream; of these kinds, where any are named."""
        return [
            (row["kind"], row["owner"])
            for row in await self.rows(task, stream=stream, settled_at=None)
            if not kinds or row["kind"] in kinds
        ]

    async def case_view(self, stream: str) -> CaseView:
        """The case as its workflow has it now."""
        handle = self.runtime.client.get_workflow_handle(stream)
        view: CaseView = await handle.query("view", result_type=CaseView)
        return view

    async def measured(self, first: date, last: date) -> MetricTable:
        """The evaluation's metrics of a period, as known now, from the ledger alone."""
        return await compute(self.runtime.engine, first, last, self.now)

    async def met(self, stream: str, clock_type: ClockType, at: datetime) -> None:
        """The last clock of this type was met at that instant, and had not been breached."""
        ended = await self.clock(stream, clock_type, ended=True)
        found = (ended.status, ended.ended_at, ended.breached_at)
        assert found == (ClockStatus.MET, at, None), f"{clock_type.value}: {found}"
