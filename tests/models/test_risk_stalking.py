"""Stalking: the second unwanted act makes a screen due within 24 hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.base import Refused
from models.case.view import view
from models.commands import AssessRisk, RecordUnwantedAct, ScreenStalking
from models.enums import ClockType, Relationship, RiskAnswer, RiskGrade, RiskTool, YesNoUnknown
from models.messages import ReportArrived
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play, a_report
from tests.models.play_risk import CRITICAL, PLAIN, dash, waits

OPENED = at("2027-06-07 08:15")


def allocated(grade: RiskGrade = RiskGrade.MEDIUM) -> Play:
    play = Play(OPENED, grade)
    play.allocate()
    return play


def told(play: Play, message_id: str, **changes: object) -> None:
    report = a_report(OPENED, perpetrator_ref="PER-0003", **changes)
    play.tell(
        ReportArrived(
            message_id=message_id, report=report, received_at=play.now, grade=RiskGrade.MEDIUM
        )
    )


def screen(play: Play, answer: YesNoUnknown = YesNoUnknown.YES, acts: int = 44) -> ScreenStalking:
    return ScreenStalking(
        at=play.now,
        fixated=YesNoUnknown.YES,
        obsessive=YesNoUnknown.YES,
        unwanted=YesNoUnknown.YES,
        repeated=answer,
        unwanted_acts=acts,
    )


@pytest.mark.parametrize("relationship", [Relationship.EX_PARTNER, Relationship.EX_SPOUSE])
def test_a_report_of_stalking_by_a_former_partner_makes_the_screen_due(
    relationship: Relationship,
) -> None:
    play = allocated()
    told(play, "r1v2", version=2, stalking=True, relationship=relationship)
    clock = open_clock(play.state, ClockType.STALKING_SCREEN)
    assert clock is not None
    assert (clock.due_at, clock.owner) == (at("2027-06-08 08:15"), DALO)


def test_a_report_of_stalking_by_somebody_else_is_one_act() -> None:
    play = allocated()
    told(play, "r1v2", version=2, stalking=True, relationship=Relationship.SIBLING)
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is None
    play.do(RecordUnwantedAct(at=play.now))
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is not None


def test_a_new_version_of_a_report_counts_its_stalking_once() -> None:
    play = allocated()
    told(play, "r1v2", version=2, stalking=True)
    told(play, "r1v3", version=3, stalking=True)
    assert play.state.risk.unwanted_acts == 1


def test_the_second_act_that_is_recorded_makes_the_screen_due() -> None:
    play = allocated()
    assert play.do(RecordUnwantedAct(at=play.now)) == ()
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is None
    play.until(OPENED + timedelta(days=2))
    assert play.do(RecordUnwantedAct(at=play.now)) == ("STALKING_SCREEN_DUE",)
    clock = open_clock(play.state, ClockType.STALKING_SCREEN)
    assert clock is not None and clock.due_at == play.now + timedelta(hours=24)


def test_several_acts_at_once_make_it_due_too() -> None:
    play = allocated()
    play.do(RecordUnwantedAct(at=play.now, count=41))
    assert play.state.risk.unwanted_acts == 41
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is not None


def test_a_screen_meets_the_clock_and_keeps_the_four_answers() -> None:
    play = allocated()
    play.do(RecordUnwantedAct(at=play.now, count=2))
    play.until(OPENED + timedelta(minutes=45))
    assert play.do(screen(play)) == ("MASIP_GROUNDS", "DEVICE_CHECK_ADVISED")
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is None
    (event,) = play.events("stalking:screened")
    assert [event.data[word] for word in ("fixated", "obsessive", "unwanted", "repeated")] == [
        "YES"
    ] * 4
    assert (event.data["stalking"], event.data["unwanted_acts"]) == (True, 44)
    assert event.data["device_check_advised"] is True
    found = view(play.state, play.now).risk
    assert found is not None and found.screen is not None and found.screen.all_yes


@pytest.mark.parametrize("answer", [YesNoUnknown.NO, YesNoUnknown.UNKNOWN])
def test_less_than_all_of_four_gives_no_grounds(answer: YesNoUnknown) -> None:
    play = allocated()
    assert play.do(screen(play, answer)) == ()
    assert play.state.risk.screen is not None and not play.state.risk.screen.all_yes


def test_after_a_screen_two_further_acts_make_another_due() -> None:
    play = allocated()
    play.do(RecordUnwantedAct(at=play.now, count=2))
    play.do(screen(play, acts=2))
    play.do(RecordUnwantedAct(at=play.now))
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is None
    play.do(RecordUnwantedAct(at=play.now))
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is not None
    assert play.state.risk.unwanted_acts == 4


def test_a_stalking_tool_is_a_screen_but_no_reassessment() -> None:
    play = allocated()
    play.do(RecordUnwantedAct(at=play.now, count=2))
    review = open_clock(play.state, ClockType.RISK_REVIEW)
    command = AssessRisk(at=play.now, tool=RiskTool.SDASH, others=RiskAnswer.YES)
    assert play.do(command) == (), "MEDIUM already: nothing higher to recommend"
    assert open_clock(play.state, ClockType.STALKING_SCREEN) is None
    assert open_clock(play.state, ClockType.RISK_REVIEW) == review


def test_a_stalking_tool_can_point_higher_than_the_grade() -> None:
    play = allocated(RiskGrade.STANDARD)
    command = AssessRisk(at=play.now, tool=RiskTool.SDASH, others=RiskAnswer.YES)
    assert play.do(command) == ("RECOMMENDS_MEDIUM",)


def test_a_screen_that_is_not_made_reaches_the_supervisor() -> None:
    play = allocated()
    play.do(RecordUnwantedAct(at=play.now, count=2))
    play.until(OPENED + timedelta(hours=25))
    owners = [
        task.owner
        for task in play.state.tasks.values()
        if task.kind == "BREACH" and task.subject.startswith("STALKING_SCREEN")
    ]
    assert owners == [SERGEANT]


def test_an_act_after_an_assessment_makes_reassessment_due() -> None:
    play = allocated()
    play.do(AssessRisk(at=play.now, tool=RiskTool.DASH_ACPO_27, others=RiskAnswer.NO))
    assert play.state.risk.reassess_since is None
    play.until(OPENED + timedelta(hours=5))
    play.do(RecordUnwantedAct(at=play.now))
    assert play.state.risk.reassess_why == "UNWANTED_ACT"


@pytest.mark.parametrize(
    ("changes", "actor", "code"),
    [
        ({"incident_ref": "46/9/27"}, DALO, "UNKNOWN_INCIDENT"),
        ({"at": OPENED + timedelta(days=1)}, DALO, "IN_FUTURE"),
        ({"at": OPENED - timedelta(days=1)}, DALO, "BEFORE_CASE"),
        ({}, OTHER_DALO, "NOT_YOUR_CASE"),
    ],
)
def test_what_acts_and_screens_are_refused_for(
    changes: dict[str, object], actor: str, code: str
) -> None:
    play = allocated()
    for command in (RecordUnwantedAct(at=play.now), screen(play)):
        before = play.state.model_dump()
        with pytest.raises(Refused) as caught:
            play.do(command.model_copy(update=changes), actor=actor)
        assert (caught.value.code, bool(caught.value.remedy)) == (code, True)
        assert play.state.model_dump() == before


def test_before_a_case_has_an_officer_the_screen_is_its_supervisors_or_the_areas() -> None:
    play = Play(OPENED)
    told(play, "r1v2", version=2, stalking=True, relationship=Relationship.EX_PARTNER)
    clock = open_clock(play.state, ClockType.STALKING_SCREEN)
    assert clock is not None and clock.owner == "SUPERVISOR@Medway"


def test_a_stalking_screen_masks_no_assessment_made_before_it() -> None:
    play = allocated()
    play.until(OPENED + timedelta(hours=1))
    play.do(AssessRisk(at=play.now, tool=RiskTool.SDASH, others=RiskAnswer.YES))
    ticks = [f"Q{number}" for number in range(1, 15)]
    earlier = play.now - timedelta(minutes=30)
    codes = play.do(dash(play, *ticks, at=earlier))
    assert "RECOMMENDS_HIGH" in codes
    assert play.state.risk.high_ticks[RiskTool.DASH_ACPO_27].count == 14
    assert play.state.risk.assessed_at == earlier
    again = dash(play, "Q1", at=earlier - timedelta(minutes=5))
    assert play.do(again) == ("OLDER_THAN_LAST",)


def test_a_lower_grade_of_one_kind_of_tool_takes_no_higher_one_of_the_other_away() -> None:
    play = allocated(RiskGrade.STANDARD)
    play.do(AssessRisk(at=play.now, tool=RiskTool.SDASH, others=RiskAnswer.YES))
    assert waits(play) == ["MEDIUM"]
    assert play.do(dash(play)) == ("RECOMMENDS_MEDIUM",)
    assert waits(play) == ["MEDIUM"]
    play.do(dash(play, *PLAIN, *CRITICAL))
    assert waits(play) == ["HIGH"]
    play.do(AssessRisk(at=play.now, tool=RiskTool.SDASH, others=RiskAnswer.YES))
    assert waits(play) == ["HIGH"]
