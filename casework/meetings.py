"""Opening a meeting by hand."""

from __future__ import annotations

from datetime import date

from casework.runtime import Runtime
from models import registry
from models.base import Refused
from models.commands import Grant
from models.enums import Forum
from models.instants import london_date
from models.meeting import schedule
from models.meeting.state import COORDINATORS
from store import meetings
from store.meetings import Versions


async def open_by_hand(
    runtime: Runtime,
    grant: Grant,
    forum: Forum,
    area: str,
    on: date | None,
    *,
    emergency: bool = False,
) -> str:
    """Open the next list of a series, or that of a day of it, or an emergency MARAC's; returns its
    stream. What is open already is only named. Raises Refused."""
    coordinators = set(COORDINATORS.values())
    if grant.role in coordinators and grant.role is not COORDINATORS[forum]:
        raise Refused(
            "NOT_YOUR_MEETING", "this forum has a coordinator of its own", "ask that coordinator"
        )
    versions = Versions(registry.current_policy(), registry.current_calendar())
    now = runtime.clock()
    series = versions.policy.of_duties.meetings.series_of(forum, area)
    if series is None:
        raise Refused(
            "NO_MEETING_SERIES",
            "the policy in force has no meetings of this forum in this area",
            "see dalo policy show, section meetings",
            "area",
        )
    if emergency and forum is not Forum.MARAC:
        raise Refused("MARAC_ONLY", "only MARAC has emergency meetings", "leave --emergency out")
    async with runtime.engine.begin() as conn:
        if on is None:
            found = await meetings.place_for(
                conn, runtime.keyring, forum, area, versions, now, emergency=emergency
            )
            assert found is not None
            stream = found
        else:
            start = next(schedule.meetings_from(series, versions.calendar, on))
            if london_date(start) != on:
                raise Refused(
                    "NOT_A_MEETING_DAY",
                    f"the series has no meeting on that day; the next is {london_date(start)}",
                    "give a day of the series, or --emergency",
                    "on",
                )
            if schedule.cut_off(*versions, forum, start) <= now:
                raise Refused(
                    "LIST_CLOSED",
                    "the list of that meeting would be closed already",
                    "open a later one, or an emergency MARAC with --emergency",
                    "on",
                )
            stream = await meetings.open_one(
                conn, runtime.keyring, forum, area, start, versions, now, chair=series.chair
            )
    await runtime.relay_once()
    return stream
