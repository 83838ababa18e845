from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import strategies as st

from models.calendars import Calendar, load_calendar
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
