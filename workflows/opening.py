"""`MeetingOpeningWorkflow`: what a Temporal schedule starts so that the next list opens."""

from __future__ import annotations

from temporalio import workflow

from workflows.options import RECORDING

with workflow.unsafe.imports_passed_through():
    from activities.interfaces import OPEN_MEETING
    from models.meeting.opening import OpenMeetings


@workflow.defn(name="MeetingOpeningWorkflow")
class MeetingOpeningWorkflow:
    """Opens the lists of one forum and area that should be open now, each once."""

    @workflow.run
    async def run(self, asked: OpenMeetings) -> list[str]:
        """The streams of the meetings whose lists are open; the work is one transaction, retried
        for ever, as nobody else would open them."""
        streams: list[str] = await workflow.execute_activity(
            OPEN_MEETING,
            asked,
            result_type=list[str],
            summary=f"{asked.forum.value} {asked.area}",
            **RECORDING,
        )
        return streams
