"""Hidden-harm visits: selected, authorised, made, tried again (docs/domain.md 7, 9.3, 16 (ii))."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from models.base import Refused
from models.case.visits import rules
from models.commands import (
    ApproveCadence,
    AuthoriseVisit,
    CheckVisit,
    CloseCase,
    ConsiderMissingPerson,
    RecordThreatToLife,
    RecordVisit,
    RefuseVisit,
    Regrade,
    ReviewVisit,
    SelectVisit,
    SetSafeContactPlan,
)
from models.enums import (
    ArrestReason,
    CheckResult,
    ClockType,
    ClosureReason,
    ContactResult,
    LifeConcern,
    OrderType,
    RiskGrade,
    Role,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)
from models.messages import OrderChanged
from models.safe_contact import DoNotContact, SafeContactPlan
from models.stream import open_clock
from tests.models.play import SERGEANT, Play
from tests.models.test_case_contact import a_plan, at, call
from tests.models.wished import no_contact

OTHER_SERGEANT = "PS 4002"
CHECKED = dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)
OPENED = at(10, 5, 9)
EVENING = (at(10, 5, 18), at(10, 5, 20))


def a_case(plan: SafeContactPlan | None = None, grade: RiskGrade = RiskGrade.MEDIUM) -> Play:
    """An allocated case, safe on weekdays between 10:00 and 14:00."""
    play = Play(OPENED, grade)
    play.allocate()
    found = plan or a_plan(time(10), time(14), play.now)
    play.do(SetSafeContactPlan(at=play.now, plan=found))
    return play


def selected(play: Play, rule: VisitRule = VisitRule.HARM_INTELLIGENCE) -> Play:
    """A visit is selected and checked."""
    play.do(SelectVisit(at=play.now, selected_for=(rule,)))
    play.do(CheckVisit(at=play.now, checks=CHECKED))
    return play


def authority(
    play: Play, opens: datetime, until: datetime, because: str | None = "SUSPECT_AT_WORK"
) -> AuthoriseVisit:
    return AuthoriseVisit(at=play.now, opens_at=opens, until=until, safer_because=because)


def authorised(play: Play) -> Play:
    """A checked visit, authorised for the evening of the first day."""
    play.supervise(authority(selected(play), *EVENING))
    return play


def visit(play: Play, *outcomes: VisitOutcome, **more: object) -> RecordVisit:
    facts = {"at": play.now, "outcomes": outcomes, "primary": outcomes[0], **more}
    return RecordVisit.model_validate(facts)


def closing(play: Play) -> CloseCase:
    return CloseCase(at=play.now, reason=ClosureReason.RISK_REDUCED, victim_told=True)


def step(play: Play) -> str:
    return play.state.ladder_step.value


def kinds(play: Play) -> set[str]:
    return {task.kind for task in play.state.tasks.values()}


def recommended(play: Play) -> set[str]:
    return {r.subject for r in play.state.recommendations.values() if r.rule == "HHV"}


def refusal(play: Play, command: object, **who: object) -> str:
    with pytest.raises(Refused) as refused:
        play.do(command, **who)  # type: ignore[arg-type]
    return refused.value.code


def called_in_vain() -> Play:
    """Walk-through (ii) to Friday morning: three attempts, a suspended channel, both breaches."""
    play = Play(at(10, 5, 19, 10), RiskGrade.MEDIUM, pending=True)
    play.until(at(10, 5, 20))
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(10), time(14), play.now)))
    play.tell(an_order(play, OrderType.NON_MOLESTATION))
    first = open_clock(play.state, ClockType.FIRST_CONTACT)
    assert first is not None
    assert (first.due_raw, first.due_at) == (at(13, 5, 20), at(13, 5, 14))

    play.until(at(11, 5, 10, 30))
    play.do(call(play.now, ContactResult.NO_ANSWER))
    play.until(at(12, 5, 13, 10))
    assert "CHANNEL_SUSPENDED" in play.do(call(play.now, ContactResult.WRONG_PERSON))
    assert "WRONG_PERSON" in kinds(play)
    play.until(at(13, 5, 11))
    play.do(call(play.now, ContactResult.NO_ANSWER, "work"))
    assert step(play) == "L3"
    assert recommended(play) == {"NO_CONTACT_LADDER"}

    play.until(at(14, 5, 8, 45))
    breached = [e for e in play.events("clock:breached") if clock_type(e) == "FIRST_CONTACT"]
    raw = [e for e in play.events("clock:raw_breached") if clock_type(e) == "FIRST_CONTACT"]
    assert [e.occurred_at for e in breached] == [at(13, 5, 14)]
    assert [e.occurred_at for e in raw] == [at(13, 5, 20)]
    return play


def test_walk_through_two_three_attempts_a_visit_with_arrest_and_contact_again() -> None:
    play = called_in_vain()
    selected(play, VisitRule.NO_CONTACT_LADDER)
    assert not recommended(play)
    decided = play.events("recommendation:decided")[-1].data
    assert (decided["decision"], decided["chose"]) == ("ACCEPTED", "VIS-001")

    play.until(at(14, 5, 9))
    window = (at(14, 5, 18), at(14, 5, 20))
    assert refusal(play, authority(play, *window, None), actor=SERGEANT, role=Role.SUPERVISOR) == (
        "OUTSIDE_SAFE_WINDOW"
    )
    play.supervise(authority(play, *window))
    due = [c for c in play.state.clocks.values() if c.clock_type is ClockType.HHV_DUE]
    assert [c.due_at for c in due] == [at(17, 5, 9)]
    assert step(play) == "L4"

    play.until(at(14, 5, 18, 30))
    found = visit(
        play,
        VisitOutcome.SUSPECT_ARRESTED,
        VisitOutcome.SEEN_ALONE,
        double_crew=True,
        arrest_reason=ArrestReason.BREACH_NON_MOLESTATION,
        order_breached=True,
        injuries_seen=True,
        injuries_photographed=True,
        children_seen=1,
        grade_hint=RiskGrade.HIGH,
    )
    assert play.do(found) == ()
    assert step(play) == "L0"
    assert "ARREST_AT_VISIT" in kinds(play)
    assert open_clock(play.state, ClockType.HHV_DUE) is None
    row = play.events("visit:attempted")[-1].data
    assert row["primary_outcome"] == "SUSPECT_ARRESTED"
    assert row["arrest_reason"] == "BREACH_NON_MOLESTATION"
    assert row["flags"]["children_seen"] == 1

    play.until(at(14, 5, 19, 5))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="VISIT"))
    cadence = open_clock(play.state, ClockType.CONTACT_CADENCE)
    assert cadence is not None
    assert (cadence.due_raw, cadence.due_at) == (at(21, 5, 18, 30), at(21, 5, 14))
    made = [e.data for e in play.events("recommendation:decided")]
    assert ("GRADE_AFTER_VISIT", "ACCEPTED") in [(d["rule"], d["decision"]) for d in made]


def clock_type(event: object) -> str:
    return str(event.data["clock"]["clock_type"])  # type: ignore[attr-defined]


def an_order(play: Play, order: OrderType, *, in_force: bool = True) -> OrderChanged:
    return OrderChanged(
        message_id=f"o:{play.now}:{in_force}",
        incident_ref="46/1/27",
        perpetrator_ref="PER-0001",
        order_id="ORD-001",
        order_type=order,
        in_force=in_force,
        at=play.now,
    )


def test_a_selected_visit_is_decided_within_a_day_by_another_supervisor() -> None:
    play = a_case()
    play.do(
        SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,)),
        SERGEANT,
        Role.SUPERVISOR,
    )
    clock = open_clock(play.state, ClockType.HHV_AUTHORISE, "VIS-001")
    assert clock is not None and clock.due_at == play.now + timedelta(hours=24)
    ask = authority(play, *EVENING).model_copy(update={"checks": CHECKED})
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    assert refusal(play, ask) == "SUPERVISOR_ONLY"
    assert refusal(play, ask, **sergeant) == "FOUR_EYES"
    assert refusal(play, RefuseVisit(at=play.now, reason="NO"), **sergeant) == "FOUR_EYES"
    play.supervise(ask, OTHER_SERGEANT)
    assert open_clock(play.state, ClockType.HHV_AUTHORISE) is None
    due = open_clock(play.state, ClockType.HHV_DUE)
    assert due is not None and due.due_at == play.now + timedelta(hours=72)


def test_a_refused_visit_ends_with_its_reason() -> None:
    play = selected(a_case())
    play.supervise(RefuseVisit(at=play.now, reason="SEEN_BY_PATROL"))
    assert play.state.visits.visit is None
    ended = play.events("visit:ended")[-1].data
    assert (ended["state"], ended["reason"]) == ("REFUSED", "SEEN_BY_PATROL")
    assert not {"AUTHORISE_VISIT", "PRE_VISIT_CHECKS"} & kinds(play)


@pytest.mark.parametrize(
    ("opens", "until"),
    [
        (at(10, 5, 20), at(10, 5, 18)),
        (at(10, 5, 6), at(10, 5, 8)),
        (at(10, 5, 18), at(12, 5, 18)),
    ],
)
def test_an_authority_is_limited_in_time(opens: datetime, until: datetime) -> None:
    play = selected(a_case())
    ask = authority(play, opens, until)
    assert refusal(play, ask, actor=SERGEANT, role=Role.SUPERVISOR) == "AUTHORITY_TIMES"


def test_what_bears_on_the_decision_is_checked_before_it() -> None:
    play = a_case()
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,)))
    ask = authority(play, *EVENING)
    assert refusal(play, ask, actor=SERGEANT, role=Role.SUPERVISOR) == "CHECKS_MISSING"
    assert "PRE_VISIT_CHECKS" in kinds(play)
    play.do(CheckVisit(at=play.now, checks=CHECKED))
    assert "PRE_VISIT_CHECKS" not in kinds(play)
    play.supervise(ask)


def test_a_do_not_contact_time_is_entered_only_for_a_recorded_threat_to_life() -> None:
    barred = a_plan(time(10), time(14), OPENED).model_copy(
        update={"do_not_contact": (DoNotContact(weekdays=(0,), opens=time(17), closes=time(23)),)}
    )
    play = selected(a_case(barred))
    ask = authority(play, *EVENING)
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    assert refusal(play, ask, **sergeant) == "DO_NOT_CONTACT"
    play.do(
        RecordThreatToLife(
            at=play.now,
            warned="VIC-0001",
            warned_by="PC 5001",
            authorised_by="PS 4001",
            note_ref="n",
        )
    )
    unreasoned = authority(play, *EVENING, None)
    assert refusal(play, unreasoned, **sergeant) == "DO_NOT_CONTACT"
    play.supervise(ask)
    play.until(at(10, 5, 18, 30))
    assert play.do(visit(play, VisitOutcome.SEEN_ALONE)) == ()
    assert "UNSAFE_VISIT" not in kinds(play)


def test_no_plan_and_no_contact_asked_keep_a_visit_out() -> None:
    play = Play(OPENED, RiskGrade.MEDIUM)
    play.allocate()
    selected(play)
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    assert refusal(play, authority(play, *EVENING), **sergeant) == "NO_PLAN"
    silent = a_case()
    silent.do(call(silent.now, ContactResult.SUCCESSFUL_TWO_WAY))
    silent.do(no_contact(silent.now))
    silent.supervise(ApproveCadence(at=silent.now, approve=True, reason="R"))
    selected(silent)
    assert refusal(silent, authority(silent, *EVENING), **sergeant) == "NO_CONTACT_ASKED"


def test_a_visit_against_the_rules_is_recorded_and_reaches_the_supervisor() -> None:
    barred = a_plan(time(10), time(14), OPENED).model_copy(
        update={"do_not_contact": (DoNotContact(weekdays=(0,), opens=time(20), closes=time(23)),)}
    )
    play = authorised(a_case(barred))
    play.until(at(10, 5, 20, 30))
    codes = play.do(visit(play, VisitOutcome.NO_REPLY))
    assert set(codes) == {"UNSAFE_VISIT", "OUTSIDE_AUTHORITY", "DO_NOT_CONTACT"}
    assert "UNSAFE_VISIT" in kinds(play)
    assert any("UNSAFE_VISIT" in named for named in rules.blockers(play.state, closing(play)))
    play.supervise(ReviewVisit(at=play.now, decision="NOTED", reason="CREW_BRIEFED"))
    assert "UNSAFE_VISIT" not in kinds(play)


def test_nobody_answers_a_reattempt_a_review_and_a_missing_person_consideration() -> None:
    play = authorised(a_case())
    play.until(at(10, 5, 18, 30))
    play.do(visit(play, VisitOutcome.NO_REPLY))
    again = open_clock(play.state, ClockType.HHV_REATTEMPT)
    assert again is not None and again.due_at == play.now + timedelta(hours=72)
    same = authority(play, at(11, 5, 18), at(11, 5, 20))
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    assert refusal(play, same, **sergeant) == "SAME_PART_OF_DAY"
    play.supervise(authority(play, at(11, 5, 10), at(11, 5, 11), None))

    play.until(at(11, 5, 10, 30))
    assert play.do(visit(play, VisitOutcome.NO_REPLY)) == ()
    assert "VISIT_REVIEW" in kinds(play)
    play.supervise(ReviewVisit(at=play.now, decision="ANOTHER_ATTEMPT", reason="CONCERN"))
    play.supervise(authority(play, at(11, 5, 13), at(11, 5, 14), None))
    assert not {"VISIT_REVIEW", "AUTHORISE_VISIT"} & kinds(play)

    play.until(at(11, 5, 13, 15))
    asked = ConsiderMissingPerson(at=play.now, outcome=LifeConcern.PACE_S17_ENTRY)
    assert refusal(play, asked, **sergeant) == "NOT_RECOMMENDED"
    play.do(visit(play, VisitOutcome.NO_REPLY, life_concern=True))
    made = {r.rule for r in play.state.recommendations.values()}
    assert "MISSING_PERSON" in made
    play.supervise(asked.model_copy(update={"at": play.now}))
    assert play.events("recommendation:decided")[-1].data["chose"] == "PACE_S17_ENTRY"
    assert len([e for e in play.events("clock:started") if clock_type(e) == "HHV_DUE"]) == 1


def test_three_failures_without_concern_for_life_recommend_no_missing_person() -> None:
    play = authorised(a_case())
    for hour in (18, 19, 20):
        play.until(at(10, 5, hour))
        play.do(visit(play, VisitOutcome.NO_REPLY))
    assert "MISSING_PERSON" not in {r.rule for r in play.state.recommendations.values()}


def test_a_second_visit_at_the_same_time_of_day_is_recorded_with_a_warning() -> None:
    play = authorised(a_case())
    play.until(at(10, 5, 18, 30))
    play.do(visit(play, VisitOutcome.NO_REPLY))
    play.until(at(10, 5, 19, 30))
    assert play.do(visit(play, VisitOutcome.NO_REPLY)) == ("SAME_PART_OF_DAY",)


@pytest.mark.parametrize(
    ("grade", "hours"), [(RiskGrade.HIGH, 24), (RiskGrade.MEDIUM, 72), (RiskGrade.STANDARD, 72)]
)
def test_a_visit_and_its_reattempt_are_due_by_grade(grade: RiskGrade, hours: int) -> None:
    play = authorised(a_case(grade=grade))
    due = open_clock(play.state, ClockType.HHV_DUE)
    assert due is not None and due.due_at == OPENED + timedelta(hours=hours)
    play.until(at(10, 5, 18, 30))
    play.do(visit(play, VisitOutcome.NO_REPLY))
    again = open_clock(play.state, ClockType.HHV_REATTEMPT)
    assert again is not None and again.due_at == play.now + timedelta(hours=hours)
