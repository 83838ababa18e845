"""What the store alone tells: clocks that said nothing, messages and notices that wait, obligations
that nobody answers for. One kind of check a function."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, union_all

from casework.notices.victim_messages import ABANDONED_AFTER
from casework.runtime import Runtime
from casework.watching.findings import GRACE, Difference, Finding
from models.ids import case_stream
from store import notices
from store.answering import nobody_answers
from store.tables import clock, outbox, task, victim_message
from store.worklist import still_open

NOTICE_GRACE = timedelta(hours=1)
VICTIM_MESSAGE_GRACE = ABANDONED_AFTER + timedelta(minutes=5)
"""By then a message has left, or its sender has been given up."""


async def _rows(runtime: Runtime, query: Select[Any]) -> Sequence[Row[Any]]:
    async with runtime.engine.connect() as conn:
        rows: Sequence[Row[Any]] = (await conn.execute(query)).all()
    return rows


async def not_fired(runtime: Runtime, now: datetime) -> list[Finding]:
    query = select(clock.c.stream, clock.c.clock_id, clock.c.due_at).where(
        clock.c.status == "OPEN", clock.c.breached_at.is_(None), clock.c.due_at < now - GRACE
    )
    return [
        Finding(
            kind=Difference.CLOCK_NOT_FIRED,
            subject=row.stream,
            since=row.due_at,
            detail=f"clock {row.clock_id} passed its due time and said nothing",
            remedy="check that a worker runs, and the workflow's task failures",
        )
        for row in await _rows(runtime, query)
    ]


async def old_messages(runtime: Runtime, now: datetime) -> list[Finding]:
    query = select(outbox.c.effect_id, outbox.c.target, outbox.c.created_at, outbox.c.last_error)
    query = query.where(outbox.c.dispatched_at.is_(None), outbox.c.created_at < now - GRACE)
    return [
        Finding(
            kind=Difference.OUTBOX_OLD,
            subject=row.target,
            since=row.created_at,
            detail=f"message {row.effect_id} waits ({row.last_error or 'not tried'})",
            remedy="check that a worker runs (it relays) and that the Temporal server answers",
        )
        for row in await _rows(runtime, query.order_by(outbox.c.sequence).limit(100))
    ]


async def unsent(runtime: Runtime, now: datetime) -> list[Finding]:
    """Notices that should have left an hour ago, where they can be sent at all, and urgent ones
    that nobody answers though everybody above was told."""
    if runtime.settings.smtp_address is None:
        return []
    async with runtime.engine.connect() as conn:
        late = await notices.waiting_too_long(conn, now, now - NOTICE_GRACE)
    remedies = {
        "WAITING": "check the SMTP server (DALO_SMTP_*) and that a worker runs",
        "NO_ADDRESS": "give the recipients an email on the roster: dalo roster load",
        "UNANSWERED": "speak to whoever should: dalo notices list, dalo notices ack",
    }
    said = {"UNANSWERED": "are urgent and acknowledged by nobody, though all above were told"}
    return [
        Finding(
            kind=Difference.NOTICE_NOT_SENT,
            subject=state,
            detail=f"{number} notices {said.get(state, 'have not left for an hour')}",
            remedy=remedies[state],
        )
        for state, number in sorted(late.items())
    ]


async def old_victim_messages(runtime: Runtime, now: datetime) -> list[Finding]:
    """Messages to victims of which nobody knows yet what became: their cases cannot close."""
    query = select(victim_message.c.case_ref, victim_message.c.state, victim_message.c.created_at)
    query = query.where(
        victim_message.c.finished_at.is_(None),
        victim_message.c.created_at < now - VICTIM_MESSAGE_GRACE,
    )
    return [
        Finding(
            kind=Difference.VICTIM_MESSAGE_OLD,
            subject=case_stream(row.case_ref),
            since=row.created_at,
            detail=f"a message to the victim is still {row.state}, and the case waits for its end",
            remedy="check that a worker runs (it sends them) and its log for victim messages",
        )
        for row in await _rows(runtime, query.order_by(victim_message.c.created_at).limit(100))
    ]


async def without_anybody(runtime: Runtime, now: datetime) -> list[Finding]:
    """Open tasks and clocks whose owner no active account answers for: a finding for each role that
    nobody holds, one for all the people whom the roster does not have. None is named here."""
    unowned = union_all(
        *(
            select(func.coalesce(of.c.owner, "").label("owner"), since.label("since")).where(
                still_open(of), nobody_answers(of.c.owner, now)
            )
            for of, since in ((task, task.c.raised_at), (clock, clock.c.started_at))
        )
    ).subquery()
    query = (
        select(unowned.c.owner, func.count().label("number"), func.min(unowned.c.since).label("at"))
        .group_by(unowned.c.owner)
        .order_by(unowned.c.owner)
    )
    rows = [(row.owner, row.number, row.at) for row in await _rows(runtime, query)]
    people = [row for row in rows if "@" not in row[0]]
    found = [
        _nobody(role, since, f"{number} open tasks and clocks are of a role that nobody holds")
        for role, number, since in rows
        if "@" in role
    ]
    if people:
        total = sum(number for _, number, _ in people)
        said = f"{total} open tasks and clocks have owners without an account: {len(people)}"
        since = min((since for _, _, since in people if since), default=None)
        found.append(_nobody("people", since, said))
    return found


def _nobody(subject: str, since: datetime | None, detail: str) -> Finding:
    return Finding(
        kind=Difference.NOBODY_ANSWERS,
        subject=subject,
        since=since,
        detail=f"{detail}; meanwhile the cases' supervisors have them (dalo worklist)",
        remedy="put who should on the roster, with known_as if an extract calls them otherwise",
    )
