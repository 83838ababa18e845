"""Whom a visit is recommended for, and what it leaves behind (docs/domain.md 7, 9.3)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.base import Refused
from models.case.visits import rules
from models.commands import (
    CheckVisit,
    RecordAttempt,
    RecordLadderStep,
    RefuseVisit,
    ReviewVisit,
    SelectVisit,
)
from models.enums import (
    Channel,
    ClockType,
    ContactResult,
    OrderType,
    ReferralPathway,
    ReferralState,
    RiskGrade,
    Role,
    SafetyMeasure,
    SuspectStatus,
    VisitOutcome,
    VisitRule,
)
from models.messages import ReferralChanged, ReportArrived, SuspectChanged
from models.safe_contact import DoNotContact
from models.safe_decision import decide
from models.stream import open_clock
from tests.models.conftest import instants
from tests.models.play import DALO, SERGEANT, Play, a_report
from tests.models.test_case_contact import a_plan, at, call
from tests.models.test_visits import (
    CHECKED,
    EVENING,
    OPENED,
    a_case,
    an_order,
    authorised,
    authority,
    clock_type,
    closing,
    kinds,
    recommended,
    refusal,
    selected,
    step,
    visit,
)


def suspect(play: Play, status: SuspectStatus, **more: object) -> SuspectChanged:
    facts = {
        "message_id": f"s:{play.now}:{status}",
        "incident_ref": "46/1/27",
        "perpetrator_ref": "PER-0001",
        "status": status,
        "at": play.now,
        **more,
    }
    return SuspectChanged.model_validate(facts)


def test_two_reports_within_ninety_days_recommend_a_visit_once() -> None:
    play = a_case()
    play.do(call(play.now + timedelta(0), ContactResult.SUCCESSFUL_TWO_WAY))

    def report(ref: str) -> None:
        play.tell(
            ReportArrived(
                message_id=ref,
                report=a_report(play.now, incident_ref=ref),
                received_at=play.now,
                grade=RiskGrade.MEDIUM,
            )
        )

    play.until(OPENED + timedelta(days=91))
    report("46/2/27")
    assert "REPEAT_REPORTS" not in recommended(play)
    play.until(play.now + timedelta(days=89))
    report("46/3/27")
    assert "REPEAT_REPORTS" in recommended(play)
    before = len(play.events("recommendation:made"))
    play.settle()
    assert len(play.events("recommendation:made")) == before


def test_an_order_in_force_and_fourteen_silent_days_recommend_a_visit() -> None:
    play = a_case(grade=RiskGrade.STANDARD)
    play.until(at(10, 5, 11))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.tell(an_order(play, OrderType.BAIL_CONDITIONS))
    play.until(at(24, 5, 10, 59))
    play.settle()
    assert "ORDER_AND_SILENCE" not in recommended(play)
    play.until(at(24, 5, 11))
    assert "ORDER_AND_SILENCE" in recommended(play)
    watch = open_clock(play.state, ClockType.SILENCE_REVIEW)
    assert watch is not None and watch.due_at == at(25, 5, 11)
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.ORDER_AND_SILENCE,)))
    assert open_clock(play.state, ClockType.SILENCE_REVIEW) is None
    play.until(at(26, 5, 11))
    assert not [e for e in play.events("clock:breached") if clock_type(e) == "SILENCE_REVIEW"]


def test_an_order_that_ended_recommends_nothing() -> None:
    play = a_case(grade=RiskGrade.STANDARD)
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.tell(an_order(play, OrderType.NON_MOLESTATION))
    play.until(at(11, 5, 11))
    play.tell(an_order(play, OrderType.NON_MOLESTATION, in_force=False))
    play.until(at(4, 6, 11))
    assert "ORDER_AND_SILENCE" not in recommended(play)


def test_suspect_forum_and_prison_release_recommend_a_visit() -> None:
    play = a_case()
    play.tell(
        ReportArrived(
            message_id="r9",
            report=a_report(play.now, version=2, shared_home=True),
            received_at=play.now,
            grade=RiskGrade.MEDIUM,
        )
    )
    play.tell(suspect(play, SuspectStatus.OUTSTANDING))
    assert recommended(play) == {"SUSPECT_BELIEVED_THERE"}
    play.tell(suspect(play, SuspectStatus.IN_PRISON, release_planned_at=at(1, 6, 9)))
    assert "PRISON_RELEASE" in recommended(play)
    play.tell(
        ReferralChanged(
            message_id="f1",
            referral_ref="MARAC-2027-00001",
            pathway=ReferralPathway.MARAC,
            state=ReferralState.ACTIONS_OPEN,
            at=play.now,
            codes=("VISIT_ASKED",),
        )
    )
    assert "FORUM_ACTION" in recommended(play)
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.FORUM_ACTION,)))
    assert not recommended(play)


@pytest.mark.parametrize(
    ("outcomes", "more", "code"),
    [
        (("NO_REPLY", "SEEN_ALONE"), {}, "OUTCOMES_CLASH"),
        (("SEEN_ALONE", "SEEN_NOT_ALONE"), {"primary": None}, "PRIMARY_OUTCOME"),
        (("SUSPECT_ARRESTED",), {}, "ARREST_REASON"),
        (("SEEN_ALONE",), {"arrest_reason": "WANTED_WARRANT"}, "ARREST_REASON"),
        (("SEEN_ALONE",), {"injuries_photographed": True}, "INJURIES_NOT_SEEN"),
    ],
)
def test_a_visit_that_contradicts_itself_is_refused(
    outcomes: tuple[str, ...], more: dict[str, object], code: str
) -> None:
    play = authorised(a_case())
    command = visit(play, *(VisitOutcome(o) for o in outcomes), **more)
    assert refusal(play, command) == code


def test_one_visit_at_a_time_and_none_before_selection() -> None:
    play = a_case()
    assert refusal(play, visit(play, VisitOutcome.NO_REPLY)) == "NO_VISIT"
    assert refusal(play, CheckVisit(at=play.now, checks=CHECKED)) == "NO_VISIT"
    authorised(play)
    again = SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,))
    assert refusal(play, again) == "VISIT_OPEN"
    late = visit(play, VisitOutcome.NO_REPLY, at=play.now + timedelta(hours=1))
    assert refusal(play, late) == "IN_FUTURE"
    early = visit(play, VisitOutcome.NO_REPLY, at=play.now - timedelta(hours=1))
    assert refusal(play, early) == "BEFORE_CASE"
    refuse = RefuseVisit(at=play.now, reason="NO")
    assert refusal(play, refuse, actor=SERGEANT, role=Role.SUPERVISOR) == "VISIT_AUTHORISED"
    waiting = Play(OPENED)
    assert refusal(waiting, again, actor=SERGEANT, role=Role.SUPERVISOR) == "NOT_ALLOCATED"
    assert refusal(play, again, actor="PC 5009") == "NOT_YOUR_CASE"


def test_measures_agreed_at_a_visit_are_actions_with_clocks() -> None:
    play = authorised(a_case())
    play.until(at(10, 5, 18, 30))
    menu = (SafetyMeasure.ALARM, SafetyMeasure.CHILD_REFERRAL)
    play.do(visit(play, VisitOutcome.SEEN_ALONE, safeguarding=menu))
    agreed = {(a.action, a.domain.value) for a in play.state.actions.values()}
    assert agreed == {("ALARM", "SAFETY"), ("CHILD_REFERRAL", "CHILDREN")}
    told = [e for e in play.state.effects if e.payload.get("kind") == "measure-agreed"]
    assert [(e.target, e.payload["measure"]) for e in told] == [
        ("incident/46/1/27/VIC-0001", "CHILD_REFERRAL")
    ]


@pytest.mark.parametrize(
    "outcome",
    [VisitOutcome.SEEN_NOT_ALONE, VisitOutcome.REFUSED_ENTRY, VisitOutcome.MOVED_AWAY],
)
def test_a_victim_not_seen_alone_is_for_the_supervisor_to_decide(outcome: VisitOutcome) -> None:
    play = authorised(a_case())
    play.until(at(10, 5, 18, 30))
    play.do(visit(play, outcome))
    assert "VISIT_REVIEW" in kinds(play)
    assert play.state.last_contact_at is None
    play.supervise(ReviewVisit(at=play.now, decision="END", reason="MET_ELSEWHERE"))
    assert play.state.visits.visit is None
    assert open_clock(play.state, ClockType.HHV_DUE) is None


def test_the_ladder_and_the_visit_share_one_clock() -> None:
    play = a_case()
    for minutes in (60, 120, 180):
        play.until(OPENED + timedelta(hours=1, minutes=minutes))
        route = "mobile" if minutes < 180 else "work"
        play.do(call(play.now, ContactResult.NO_ANSWER, route))
    assert step(play) == "L3"
    around = RecordLadderStep(at=play.now, step="L3", outcome="HHV_AUTHORISED")
    assert refusal(play, around, actor=SERGEANT, role=Role.SUPERVISOR) == "AUTHORISE_THE_VISIT"
    assert play.state.visits.visit is None
    selected(play, VisitRule.NO_CONTACT_LADDER)
    play.supervise(authority(play, *EVENING))
    assert step(play) == "L4"
    due = [c for c in play.state.clocks.values() if c.clock_type is ClockType.HHV_DUE]
    assert [c.subject for c in due] == ["VIS-001"]
    play.do(RecordLadderStep(at=play.now, step="L4", outcome="VISITED_NOT_SEEN"))
    assert open_clock(play.state, ClockType.HHV_DUE, "VIS-001") is not None
    play.until(at(11, 5, 10, 30))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY, "work"))
    assert step(play) == "L0"
    assert play.state.visits.visit is None
    assert open_clock(play.state, ClockType.HHV_DUE) is None


def test_a_visit_selected_on_intelligence_outlives_a_call() -> None:
    play = authorised(a_case())
    play.until(at(10, 5, 11))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    assert play.state.visits.visit is not None


def test_an_open_visit_keeps_the_case_open() -> None:
    play = authorised(a_case())
    (blocker,) = rules.blockers(play.state, closing(play))
    assert "VIS-001 is open" in blocker


def test_a_visit_in_person_by_the_plain_command_still_counts() -> None:
    play = a_case()
    play.do(
        RecordAttempt(
            at=play.now,
            channel=Channel.IN_PERSON,
            result=ContactResult.SEEN_ALONE,
            safety_override="SUPERVISOR_AUTHORISED",
        ),
        DALO,
    )
    assert play.state.last_contact_at == play.now


@settings(max_examples=40, deadline=None)
@given(
    opens=instants("2027-05-10 10:00", "2027-05-20 00:00"),
    length=st.integers(1, 24 * 60),
    barred=st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 23)),
)
def test_no_authority_without_a_threat_to_life_touches_a_do_not_contact_time(
    opens: datetime, length: int, barred: tuple[int, int, int]
) -> None:
    weekday, first, last = barred
    rule = DoNotContact(weekdays=(weekday,), opens=time(first), closes=time(last, 30))
    plan = a_plan(time(10), time(14), OPENED).model_copy(update={"do_not_contact": (rule,)})
    play = selected(a_case(plan))
    until = opens + timedelta(minutes=length)
    try:
        play.supervise(authority(play, opens, until))
    except Refused as refused:
        assert refused.code == "DO_NOT_CONTACT"
        return
    minutes = (opens + timedelta(minutes=n) for n in range(0, length, 10))
    assert all(
        decide(plan, Channel.IN_PERSON, "", minute, play.calendar).allowed for minute in minutes
    )
