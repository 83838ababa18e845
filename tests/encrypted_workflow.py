"""A small workflow with everything the engine stores: input, memo, updates, activity, failure."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

FAILING = "SECRET-fails"


@activity.defn
async def echo(text: str) -> str:
    """Give the text back, or fail with it."""
    if text == FAILING:
        raise ApplicationError(f"failed on {text}", text)
    return text


@workflow.defn
class Keeper:
    """Keeps texts until it is told to end."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.over = False

    @workflow.run
    async def run(self, first: str) -> list[str]:
        """Keep `first`, then what updates bring."""
        self.texts.append(first)
        await workflow.wait_condition(lambda: self.over)
        return self.texts

    @workflow.update
    async def keep(self, text: str) -> str:
        """Send a text through an activity and keep what comes back."""
        try:
            kept = await workflow.execute_activity(
                echo,
                text,
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except ActivityError:
            kept = "failed"
        self.texts.append(kept)
        return kept

    @workflow.signal
    def end(self, last: str) -> None:
        """Keep a last text and end."""
        self.texts.append(last)
        self.over = True

    @workflow.query
    def kept(self, prefix: str) -> list[str]:
        """The texts that begin with a prefix."""
        return [text for text in self.texts if text.startswith(prefix)]
