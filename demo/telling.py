"""One case told as a story: days as headings, one line an event, quiet time folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from rich.console import Console
from rich.text import Text
from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cli.timeline import story
from models.events import Event
from models.ids import case_stream, incident_stream, referral_stream
from store import reads
from store import tables as t

SHOWN = "%a %d %b %Y %H:%M"
"""How a timeline shows its minutes."""
QUIET_DAYS = 3
"""So many days without an event are worth a line of their own."""
MOST = 5_000
SELDOM_WORTH_A_LINE = frozenset(
    {
        "evidence:item:required",
        "referral:changed",
        "agenda:listed",
        "case:policy:changed",
        "visit:checked",
    }
)
"""What another line of the story says already."""


async def tell(out: Console, engine: AsyncEngine) -> None:
    """The case that has most kinds of work in it."""
    async with engine.connect() as conn:
        ref: str | None = await conn.scalar(_richest())
        if ref is None:
            return
        timeline = await _timeline(conn, ref)
    out.rule(f"The story of {ref}")
    for line in told(timeline):
        out.print(line, soft_wrap=True)
    out.print()


def told(timeline: Sequence[tuple[str, Event]]) -> Iterator[Text]:
    """A timeline, the oldest event first, as lines."""
    worth = [each for each in timeline if each[1].tag not in SELDOM_WORTH_A_LINE]
    before: date | None = None
    for minute, actor, text in story(worth):
        at = datetime.strptime(minute, SHOWN)  # noqa: DTZ007 - London, as it was shown
        if before is not None and (gap := (at.date() - before).days - 1) >= QUIET_DAYS:
            yield Text(f"\n   ... {gap} days without an event", style="dim")
        if at.date() != before:
            yield Text(f"\n{at:%A} {at.day} {at:%B %Y}", style="bold")
            before = at.date()
        yield Text(f"  {time(at.hour, at.minute):%H:%M}  {actor:<10} {text}")


def _richest() -> Select[Any]:
    """An IDVA, a MARAC that heard the case, a visit, an order: the more of them, the better; then
    the more the victim was called."""
    r, v, o, c = t.referral.c, t.visit.c, t.court_order.c, t.contact.c
    ref = t.case.c.case_ref
    signs = (
        exists().where(r.case_ref == ref, r.pathway == "IDVA"),
        exists().where(r.case_ref == ref, r.heard_at.is_not(None)),
        exists().where(v.case_ref == ref, v.attempts > 0),
        exists().where(o.case_ref == ref),
    )
    points = sum((case((sign, 1), else_=0) for sign in signs), start=case((ref == "", 1), else_=0))
    calls = select(func.count()).where(c.case_ref == ref).scalar_subquery()
    return select(ref).order_by(points.desc(), calls.desc(), ref).limit(1)


async def _timeline(conn: AsyncConnection, ref: str) -> list[tuple[str, Event]]:
    incidents = await reads.incident_rows(conn, ref)
    referrals = select(t.referral.c.referral_ref).where(
        t.referral.c.case_ref == ref, t.referral.c.pathway != "MATAC"
    )
    streams = [
        case_stream(ref),
        *(incident_stream(row["incident_ref"], row["victim_ref"]) for row in incidents),
        *(referral_stream(each) for each in (await conn.execute(referrals)).scalars()),
    ]
    return list(reversed(await reads.timeline(conn, streams, MOST)))
