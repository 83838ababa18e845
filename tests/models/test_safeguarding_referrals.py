"""Children's social care and adults at risk: in time, without asking for consent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.commands import (
    EndPoliceProtection,
    NotificationOptOut,
    SendCareActConcern,
    SkipCareActConcern,
    SkipChildReferral,
)
from models.enums import ClockType, RiskGrade, SafetyMeasure
from models.enums.safeguarding import (
    ChildGround,
    NoCareActConcern,
    NoChildReferral,
    ProtectionEnd,
)
from models.incident.safeguarding.state import Duty
from models.instants import show
from models.messages import MeasureAgreed, WishesChanged
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play_incident import (
    DALO,
    REPORTED,
    SERGEANT,
    Play,
    report,
)
from tests.models.safeguarding_steps import (
    LATER,
    SERGEANT_GRANT,
    care,
    child,
    open_of,
    played,
    referral,
    referral_clock,
    refused,
    schools,
    task_kinds,
    update,
)

# --- children's social care -------------------------------------------------------------------


def test_high_with_a_child_resident_is_referred_within_24_hours() -> None:
    play = played(children_resident=2).to(at("2027-03-25 22:32"))
    assert referral_clock(play) is None
    update(play, RiskGrade.HIGH)
    clock = referral_clock(play)
    assert clock is not None
    assert show(clock.due_at) == "Fri 26 Mar 2027 22:32"
    play.to(LATER).do(referral())
    assert referral_clock(play) is None
    (event,) = play.events("child:referral:made")
    assert event.data["grounds"] == ["HIGH_CHILD_RESIDENT"]
    assert event.data["disclosure_basis"] == "SAFEGUARDING_CHILD"


@pytest.mark.parametrize("age", [16, 17, 18])
def test_a_victim_under_18_is_always_a_child_referral(age: int) -> None:
    play = played(victim_age=age).to(LATER)
    assert (referral_clock(play) is not None) is (age < 18)
    if age < 18:
        skip = SkipChildReferral(at=LATER, reason=NoChildReferral.NO_SUCH_CHILD)
        refused(play, skip, "ALWAYS_REFERRED", SERGEANT_GRANT)
        refused(play, skip, "SUPERVISOR_ONLY")
        partner = SkipChildReferral(at=LATER, reason=NoChildReferral.MADE_BY_PARTNER)
        play.do(partner, SERGEANT_GRANT)
        assert referral_clock(play) is None


@pytest.mark.parametrize("age", ["UNBORN", "UNDER_18_MONTHS"])
def test_an_infant_or_a_pregnancy_is_a_ground_of_its_own(age: str) -> None:
    play = played().to(LATER)
    play.do(child(age=age, schooling="NOT_KNOWN"))
    clock = referral_clock(play)
    assert clock is not None
    assert show(clock.due_at) == "Fri 26 Mar 2027 23:00"
    assert schools(play) == set()


@pytest.mark.parametrize(
    ("repeats", "resident", "owed"), [(1, 1, False), (2, 1, True), (2, 0, False)]
)
def test_several_incidents_in_a_year_count_where_a_child_is_resident(
    repeats: int, resident: int, owed: bool
) -> None:
    play = played(children_resident=resident).to(LATER)
    update(play, RiskGrade.STANDARD, repeats=repeats)
    assert (referral_clock(play) is not None) is owed


def test_medium_with_a_child_present_is_a_notification_only() -> None:
    play = played(children_present=1).to(LATER)
    assert referral_clock(play) is None
    assert ("NOTIFY_CHILD_SERVICES", DALO) in play.open_tasks()
    play.do(referral(referral="NOTIFICATION"))
    assert "NOTIFY_CHILD_SERVICES" not in task_kinds(play)
    # A later ground still calls for the referral.
    update(play, RiskGrade.HIGH, children_resident=1)
    assert referral_clock(play) is not None
    refused(play, referral(referral="NOTIFICATION"), "REFERRAL_OWED")


def test_a_new_ground_reopens_what_a_supervisor_left_undone() -> None:
    play = played(children_resident=1).to(LATER)
    refused(
        play,
        SkipChildReferral(at=LATER, reason=NoChildReferral.NO_SUCH_CHILD),
        "NOT_OWED",
        SERGEANT_GRANT,
    )
    update(play, RiskGrade.HIGH)
    play.do(
        SkipChildReferral(at=LATER, reason=NoChildReferral.CHILD_LIVES_ELSEWHERE), SERGEANT_GRANT
    )
    assert referral_clock(play) is None
    play.do(child(age="UNBORN", schooling="NOT_KNOWN"))
    assert referral_clock(play) is not None


def test_no_second_clock_once_social_care_has_the_referral() -> None:
    play = played(victim_age=17, children_resident=1).to(LATER)
    play.do(referral())
    update(play, RiskGrade.HIGH)
    assert referral_clock(play) is None
    assert {e.data["ground"] for e in play.events("child:ground:found")} == {
        "VICTIM_16_OR_17",
        "HIGH_CHILD_RESIDENT",
    }


def test_neither_wishes_nor_a_freeze_switch_safeguarding_off() -> None:
    play = played(victim_age=17, children_resident=1).to(LATER)
    play.tell(
        WishesChanged(
            message_id="w", at=LATER, notification_opt_out=NotificationOptOut.ALL, frozen=True
        )
    )
    assert referral_clock(play) is not None
    assert schools(play) == {"UNNAMED"}


def test_police_protection_lasts_72_hours_at_most_and_is_referred() -> None:
    play = played(children_resident=1).to(LATER)
    play.do(child())
    protect = {"referral": "POLICE_PROTECTION", "service": "", "reason": "IMMEDIATE_DANGER"}
    refused(play, referral(**protect), "CHILD_MISSING")
    refused(play, referral(**protect, child_ref=("CHD-0009",)), "UNKNOWN_CHILD")
    refused(play, referral(**(protect | {"reason": ""}), child_ref=("CHD-0001",)), "REASON_MISSING")
    play.do(referral(**protect, child_ref=("CHD-0001",)))
    clock = open_of(play, ClockType.POLICE_PROTECTION)["CHD-0001"]
    # 72 hours elapsed, over the night in which clocks go forward.
    assert show(clock.due_at) == "Mon 29 Mar 2027 00:00"
    assert referral_clock(play) is not None
    refused(play, referral(**protect, child_ref=("CHD-0001",)), "ALREADY_PROTECTED")
    end = EndPoliceProtection(at=LATER, child_ref="CHD-0001", outcome=ProtectionEnd.WITH_FAMILY)
    early = end.model_copy(update={"at": LATER - timedelta(minutes=5)})
    refused(play, early, "BEFORE_EVENT")
    play.do(end)
    assert open_of(play, ClockType.POLICE_PROTECTION) == {}
    refused(play, end, "NOT_PROTECTED")


def test_a_referral_names_its_front_door() -> None:
    refused(played().to(LATER), referral(service=""), "SERVICE_MISSING")


def test_a_report_received_late_is_born_late() -> None:
    play = Play(report(REPORTED, victim_age=16), REPORTED + timedelta(days=3))
    clock = referral_clock(play)
    assert clock is not None
    assert clock.late_reason == "RECEIVED_LATE"
    assert ("BREACH", SERGEANT) in play.open_tasks()


# --- adults -----------------------------------------------------------------------------------


def test_an_adult_unable_to_protect_herself_is_a_concern() -> None:
    play = played().to(LATER)
    play.do(care(unable_to_protect=False))
    assert open_clock(play.state, ClockType.CARE_ACT_CONCERN) is None
    assert play.do(care()) == ("CONCERN_OWED",)
    clock = open_clock(play.state, ClockType.CARE_ACT_CONCERN)
    assert clock is not None
    assert show(clock.due_at) == "Fri 26 Mar 2027 23:00"
    play.do(SendCareActConcern(at=LATER, service="MEDWAY_ADULTS"))
    assert open_clock(play.state, ClockType.CARE_ACT_CONCERN) is None
    (sent,) = play.events("care:concern:sent")
    assert sent.data["disclosure_basis"] == "SAFEGUARDING_ADULT"
    assert play.do(care()) == ()


def test_a_concern_is_left_undone_for_a_reason_and_her_own_no_is_a_supervisors_to_accept() -> None:
    play = played().to(LATER)
    not_met = SkipCareActConcern(at=LATER, reason=NoCareActConcern.CRITERIA_NOT_MET)
    refused(play, not_met, "NOT_OWED")
    play.do(care())
    hers = SkipCareActConcern(
        at=LATER, reason=NoCareActConcern.NO_RISK_TO_OTHERS_AND_CAPACITY_TO_DECLINE
    )
    refused(play, hers, "SUPERVISOR_ONLY")
    play.do(hers, SERGEANT_GRANT)
    assert play.state.safeguarding.care is Duty.REASONED
    play.do(care())
    play.do(not_met)
    assert open_clock(play.state, ClockType.CARE_ACT_CONCERN) is None


def test_a_child_is_no_adult_at_risk() -> None:
    refused(played(victim_age=17).to(LATER), care(), "NOT_AN_ADULT")


# --- agreed at a visit ------------------------------------------------------------------------


def agreed(play: Play, measure: SafetyMeasure, number: int = 1) -> None:
    play.tell(
        MeasureAgreed(message_id=f"m{number}", measure=measure, visit_id="VIS-001", at=play.now)
    )


def test_a_child_referral_agreed_at_a_visit_is_due_within_24_hours() -> None:
    play = played().to(LATER)
    agreed(play, SafetyMeasure.CHILD_REFERRAL)
    clock = referral_clock(play)
    assert clock is not None and clock.due_at == LATER + timedelta(hours=24)
    play.do(referral())
    agreed(play, SafetyMeasure.CHILD_REFERRAL, 2)
    assert referral_clock(play) is None, "social care has it already"
    assert play.state.safeguarding.grounds.count(ChildGround.AGREED_AT_VISIT) == 1


def test_a_concern_agreed_at_a_visit_is_owed_of_an_adult() -> None:
    play = played().to(LATER)
    agreed(play, SafetyMeasure.CARE_ACT_CONCERN)
    clock = open_clock(play.state, ClockType.CARE_ACT_CONCERN)
    assert clock is not None and clock.due_at == LATER + timedelta(hours=24)
    young = played(victim_age=17).to(LATER)
    agreed(young, SafetyMeasure.CARE_ACT_CONCERN)
    assert open_clock(young.state, ClockType.CARE_ACT_CONCERN) is None
