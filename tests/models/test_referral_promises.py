"""No random long history of a referral breaks a promise: every command by every role, messages
twice, commands again, time, new runs."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import invariant

from models.enums import ReferralState
from models.referral.state import ReferralFacts
from tests.models.random_machine import USUAL, RandomStream, begun, came_across, run_histories
from tests.models.random_streams import a_referral

LEFT = (ReferralState.WITHDRAWN_IN_ERROR, ReferralState.TRANSFERRED_OUT)


class RandomReferral(RandomStream):
    """A referral, on any of the pathways, to which anything that may happen happens."""

    make = a_referral

    def is_over(self) -> bool:
        state = self.stream.state
        return state.state in (*state.path.ends, *LEFT)

    def it_goes_on(self, random: Random) -> None:
        """A step or two on its pathway, and whoever has it tries."""
        for kind in ("move-referral", "record-referral-attempt", "move-referral"):
            self.stream.ask_for(kind, random)
            self.stream.check_promises()

    happenings = (*USUAL, (3, it_goes_on))

    @invariant()
    @begun
    def it_goes_only_where_its_pathway_leads(self) -> None:
        state = self.stream.state
        entered = [e.data for e in state.unrecorded if "was" in e.data and "state" in e.data]
        taken = {(data["was"], data["state"]) for data in entered[1:]}
        in_error = ReferralState.WITHDRAWN_IN_ERROR.value
        assert {(was, to) for was, to in taken if to != in_error} <= allowed(state)


def allowed(state: ReferralFacts) -> set[tuple[str, str]]:
    """Every step that the pathway has: by command, by a meeting's message, by itself."""
    path = state.path
    steps = {(source, move.to) for move in path.moves for source in move.sources}
    steps |= {(source, row.to) for row in path.hears for source in row.sources}
    steps |= {(row.source, row.to) for row in path.follows}
    return {(source.value, to.value) for source, to in steps}


def test_random_histories_of_a_referral_keep_its_promises() -> None:
    run_histories(RandomReferral, 45, 50)
    came_across(RandomReferral, kinds=7, commands=120)
