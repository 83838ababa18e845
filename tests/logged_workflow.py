"""A workflow that logs, for the tests of logging; apart, so that the sandbox re-imports only it."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
async def failing_step(reference: str) -> str:
    """Logs, then fails once with a text that quotes a person, as a careless library would."""
    activity.logger.info("step runs", extra={"reference": reference})
    if activity.info().attempt == 1:
        raise ValueError("no such person: Zebedee Quillfeather, 07700 900123")
    return reference


@workflow.defn
class LoggedWorkflow:
    """Logs a line on each side of an activity and of a day's wait."""

    @workflow.run
    async def run(self, reference: str) -> str:
        """Three lines, however often this is replayed."""
        workflow.logger.info("opened", extra={"stage": "OPEN"})
        await workflow.execute_activity(
            failing_step,
            reference,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_attempts=2),
        )
        workflow.logger.info("waiting", extra={"victim_name": "Zebedee Quillfeather"})
        await workflow.sleep(timedelta(days=1))
        workflow.logger.info("closed")
        return reference
