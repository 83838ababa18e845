"""What came of each duty in the demonstration, counted from the read models and the ledger."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cli.screen import table
from store import tables as t

Line = tuple[str, str, int]
RARE = {
    "case:threat_to_life:recorded": "threat to life",
    "case:threat_to_life:reviewed": "threat to life reviewed",
    "case:frozen": "frozen after a death or grave injury",
    "case:review_referral:decided": "what follows it decided",
    "case:unfrozen": "frozen no more",
    "case:legal_hold:placed": "legal hold",
    "case:legal_hold:reviewed": "legal hold kept",
    "case:legal_hold:lifted": "legal hold lifted",
    "case:disclosure:asked": "contact log asked for by a court's party",
    "case:disclosure:answered": "answered",
    "case:restricted": "record restricted",
    "case:unrestricted": "restriction ended",
    "conflict:declared": "conflict of interest",
    "conflict:lifted": "conflict that did not hold",
    "case:other_officer:asked": "another officer asked for",
    "case:reassigned": "another officer given",
    "case:other_officer:refused": "no other officer free",
    "contact:third_party:named": "third party named",
    "contact:paused": "contact paused",
    "contact:resumed": "contact resumed",
    "case:support:withdrawn": "support for the prosecution withdrawn",
    "code:withdrawal:reviewed": "withdrawal reviewed",
    "transfer:offered": "offered to another area",
    "transfer:accepted": "taken by another area",
    "transfer:refused": "not taken by another area",
    "merge:received": "two references, one person",
    "merge:reviewed": "merge looked through",
    "dvds:applied": "Clare's Law: asked",
    "dvds:decided": "Clare's Law: decided",
    "custody:clock:stopped": "custody clock stopped in hospital",
    "custody:extended": "custody extended",
    "order:varied": "order varied",
    "order:notified": "stalking order: address given in time",
    "vps:taken": "Victim Personal Statement taken",
    "code:decision:made": "decision not to investigate a part",
    "code:decision:told": "decision not to charge told with reasons",
    "review:requested": "review of a decision asked for",
    "care:concern:sent": "adult at risk: concern sent",
    "care:concern:not_sent": "adult at risk: no concern needed",
    "encompass:not_sent": "no school to tell",
    "child:referral:not_made": "child referred by a partner already",
    "stalking:acts:recorded": "unwanted acts that came to be known",
    "referral:transfer:begun": "MARAC referral offered to another area",
    "referral:disruption:planned": "disruption planned, its victims' officers asked",
    "referral:disruption:carried_out": "disruption carried out: safe for every victim",
    "referral:disruption:dropped": "disruption dropped: not safe for one",
    "child:police_protection:ended": "police protection of a child ended",
    "referral:rescored": "subject scored anew",
}
"""What the rarer scenes play, by the events they leave."""


async def print_counts(out: Console, engine: AsyncEngine) -> None:
    """One table: duty, what came of it, how many."""
    async with engine.connect() as conn:
        lines = [
            *await _risk(conn),
            *await _referrals(conn),
            *await _meetings(conn),
            *await _visits(conn),
            *await _notifications(conn),
            *await _orders(conn),
            *await _safeguarding(conn),
            *await _cases(conn),
            *await _tags(conn, "now and then", RARE),
        ]
    out.print(table("The duties", ("duty", "what came of it", "count"), _folded(lines)))


def _folded(lines: list[Line]) -> list[Line]:
    """The duty is named once."""
    seen: set[str] = set()
    folded = []
    for duty, what, count in lines:
        folded.append(("" if duty in seen else duty, what, count))
        seen.add(duty)
    return folded


async def _grouped(conn: AsyncConnection, duty: str, *what: Any, where: Any = None) -> list[Line]:
    query = select(*what, func.count().label("n")).group_by(*what).order_by(*what)
    if where is not None:
        query = query.where(where)
    found: Counter[str] = Counter()
    for row in await conn.execute(query):
        found[" ".join(str(part) for part in row[:-1] if part)] += row.n
    return [(duty, name or "open", n) for name, n in found.items()]


async def _risk(conn: AsyncConnection) -> list[Line]:
    a, r = t.assessment.c, t.recommendation.c
    decided = func.coalesce(r.decision, "waits")
    return [
        *await _grouped(conn, "risk assessments", a.tool),
        *await _grouped(conn, "recommendations", r.rule, func.lower(decided)),
    ]


async def _referrals(conn: AsyncConnection) -> list[Line]:
    r = t.referral.c
    stands = func.coalesce(func.nullif(r.outcome, ""), r.state)
    return await _grouped(conn, "referrals", r.pathway, stands)


async def _meetings(conn: AsyncConnection) -> list[Line]:
    m, i, a = t.meeting.c, t.agenda_item.c, t.action.c
    held = case((m.held_at.is_not(None), "held"), else_=func.lower(m.state))
    forum = func.split_part(i.stream, "/", 2)
    return [
        *await _grouped(conn, "meetings", m.forum, held),
        *await _grouped(conn, "heard", forum, i.decision, where=i.heard_at.is_not(None)),
        *await _grouped(
            conn, "meeting actions", func.lower(a.status), where=a.stream.startswith("meeting/")
        ),
    ]


async def _visits(conn: AsyncConnection) -> list[Line]:
    v, a = t.visit.c, t.action.c
    came = case((v.ended_at.is_(None), "open"), else_=func.coalesce(v.primary_outcome, v.state))
    return [
        *await _grouped(conn, "hidden-harm visits", came),
        *await _grouped(
            conn, "actions of a case", func.lower(a.status), where=a.stream.startswith("case/")
        ),
    ]


async def _notifications(conn: AsyncConnection) -> list[Line]:
    n = t.victim_notification.c
    when = case(
        (n.outcome == "DUE", "not told yet"),
        (n.notified_at.is_(None), func.lower(n.outcome)),
        (n.notified_at <= n.due_at, "told in time"),
        else_="told late",
    )
    return [
        *await _grouped(conn, "victim notifications", when),
        *await _clocks(conn, "support referrals", "SUPPORT_REFERRAL"),
    ]


async def _orders(conn: AsyncConnection) -> list[Line]:
    o = t.court_order.c
    return [
        *await _grouped(conn, "orders", o.order_type, func.lower(o.status)),
        *await _tags(conn, "breaches of orders", {"order:breached": "recorded"}),
        *await _tags(conn, "suspects", {"incident:suspect:changed": "changes of status"}),
    ]


async def _safeguarding(conn: AsyncConnection) -> list[Line]:
    return [
        *await _clocks(conn, "Operation Encompass", "ENCOMPASS"),
        *await _clocks(conn, "child referrals", "CHILD_REFERRAL"),
    ]


async def _clocks(conn: AsyncConnection, duty: str, clock_type: str) -> list[Line]:
    c = t.clock.c
    how = case(
        (c.status == "OPEN", "open"),
        (c.status == "CANCELLED", "not needed any more"),
        (c.breached_at.is_(None), "in time"),
        else_="late",
    )
    return await _grouped(conn, duty, how, where=c.clock_type == clock_type)


async def _cases(conn: AsyncConnection) -> list[Line]:
    tags = {
        "case:closed": "closed",
        "case:reopened": "reopened",
        "handover:begun": "handed over",
        "handover:accepted": "taken on",
        "handover:cover:recorded": "covered while an officer was away",
        "contact:approach:made": "one safe approach after no contact was wished",
    }
    return [
        *await _tags(conn, "cases", tags),
        *await _grouped(conn, "notices written", func.lower(t.notice.c.kind)),
    ]


async def _tags(conn: AsyncConnection, duty: str, tags: dict[str, str]) -> list[Line]:
    tag = t.ledger_event.c.tag
    query = select(tag, func.count().label("n")).where(tag.in_(tags)).group_by(tag)
    found = {row.tag: row.n for row in await conn.execute(query)}
    return [(duty, words, found[name]) for name, words in tags.items() if name in found]
