from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import strategies as st

from models.calendars import Calendar, load_calendar
from models.clocks import CalendarKind, Limit
from models.due import start_clock
from models.enums import ClockType, RiskGrade
from models.instants import LONDON
from models.policy import Policy, load_policy

POLICY = Path(__file__).resolve().parents[2] / "policy"


@pytest.fixture(scope="session")
def kent() -> Policy:
    return load_policy(POLICY / "kent.yaml")


@pytest.fixture(scope="session")
def ew() -> Calendar:
    return load_calendar(POLICY / "calendars" / "ew-2026.1.json")


def at(text: str) -> datetime:
    """A London time such as `2027-03-25 21:40`."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def instants(first: str, last: str) -> st.SearchStrategy[datetime]:
    """Any UTC instant, to the second, between two London times."""
    seconds = st.integers(int(at(first).timestamp()), int(at(last).timestamp()))
    return seconds.map(lambda second: datetime.fromtimestamp(second, UTC))


def contact_due_raw(
    policy: Policy, grade: RiskGrade, began: datetime, calendar: Calendar, days: int | None = None
) -> datetime:
    """When the next contact is due before windows, as a case computes it; `days` is an agreed
    interval."""
    own = Limit(kind=CalendarKind.CADENCE, amount=days, unit="d") if days else None
    return _due(policy, ClockType.CONTACT_CADENCE, grade, began, calendar, own)


def first_contact_due(
    policy: Policy, grade: RiskGrade, allocated: datetime, calendar: Calendar
) -> datetime:
    """When the first contact is due before windows."""
    return _due(policy, ClockType.FIRST_CONTACT, grade, allocated, calendar)


def _due(
    policy: Policy,
    clock_type: ClockType,
    grade: RiskGrade,
    began: datetime,
    calendar: Calendar,
    limit: Limit | None = None,
) -> datetime:
    return start_clock(
        policy,
        calendar,
        clock_type,
        clock_id="",
        subject="",
        rule_key=grade.value,
        start_event="",
        started_at=began,
        limit=limit,
    ).due_at
