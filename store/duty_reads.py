"""What the read models know of a case's duties: assessments, recommendations, referrals, visits,
orders, news owed. References and codes only; callers have passed the gate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Json
from store import tables as t

ASSESSMENTS = 5
"""How many assessments are read: what counts is the last of each tool."""


async def assessments(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """The case's last risk assessments, the newest first, without the answers."""
    columns = [column for column in t.assessment.c if column.name != "answers"]
    query = select(*columns).where(t.assessment.c.case_ref == case_ref)
    return await _rows(conn, query.order_by(t.assessment.c.at.desc()).limit(ASSESSMENTS))


async def waiting_recommendations(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """What the system recommended and nobody has decided on, the oldest first."""
    c = t.recommendation.c
    query = select(t.recommendation).where(c.case_ref == case_ref, c.decision.is_(None))
    return await _rows(conn, query.order_by(c.made_at, c.recommendation_id))


async def referrals(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """The case's referrals, ended ones too, the oldest first."""
    return await _of_case(conn, t.referral, case_ref, t.referral.c.created_at)


async def visits(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """The case's visits, ended ones too, the oldest first."""
    return await _of_case(conn, t.visit, case_ref, t.visit.c.selected_at)


async def orders(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """Orders and notices of the case's incidents, ended ones too, the oldest first."""
    return await _of_case(conn, t.court_order, case_ref, t.court_order.c.made_at)


async def notifications(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """What the victim was or is owed news of, the first due first."""
    return await _of_case(conn, t.victim_notification, case_ref, t.victim_notification.c.due_at)


async def _of_case(conn: AsyncConnection, table: Table, case_ref: str, order: Any) -> list[Json]:
    return await _rows(conn, select(table).where(table.c.case_ref == case_ref).order_by(order))


async def _rows(conn: AsyncConnection, query: Any) -> list[Json]:
    return [dict(row) for row in (await conn.execute(query)).mappings()]
