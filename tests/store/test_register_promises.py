"""No random history of reports, closures, reopenings and merges, some at once, gives a person two
open cases or does a thing twice: on the real register, under its real locks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.base import Refused
from models.events import CloseRequest, EffectKind, Event
from models.ids import case_stream
from store.closing import close_case, open_again, stored_state
from store.ledger import head_of
from store.tables import case_register, ledger_event, outbox, report, victim_alias
from tests.store.stories import ring
from tests.store.test_merging import NOW, merged, take

ROUNDS, STEPS = 2, 45


@dataclass
class Register:
    """What a person at the register may do, and what it came to."""

    engine: AsyncEngine
    random: Random
    round: int = 0
    rows: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    merging: set[str] = field(default_factory=set)
    """Cases that were merged away and have not closed yet."""
    count: dict[str, int] = field(default_factory=dict)

    def new_people(self, number: int) -> None:
        """Another round, with people of its own."""
        self.round, self.rows = number, []

    @property
    def victims(self) -> list[str]:
        return [f"VIC-{self.round}{number}" for number in range(4)]

    def counted(self, what: str) -> None:
        self.count[what] = self.count.get(what, 0) + 1

    async def report(self) -> None:
        """A new report, or one that came before, again or in a later version."""
        number = len(self.rows) + 1
        if self.rows and self.random.random() < 0.3:
            incident, victim, facts = self.random.choice(self.rows)
            if self.random.random() < 0.5:
                facts = {**facts, "version": facts["version"] + 1}
                self.rows.append((incident, victim, facts))
        else:
            at = NOW - timedelta(hours=self.random.randint(1, 24 * 40))
            facts = {"version": 1, "reported_at": at}
            incident = f"46/{self.round}{number:03d}/27"
            victim = self.random.choice(self.victims)
            self.rows.append((incident, victim, facts))
        taken = await take(self.engine, incident, victim, **facts)
        self.counted(taken.outcome.value)

    async def report_again(self) -> None:
        """A row that was read before is read again: nothing is written."""
        if not self.rows:
            return
        incident, victim, facts = self.random.choice(self.rows)
        before = await self.written()
        await take(self.engine, incident, victim, **facts)
        assert await self.written() == before
        self.counted("again")

    async def close(self) -> None:
        """A case that is open asks to be closed; now and then it has not seen every incident. Asked
        again, the register answers the same and writes nothing."""
        found = await self._open()
        if not found:
            return
        case_ref, victim_ref = self.random.choice(sorted(found.items()))
        seen = await self._incidents(case_ref)
        blind = bool(seen) and self.random.random() < 0.3
        request = await self._request(case_ref, victim_ref, seen[1:] if blind else seen)
        result = await self._ask(request)
        if blind:
            assert not result.closed
            self.counted("joining")
        elif result.closed:
            self.merging.discard(case_ref)
            assert await self._ask(request) == result
            async with self.engine.connect() as conn:
                head = await head_of(conn, case_stream(case_ref))
            assert head.seq == request.event.seq
            self.counted("closed")

    async def reopen(self) -> None:
        """A closed case is opened again, unless the person has another."""
        closed = [ref for ref in await self._refs() if ref not in await self._open()]
        if not closed:
            return
        case_ref = self.random.choice(closed)
        try:
            async with self.engine.begin() as conn:
                await stored_state(conn, ring(self.engine), case_ref)
                await open_again(conn, case_ref, "PC 5001")
            self.counted("reopened")
        except Refused as refused:
            self.counted(refused.code)

    async def merge(self) -> None:
        """Two references prove to be one person's."""
        kept, gone = self.random.sample(self.victims, 2)
        try:
            result = await merged(self.engine, kept, gone)
        except Refused as refused:
            self.counted(refused.code)
        else:
            self.merging |= {result.closing_case} - {""}
            self.counted("merged")

    async def at_once(self) -> None:
        """A report comes in while something else is done."""
        other = self.random.choice((self.report, self.close, self.reopen, self.merge))
        await asyncio.gather(self.report(), other())

    # --- what is looked at ---------------------------------------------------------------------

    async def written(self) -> tuple[int, int]:
        """How many events and effects there are."""
        async with self.engine.connect() as conn:
            events = await conn.scalar(select(func.count()).select_from(ledger_event))
            effects = await conn.scalar(select(func.count()).select_from(outbox))
        return int(events or 0), int(effects or 0)

    async def check(self) -> None:
        """One open case a person, beside one that closes into it; no incident is two open
        cases'; every case is started once."""
        async with self.engine.connect() as conn:
            aliases = {
                row.merged_ref: row.kept_ref for row in await conn.execute(select(victim_alias))
            }
            starts = list(
                await conn.scalars(
                    select(outbox.c.target).where(
                        outbox.c.kind == EffectKind.START.value, outbox.c.target.like("case/%")
                    )
                )
            )
            joined = (
                select(report.c.incident_ref)
                .join(case_register, case_register.c.case_ref == report.c.case_ref)
                .where(case_register.c.closed_at.is_(None))
            )
            incidents = list(await conn.scalars(joined))
        people = [
            aliases.get(victim, victim)
            for case_ref, victim in (await self._open()).items()
            if case_ref not in self.merging
        ]
        assert len(people) == len(set(people)), people
        assert len(starts) == len(set(starts))
        assert len(incidents) == len(set(incidents))

    async def _open(self) -> dict[str, str]:
        query = select(case_register.c.case_ref, case_register.c.victim_ref)
        async with self.engine.connect() as conn:
            rows = await conn.execute(query.where(case_register.c.closed_at.is_(None)))
            return {row.case_ref: row.victim_ref for row in rows}

    async def _refs(self) -> list[str]:
        query = select(case_register.c.case_ref).order_by(case_register.c.case_ref)
        async with self.engine.connect() as conn:
            return list(await conn.scalars(query))

    async def _incidents(self, case_ref: str) -> list[str]:
        query = select(report.c.incident_ref).where(report.c.case_ref == case_ref)
        async with self.engine.connect() as conn:
            return list(await conn.scalars(query.order_by(report.c.incident_ref)))

    async def _request(self, case_ref: str, victim_ref: str, seen: list[str]) -> CloseRequest:
        async with self.engine.connect() as conn:
            head = await head_of(conn, case_stream(case_ref))
        event = Event(
            seq=head.seq + 1,
            tag="case:closed",
            occurred_at=NOW,
            recorded_at=NOW,
            actor="PS 4001",
            role="SUPERVISOR",
            data={"case_ref": case_ref, "reason": "RISK_REDUCED"},
        )
        return CloseRequest(
            case_ref=case_ref,
            victim_ref=victim_ref,
            event=event,
            seen_incidents=seen,
            final_state={"next_seq": event.seq + 1},
        )

    async def _ask(self, request: CloseRequest) -> Any:
        async with self.engine.begin() as conn:
            return await close_case(conn, ring(self.engine), request)


async def test_no_history_gives_a_person_two_open_cases(engine: AsyncEngine) -> None:
    register = Register(engine, Random(7))
    steps: dict[Callable[[], Awaitable[None]], int] = {
        register.report: 8,
        register.report_again: 2,
        register.close: 4,
        register.reopen: 3,
        register.merge: 1,
        register.at_once: 3,
    }
    for number in range(1, ROUNDS + 1):
        register.new_people(number)
        for _ in range(STEPS):
            await register.random.choices(list(steps), list(steps.values()))[0]()
            await register.check()
    wanted = {"CASE_OPENED", "LINKED_TO_OPEN_CASE", "again", "joining", "closed", "reopened"}
    assert wanted | {"merged", "OTHER_CASE_OPEN"} <= set(register.count), register.count
