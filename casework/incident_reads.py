"""One incident as it is now: from its workflow, else from the read models, marked so. Callers have
passed the gate and hand on its grant."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.asking import READ_MODEL, WORKFLOW, ask
from casework.case_commands import target_stream
from casework.case_cut import POLICE, TASKS, cut_timeline, cut_view
from casework.case_parts import NewsPart, OrderPart, news_of, orders_of
from casework.runtime import Runtime
from models.base import Record
from models.commands import Grant
from models.data_classes import DataClass
from models.enums import SuspectStatus
from models.events import Event, Json
from models.incident import IncidentView
from store import duty_reads, reads


class IncidentScreen(Record):
    """Everything one screen of an incident shows, cut to what the reader's role may see. From the
    read model `view` has neither items nor what the duties keep open."""

    source: str
    stream: str
    view: IncidentView
    orders: tuple[OrderPart, ...] = ()
    news: tuple[NewsPart, ...] = ()
    timeline: tuple[tuple[str, Event], ...] = ()
    hidden: tuple[str, ...] = ()


async def incident_screen(
    runtime: Runtime, ref: str, grant: Grant, *, events: int
) -> IncidentScreen:
    """The whole screen of one incident. Raises Refused for a reference that names none, or more
    than one."""
    stream = await target_stream(runtime, ref, "incident")
    live = await ask(runtime, stream, "view", IncidentView)
    async with runtime.engine.connect() as conn:
        full = live or await _stored(runtime, conn, stream)
        views = {stream: live} if live else {}
        orders = [r for r in await _rows(conn, full.case_ref, "orders") if r["stream"] == stream]
        news = [r for r in await _rows(conn, full.case_ref, "news") if r["stream"] == stream]
        timeline = await reads.timeline(conn, [stream], events)
    view, hidden = cut_view(full, grant.role)
    return IncidentScreen(
        source=WORKFLOW if live else READ_MODEL,
        stream=stream,
        view=view,
        orders=() if DataClass.SUSPECT_STATUS in hidden else tuple(orders_of(orders, views)),
        news=() if DataClass.VICTIM_NOTIFICATIONS in hidden else tuple(news_of(news, views)),
        timeline=tuple(cut_timeline(timeline, grant.role)),
        hidden=(*(data.value for data in hidden), *(() if grant.role in POLICE else (TASKS,))),
    )


async def _rows(conn: AsyncConnection, case_ref: str, what: str) -> list[Json]:
    read = duty_reads.orders if what == "orders" else duty_reads.notifications
    return await read(conn, case_ref) if case_ref else []


async def _stored(runtime: Runtime, conn: AsyncConnection, stream: str) -> IncidentView:
    incident_ref, _, victim_ref = stream.partition("/")[2].rpartition("/")
    found = await reads.resolve(conn, f"{incident_ref}/{victim_ref}")
    case_ref = found[0].case_ref if found else ""
    rows = await reads.incident_rows(conn, case_ref) if case_ref else []
    row = next((r for r in rows if r["incident_ref"] == incident_ref), {})
    status = row.get("suspect_status")
    return IncidentView(
        as_of=runtime.clock(),
        incident_ref=incident_ref,
        victim_ref=victim_ref,
        case_ref=case_ref,
        version=row.get("version") or 0,
        occurred_at=row.get("occurred_at"),
        reported_at=row.get("reported_at"),
        received_at=row.get("received_at"),
        first_police_contact_at=row.get("first_police_contact_at"),
        suspect_status=SuspectStatus(status) if status else None,
        golden_hour_applicable=row.get("golden_hour_applicable"),
        golden_hour_due_at=row.get("golden_hour_due_at"),
        clocks=tuple(c for s, c in await reads.clocks_of(conn, case_ref) if s == stream),
        tasks=tuple(t for s, t in await reads.tasks_of(conn, case_ref) if s == stream),
        summary=row,
    )
