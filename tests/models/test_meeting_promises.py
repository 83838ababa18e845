"""No random long history of a meeting breaks a promise: every command by every role, messages
twice, commands again, time, new runs."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import invariant

from models.enums import MeetingState
from tests.models.random_machine import USUAL, RandomStream, begun, came_across, run_histories
from tests.models.random_streams import a_meeting

HELD = (
    "record-attendance",
    "hear-referral",
    "add-action",
    "add-action",
    "hear-referral",
    "issue-actions",
    "complete-action",
    "issue-minutes",
)
ORDER = (MeetingState.OPEN, MeetingState.FROZEN, MeetingState.HELD)


class RandomMeeting(RandomStream):
    """A meeting to which anything that may happen happens."""

    make = a_meeting
    reached = 0

    def begin(self, random: Random) -> None:
        super().begin(random)
        self.reached = 0

    def is_over(self) -> bool:
        return self.stream.state.stage in (MeetingState.ENDED, MeetingState.CANCELLED)

    def is_held(self, random: Random) -> None:
        """From the list to the minutes, as far as it goes."""
        stream = self.stream
        stream.pass_time(max(stream.play.now, stream.state.starts_at))
        for kind in HELD:
            stream.ask_for(kind, random)
            stream.check_promises()

    happenings = (*USUAL, (3, is_held))

    @invariant()
    @begun
    def it_never_goes_back(self) -> None:
        stage = self.stream.state.stage
        now = ORDER.index(stage) if stage in ORDER else len(ORDER)
        assert now >= self.reached
        self.reached = now


def test_random_histories_of_a_meeting_keep_its_promises() -> None:
    run_histories(RandomMeeting, 15, 50)
    came_across(RandomMeeting, kinds=11, commands=200)
