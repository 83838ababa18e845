"""The four pathways as data: every state can be reached and left, and everything has an owner."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.base import Refused
from models.commands import Grant, MoveReferral, kinds_of
from models.commands.referral import NEEDS
from models.enums import ReferralPathway, ReferralState
from models.enums import ReferralState as S
from models.escalation import ROLES
from models.referral.fields import accept
from models.referral.guards import GUARDS, PREDICATES
from models.referral.handle import COMMANDS
from models.referral.pathway import Pathway
from models.referral.pathways import PATHWAYS
from models.referral.state import ReferralFacts
from tests.models.conftest import at
from tests.models.play_incident import shipped
from tests.models.play_referral import GRANTS, PARTNER, WHOLE_FORM, Play

EACH = pytest.mark.parametrize("path", PATHWAYS.values(), ids=list(PATHWAYS))
STARTED = at("2027-05-04 11:00")
STATES = {
    "IDVA": "DRAFT SUBMITTED ACKNOWLEDGED ATTEMPTING WAITLISTED ENGAGED CLOSED",
    "MARAC": "DRAFT SUBMITTED SCREENING ACCEPTED RETURNED NOT_MET LISTED RESEARCH HEARD"
    " ACTIONS_OPEN ACTIONS_COMPLETE FLAGGED_12M FLAG_EXPIRED TRANSFERRED_OUT",
    "MATAC": "SCORED NOMINATED SELECTED NOT_SELECTED DEFERRED PROFILED ACTIVE REVIEW DISCHARGED",
    "MASIP": "REFERRED TRIAGED CONSULTATION_ONLY ACCEPTED NOT_SUITABLE FORMULATION MANAGEMENT"
    " INTERVENTION REVIEW CLOSED",
}


def steps(path: Pathway) -> set[tuple[S, S]]:
    """Every step from state to state."""
    found = {(source, each.to) for each in path.moves for source in each.sources}
    found |= {(source, each.to) for each in path.hears for source in each.sources}
    return found | {(each.source, each.to) for each in path.follows}


@EACH
def test_a_pathway_has_the_states_of_its_domain(path: Pathway) -> None:
    named = {S(name) for name in STATES[path.pathway.value].split()}
    reached = {state for step in steps(path) for state in step} | {path.first}
    assert reached == named
    assert set(path.states) | {S.DRAFT} == named | {S.WITHDRAWN_IN_ERROR, S.DRAFT}


@EACH
def test_every_state_but_the_last_ones_can_be_left_and_leads_to_an_end(path: Pathway) -> None:
    onward: dict[S, set[S]] = {}
    for source, to in steps(path):
        onward.setdefault(source, set()).add(to)
    reached = {state for step in steps(path) for state in step}
    assert {state for state in reached if state not in onward} == set(path.ends)
    ending = set(path.ends)
    for _ in reached:
        ending |= {source for source, to in onward.items() if to & ending}
    assert ending == reached


@EACH
def test_whatever_is_named_exists(path: Pathway) -> None:
    policy, _ = shipped()
    assert {name for move in path.moves for name in move.guards} <= GUARDS.keys()
    assert {each.when for each in path.follows} <= PREDICATES.keys()
    assert {name for move in path.moves for name in move.fields} <= {f.name for f in path.fields}
    assert set(path.form) <= {field.name for field in path.fields}
    for clock in path.clocks:
        assert policy.clock_rules[clock.clock_type].limit_for(clock.key)
        assert clock.owner.value in ROLES


@EACH
def test_no_state_waits_for_somebody_without_a_clock(path: Pathway) -> None:
    timed = {state for clock in path.clocks for state in clock.while_in}
    timed |= set(path.review.while_in) if path.review else set()
    # Meetings own the clocks between listing and last action; an engaged IDVA works by her own.
    others = {S.LISTED, S.RESEARCH, S.HEARD, S.ACTIONS_OPEN, S.ACTIONS_COMPLETE}
    # What is left of these is the flag, which has a clock of its own.
    others |= {S.FLAGGED_12M, S.TRANSFERRED_OUT}
    reached = {state for step in steps(path) for state in step}
    assert reached - timed - set(path.ends) - others <= {S.ENGAGED}


@EACH
def test_every_partner_may_do_something_and_no_step_is_there_twice(path: Pathway) -> None:
    doing = {role for move in path.moves for role in move.by}
    assert set(path.partners) <= doing
    for source in {state for move in path.moves for state in move.sources}:
        ways = [move.to for move in path.moves if source in move.sources]
        assert len(ways) == len(set(ways))


def test_every_command_is_ruled_and_placed_in_the_matrix() -> None:
    kinds = {model.model_fields["kind"].default for model in kinds_of("referral")}
    assert kinds == COMMANDS.keys() == NEEDS.keys()


@EACH
def test_no_field_takes_free_text(path: Pathway) -> None:
    for field in path.fields:
        with pytest.raises(Refused) as caught:
            accept(path, {field.name: "his sister Ann, 07700 900576"})
        assert caught.value.code == "FIELD_VALUE"
        assert "Ann" not in caught.value.message


FACTS: dict[ReferralPathway, dict[str, Any]] = {
    ReferralPathway.IDVA: {},
    ReferralPathway.MARAC: WHOLE_FORM,
    ReferralPathway.MATAC: {"profile_ref": "P-1", "score": 70, "cases": ["CASE-2027-00002"]},
    ReferralPathway.MASIP: {
        "relationship": "EX_PARTNER",
        "behaviours": "GIFTS",
        "channels": "MESSAGES",
        "duration_days": 3,
        "contacts": 4,
        "threats": "NO",
        "breaches": "NO",
        "investigation_stage": "ENDED",
        "motive": "REJECTED",
        "risk_tool": "SST",
    },
}


def walk(play: Play, choices: list[int], grant: Grant) -> None:
    """Take one of the ways on, as often as there are choices, hours apart."""
    for choice in choices:
        ways = [move for move in play.state.path.moves if play.state.state in move.sources]
        if play.state.closed or not ways:
            return
        move = ways[choice % len(ways)]
        outcome = move.outcomes[choice % len(move.outcomes)] if move.outcomes else None
        play.to(play.now + timedelta(hours=choice))
        try:
            play.do_as(
                MoveReferral(at=play.now, to=move.to, outcome=outcome, reason="BECAUSE"), grant
            )
        except Refused as refused:
            assert refused.remedy


@settings(max_examples=60)
@given(
    st.sampled_from(ReferralPathway),
    st.lists(st.integers(0, 90), max_size=9),
    st.booleans(),
)
def test_wherever_it_goes_it_comes_to_rest_and_the_state_survives(
    pathway: ReferralPathway, choices: list[int], resumed: bool
) -> None:
    play = Play(pathway, STARTED, facts=FACTS[pathway])
    walk(play, choices, GRANTS[PARTNER[pathway]])
    if resumed:
        play.state = ReferralFacts.model_validate_json(play.state.model_dump_json())
    told = [each.state for each in play.told()]
    allowed = steps(play.state.path)
    # What comes back unreached is told without a step.
    assert {step for step in pairwise(told) if step[0] is not step[1]} <= allowed
    assert all(clock.owner for clock in play.state.clocks.values())
    assert all(task.owner and task.command for task in play.state.tasks.values())
    if play.state.closed:
        assert not play.state.clocks
        assert not play.state.tasks
    play.to(play.now + timedelta(days=60))
    assert len(play.state.model_dump_json(exclude={"unrecorded", "effects"})) < 20_000


def test_summaries_hold_no_more_than_the_read_model() -> None:
    from store.tables import referral

    for pathway in ReferralPathway:
        play = Play(pathway, STARTED, facts=FACTS[pathway])
        assert set(play.view().summary) <= set(referral.c.keys())


def test_what_is_next_names_who_and_how() -> None:
    play = Play(ReferralPathway.MARAC, STARTED)
    step = next(each for each in play.view().next_steps if each.to is ReferralState.NOT_MET)
    assert step.by == ("MARAC_COORDINATOR",)
    assert step.command.endswith("move-referral --to NOT_MET --reason CODE")
