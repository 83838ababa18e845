"""Hearings: fixed, moved, vacated, heard; contact before and after (docs/domain.md 4.3, 9.2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from models.commands import NotificationOptOut, RecordCourtEvent, RecordWishes, SettleContactAtEvent
from models.enums import ClockType, ContactResult
from models.enums.victims_code import CourtEvent
from models.instants import show
from models.messages import CourtDated
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import Play as CasePlay
from tests.models.play_incident import OIC, Play
from tests.models.telling_steps import WITNESS_CARE, played, telling
from tests.models.test_victims_code_offers import refused
from tests.models.test_wishes import calls, kinds, reached, silent

# --- the incident -----------------------------------------------------------------------------


def fixed(day: date = date(2027, 4, 20)) -> Play:
    play = played()
    play.to(at("2027-03-26 10:00"))
    court(play, court_day=day)
    return play


def court(play: Play, **changes: Any) -> tuple[str, ...]:
    facts = {"at": play.now, "event": "COURT_DATE", **changes}
    return play.do(RecordCourtEvent.model_validate(facts), WITNESS_CARE)


def owed(play: Play) -> list[str]:
    return [each.event_kind for each in play.state.code.owed.values()]


def to_case(play: Play) -> list[dict[str, Any]]:
    return [e.payload for e in play.state.effects if e.payload.get("kind") == "court-dated"]


def test_a_hearing_that_is_fixed_is_told_to_the_case_and_its_result_asked_for() -> None:
    play = fixed()
    assert list(play.state.code.hearings) == ["HRG-001"]
    (message,) = to_case(play)
    assert (message["hearing_id"], message["court_day"]) == ("HRG-001", "2027-04-20")
    clock = open_clock(play.state, ClockType.COURT_RESULT, "HRG-001")
    assert clock is not None
    assert (clock.owner, show(clock.due_at)) == (OIC, "Wed 21 Apr 2027 23:59")
    play.to(at("2027-04-20 16:00"))
    court(play, event="COURT_OUTCOME", result="GUILTY")
    assert play.state.code.hearings == {}
    assert open_clock(play.state, ClockType.COURT_RESULT) is None
    assert to_case(play)[-1]["result"] == "GUILTY"


def test_a_hearing_without_a_result_is_somebodys_to_answer_for() -> None:
    play = fixed()
    play.to(at("2027-04-22 09:00"))
    assert any(task.subject.startswith("COURT_RESULT") for task in play.state.tasks.values())


def test_a_hearing_moved_before_its_day_was_told_is_told_once() -> None:
    play = fixed()
    notification, hearing = court(play, hearing_id="HRG-001", court_day=date(2027, 5, 4))
    assert hearing == "HRG-001"
    assert list(play.state.code.owed) == [notification]
    clock = open_clock(play.state, ClockType.COURT_RESULT, "HRG-001")
    assert clock is not None and show(clock.due_at) == "Wed 5 May 2027 23:59"


def test_a_hearing_vacated_is_news_only_to_a_victim_who_knew_its_day() -> None:
    play = fixed()
    court(play, event="COURT_DATE_VACATED", hearing_id="HRG-001")
    assert owed(play) == []
    known = fixed()
    known.do(telling(known.now))
    court(known, event="COURT_DATE_VACATED", hearing_id="HRG-001")
    assert owed(known) == ["COURT_DATE_VACATED"]
    assert known.state.code.hearings == {}
    assert open_clock(known.state, ClockType.COURT_RESULT) is None


def test_only_a_hearing_that_waits_is_moved_or_vacated_and_to_another_day() -> None:
    play = fixed()
    for changes, code in (
        ({"hearing_id": "HRG-009", "court_day": date(2027, 5, 4)}, "UNKNOWN_HEARING"),
        ({"event": "COURT_DATE_VACATED"}, "UNKNOWN_HEARING"),
        ({"hearing_id": "HRG-001", "court_day": date(2027, 4, 20)}, "SAME_COURT_DAY"),
    ):
        facts = {"at": play.now, "event": "COURT_DATE", **changes}
        refused(play, RecordCourtEvent.model_validate(facts), code)


# --- the case ---------------------------------------------------------------------------------


def dated(play: CasePlay, event: CourtEvent = CourtEvent.COURT_DATE, **more: Any) -> None:
    facts = {
        "message_id": f"c{play.state.next_seq}:{event}",
        "incident_ref": "46/1/27",
        "hearing_id": "HRG-001",
        "event": event,
        "at": play.now,
        **more,
    }
    play.tell(CourtDated.model_validate(facts))


def waiting(play: CasePlay) -> set[str]:
    return {t.subject for t in play.state.tasks.values() if t.kind == "CONTACT_AT_EVENT"}


BEFORE = "46/1/27:HRG-001:BEFORE_COURT"


def in_court(day: str = "2027-06-01") -> CasePlay:
    """A victim reached in May 2027; a bank holiday, 31 May, comes before the hearing."""
    play = reached()
    dated(play, court_day=day)
    return play


def court_clock(play: CasePlay) -> str:
    clock = open_clock(play.state, ClockType.COURT_CONTACT)
    return show(clock.due_at) if clock else ""


def test_contact_is_due_on_the_working_day_before_a_hearing() -> None:
    play = in_court()
    assert court_clock(play) == "Fri 28 May 2027 23:59"
    assert waiting(play) == set()
    play.until(at("2027-05-28 09:00"))
    assert waiting(play) == {BEFORE}
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY).model_copy(update=OVERRIDE))
    assert waiting(play) == set()
    assert court_clock(play) == ""
    assert [e for e in play.events("clock:met") if e.data["clock"]["subject"] == BEFORE]


OVERRIDE = {"safety_override": "SUPERVISOR_AUTHORISED"}


def test_contact_before_a_hearing_that_never_came_is_a_breach() -> None:
    play = in_court()
    play.until(at("2027-05-29 00:00"))
    assert any(task.subject.startswith("COURT_CONTACT") for task in play.state.tasks.values())


def test_the_officer_may_say_that_no_contact_before_the_hearing_is_needed() -> None:
    play = in_court()
    play.until(at("2027-05-28 09:00"))
    play.do(SettleContactAtEvent(at=play.now, subject=BEFORE, reason="TOLD_WITH_NOTICE"))
    assert court_clock(play) == ""


def test_a_hearing_moved_or_vacated_moves_or_ends_what_is_due_before_it() -> None:
    play = in_court()
    play.until(at("2027-05-28 09:00"))
    dated(play, court_day="2027-06-10")
    assert waiting(play) == set()
    assert court_clock(play) == "Wed 9 Jun 2027 23:59"
    dated(play, CourtEvent.COURT_DATE_VACATED)
    assert court_clock(play) == ""
    assert play.state.asked.hearings == {}


def test_what_the_court_decided_calls_for_contact() -> None:
    play = in_court()
    play.until(at("2027-06-01 15:00"))
    dated(play, CourtEvent.COURT_OUTCOME, hearing_id="", result="GUILTY")
    assert waiting(play) == {"46/1/27:COURT_OUTCOME"}
    assert court_clock(play) == ""
    assert play.state.asked.hearings == {}


def test_who_opted_out_is_not_called_about_court_until_they_ask_again() -> None:
    play = in_court()
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    assert court_clock(play) == ""
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.NONE))
    assert court_clock(play) != ""


def test_of_one_who_asked_for_no_contact_only_a_bail_result_is_an_event_of_safety() -> None:
    play = silent()
    play.until(play.now + timedelta(hours=1))
    dated(play, court_day="2027-06-01")
    dated(play, CourtEvent.COURT_OUTCOME, result="GUILTY")
    assert "CONTACT_AT_EVENT" not in kinds(play)
    assert court_clock(play) == ""
    dated(play, CourtEvent.COURT_BAIL_RESULT, result="BAIL_GRANTED")
    assert waiting(play) == {"46/1/27:COURT_BAIL_RESULT"}
