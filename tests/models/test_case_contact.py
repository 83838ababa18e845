"""Contact owed, kept and failed, to the minute: docs/domain.md 9, walk-throughs 16 (i), (ii)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from models.base import Refused
from models.case import contact
from models.commands import (
    ApproveCadence,
    ApproveWait,
    AskClosure,
    CloseCase,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    NeedActionEntry,
    NeedEntry,
    PauseContact,
    Reassign,
    RecordAttempt,
    RecordLadderStep,
    Regrade,
    RestoreChannel,
    ResumeContact,
    ReviewCase,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    CaseState,
    Channel,
    ClockType,
    ClosureReason,
    ContactResult,
    EngagementStatus,
    LadderStep,
    NeedDomain,
    NeedLevel,
    RiskGrade,
)
from models.instants import LONDON
from models.messages import ReportArrived
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from models.stream import open_clock
from tests.models.play import OTHER_DALO, SERGEANT, Play, a_report
from tests.models.wished import no_contact

WEEKDAYS = (0, 1, 2, 3, 4)
FIRST = ClockType.FIRST_CONTACT.value


def at(day: int, month: int, hour: int, minute: int = 0, year: int = 2027) -> datetime:
    """A London wall-clock instant."""
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def a_plan(opens: time, closes: time, reviewed: datetime) -> SafeContactPlan:
    """Two verified routes, weekdays between two times."""
    return SafeContactPlan(
        routes=(
            Route(route_id="mobile", channel=Channel.CALL, verified_at=reviewed),
            Route(route_id="work", channel=Channel.CALL, verified_at=reviewed),
        ),
        safe_windows=(SafeWindow(weekdays=WEEKDAYS, opens=opens, closes=closes),),
        plan_reviewed_at=reviewed,
    )


def call(when: datetime, result: ContactResult, route: str = "mobile") -> RecordAttempt:
    """A telephone call at `when`."""
    return RecordAttempt(at=when, channel=Channel.CALL, result=result, route=route)


def all_needs() -> tuple[NeedEntry, ...]:
    """Every domain, none needed."""
    return tuple(NeedEntry(domain=domain, level=NeedLevel.NONE) for domain in NeedDomain)


def test_walk_through_one_first_contact_needs_and_cadence_across_the_clock_change() -> None:
    play = Play(at(25, 3, 22, 50), RiskGrade.HIGH)
    play.allocate()
    first = open_clock(play.state, ClockType.FIRST_CONTACT)
    assert first is not None
    assert first.due_at == at(26, 3, 22, 50)

    play.until(at(26, 3, 10, 15))
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(9, 30), time(11, 30), play.now)))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    needs = open_clock(play.state, ClockType.NEEDS_ASSESSMENT)
    cadence = open_clock(play.state, ClockType.CONTACT_CADENCE)
    assert needs is not None and needs.due_at == at(5, 4, 23, 59).replace(second=59)
    assert cadence is not None and cadence.due_raw == at(2, 4, 10, 15)
    assert cadence.due_raw - play.now == timedelta(hours=167)
    assert play.state.state == "ASSESSMENT"

    play.until(at(5, 4, 9))
    play.do(CompleteNeedsAssessment(at=play.now, needs=all_needs()))
    assert play.events("clock:met")[-1].data["clock"]["clock_type"] == "NEEDS_ASSESSMENT"
    assert play.state.state is CaseState.ACTIVE_SUPPORT


def test_walk_through_two_attempts_wrong_person_ladder_and_visit() -> None:
    play = Play(at(10, 5, 20), RiskGrade.MEDIUM)
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(10), time(14), play.now)))
    first = open_clock(play.state, ClockType.FIRST_CONTACT)
    assert first is not None
    assert (first.due_raw, first.due_at) == (at(13, 5, 20), at(13, 5, 14))

    play.until(at(11, 5, 10, 30))
    play.do(call(play.now, ContactResult.NO_ANSWER))
    play.until(at(12, 5, 13, 10))
    play.do(call(play.now, ContactResult.WRONG_PERSON))
    assert play.state.suspended == ["CALL:mobile"]
    assert any(task.kind == "WRONG_PERSON" for task in play.state.tasks.values())

    play.until(at(13, 5, 11))
    play.do(call(play.now, ContactResult.NO_ANSWER, "work"))
    assert play.state.ladder_step == "L3"
    play.until(at(14, 5, 9))
    breached = [e for e in play.events("clock:breached") if FIRST in str(e.data)]
    assert [e.occurred_at for e in breached] == [at(13, 5, 14)]
    assert [e.occurred_at for e in play.events("clock:raw_breached")] == [at(13, 5, 20)]

    play.supervise(RecordLadderStep(at=play.now, step="L3", outcome="WELFARE_CHECK_AUTHORISED"))
    visit = open_clock(play.state, ClockType.HHV_DUE)
    assert visit is not None and visit.due_at == at(17, 5, 9)

    play.until(at(14, 5, 18, 30))
    seen = RecordAttempt(
        at=play.now,
        channel=Channel.IN_PERSON,
        result=ContactResult.SEEN_ALONE,
        safety_override="SUPERVISOR_AUTHORISED",
    )
    play.do(seen)
    play.until(at(14, 5, 19, 5))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="VISIT"))
    cadence = open_clock(play.state, ClockType.CONTACT_CADENCE)
    assert play.state.ladder_step is LadderStep.L0
    assert cadence is not None
    assert (cadence.due_raw, cadence.due_at) == (at(21, 5, 18, 30), at(21, 5, 14))
    (ended,) = play.events("contact:interval:met")
    assert (ended.data["met_raw"], ended.data["met_adjusted"]) == (False, False)


def test_three_misses_climb_every_step_and_contact_is_owed_again_afterwards() -> None:
    play = Play(at(7, 6, 9), RiskGrade.HIGH)
    play.allocate()
    play.until(at(1, 9, 9))
    entered = [event.data["step"] for event in play.events("contact:ladder:entered")]
    assert entered[:6] == ["L1", "L2", "L3", "L4", "L5", "L6"]
    assert play.events("contact:ladder:spent")
    assert play.events("contact:interval:missed")
    assert open_clock(play.state, ClockType.CONTACT_CADENCE) is not None


def test_a_late_recorded_success_counts_from_when_it_happened() -> None:
    play = Play(at(7, 6, 9), RiskGrade.HIGH)
    play.allocate()
    play.until(at(8, 6, 12))
    assert play.events("clock:breached")
    play.do(call(at(8, 6, 8), ContactResult.SUCCESSFUL_TWO_WAY))
    (ended,) = play.events("contact:interval:met")
    assert ended.data["met_raw"] is True
    assert play.state.ladder_step is LadderStep.L0


def test_a_high_contact_waits_for_its_window_only_with_approval() -> None:
    play = Play(at(7, 6, 9), RiskGrade.HIGH)
    play.allocate()
    with pytest.raises(Refused, match="NO_WAIT"):
        play.supervise(ApproveWait(at=play.now, reason="NO_OTHER_ROUTE"))
    saturdays = SafeContactPlan(
        routes=(Route(route_id="mobile", channel=Channel.CALL, verified_at=play.now),),
        safe_windows=(SafeWindow(weekdays=(5,), opens=time(10), closes=time(11)),),
        plan_reviewed_at=play.now,
    )
    play.do(SetSafeContactPlan(at=play.now, plan=saturdays))
    clock = open_clock(play.state, ClockType.FIRST_CONTACT)
    assert clock is not None
    assert (clock.due_raw, clock.due_at) == (at(8, 6, 9), at(12, 6, 11))
    (task,) = (t for t in play.state.tasks.values() if t.kind == "APPROVE_WAIT")
    assert (task.owner, task.due_at) == (SERGEANT, at(8, 6, 9))
    with pytest.raises(Refused, match="SUPERVISOR_ONLY"):
        play.do(ApproveWait(at=play.now, reason="NO_OTHER_ROUTE"))
    play.supervise(ApproveWait(at=play.now, reason="NO_OTHER_ROUTE"))
    play.until(at(9, 6, 9))
    assert not [t for t in play.state.tasks.values() if t.kind == "APPROVE_WAIT"]


def test_an_attempt_against_the_plan_is_recorded_and_reaches_the_supervisor() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    codes = play.do(call(play.now, ContactResult.NO_ANSWER))
    assert codes == ("UNSAFE_ATTEMPT",)
    assert play.events("contact:attempt:recorded")[0].data["safe"] is False
    assert any(task.kind == "UNSAFE_ATTEMPT" for task in play.state.tasks.values())


def test_a_suspended_route_is_restored_by_a_supervisor_only() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.do(call(play.now, ContactResult.UNSAFE_ENDED))
    restore = RestoreChannel(
        at=play.now, channel=Channel.CALL, route="mobile", reason="CODE_WORD_GIVEN"
    )
    with pytest.raises(Refused, match="SUPERVISOR_ONLY"):
        play.do(restore)
    play.supervise(restore)
    assert play.state.suspended == []


def test_no_contact_needs_the_wish_and_another_persons_signature() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    with pytest.raises(Refused, match="VICTIM_WISH_NEEDED"):
        play.do(SetCadence(at=play.now, plan=CadencePlan.NO_CONTACT))
    asked = play.do(no_contact(play.now))
    assert asked == ("WAITS_FOR_SIGN_OFF",)
    assert play.state.cadence_plan is CadencePlan.DEFAULT_BY_RISK
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    assert play.state.state is CaseState.DORMANT_MONITORED
    assert play.state.engagement_status is EngagementStatus.NO_CONTACT
    assert open_clock(play.state, ClockType.CONTACT_CADENCE) is None
    assert open_clock(play.state, ClockType.CADENCE_SIGNOFF_REVIEW) is not None


def test_nobody_is_prompted_to_call_a_victim_who_asked_for_no_contact() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(8), time(20), play.now)))

    def answer() -> tuple[bool, str]:
        found = contact.safe_now(play.state, Channel.CALL, "", play.now, play.calendar)
        return found.allowed, found.reason_code

    assert answer() == (True, "SAFE")
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(no_contact(play.now))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    assert answer() == (False, "NO_CONTACT_ASKED")
    play.supervise(ApproveCadence(at=play.now, approve=False, reason="RISK_HAS_RISEN"))
    assert answer() == (True, "SAFE")


def test_a_signed_off_cadence_is_reviewed_and_a_refusal_brings_contact_back() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    play.until(at(30, 6, 9))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="STILL_HER_WISH"))
    review = open_clock(play.state, ClockType.CADENCE_SIGNOFF_REVIEW)
    assert review is not None and review.due_at > at(27, 7, 9)
    play.supervise(ApproveCadence(at=play.now, approve=False, reason="RISK_HAS_RISEN"))
    assert play.state.cadence_plan is CadencePlan.DEFAULT_BY_RISK
    clock = open_clock(play.state, ClockType.CONTACT_CADENCE)
    assert clock is not None and clock.started_at == play.now and clock.breached_at is None
    assert open_clock(play.state, ClockType.CADENCE_SIGNOFF_REVIEW) is None


def test_a_dormant_case_has_no_contact_clock_until_a_new_incident_reopens_it() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(no_contact(play.now))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    play.until(at(1, 9, 9))
    assert not [
        e
        for e in play.events("clock:breached")
        if e.data["clock"]["clock_type"] in ("FIRST_CONTACT", "CONTACT_CADENCE")
    ]
    play.tell(
        ReportArrived(
            message_id="r2",
            report=a_report(play.now, incident_ref="46/2/27"),
            received_at=play.now,
            grade=RiskGrade.HIGH,
        )
    )
    assert play.state.state is CaseState.REOPENED
    assert open_clock(play.state, ClockType.CONTACT_CADENCE) is not None
    assert play.state.risk_grade is RiskGrade.HIGH


def test_a_pause_stops_the_clock_and_ends_by_itself() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    before = open_clock(play.state, ClockType.FIRST_CONTACT)
    assert before is not None
    play.do(
        PauseContact(at=play.now, until=at(9, 6, 9), owner=SERGEANT, reason="VICTIM_IN_HOSPITAL")
    )
    play.until(at(9, 6, 12))
    after = open_clock(play.state, ClockType.FIRST_CONTACT)
    assert after is not None
    assert after.due_at - before.due_at == timedelta(days=2)
    assert not [e for e in play.events("clock:breached") if FIRST in str(e.data)]
    with pytest.raises(Refused, match="NOT_PAUSED"):
        play.do(ResumeContact(at=play.now))


def test_reassigning_moves_every_obligation() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.supervise(Reassign(at=play.now, dalo_id=OTHER_DALO, reason="LEAVE"))
    owners = {clock.owner for clock in play.state.clocks.values()}
    assert OTHER_DALO in owners and "PC 5001" not in owners
    with pytest.raises(Refused, match="NOT_YOUR_CASE"):
        play.do(call(play.now, ContactResult.NO_ANSWER))


def test_a_waiting_case_has_a_clock_that_ends_with_allocation() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.wait()
    clock = open_clock(play.state, ClockType.WAITLIST_REVIEW)
    assert clock is not None and clock.due_at == at(8, 6, 9)
    play.until(at(8, 6, 10))
    assert any(task.subject == clock.clock_id for task in play.state.tasks.values())
    play.allocate()
    assert open_clock(play.state, ClockType.WAITLIST_REVIEW) is None
    assert not play.state.tasks


def test_a_defaulted_grade_waits_for_a_supervisor() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM, pending=True)
    play.allocate()
    review = open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW)
    assert review is not None and review.due_at == at(8, 6, 23, 59).replace(second=59)
    play.supervise(Regrade(at=play.now, grade=RiskGrade.MEDIUM, reason="REVIEWED"))
    assert open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW) is None


def test_needs_are_assessed_in_every_domain_and_actions_have_clocks() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    with pytest.raises(Refused, match="NO_CONTACT_YET"):
        play.do(CompleteNeedsAssessment(at=play.now, needs=all_needs()))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    with pytest.raises(Refused, match="NEED_DOMAINS"):
        play.do(CompleteNeedsAssessment(at=play.now, needs=all_needs()[1:]))
    action = NeedActionEntry(
        domain=NeedDomain.HOUSING, action="LOCK_CHANGE", owner="PC 5001", due_at=at(10, 6, 17)
    )
    play.do(CompleteNeedsAssessment(at=play.now, needs=all_needs(), actions=(action,)))
    play.until(at(10, 6, 18))
    assert play.events("clock:breached")[-1].data["clock"]["subject"] == "ACT-001"
    with pytest.raises(Refused, match="UNKNOWN_ACTION"):
        play.do(CompleteNeedAction(at=play.now, action_id="ACT-009"))
    play.do(CompleteNeedAction(at=play.now, action_id="ACT-001"))
    assert play.state.actions == {}


def test_closure_names_every_blocker() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.do(call(play.now, ContactResult.WRONG_PERSON))
    play.do(AskClosure(at=play.now, reason=ClosureReason.RISK_REDUCED))
    with pytest.raises(Refused, match="CLOSURE_BLOCKED") as refused:
        play.supervise(CloseCase(at=play.now, reason=ClosureReason.RISK_REDUCED))
    assert "WRONG_PERSON" in refused.value.message
    assert "victim has not been told" in refused.value.message


@pytest.mark.parametrize(
    ("when", "code"), [(at(9, 6, 9), "IN_FUTURE"), (at(1, 6, 9), "BEFORE_CASE")]
)
def test_impossible_times_are_refused(when: datetime, code: str) -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    with pytest.raises(Refused, match=code):
        play.do(call(when, ContactResult.NO_ANSWER))


def test_a_wrong_step_of_the_ladder_is_refused() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    with pytest.raises(Refused, match="NO_STEP_OPEN"):
        play.supervise(RecordLadderStep(at=play.now, step="L3", outcome="RISK_RELOOKED"))
    play.until(play.now + timedelta(days=3, hours=1))
    assert play.state.ladder_step is LadderStep.L1
    with pytest.raises(Refused, match="NOT_THIS_STEP"):
        play.supervise(RecordLadderStep(at=play.now, step="L3", outcome="RISK_RELOOKED"))


def test_a_review_meets_its_clock_and_starts_the_next() -> None:
    play = Play(at(7, 6, 9), RiskGrade.MEDIUM)
    play.allocate()
    play.until(at(1, 7, 9))
    play.supervise(ReviewCase(at=play.now))
    clock = open_clock(play.state, ClockType.CASE_REVIEW)
    assert clock is not None and clock.due_at == at(29, 7, 23, 59).replace(second=59)
