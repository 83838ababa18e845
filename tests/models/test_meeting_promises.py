"""No random history of a meeting breaks a promise: every command by every role, messages twice,
time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.enums import MeetingState
from tests.models.random_streams import MAKERS, check_promises, step

SEEDS = st.integers(0, 2**32)
STEPS = st.lists(SEEDS, max_size=40)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, steps=STEPS)
def test_no_clock_is_lost_and_nothing_is_nobodys(seed: int, steps: list[int]) -> None:
    stream = MAKERS["meeting"](seed)
    for each in steps:
        step(stream, each)
        check_promises(stream)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, steps=STEPS)
def test_a_meeting_never_goes_back(seed: int, steps: list[int]) -> None:
    stream = MAKERS["meeting"](seed)
    order = [MeetingState.OPEN, MeetingState.FROZEN, MeetingState.HELD]
    reached = 0
    for each in steps:
        step(stream, each)
        stage = stream.state.stage
        now = order.index(stage) if stage in order else len(order)
        assert now >= reached
        reached = now
