"""The workflow that moves the demonstration's time: sleeps to the next thing to do, does it, sleeps
again. Time stands still for everybody while a step runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

STEP = "demo_step"
EVENTS_A_RUN = 4_000


@workflow.defn(name="DemoDriver")
class DemoDriver:
    """Ends when the story does."""

    @workflow.run
    async def run(self, ends: datetime) -> None:
        """Play until `ends`."""
        while True:
            next_at = await workflow.execute_activity(
                STEP,
                workflow.now(),
                result_type=datetime,
                start_to_close_timeout=timedelta(minutes=5),
                # What was begun of a step is not played twice: a failure ends the demonstration.
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
            if next_at > ends:
                return
            await workflow.sleep(max(next_at - workflow.now(), timedelta(milliseconds=1)))
            if workflow.info().get_current_history_length() > EVENTS_A_RUN:
                workflow.continue_as_new(ends)
