"""The desk that everybody of the demonstration works at: what is owed, as the worklists have it,
and the one way by which anybody does anything: the product's own gate and command."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, select
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError

from casework.case_commands import Sent, send
from casework.runtime import Runtime
from models.base import Refused
from models.commands import Command, Grant
from models.enums import Channel, Role
from models.ids import case_stream, incident_stream, referral_stream
from models.safe_decision import SafeDecision
from store import tables as t
from store.roster import RosterEntry

AT_ONCE = 12
SENT_AGAIN = 5
Row = dict[str, Any]
Act = Callable[[datetime], Awaitable[None]]
Later = Callable[[datetime, Act], None]
"""Has something done at a later instant."""


class Work(NamedTuple):
    """One open task, or one open clock: what is owed, about what, by whom and until when."""

    kind: str
    subject: str
    stream: str
    case_ref: str
    owner: str
    since: datetime
    due_at: datetime
    detail: str = ""
    """The command that the worklist proposes."""

    @property
    def ref(self) -> str:
        """What a person calls the stream."""
        return self.stream.split("/", 1)[1]


class Order(NamedTuple):
    """What somebody tells a case, incident, referral or meeting, and the words that go with it."""

    actor: str
    stream: str
    command: Command
    note: str = ""


@dataclass(frozen=True)
class Situation:
    """Everything open at one virtual instant, by stream (recommendations by stream and id)."""

    now: datetime
    work: list[Work]
    cases: dict[str, Row]
    incidents: dict[str, Row]
    referrals: dict[str, Row]
    recommendations: dict[tuple[str, str], Row]
    visits: dict[str, Row]
    meetings: dict[str, Row]

    def of(self, *kinds: str) -> list[Work]:
        """What is owed of these kinds."""
        return [work for work in self.work if work.kind in kinds]

    def by_case(self, *kinds: str) -> dict[str, list[Work]]:
        """The same by case reference."""
        found: dict[str, list[Work]] = {}
        for work in self.of(*kinds):
            found.setdefault(work.case_ref, []).append(work)
        return found


class Cast:
    """Who is who, and who stands in for whom."""

    def __init__(self, entries: Iterable[RosterEntry]) -> None:
        self._people = {entry.officer_id: entry for entry in entries}
        self._away: dict[str, tuple[datetime, datetime, str]] = {}
        self._related: set[tuple[str, str]] = set()

    def of(self, role: Role) -> str:
        """The first person of a role."""
        return next(e.officer_id for e in self._people.values() if e.role is role)

    def related(self, officer: str, case_ref: str) -> None:
        """An officer knows a party of a case, and everybody knows that."""
        self._related.add((officer, case_ref))

    def colleague(self, officer: str, case_ref: str) -> str:
        """Another DALO of the same area, who knows no party of the case."""
        area = self._people[officer].area
        return next(
            e.officer_id
            for e in self._people.values()
            if e.role is Role.DALO
            and e.area == area
            and e.officer_id != officer
            and (e.officer_id, case_ref) not in self._related
        )

    def known(self, person: str) -> bool:
        """Whether somebody has an account."""
        return person in self._people

    def away(self, person: str, since: datetime, until: datetime, cover: str) -> None:
        """Somebody is on leave, and another looks after their cases."""
        self._away[person] = (since, until, cover)

    def acting(self, owner: str, now: datetime) -> str:
        """Who does what an owner owes now: the owner, who covers, or who has the role."""
        role, _, area = owner.partition("@")
        if area:
            return self.of(Role(role))
        since, until, cover = self._away.get(owner, (now, now, ""))
        return cover if since <= now < until else owner


class Desk:
    """Reads what is owed and gives commands; counts both what was done and what was refused."""

    def __init__(self, runtime: Runtime, cast: Cast) -> None:
        self.runtime = runtime
        self.cast = cast
        self.given: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self._ids = 0
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def give(self, order: Order) -> Sent | None:
        """Pass the gate and tell the workflow; None where either refused."""
        actor, stream, command, note = order
        self._ids += 1
        command_id = f"demo-{self._ids}"
        try:
            grant = await self.runtime.gate.authorise(actor, command.kind, stream.split("/", 1)[1])
            if note:
                command = command.model_copy(update={"note_ref": await self._note(stream, note)})
            sent = await self._send(stream, command, grant, command_id)
        except Refused as refused:
            self.refused[(command.kind, refused.code)] += 1
            return None
        self.given[command.kind] += 1
        return sent

    async def _send(self, stream: str, command: Command, grant: Grant, command_id: str) -> Sent:
        """As an officer does where no answer comes in time: send it again under the same id, under
        which it is never done twice."""
        for _ in range(SENT_AGAIN):
            with suppress(WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
                return await send(self.runtime, stream, command, grant, command_id, wait=False)
        return await send(self.runtime, stream, command, grant, command_id, wait=False)

    async def safe(self, case_ref: str, channel: Channel, route: str, now: datetime) -> bool:
        """The case's own word on this route at this moment."""
        handle = self.runtime.client.get_workflow_handle(case_stream(case_ref))
        decision: SafeDecision = await handle.query(
            "safe_contact", args=[channel, route, now], result_type=SafeDecision
        )
        return decision.allowed

    async def _note(self, stream: str, text: str) -> str:
        async with self.runtime.engine.begin() as conn:
            return await self.runtime.secrets.save_note(conn, stream, text, self.runtime.clock())

    async def give_all(self, orders: Iterable[Order]) -> None:
        """Orders to one stream keep their order; different streams go side by side."""
        lanes: dict[str, list[Order]] = {}
        for order in orders:
            lane_of = lanes.setdefault(order.stream, [])
            if order not in lane_of:
                lane_of.append(order)

        async def lane(mine: list[Order]) -> None:
            for order in mine:
                await self.give(order)

        await self.side_by_side(lane(mine) for mine in lanes.values())

    async def side_by_side(self, works: Iterable[Awaitable[None]]) -> None:
        """A dozen at a time."""

        async def limited(work: Awaitable[None]) -> None:
            async with self._at_once:
                await work

        await asyncio.gather(*(limited(work) for work in works))

    async def look(self, now: datetime) -> Situation:
        """What is open now, as the read models have it."""
        task, clock = t.task.c, t.clock.c
        tasks = select(
            task.kind, task.subject, task.stream, task.case_ref, task.owner, task.raised_at,
            task.due_at, task.command,
        ).where(task.settled_at.is_(None), task.kind != "BREACH")  # fmt: skip
        clocks = select(
            clock.clock_type, clock.subject, clock.stream, clock.case_ref, clock.owner,
            clock.started_at, clock.due_at,
        ).where(clock.status == "OPEN")  # fmt: skip
        async with self.runtime.engine.connect() as conn:
            owed = [*(await conn.execute(tasks)), *(await conn.execute(clocks))]
            live = await _rows(conn, t.case, t.case.c.closed_at.is_(None))
            incidents = await _rows(conn, t.incident, t.incident.c.ended_at.is_(None))
            referrals = await _rows(conn, t.referral, t.referral.c.ended_at.is_(None))
            made = await _rows(conn, t.recommendation, t.recommendation.c.decided_at.is_(None))
            visits = await _rows(conn, t.visit, t.visit.c.ended_at.is_(None))
            meetings = await _rows(conn, t.meeting, t.meeting.c.ended_at.is_(None))
        return Situation(
            now=now,
            work=[_work(tuple(row), now) for row in owed],
            cases={case_stream(r["case_ref"]): r for r in live},
            incidents={incident_stream(r["incident_ref"], r["victim_ref"]): r for r in incidents},
            referrals={referral_stream(r["referral_ref"]): r for r in referrals},
            recommendations={(r["stream"], r["recommendation_id"]): r for r in made},
            visits={r["stream"]: r for r in visits},
            meetings={r["stream"]: r for r in meetings},
        )


async def _rows(conn: Any, table: Table, where: Any) -> list[Row]:
    return [dict(row) for row in (await conn.execute(select(table).where(where))).mappings()]


def _work(row: tuple[Any, ...], now: datetime) -> Work:
    kind, subject, stream, case_ref, owner, since, due_at, *detail = row
    began = since or now
    return Work(
        kind,
        subject or "",
        stream,
        case_ref or "",
        owner or "",
        began,
        due_at or began,
        "".join(detail),
    )
