"""The register of meetings: each list is opened once, and a request finds its list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.calendars import Calendar
from models.duties.meetings import MeetingSeries
from models.enums import Forum, MeetingState
from models.events import Json, start_effect
from models.ids import meeting_stream
from models.instants import london_date
from models.meeting import schedule
from models.messages import MeetingStart
from models.policy import Policy
from store import outbox
from store.keys import Keyring
from store.tables import action, agenda_item, meeting, meeting_register


class Versions(NamedTuple):
    """The policy and calendar that a new meeting takes."""

    policy: Policy
    calendar: Calendar


async def open_wanted(
    engine: AsyncEngine,
    keyring: Keyring,
    forum: Forum,
    area: str,
    policy: Policy,
    calendar: Calendar,
    now: datetime,
) -> list[str]:
    """Open the lists that should be open now; returns their streams, new and old."""
    series = policy.of_duties.meetings.series_of(forum, area)
    if series is None:
        return []
    versions = Versions(policy, calendar)
    async with engine.begin() as conn:
        return [
            await open_one(conn, keyring, forum, area, start, versions, now, chair=series.chair)
            for start in schedule.wanted(policy, calendar, series, now)
        ]


async def open_one(  # noqa: PLR0913 - what a meeting is, each by name
    conn: AsyncConnection,
    keyring: Keyring,
    forum: Forum,
    area: str,
    starts_at: datetime,
    versions: Versions,
    now: datetime,
    *,
    chair: str = "",
    emergency: bool = False,
) -> str:
    """The stream of the meeting of that day, opened if there is none: register, key and start in
    the caller's transaction. One regular and one emergency meeting a forum, area and day."""
    await _lock(conn, forum, area)
    day = london_date(starts_at).isoformat()
    columns = meeting_register.c
    same_day = (columns.forum == forum.value, columns.area == area, columns.date == day)
    found: str | None = await conn.scalar(
        select(columns.stream).where(*same_day, columns.emergency == emergency)
    )
    if found is not None:
        return found
    number = 1 + (await conn.scalar(select(func.max(columns.number)).where(*same_day)) or 0)
    stream = meeting_stream(forum.value, area, day, number)
    await conn.execute(
        meeting_register.insert().values(
            stream=stream,
            forum=forum.value,
            area=area,
            date=day,
            number=number,
            starts_at=starts_at,
            emergency=emergency,
            created_at=now,
        )
    )
    await keyring.make_many(conn, [stream])
    start = MeetingStart(
        stream=stream,
        forum=forum,
        area=area,
        date=day,
        number=number,
        starts_at=starts_at,
        coordinator="",
        chair=chair,
        emergency=emergency,
        opened_at=now,
        policy_version=versions.policy.version,
        calendar_version=versions.calendar.version,
    )
    await outbox.put(conn, stream, [start_effect(stream, start)], now)
    return stream


async def _lock(conn: AsyncConnection, forum: Forum, area: str) -> None:
    """Until the transaction ends nobody else opens a meeting of this forum and area."""
    await conn.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"meetings/{forum.value}/{area}"},
    )


async def open_list(
    conn: AsyncConnection, forum: Forum, area: str, now: datetime, after: datetime | None = None
) -> str | None:
    """The earliest regular meeting whose list is open at `now` and that starts after `after`."""
    columns = meeting_register.c
    query = (
        _registered()
        .where(
            columns.forum == forum.value,
            columns.area == area,
            columns.emergency.is_(False),
            columns.ended_at.is_(None),
            or_(meeting.c.state.is_(None), meeting.c.state == MeetingState.OPEN.value),
            func.coalesce(meeting.c.cut_off_at, columns.starts_at) > now,
        )
        .order_by(columns.starts_at)
        .limit(1)
    )
    if after is not None:
        query = query.where(columns.starts_at > after)
    found: str | None = await conn.scalar(query)
    return found


async def emergency_meeting(
    conn: AsyncConnection, forum: Forum, area: str, now: datetime, until: datetime
) -> str | None:
    """The earliest emergency meeting that is still to be held, by `until`."""
    columns = meeting_register.c
    before_it = (MeetingState.OPEN.value, MeetingState.FROZEN.value)
    found: str | None = await conn.scalar(
        _registered()
        .where(
            columns.forum == forum.value,
            columns.area == area,
            columns.emergency.is_(True),
            columns.ended_at.is_(None),
            columns.starts_at > now,
            columns.starts_at <= until,
            or_(meeting.c.state.is_(None), meeting.c.state.in_(before_it)),
        )
        .order_by(columns.starts_at)
        .limit(1)
    )
    return found


