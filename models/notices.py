"""Notices to officers and partners: when they may go, and whom they reach out of hours. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from models.base import Record
from models.calendars import Calendar
from models.duties.notices import NoticePolicy
from models.instants import at_local, london
from models.urgency import Urgency

URGENT = frozenset({Urgency.THREAT_TO_LIFE, Urgency.CHILD, Urgency.HIGH, Urgency.ORDER_BREACH})


class NoticeKind(StrEnum):
    """Why somebody is written to."""

    TASK = "TASK"
    """Something new to do."""
    REMINDER = "REMINDER"
    """It is due soon."""
    WARNING = "WARNING"
    """A clock has reached its warning."""
    ESCALATION = "ESCALATION"
    """Nobody acknowledged an urgent notice."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    WAITING = "WAITING"
    SENT = "SENT"
    NO_ADDRESS = "NO_ADDRESS"
    """The recipient has no e-mail address on the roster; it stands in `dalo notices` only."""
    OVERTAKEN = "OVERTAKEN"
    """What it was about was settled before it could leave."""


class OutOfHours(Record):
    """Who is written to beside the owner, by whose hours it is."""

    hub: bool
    duty_sergeant: bool


def is_quiet(at: datetime, policy: NoticePolicy) -> bool:
    """Whether `at` falls in the quiet hours (London); they may span midnight."""
    now = london(at).time()
    return _between(now, policy.quiet_from, policy.quiet_until)


def _between(now: time, begins: time, ends: time) -> bool:
    if begins <= ends:
        return begins <= now < ends
    return now >= begins or now < ends


def may_leave_at(urgency: Urgency, at: datetime, policy: NoticePolicy) -> datetime:
    """When a notice written at `at` may leave: an urgent one at once, another at the end of the
    quiet hours."""
    if urgency in URGENT or not is_quiet(at, policy):
        return at
    day = london(at).date()
    ends = at_local(day, policy.quiet_until)
    return ends if ends > at else at_local(day + timedelta(days=1), policy.quiet_until)


def on_duty(at: datetime, policy: NoticePolicy, calendar: Calendar) -> bool:
    """Whether the unit's hours run at `at`: a working day, within its times (London)."""
    local = london(at)
    if local.weekday() not in policy.unit_days or not calendar.is_working_day(local.date()):
        return False
    return _between(local.time(), policy.unit_from, policy.unit_until)


def out_of_hours(
    urgency: Urgency, at: datetime, policy: NoticePolicy, calendar: Calendar
) -> OutOfHours:
    """Whom an urgent notice reaches beside its owner, who is off duty."""
    if urgency not in URGENT or on_duty(at, policy, calendar):
        return OutOfHours(hub=False, duty_sergeant=False)
    hub = _between(london(at).time(), policy.hub_from, policy.hub_until)
    return OutOfHours(hub=hub, duty_sergeant=not hub)


def acknowledge_by(urgency: Urgency, sent_at: datetime, policy: NoticePolicy) -> datetime | None:
    """By when an urgent notice must be acknowledged; None for a routine one."""
    if urgency not in URGENT:
        return None
    return sent_at + timedelta(minutes=policy.acknowledge_within_minutes)
