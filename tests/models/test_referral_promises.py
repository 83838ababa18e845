"""No random history of a referral breaks a promise: every command by every role, messages twice,
time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.enums import ReferralState
from models.referral.state import ReferralFacts
from tests.models.random_streams import MAKERS, check_promises, step

SEEDS = st.integers(0, 2**32)
STEPS = st.lists(SEEDS, max_size=40)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, steps=STEPS)
def test_no_clock_is_lost_and_nothing_is_nobodys(seed: int, steps: list[int]) -> None:
    stream = MAKERS["referral"](seed)
    for each in steps:
        step(stream, each)
        check_promises(stream)


def allowed(state: ReferralFacts) -> set[tuple[str, str]]:
    """Every step that the pathway has: by command, by a meeting's message, by itself."""
    path = state.path
    steps = {(source, move.to) for move in path.moves for source in move.sources}
    steps |= {(source, row.to) for row in path.hears for source in row.sources}
    steps |= {(row.source, row.to) for row in path.follows}
    return {(source.value, to.value) for source, to in steps}


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, steps=STEPS)
def test_a_referral_goes_only_where_its_pathway_leads(seed: int, steps: list[int]) -> None:
    stream = MAKERS["referral"](seed)
    for each in steps:
        step(stream, each)
    entered = [e.data for e in stream.state.unrecorded if "was" in e.data and "state" in e.data]
    taken = {(data["was"], data["state"]) for data in entered[1:]}
    in_error = ReferralState.WITHDRAWN_IN_ERROR.value
    assert {(was, to) for was, to in taken if to != in_error} <= allowed(stream.state)
