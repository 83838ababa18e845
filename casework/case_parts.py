"""The duties of one case: risk, recommendations, referrals, visits, orders, news owed. From the
workflows where they answer, else from the read models."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.asking import ask
from casework.runtime import Runtime
from models.base import Record
from models.case.view import CaseView
from models.events import Json
from models.ids import referral_stream
from models.incident import IncidentView
from models.referral.view import NextStep, ReferralView
from store import duty_reads

ASKED = 8
"""Referrals of a case that are asked themselves; further ones are told by the read model."""
OVER = ("TOLD", "SAID_NO_UPDATES", "OPTED_OUT")
"""Outcomes after which the victim is owed a piece of news no more."""


class ReferralPart(Record):
    """One referral of the case, and what is next by whom."""

    referral_ref: str
    pathway: str
    state: str
    since: datetime | None = None
    owner: str = ""
    service: str = ""
    outcome: str = ""
    consent_status: str = ""
    disclosure_basis: str = ""
    submitted_at: datetime | None = None
    heard_at: datetime | None = None
    flag_until: datetime | None = None
    ended: bool = False
    missing: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()


class OrderPart(Record):
    """One order in force, or made and not served yet."""

    order_id: str
    order_type: str
    incident_ref: str
    status: str
    perpetrator_ref: str = ""
    first_day: str = ""
    last_day: str = ""
    served_at: datetime | None = None


class NewsPart(Record):
    """One piece of news that the victim is owed."""

    notification_id: str
    event_kind: str
    incident_ref: str
    event_at: datetime | None = None
    held: bool = False


class CaseParts(Record):
    """The duties of a case."""

    assessments: tuple[Json, ...] = ()
    recommendations: tuple[Json, ...] = ()
    referrals: tuple[ReferralPart, ...] = ()
    visits: tuple[Json, ...] = ()
    orders: tuple[OrderPart, ...] = ()
    news: tuple[NewsPart, ...] = ()


async def case_parts(
    runtime: Runtime,
    conn: AsyncConnection,
    case_ref: str,
    live: CaseView | None,
    views: dict[str, IncidentView],
) -> CaseParts:
    """Everything of the duties, before it is cut to the reader's role."""
    rows = await duty_reads.referrals(conn, case_ref)
    orders = await duty_reads.orders(conn, case_ref)
    news = await duty_reads.notifications(conn, case_ref)
    return CaseParts(
        assessments=tuple(await duty_reads.assessments(conn, case_ref)),
        recommendations=tuple(await duty_reads.waiting_recommendations(conn, case_ref)),
        referrals=await _referrals(runtime, rows, live),
        visits=tuple(await duty_reads.visits(conn, case_ref)),
        orders=tuple(orders_of(orders, views)),
        news=tuple(news_of(news, views)),
    )


async def _referrals(
    runtime: Runtime, rows: Sequence[Json], live: CaseView | None
) -> tuple[ReferralPart, ...]:
    known = {row["referral_ref"]: _stored(row) for row in rows}
    made = live.referrals.made if live and live.referrals else {}
    for ref, entry in made.items():
        # A referral that has just been made has recorded nothing yet.
        known.setdefault(
            ref,
            ReferralPart(
                referral_ref=ref,
                pathway=entry.pathway.value,
                state=entry.state.value,
                submitted_at=entry.submitted_at,
                ended=entry.ended,
            ),
        )
    open_ones = [ref for ref, part in known.items() if not part.ended][:ASKED]
    answers = await asyncio.gather(
        *(ask(runtime, referral_stream(ref), "view", ReferralView) for ref in open_ones)
    )
    for ref, answer in zip(open_ones, answers, strict=True):
        if answer is not None:
            known[ref] = _answered(known[ref], answer)
    return tuple(known.values())


def _stored(row: Json) -> ReferralPart:
    given = {key: value for key, value in row.items() if value is not None}
    names = ReferralPart.model_fields.keys() & given.keys()
    part = {name: given[name] for name in names}
    return ReferralPart.model_validate({**part, "ended": row["ended_at"] is not None})


def _answered(part: ReferralPart, view: ReferralView) -> ReferralPart:
    return part.model_copy(
        update={
            "state": view.state.value,
            "since": view.since,
            "owner": view.lead,
            "service": view.service,
            "missing": view.missing,
            "next_steps": view.next_steps,
        }
    )


def orders_of(rows: Sequence[Json], views: dict[str, IncidentView]) -> list[OrderPart]:
    """Orders not ended: of incidents that answered by themselves, of others by their rows."""
    parts = [
        OrderPart(
            order_id=order.order_id,
            order_type=order.order_type.value,
            incident_ref=view.incident_ref,
            status=order.status.value,
            perpetrator_ref=order.perpetrator_ref,
            first_day=order.first_day.isoformat(),
            last_day=order.last_day.isoformat() if order.last_day else "",
            served_at=order.served_at,
        )
        for view in views.values()
        for order in (view.orders.orders.values() if view.orders else ())
    ]
    stored = (row for row in rows if row["stream"] not in views and row["ended_at"] is None)
    return parts + [OrderPart.model_validate(_filled(OrderPart, row)) for row in stored]


def news_of(rows: Sequence[Json], views: dict[str, IncidentView]) -> list[NewsPart]:
    """News still owed: of incidents that answered by themselves, of others by their rows."""
    parts = [
        NewsPart(incident_ref=view.incident_ref, **owed.model_dump())
        for view in views.values()
        for owed in (view.code.owed.values() if view.code else ())
    ]
    stored = (row for row in rows if row["stream"] not in views and row["outcome"] not in OVER)
    return parts + [NewsPart.model_validate(_filled(NewsPart, row)) for row in stored]


def _filled(kind: type[Record], row: Json) -> Json:
    return {name: row[name] for name in kind.model_fields if row.get(name) is not None}
