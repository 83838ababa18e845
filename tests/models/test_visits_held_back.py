"""What a visit does where contact is held back, or only one approach is allowed (docs/domain.md 7,
9.4)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from models.case import contact
from models.case.visits import rules
from models.commands import (
    ApproveCadence,
    RecordLadderStep,
    RecordPrimaryAggressor,
    RecordThreatToLife,
    ReviewThreatToLife,
    ReviewVisit,
    SetSafeContactPlan,
)
from models.enums import (
    Aggressor,
    Channel,
    ClockType,
    ContactResult,
    RiskGrade,
    Role,
    VisitOutcome,
    VisitRule,
)
from models.messages import ReportArrived
from models.safe_contact import DoNotContact
from models.stream import open_clock
from tests.models.play import SERGEANT, Play, a_report
from tests.models.test_case_contact import a_plan, at, call
from tests.models.test_visits import (
    EVENING,
    a_case,
    authorised,
    authority,
    closing,
    kinds,
    refusal,
    selected,
    visit,
)
from tests.models.wished import no_contact

VISIT_CLOCKS = (ClockType.HHV_AUTHORISE, ClockType.HHV_DUE, ClockType.HHV_REATTEMPT)


def asked_for_none(play: Play) -> None:
    """The victim is reached and asks for no contact."""
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(no_contact(play.now))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))


def threat(play: Play) -> None:
    play.do(
        RecordThreatToLife(
            at=play.now,
            warned="VIC-0001",
            warned_by="PC 5001",
            authorised_by=SERGEANT,
            note_ref="n",
        )
    )


def new_report(play: Play, **more: object) -> None:
    play.tell(
        ReportArrived.model_validate(
            {
                "message_id": f"r:{play.now}",
                "report": a_report(play.now, incident_ref="46/2/27"),
                "received_at": play.now,
                "grade": RiskGrade.MEDIUM,
                **more,
            }
        )
    )


def safe_to_call(play: Play) -> str:
    found = contact.safe_now(play.state, Channel.CALL, "mobile", play.now, play.calendar)
    return found.reason_code


def approached(outcome: VisitOutcome, **more: object) -> Play:
    """No contact was asked for, a new incident allows one safe approach, and it is this visit."""
    play = a_case(a_plan(time(9), time(22), at(10, 5, 9)))
    asked_for_none(play)
    play.until(at(10, 5, 12))
    new_report(play)
    assert safe_to_call(play) == "SAFE"
    play.supervise(authority(selected(play), *EVENING))
    play.until(at(10, 5, 18, 30))
    assert play.do(visit(play, outcome, **more)) == ()
    return play


def test_an_authorised_visit_ends_when_no_contact_is_asked_for() -> None:
    play = authorised(a_case())
    asked_for_none(play)
    assert play.state.visits.visit is None
    assert play.events("visit:ended")[-1].data["state"] == "NO_CONTACT_ASKED"
    assert all(open_clock(play.state, kind) is None for kind in VISIT_CLOCKS)
    assert "VISIT" not in kinds(play)


def test_an_authorised_visit_goes_on_while_a_threat_to_life_stands_and_ends_with_it() -> None:
    play = authorised(a_case())
    threat(play)
    asked_for_none(play)
    assert play.state.visits.visit is not None
    play.supervise(
        ReviewThreatToLife(at=play.now, threat_id="TTL-001", stands="ENDED", reason="MOVED")
    )
    assert play.state.visits.visit is None


def test_a_visit_while_contact_is_held_back_says_so() -> None:
    play = authorised(a_case())
    threat(play)
    asked_for_none(play)
    play.until(at(10, 5, 18, 30))
    assert play.do(visit(play, VisitOutcome.NO_REPLY)) == ()
    late = selected(a_case(), VisitRule.FORUM_ACTION)
    asked_for_none(late)
    codes = late.do(visit(late, VisitOutcome.NO_REPLY))
    assert set(codes) == {
        "UNSAFE_VISIT",
        "NOT_AUTHORISED",
        "NO_CONTACT_ASKED",
        "OUTSIDE_SAFE_WINDOW",
    }


@pytest.mark.parametrize(
    "outcome",
    [VisitOutcome.NO_REPLY, VisitOutcome.SEEN_NOT_ALONE, VisitOutcome.ABORTED_UNSAFE],
)
def test_a_visit_that_failed_was_the_one_approach(outcome: VisitOutcome) -> None:
    play = approached(outcome)
    assert play.state.asked.approach == "USED"
    assert safe_to_call(play) == "WISHES_NOT_RENEWED"
    assert len(play.events("contact:approach:made")) == 1
    assert "APPROACH_MADE" in kinds(play)
    assert play.state.visits.visit is None
    assert play.events("visit:ended")[-1].data["state"] == "WISHES_NOT_RENEWED"
    assert all(open_clock(play.state, kind) is None for kind in VISIT_CLOCKS)


def test_concern_for_life_outlives_the_visit_until_a_supervisor_has_looked() -> None:
    play = approached(VisitOutcome.NO_REPLY, life_concern=True)
    (task,) = (t for t in play.state.tasks.values() if t.kind == "CONCERN_FOR_LIFE")
    assert task.owner == SERGEANT
    assert any("CONCERN_FOR_LIFE" in named for named in rules.blockers(play.state, closing(play)))
    play.supervise(ReviewVisit(at=play.now, decision="NOTED", reason="SEEN_BY_PATROL"))
    assert "CONCERN_FOR_LIFE" not in kinds(play)
    again = approached(VisitOutcome.NO_REPLY, life_concern=True)
    threat(again)
    assert "CONCERN_FOR_LIFE" not in kinds(again)


def test_a_counter_allegation_takes_the_authority_and_leaves_the_clock() -> None:
    play = authorised(a_case())
    new_report(play, counter_allegation=("46/9/27",))
    held = play.state.visits.visit
    assert held is not None
    assert held.state == "SELECTED"
    assert "VISIT" not in kinds(play)
    assert "AUTHORISE_VISIT" in kinds(play)
    assert open_clock(play.state, ClockType.HHV_DUE) is not None
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    again = authority(play, *EVENING)
    assert refusal(play, again, **sergeant) == "PRIMARY_AGGRESSOR_REVIEW"
    play.supervise(
        RecordPrimaryAggressor(
            at=play.now, incident_ref="46/2/27", aggressor=Aggressor.SUSPECT, reason="HISTORY"
        )
    )
    play.supervise(again)
    assert "AUTHORISE_VISIT" not in kinds(play)
    assert "VISIT" in kinds(play)


def test_nobody_is_sent_to_the_door_by_the_ladder_before_the_primary_aggressor_is_known() -> None:
    play = a_case()
    for minutes in (60, 120, 180):
        play.until(at(10, 5, 10) + timedelta(minutes=minutes))
        route = "mobile" if minutes < 180 else "work"
        play.do(call(play.now, ContactResult.NO_ANSWER, route))
    assert play.state.ladder_step == "L3"
    new_report(play, counter_allegation=("46/9/27",))
    sent = RecordLadderStep(at=play.now, step="L3", outcome="WELFARE_CHECK_AUTHORISED")
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    assert refusal(play, sent, **sergeant) == "PRIMARY_AGGRESSOR_REVIEW"
    threat(play)
    play.supervise(sent)
    assert play.state.ladder_step == "L4"


def test_a_time_to_avoid_that_becomes_known_takes_the_authority() -> None:
    play = authorised(a_case())
    assert play.state.plan is not None
    barred = DoNotContact(weekdays=(0,), opens=time(19), closes=time(21))
    plan = play.state.plan.model_copy(update={"do_not_contact": (barred,)})
    play.do(SetSafeContactPlan(at=play.now, plan=plan))
    held = play.state.visits.visit
    assert held is not None and held.state == "SELECTED"
    assert play.events("visit:authority:withdrawn")[-1].data["reason"] == "DO_NOT_CONTACT"
    assert open_clock(play.state, ClockType.HHV_DUE) is not None
    play.supervise(authority(play, at(10, 5, 17), at(10, 5, 18)))
    assert play.state.visits.visit is not None
    assert play.state.visits.visit.state == "AUTHORISED"


def test_an_authority_holds_for_its_time_and_no_longer() -> None:
    play = authorised(a_case())
    narrower = a_plan(time(10), time(11), play.now)
    play.do(SetSafeContactPlan(at=play.now, plan=narrower))
    play.until(at(10, 5, 18, 30))
    assert play.do(visit(play, VisitOutcome.NO_REPLY)) == ()
    play.until(at(10, 5, 20, 30))
    codes = play.do(visit(play, VisitOutcome.NO_REPLY))
    assert {"OUTSIDE_AUTHORITY", "OUTSIDE_SAFE_WINDOW"} <= set(codes)
