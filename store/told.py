"""What reached something that had ended: it goes to the person's open case, or it is a task on the
victim's own stream, as no workflow keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Refused
from models.events import Event
from models.ids import REFERRAL_REF, victim_stream
from models.policy import Policy
from models.stream import Task, jsonable
from models.unheard import AFTER_CLOSURE, REPEAT, Named, ToldStep
from store.ledger import lock_stream
from store.merging import aliases
from store.recording import record
from store.tables import case_register, referral_register
from store.tables import task as task_table


class Person(NamedTuple):
    """Whom a case or referral is about, under the reference that is kept after merges; their open
    case, empty where there is none; and the area of what ended."""

    victim_ref: str
    open_case: str
    area: str

    @property
    def as_named(self) -> Named:
        """As tasks name them."""
        return Named(self.victim_ref, self.area)


async def person_of_case(conn: AsyncConnection, case_ref: str) -> Person | None:
    """The person of a case; None where no register knows it."""
    r = case_register.c
    query = select(r.victim_ref, r.area).where(r.case_ref == case_ref)
    return await _person(conn, (await conn.execute(query)).one_or_none())


async def person_of_referral(conn: AsyncConnection, referral_ref: str) -> Person | None:
    """The victim of a referral; None where no register knows one."""
    r = referral_register.c
    query = select(r.victim_ref, r.area).where(r.referral_ref == referral_ref)
    return await _person(conn, (await conn.execute(query)).one_or_none())


async def _person(conn: AsyncConnection, found: Any) -> Person | None:
    if found is None or not found.victim_ref:
        return None
    victim_ref: str = found.victim_ref
    kept = (await aliases(conn, {victim_ref})).get(victim_ref, victim_ref)
    query = select(case_register.c.case_ref).where(
        case_register.c.victim_ref == kept, case_register.c.closed_at.is_(None)
    )
    return Person(kept, await conn.scalar(query) or "", found.area or "")


async def ask(
    conn: AsyncConnection, victim_ref: str, tasks: Sequence[Task], now: datetime, policy: Policy
) -> None:
    """Raise tasks on the victim's stream; one that was raised before stays as it is."""
    stream = victim_stream(victim_ref)
    await lock_stream(conn, stream)
    query = select(task_table.c.task_id).where(
        task_table.c.stream == stream, task_table.c.task_id.in_([each.task_id for each in tasks])
    )
    known = set(await conn.scalars(query))
    events = [
        Event(
            seq=0,
            tag="task:raised",
            occurred_at=now,
            recorded_at=now,
            actor="SYSTEM",
            role="SYSTEM",
            data=jsonable({"task": each}),
            policy_version=policy.version,
        )
        for each in tasks
        if each.task_id not in known
    ]
    if events:
        await record(conn, stream, None, events, [], now)


class Settled(NamedTuple):
    """What a person says of something that nobody had heard: what they did of it, when."""

    ref: str
    subject: str
    step: ToldStep
    at: datetime
    actor: str
    role: str


async def settle(conn: AsyncConnection, said: Settled, now: datetime) -> None:
    """What follows is on record, and the tasks about it are done, whoever had them. Raises
    `Refused` (`NOTHING_TOLD`, `IN_FUTURE`, `BEFORE_OCCURRENCE`)."""
    stream = victim_stream(await _victim(conn, said.ref))
    await lock_stream(conn, stream)
    query = select(task_table).where(
        task_table.c.stream == stream,
        task_table.c.kind.in_((AFTER_CLOSURE, REPEAT)),
        task_table.c.subject == said.subject,
        task_table.c.settled_at.is_(None),
    )
    found = (await conn.execute(query.order_by(task_table.c.task_id))).all()
    if not found:
        raise Refused(
            "NOTHING_TOLD",
            "nothing of this waits to be decided under this reference",
            "name both as the worklist does",
            "subject",
        )
    if said.at > now:
        raise Refused("IN_FUTURE", "the time given is later than now", "give when it was", "at")
    if said.at < min(row.raised_at for row in found):
        raise Refused(
            "BEFORE_OCCURRENCE",
            "the time given is earlier than the task",
            "give when it was decided",
            "at",
        )
    data = {"subject": said.subject, "step": said.step.value}
    settled = [("task:settled", {"task_id": row.task_id, "kind": row.kind}) for row in found]
    events = [
        Event(
            seq=0,
            tag=tag,
            occurred_at=said.at,
            recorded_at=now,
            actor=said.actor,
            role=said.role,
            data=what,
        )
        for tag, what in [("victim:told:settled", data), *settled]
    ]
    await record(conn, stream, None, events, [], now)


async def _victim(conn: AsyncConnection, ref: str) -> str:
    if not REFERRAL_REF.match(ref):
        return (await aliases(conn, {ref})).get(ref, ref)
    person = await person_of_referral(conn, ref)
    return person.victim_ref if person is not None else ""
