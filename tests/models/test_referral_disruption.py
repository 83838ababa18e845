"""Disruptions of a MATAC subject: none before every victim is answered for (docs/domain.md 8.2,
16(iv))."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.commands import (
    AnswerForVictims,
    CarryOutDisruption,
    DropDisruption,
    PlanDisruption,
)
from models.enums import ReferralState as S
from models.enums import (
    RetaliationRisk,
    Role,
)
from models.events import EffectKind
from models.messages import (
    CaseClosed,
    RetaliationAnswer,
)
from tests.models.play_matac import (
    CASES,
    COORDINATOR,
    MEETING,
    RUN,
    VICTIMS,
    active,
    matac,
    refused,
)
from tests.models.play_referral import SERGEANT, Play


def answer(play: Play, case_ref: str, *, safe: bool = True, disruption_id: str = "") -> None:
    told = RetaliationAnswer(
        message_id=f"{case_ref}-{play.now}-{safe}-{disruption_id}",
        referral_ref=play.state.referral_ref,
        case_ref=case_ref,
        safe=safe,
        at=play.now,
        disruption_id=disruption_id,
    )
    play.tell(told)


def a_plan(play: Play, asked_of: dict[str, str] | None = VICTIMS) -> PlanDisruption:
    return PlanDisruption(at=play.now, action="TENANCY_ACTION", asked_of=asked_of)


def planned(play: Play, asked_of: dict[str, str] = VICTIMS) -> CarryOutDisruption:
    (key,) = play.do(a_plan(play, asked_of))
    return CarryOutDisruption(at=play.now, disruption_id=key, asked_of=asked_of)


def told_meeting(play: Play) -> list[tuple[str, str]]:
    """What the meeting was told of disruptions."""
    tells = [effect.payload for effect in play.effects(EffectKind.TELL, MEETING)]
    told = [each for each in tells if each["kind"] == "disruption-checked"]
    return [(each["disruption_id"], each["standing"]) for each in told]


def test_a_disruption_waits_for_every_victims_dalo() -> None:
    play = active()
    carry_out = planned(play)
    for case_ref in CASES:
        assert play.told(case_ref)[0].codes == ("RETALIATION_CHECK",)
        assert refused(play, carry_out) == "RETALIATION_NOT_CHECKED"
        answer(play, case_ref)
    assert ("DISRUPTION_ANSWERED", COORDINATOR) in play.open_tasks()
    play.do(carry_out)
    assert ("DISRUPTION_ANSWERED", COORDINATOR) not in play.open_tasks()
    assert refused(play, carry_out) == "UNKNOWN_DISRUPTION"


def test_one_dalo_who_says_no_stops_it() -> None:
    play = active()
    carry_out = planned(play)
    answer(play, CASES[0])
    answer(play, CASES[1], safe=False)
    assert refused(play, carry_out) == "RETALIATION_RISK"
    # A later change of mind is a new plan.
    answer(play, CASES[1])
    answer(play, CASES[2])
    assert refused(play, carry_out) == "RETALIATION_RISK"


def test_an_answer_of_before_does_not_count_for_a_later_plan() -> None:
    play = active()
    planned(play)
    for case_ref in CASES:
        answer(play, case_ref)
    play.to(play.now + timedelta(hours=1))
    assert refused(play, planned(play)) == "RETALIATION_NOT_CHECKED"


def test_a_victims_cooperation_is_never_an_action() -> None:
    command = PlanDisruption(at=RUN, action="VICTIM_COOPERATION", asked_of=VICTIMS)
    play = active()
    assert refused(play, command) == "VICTIM_COOPERATION"


def test_a_disruption_is_not_carried_out_before_it_was_planned() -> None:
    play = active()
    carry_out = planned(play)
    for case_ref in CASES:
        answer(play, case_ref)
    early = carry_out.model_copy(update={"at": play.now - timedelta(hours=1)})
    assert refused(play, early) == "BEFORE_LAST_STATE"


def test_so_many_plans_at_once_are_too_many() -> None:
    play = active()
    for _ in range(20):
        planned(play)
    assert refused(play, a_plan(play)) == "TOO_MANY_PLANNED"


def test_the_meeting_hears_of_each_disruption_once_when_it_is_decided() -> None:
    play = active()
    first, second = planned(play), planned(play)
    for case_ref in CASES[:2]:
        answer(play, case_ref, disruption_id=first.disruption_id)
    assert told_meeting(play) == []
    answer(play, CASES[0], safe=False, disruption_id=second.disruption_id)
    assert told_meeting(play) == [("DIS-002", "NOT_SAFE")]
    answer(play, CASES[1], safe=False, disruption_id=second.disruption_id)
    answer(play, CASES[2], disruption_id=first.disruption_id)
    assert told_meeting(play) == [("DIS-002", "NOT_SAFE"), ("DIS-001", "SAFE")]
    play.do(first)
    assert told_meeting(play)[-1] == ("DIS-001", "CARRIED_OUT")


def test_the_first_no_is_told_to_the_coordinator_at_once() -> None:
    play = active()
    planned(play)
    assert ("DISRUPTION_WAITS", COORDINATOR) in play.open_tasks()
    answer(play, CASES[0], safe=False)
    assert ("DISRUPTION_ANSWERED", COORDINATOR) in play.open_tasks()
    assert ("DISRUPTION_WAITS", COORDINATOR) not in play.open_tasks()


def test_every_victim_of_now_is_asked_about_and_no_case_of_then_that_is_closed() -> None:
    play = active()
    # The run knew three cases; since then one was closed and a fourth victim came.
    victims = {**VICTIMS, "VIC-0006": "", "VIC-0007": "CASE-2027-00007"}
    planned(play, victims)
    assert play.state.disruptions["DIS-001"].waiting == (
        *(CASES[0], CASES[1], "VIC-0006", "CASE-2027-00007"),
    )
    assert play.told(CASES[2]) == []
    assert play.told("CASE-2027-00007")[0].disruption_id == "DIS-001"


def test_a_supervisor_answers_for_victims_without_a_case() -> None:
    play = active()
    victims = {**VICTIMS, "VIC-0007": "", "VIC-0008": ""}
    carry_out = planned(play, victims)
    assert ("RETALIATION_UNASKED", SERGEANT) in play.open_tasks()
    for case_ref in CASES:
        answer(play, case_ref)
    assert refused(play, carry_out) == "RETALIATION_NOT_CHECKED"
    safe = AnswerForVictims(
        at=play.now,
        disruption_id=carry_out.disruption_id,
        answer=RetaliationRisk.SAFE,
        victims=("VIC-0007",),
        reason="NO_CONTACT_FOR_YEARS",
    )
    assert refused(play, safe) == "NOT_YOUR_STEP"
    of_a_case = safe.model_copy(update={"victims": (CASES[0],)})
    assert refused(play, of_a_case, Role.SUPERVISOR) == "NOT_ASKED"
    assert play.do(safe, Role.SUPERVISOR) == ("SAFE",)
    assert ("RETALIATION_UNASKED", SERGEANT) in play.open_tasks()
    play.do(safe.model_copy(update={"victims": ()}), Role.SUPERVISOR)
    assert ("RETALIATION_UNASKED", SERGEANT) not in play.open_tasks()
    assert told_meeting(play) == [("DIS-001", "SAFE")]
    assert refused(play, safe, Role.SUPERVISOR) == "NOT_ASKED"
    play.do(carry_out)


def test_a_supervisor_who_says_no_stops_it() -> None:
    play = active()
    carry_out = planned(play, {"VIC-0007": ""})
    unsafe = AnswerForVictims(
        at=play.now,
        disruption_id=carry_out.disruption_id,
        answer=RetaliationRisk.NOT_SAFE,
        reason="LIVES_NEXT_DOOR",
    )
    early = unsafe.model_copy(update={"at": play.now - timedelta(hours=1)})
    assert refused(play, early, Role.SUPERVISOR) == "BEFORE_LAST_STATE"
    play.do(unsafe, Role.SUPERVISOR)
    assert refused(play, carry_out) == "RETALIATION_RISK"


@pytest.mark.parametrize(
    "since",
    [
        {**VICTIMS, "VIC-0007": "CASE-2027-00007"},
        {**VICTIMS, "VIC-0007": ""},
        {**VICTIMS, "VIC-0006": "CASE-2027-00009"},
    ],
)
def test_a_victim_or_case_that_came_since_is_asked_about_first(since: dict[str, str]) -> None:
    play = active()
    carry_out = planned(play)
    for case_ref in CASES:
        answer(play, case_ref)
    now = carry_out.model_copy(update={"asked_of": since})
    assert refused(play, now) == "RETALIATION_NOT_CHECKED"
    # One whose case was closed since was answered for while it was open.
    closed = carry_out.model_copy(update={"asked_of": {**VICTIMS, "VIC-0006": ""}})
    play.do(closed)


def test_nothing_is_planned_or_carried_out_without_looking_the_victims_up() -> None:
    play = active()
    assert refused(play, a_plan(play, None)) == "VICTIMS_NOT_LOOKED_UP"
    carry_out = planned(play)
    for case_ref in CASES:
        answer(play, case_ref)
    blind = carry_out.model_copy(update={"asked_of": None})
    assert refused(play, blind) == "VICTIMS_NOT_LOOKED_UP"


def test_a_nominations_own_case_is_asked_unless_it_is_closed() -> None:
    play = matac(asked_by="PC 5001", case_ref="CASE-2027-00001")
    play.move(S.SELECTED)
    play.do(a_plan(play, {}))
    assert play.state.disruptions["DIS-001"].waiting == ("CASE-2027-00001",)
    play.tell(CaseClosed(message_id="c", handed_to=SERGEANT))
    assert refused(play, a_plan(play, {})) == "NO_CASES"


def test_a_dropped_disruption_leaves_nothing_behind() -> None:
    play = active()
    planned(play, {**VICTIMS, "VIC-0007": ""})
    answer(play, CASES[0], safe=False)
    drop = DropDisruption(at=play.now, disruption_id="DIS-001", reason="RETALIATION_RISK")
    early = drop.model_copy(update={"at": play.now - timedelta(hours=1)})
    assert refused(play, early) == "BEFORE_LAST_STATE"
    play.do(drop)
    assert not play.state.disruptions
    assert play.open_tasks() == set()
    assert [play.told(case_ref)[-1].codes for case_ref in CASES] == [
        ("RETALIATION_CHECK",),
        *[("DISRUPTION_DROPPED",)] * 2,
    ]
    assert told_meeting(play) == [("DIS-001", "NOT_SAFE"), ("DIS-001", "DROPPED")]
    assert refused(play, drop) == "UNKNOWN_DISRUPTION"
    for _ in range(20):
        planned(play)


def test_discharge_drops_what_is_still_planned() -> None:
    play = active()
    planned(play)
    play.move(S.DISCHARGED, outcome="DIED")
    assert not play.state.disruptions
    assert play.told(CASES[0])[-1].codes == ("DISRUPTION_DROPPED",)
    assert not play.open_tasks()
