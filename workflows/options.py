"""Activity options, named once, each with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class ActivityOptions(TypedDict):
    """The part of `execute_activity`'s options that we set."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


RECORDING = ActivityOptions(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=0,
    ),
)
"""One transaction of a few statements: short, so that a dead worker is noticed, and for ever, since
nothing else writes what was decided while the store is down."""
