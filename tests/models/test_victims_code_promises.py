"""Whatever happens in whatever order, no news that the victim is owed is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.commands import (
    NotificationOptOut,
)
from models.enums import ClockType
from models.enums.victims_code import NotificationOutcome
from tests.models.conftest import at
from tests.models.telling_steps import (
    happens,
    played,
    telling,
    wishes,
)

KINDS_OF_NEWS = ("SUSPECT_ARRESTED", "BAIL_CHANGED", "CHARGED", "RELEASED", "COURT_OUTCOME")
STEPS = st.one_of(
    st.sampled_from(KINDS_OF_NEWS),
    st.sampled_from(list(NotificationOutcome)),
    st.tuples(st.sampled_from(list(NotificationOptOut)), st.booleans()),
)


@settings(deadline=None, max_examples=50)
@given(steps=st.lists(STEPS, max_size=12))
def test_nothing_owed_is_ever_lost_or_chased_against_her_wishes(steps: list[Any]) -> None:
    play = played(at("2027-05-10 19:10"))
    happened = 0
    for step in steps:
        play.to(play.now + timedelta(hours=7))
        if isinstance(step, tuple):
            play.tell(wishes(play.now, step[0], frozen=step[1]))
        elif isinstance(step, NotificationOutcome):
            for owed in list(play.state.code.owed.values()):
                told = telling(play.now, notification_id=owed.notification_id, outcome=step)
                play.do(told)
        else:
            happened += 1
            happens(play, step, play.now)
        code = play.state.code
        over = ("told", "said_no_updates", "opted_out")
        ended = sum(len(play.events(f"notification:{how}")) for how in over)
        assert ended + len(code.owed) == happened
        clocks = {
            c.subject
            for c in play.state.clocks.values()
            if c.clock_type is ClockType.VICTIM_NOTIFICATION
        }
        assert clocks == (set() if code.frozen else set(code.owed))
        tasks = {t.subject for t in play.state.tasks.values() if t.kind == "NOTIFY_VICTIM"}
        assert tasks == clocks
