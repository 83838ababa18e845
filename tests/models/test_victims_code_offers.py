"""Support, written confirmation, personal statement, special measures, decisions, court."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models.base import Refused
from models.commands import (
    ConfirmInWriting,
    Grant,
    NotificationOptOut,
    RecordCourtEvent,
    RecordDecisionTold,
    RecordSpecialMeasures,
    RecordVps,
    ReferSupport,
    RequestReview,
)
from models.enums import Channel, ClockType, EvidenceCode, EvidenceStatus, Role
from models.incident.suspect.keeping import notify
from models.instants import show
from models.messages import WishesChanged
from models.report import Report
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play_incident import (
    MY_GRANT,
    OIC,
    REPORTED,
    Play,
    arrived,
    ended_clock,
    report,
)

WITNESS_CARE = Grant(actor="WCU 1", role=Role.WITNESS_CARE, access_log_id="4")
STRANGER = Grant(actor="PC 9999", role=Role.DALO, access_log_id="5")
NEXT_DAY = at("2027-03-26 10:00")


def played(**facts: Any) -> Play:
    given: Report = report(REPORTED, **{"oic_id": OIC, "perpetrator_ref": "PER-0001", **facts})
    return Play(given).to(NEXT_DAY)


def happens(play: Play, kind: str, when: datetime) -> None:
    notify(play.state, kind, when)
    play.settle()


def support(**changes: Any) -> ReferSupport:
    facts = {
        "at": NEXT_DAY,
        "outcome": "SENT",
        "service": "VICTIM_SUPPORT",
        "consent_status": "GIVEN",
        "disclosure_basis": "CONSENT_PRACTICE",
    }
    return ReferSupport.model_validate(facts | changes)


def confirmation(**changes: Any) -> ConfirmInWriting:
    facts = {
        "at": NEXT_DAY,
        "outcome": "GIVEN",
        "channel": "IN_PERSON",
        "update_channel": "CALL",
        "update_frequency": "WEEKLY",
        "decision_code": "SAFE",
    }
    return ConfirmInWriting.model_validate(facts | changes)


def vps(**changes: Any) -> RecordVps:
    facts = {"at": NEXT_DAY, "status": "TAKEN", "read_by": "PROSECUTOR"}
    return RecordVps.model_validate(facts | changes)


def measures(**changes: Any) -> RecordSpecialMeasures:
    facts = {"at": NEXT_DAY, "outcome": "ASKED_FOR", "measures": ("SCREENS", "LIVE_LINK")}
    return RecordSpecialMeasures.model_validate(facts | changes)


def decision(**changes: Any) -> RecordDecisionTold:
    facts = {
        "at": NEXT_DAY,
        "decision": "NO_CHARGE",
        "decided_by": "CPS",
        "decided_at": at("2027-03-26 09:00"),
        "reasons_given": True,
        "channel": "CALL",
        "decision_code": "SAFE",
    }
    return RecordDecisionTold.model_validate(facts | changes)


def court(**changes: Any) -> RecordCourtEvent:
    facts = {"at": NEXT_DAY, "event": "COURT_DATE", "court_day": date(2027, 4, 20)}
    return RecordCourtEvent.model_validate(facts | changes)


def refused(play: Play, command: Any, code: str, grant: Grant = MY_GRANT) -> None:
    before = play.state.next_seq
    with pytest.raises(Refused) as caught:
        play.do(command, grant)
    assert caught.value.code == code
    assert caught.value.remedy
    assert play.state.next_seq == before


def task_kinds(play: Play) -> set[str]:
    return {task.kind for task in play.state.tasks.values()}


# --- support ----------------------------------------------------------------------------------


def test_support_is_due_in_two_working_days_and_sending_meets_it() -> None:
    play = played()
    play.do(support())
    clock = ended_clock(play, "clock:met", ClockType.SUPPORT_REFERRAL)
    assert show(clock.due_at) == "Wed 31 Mar 2027 23:59"
    assert clock.ended_at == NEXT_DAY
    (event,) = play.events("support:referred")
    assert (event.data["consent_status"], event.data["disclosure_basis"]) == (
        "GIVEN",
        "CONSENT_PRACTICE",
    )
    assert open_clock(play.state, ClockType.SUPPORT_REFERRAL) is None


def test_a_declined_referral_may_be_sent_when_she_changes_her_mind() -> None:
    play = played()
    play.do(support(outcome="DECLINED", service="", consent_status="REFUSED"))
    assert open_clock(play.state, ClockType.SUPPORT_REFERRAL) is None
    play.do(support())
    assert play.state.code.services == ("VICTIM_SUPPORT",)


def test_a_corrected_time_of_report_starts_the_clock_again() -> None:
    play = played()
    earlier = REPORTED - timedelta(days=1)
    given = report(earlier, version=2, oic_id=OIC)
    play.tell(arrived(given, play.now))
    clock = open_clock(play.state, ClockType.SUPPORT_REFERRAL)
    assert clock is not None
    assert show(clock.due_at) == "Tue 30 Mar 2027 23:59"
    old = ended_clock(play, "clock:cancelled", ClockType.SUPPORT_REFERRAL)
    assert old.reason == "START_CORRECTED"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("DECLINED_NOT_SAID", {"outcome": "DECLINED", "consent_status": "NOT_ASKED_UNSAFE"}),
        ("SERVICE_MISSING", {"service": ""}),
        ("BASIS_MISSING", {"disclosure_basis": None}),
        ("CONSENT_NOT_GIVEN", {"consent_status": "REFUSED"}),
        ("IN_FUTURE", {"at": NEXT_DAY + timedelta(minutes=1)}),
        ("BEFORE_OCCURRENCE", {"at": REPORTED - timedelta(hours=1)}),
    ],
)
def test_refusals_of_a_support_referral(code: str, changes: dict[str, Any]) -> None:
    refused(played(), support(**changes), code)


def test_one_service_is_referred_to_once_and_by_whom_it_concerns() -> None:
    play = played()
    refused(play, support(), "NOT_YOUR_INCIDENT", STRANGER)
    play.do(support())
    refused(play, support(), "ALREADY_REFERRED")
    play.do(support(service="LOCAL_DA_SERVICE", disclosure_basis="SERIOUS_HARM_HIGH_RISK"))


# --- written confirmation ---------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["GIVEN", "DECLINED", "NOT_SAFE_IN_WRITING"])
def test_any_answer_on_the_confirmation_settles_its_task(outcome: str) -> None:
    play = played()
    assert "CONFIRM_IN_WRITING" in task_kinds(play)
    play.do(confirmation(outcome=outcome))
    assert "CONFIRM_IN_WRITING" not in task_kinds(play)
    assert play.state.code.update_channel is Channel.CALL


def test_a_confirmation_left_unsafely_is_looked_at_by_the_supervisor() -> None:
    play = played()
    codes = play.do(confirmation(channel="LETTER", decision_code="LETTERS_NOT_ALLOWED"))
    assert codes == ("UNSAFE_NOTIFICATION",)
    assert "UNSAFE_NOTIFICATION" in task_kinds(play)
    play = played()
    play.do(confirmation(outcome="DECLINED", channel=None, decision_code=""))
    assert "UNSAFE_NOTIFICATION" not in task_kinds(play)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("CHANNEL_MISSING", {"channel": None}),
        ("UPDATES_NOT_AGREED", {"update_frequency": None}),
        ("UPDATES_NOT_AGREED", {"update_channel": None}),
        ("UNKNOWN_OVERRIDE", {"safety_override": "BECAUSE"}),
        ("IN_FUTURE", {"at": NEXT_DAY + timedelta(minutes=1)}),
    ],
)
def test_refusals_of_a_confirmation(code: str, changes: dict[str, Any]) -> None:
    refused(played(), confirmation(**changes), code)


# --- statement and measures -------------------------------------------------------------------


@pytest.mark.parametrize("status", ["OFFERED", "TAKEN", "DECLINED"])
def test_an_offered_statement_settles_its_item_whatever_she_answers(status: str) -> None:
    play = played()
    play.do(vps(status=status))
    item = play.state.items[EvidenceCode.VPS_OFFERED]
    assert item.status is EvidenceStatus.CAPTURED
    assert item.captured_at == NEXT_DAY


def test_a_statement_once_taken_stands_and_a_further_one_may_be_added() -> None:
    play = played()
    refused(play, vps(read_by=None), "READER_MISSING")
    play.do(vps())
    refused(play, vps(status="DECLINED"), "VPS_TAKEN")
    play.do(vps(read_by="VICTIM"))
    assert [e.data["further"] for e in play.events("vps:taken")] == [False, True]


def test_measures_are_asked_about_at_charge_and_eligibility_is_automatic() -> None:
    play = played()
    assert "ASK_SPECIAL_MEASURES" not in task_kinds(play)
    happens(play, "CHARGED", NEXT_DAY)
    assert "ASK_SPECIAL_MEASURES" in task_kinds(play)
    play.do(measures(), WITNESS_CARE)
    assert "ASK_SPECIAL_MEASURES" not in task_kinds(play)
    (event,) = play.events("special_measures:recorded")
    assert event.data["eligible_as"] == "INTIMIDATED_AUTOMATICALLY"


@pytest.mark.parametrize(
    "changes",
    [
        {"measures": ()},
        {"measures": ("SCREENS", "SCREENS")},
        {"outcome": "NONE_WANTED"},
    ],
)
def test_measures_are_named_once_and_only_where_wanted(changes: dict[str, Any]) -> None:
    refused(played(), measures(**changes), "MEASURES")


def test_without_a_crime_there_are_no_proceedings() -> None:
    play = played(recording_type="NON_CRIME_DA")
    for command in (vps(), measures(), court()):
        refused(play, command, "NOT_A_CRIME")


def test_a_charge_is_a_crime_though_the_report_still_says_otherwise() -> None:
    play = played(recording_type="NON_CRIME_DA")
    happens(play, "CHARGED", at("2027-03-26 17:00"))
    assert "ASK_SPECIAL_MEASURES" in task_kinds(play)
    for command in (vps(), measures(), court()):
        play.do(command, WITNESS_CARE)
    assert "ASK_SPECIAL_MEASURES" not in task_kinds(play)


# --- decisions and reviews --------------------------------------------------------------------


def test_a_decision_told_begins_three_months_in_which_a_review_may_be_asked() -> None:
    play = played()
    happens(play, "NO_CHARGE", at("2027-03-26 09:00"))
    play.do(decision())
    assert play.state.code.owed == {}
    clock = open_clock(play.state, ClockType.RIGHT_TO_REVIEW)
    assert clock is not None
    assert show(clock.due_at) == "Sat 26 Jun 2027 23:59"
    (event,) = play.events("code:decision:told")
    # Ten working days from Good Friday, Easter Monday left out.
    assert event.data["review_best_asked_by"] == "2027-04-12"
    play.to(at("2027-04-01 10:00")).do(RequestReview(at=play.now))
    assert open_clock(play.state, ClockType.RIGHT_TO_REVIEW) is None
    assert ("ARRANGE_REVIEW", OIC) in play.open_tasks()
    play.do(decision(at=play.now, decided_at=None))
    assert "ARRANGE_REVIEW" not in task_kinds(play)


def test_a_decision_that_nothing_announced_is_a_notification_of_its_own() -> None:
    play = played()
    play.do(decision(decision="NOT_INVESTIGATED", decided_by="POLICE"))
    (due,) = play.events("notification:due")
    assert due.data["event_at"] == at("2027-03-26 09:00").isoformat()
    assert len(play.events("notification:told")) == 1
    assert play.events("code:decision:told")[0].data["review_best_asked_by"] == ""


def test_the_period_lapses_without_anybody_failing() -> None:
    play = played()
    play.do(decision())
    play.to(at("2027-05-29 23:59:59"))
    assert "REVIEW_PERIOD_ENDS" in task_kinds(play)
    play.to(at("2027-06-27 09:00"))
    clock = ended_clock(play, "clock:cancelled", ClockType.RIGHT_TO_REVIEW)
    assert clock.reason == "PERIOD_OVER"
    assert "REVIEW_PERIOD_ENDS" not in task_kinds(play)
    assert not [t for t in play.state.tasks.values() if "RIGHT_TO_REVIEW" in t.subject]
    refused(play, RequestReview(at=play.now), "NO_REVIEW_PERIOD")


def test_an_out_of_court_disposal_opens_no_review() -> None:
    play = played()
    play.do(decision(decision="OUT_OF_COURT_DISPOSAL", decided_by="POLICE"))
    assert open_clock(play.state, ClockType.RIGHT_TO_REVIEW) is None
    refused(play, RequestReview(at=play.now), "NO_REVIEW_PERIOD")


def test_without_a_suspect_there_is_no_right_to_review() -> None:
    play = played(perpetrator_ref="")
    play.do(decision(decision="NOT_INVESTIGATED", decided_by="POLICE"))
    assert open_clock(play.state, ClockType.RIGHT_TO_REVIEW) is None
    refused(play, RequestReview(at=play.now), "SUSPECT_NOT_IDENTIFIED")


def test_a_review_follows_the_decision() -> None:
    play = played()
    play.do(decision())
    refused(play, RequestReview(at=at("2027-03-26 09:30")), "BEFORE_EVENT")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("REASONS_OWED", {"reasons_given": False}),
        ("BEFORE_EVENT", {"decided_at": NEXT_DAY + timedelta(hours=1)}),
        ("BEFORE_OCCURRENCE", {"decided_at": REPORTED - timedelta(hours=1)}),
        ("UNKNOWN_OVERRIDE", {"safety_override": "BECAUSE"}),
        ("IN_FUTURE", {"at": NEXT_DAY + timedelta(minutes=1)}),
    ],
)
def test_refusals_of_a_decision_told(code: str, changes: dict[str, Any]) -> None:
    refused(played(), decision(**changes), code)


# --- court ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"event": "COURT_OUTCOME", "court_day": None, "result": "GUILTY"},
        {"event": "COURT_BAIL_RESULT", "court_day": None, "result": "BAIL_GRANTED"},
    ],
)
def test_news_from_court_is_told_in_one_working_day_of_receiving_it(
    changes: dict[str, Any],
) -> None:
    play = played()
    notification = play.do(court(**changes), WITNESS_CARE)[0]
    clock = open_clock(play.state, ClockType.VICTIM_NOTIFICATION, notification)
    assert clock is not None
    assert show(clock.due_at) == "Tue 30 Mar 2027 23:59"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("COURT_DAY_MISSING", {"court_day": None}),
        ("COURT_DAY_PAST", {"court_day": date(2027, 3, 25)}),
        ("RESULT_MISSING", {"event": "COURT_OUTCOME"}),
        ("IN_FUTURE", {"at": NEXT_DAY + timedelta(minutes=1)}),
    ],
)
def test_refusals_of_a_court_event(code: str, changes: dict[str, Any]) -> None:
    refused(played(), court(**changes), code)


def test_a_court_bail_result_is_told_to_who_wants_releases_only() -> None:
    play = played()
    play.tell(
        WishesChanged(
            message_id="w",
            at=NEXT_DAY,
            notification_opt_out=NotificationOptOut.ALL_EXCEPT_RELEASE,
            frozen=False,
        )
    )
    play.do(court(), WITNESS_CARE)
    assert play.state.code.owed == {}
    play.do(court(event="COURT_BAIL_RESULT", court_day=None, result="BAIL_GRANTED"), WITNESS_CARE)
    assert [o.event_kind for o in play.state.code.owed.values()] == ["COURT_BAIL_RESULT"]