def _registered() -> Any:
    joined = meeting_register.outerjoin(meeting, meeting.c.stream == meeting_register.c.stream)
    return select(meeting_register.c.stream).select_from(joined)


async def place_for(
    conn: AsyncConnection,
    keyring: Keyring,
    forum: Forum,
    area: str,
    versions: Versions,
    now: datetime,
    *,
    emergency: bool = False,
    after: datetime | None = None,
) -> str | None:
    """The meeting on whose list a referral belongs, opened if none is open; None where the policy
    has no series of this forum and area. An emergency is for MARAC, within 2 working days."""
    policy, calendar = versions
    if emergency and forum is Forum.MARAC:
        until = schedule.emergency_until(calendar, now)
        found = await emergency_meeting(conn, forum, area, now, until)
        start = schedule.emergency_start(policy, calendar, now)
        return found or await open_one(
            conn, keyring, forum, area, start, versions, now, emergency=True
        )
    await _lock(conn, forum, area)
    found = await open_list(conn, forum, area, now, after)
    if found is not None:
        return found
    series = policy.of_duties.meetings.series_of(forum, area)
    if series is None:
        return None
    start = await _next_free(conn, series, versions, max(now, after) if after else now)
    return await open_one(conn, keyring, forum, area, start, versions, now, chair=series.chair)


async def _next_free(
    conn: AsyncConnection, series: MeetingSeries, versions: Versions, since: datetime
) -> datetime:
    """The start of the first meeting after `since` that has no list yet: one that was closed early
    or called off is not opened again."""
    columns = meeting_register.c
    taken = set(
        (
            await conn.execute(
                select(columns.date).where(
                    columns.forum == series.forum.value,
                    columns.area == series.area,
                    columns.emergency.is_(False),
                )
            )
        ).scalars()
    )
    start = schedule.next_open(*versions, series, since)
    while london_date(start).isoformat() in taken:
        closes = schedule.cut_off(*versions, series.forum, start)
        start = schedule.next_open(*versions, series, closes)
    return start


async def mark_ended(conn: AsyncConnection, stream: str, at: datetime) -> None:
    """The register follows a meeting that is over."""
    await conn.execute(
        update(meeting_register).where(meeting_register.c.stream == stream).values(ended_at=at)
    )


# --- what is shown ----------------------------------------------------------------------------


async def list_meetings(
    conn: AsyncConnection, forum: str = "", area: str = "", *, ended: bool = False
) -> Sequence[Json]:
    """Meetings, the next first; a list that has not been recorded yet is there too."""
    columns = meeting_register.c
    query = select(
        columns.stream,
        columns.forum,
        columns.area,
        columns.starts_at,
        columns.emergency,
        columns.ended_at,
        func.coalesce(meeting.c.state, "OPEN").label("state"),
        meeting.c.cut_off_at,
        func.coalesce(meeting.c.listed, 0).label("listed"),
        func.coalesce(meeting.c.heard, 0).label("heard"),
        func.coalesce(meeting.c.actions_open, 0).label("actions_open"),
        meeting.c.coordinator,
        meeting.c.chair,
        meeting.c.held_at,
    ).select_from(meeting_register.outerjoin(meeting, meeting.c.stream == columns.stream))
    if forum:
        query = query.where(columns.forum == forum)
    if area:
        query = query.where(columns.area == area)
    if not ended:
        query = query.where(columns.ended_at.is_(None))
    rows = await conn.execute(query.order_by(columns.starts_at, columns.stream))
    return [dict(row) for row in rows.mappings()]


async def meeting_row(conn: AsyncConnection, stream: str) -> Json | None:
    """One meeting as `list_meetings` has it; None if it was never opened."""
    area = stream.split("/")[2] if stream.count("/") == 4 else ""
    rows = await list_meetings(conn, area=area, ended=True)
    return next((row for row in rows if row["stream"] == stream), None)


async def agenda_of(conn: AsyncConnection, stream: str) -> Sequence[Json]:
    """What is or was on a meeting's list, in order."""
    query = select(agenda_item).where(agenda_item.c.stream == stream)
    rows = await conn.execute(query.order_by(agenda_item.c.position, agenda_item.c.referral_ref))
    return [dict(row) for row in rows.mappings()]


async def actions_of(conn: AsyncConnection, stream: str) -> Sequence[Json]:
    """The actions of a meeting, settled ones too, in order."""
    query = select(action).where(action.c.stream == stream)
    rows = await conn.execute(query.order_by(action.c.added_at, action.c.action_id))
    return [dict(row) for row in rows.mappings()]
