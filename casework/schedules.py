"""Temporal schedules that open the next list of each forum and area of the policy in force.

A schedule fires on the weekday of its series, at London time, whatever the clocks do; what it
starts looks at the calendar and opens what should be open, each list once. So a firing that was
missed, doubled or early does no harm.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import structlog
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from casework.runtime import Runtime
from models import registry
from models.base import Record
from models.duties.meetings import MeetingPolicy, MeetingSeries
from models.enums import Forum
from models.instants import LONDON
from models.meeting.opening import OpenMeetings
from store import meetings

log = structlog.get_logger(__name__)

PREFIX = "meetings/"
LONGEST_OUTAGE = timedelta(days=14)
"""A firing missed while the engine was down is made up for within so long."""


class Scheduled(Record):
    """One schedule as the engine has it."""

    schedule_id: str
    forum: str
    area: str
    paused: bool
    next_at: tuple[datetime, ...] = ()


def schedule_id(forum: Forum, area: str) -> str:
    """The schedule of one forum and area: codes only."""
    return f"{PREFIX}{forum.value}/{area}"


async def ensure(runtime: Runtime) -> list[str]:
    """Make, correct and remove schedules so that they are those of the policy in force, and open
    at once what should be open now; returns their ids. An engine without schedules (the
    time-skipping test server) has none: lists then open when the first referral asks for one."""
    policy, calendar = registry.current_policy(), registry.current_calendar()
    if policy.duties is None:
        return []
    section = policy.duties.meetings
    for series in section.series:
        await meetings.open_wanted(
            runtime.engine,
            runtime.keyring,
            series.forum,
            series.area,
            policy,
            calendar,
            runtime.clock(),
        )
    try:
        made = [await _ensure_one(runtime, section, series) for series in section.series]
        async for known in _known(runtime):
            if known not in made:
                await runtime.client.get_schedule_handle(known).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.UNIMPLEMENTED:
            raise
        log.info("schedules.not_supported")
        return []
    return made


async def _ensure_one(runtime: Runtime, section: MeetingPolicy, series: MeetingSeries) -> str:
    name = schedule_id(series.forum, series.area)
    wanted = _schedule(runtime.settings.task_queue, section, series)
    try:
        await runtime.client.create_schedule(name, wanted)
    except ScheduleAlreadyRunningError:
        await runtime.client.get_schedule_handle(name).update(lambda old: _corrected(old, wanted))
    return name


def _corrected(old: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate:
    """What is wanted; a pause that somebody set in the engine stays."""
    wanted.state = old.description.schedule.state
    return ScheduleUpdate(schedule=wanted)


def _schedule(task_queue: str, section: MeetingPolicy, series: MeetingSeries) -> Schedule:
    opens = section.opens_at
    return Schedule(
        action=ScheduleActionStartWorkflow(
            "MeetingOpeningWorkflow",
            OpenMeetings(forum=series.forum, area=series.area),
            id=f"opening/{series.forum.value}/{series.area}",
            task_queue=task_queue,
        ),
        spec=ScheduleSpec(
            calendars=[
                ScheduleCalendarSpec(
                    hour=[ScheduleRange(opens.hour)],
                    minute=[ScheduleRange(opens.minute)],
                    # The engine counts weekdays from Sunday.
                    day_of_week=[ScheduleRange((series.anchor.weekday() + 1) % 7)],
                    comment=f"{series.forum.value} {series.area}: the next list opens",
                )
            ],
            time_zone_name=LONDON.key,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=LONGEST_OUTAGE),
    )


async def _known(runtime: Runtime) -> AsyncIterator[str]:
    async for listed in await runtime.client.list_schedules():
        if listed.id.startswith(PREFIX):
            yield listed.id


async def describe(runtime: Runtime) -> list[Scheduled]:
    """The schedules that the engine has for the series of the policy in force."""
    found = []
    for series in registry.current_policy().of_duties.meetings.series:
        name = schedule_id(series.forum, series.area)
        told = await runtime.client.get_schedule_handle(name).describe()
        found.append(
            Scheduled(
                schedule_id=name,
                forum=series.forum.value,
                area=series.area,
                paused=told.schedule.state.paused,
                next_at=tuple(told.info.next_action_times),
            )
        )
    return found
