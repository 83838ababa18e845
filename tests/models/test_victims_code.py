"""The victim is told in one working day, by a safe route, of what she wants to hear of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from models.base import Refused
from models.commands import (
    Grant,
    NotificationOptOut,
    ReviewTelling,
)
from models.enums import ArrestReason, Channel, ClockType
from models.enums.victims_code import NotificationOutcome
from models.incident.suspect.keeping import notify
from models.instants import london_date, show
from models.messages import CaseClosed, OwnerChanged
from models.stream import open_clock
from tests.models.conftest import at, instants
from tests.models.play_incident import (
    DALO,
    MY_GRANT,
    OIC,
    SERGEANT,
    Play,
    shipped,
)
from tests.models.telling_steps import (
    OIC_GRANT,
    SERGEANT_GRANT,
    STRANGER,
    WITNESS_CARE,
    S,
    clock_of,
    happens,
    kinds,
    played,
    status,
    telling,
    wishes,
)


def test_the_first_walk_through_arrest_before_easter_and_charge() -> None:
    play = played()
    arrested = at("2027-03-25 22:30")
    play.to(arrested).do(
        status(arrested, S.ARRESTED, arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE), OIC_GRANT
    )
    clock = clock_of(play)
    assert clock is not None
    # Good Friday and Easter Monday do not count.
    assert show(clock.due_at) == "Tue 30 Mar 2027 23:59"
    support = open_clock(play.state, ClockType.SUPPORT_REFERRAL)
    assert support is not None
    assert show(support.due_at) == "Wed 31 Mar 2027 23:59"
    play.to(at("2027-03-26 10:15")).do(telling(play.now))
    charged = at("2027-03-26 17:00")
    play.to(charged).do(status(charged, S.CHARGED_BAIL), OIC_GRANT)
    owed = list(play.state.code.owed.values())
    assert [o.event_kind for o in owed] != []
    play.to(at("2027-03-26 17:20")).do(telling(play.now, notification_id=owed[0].notification_id))
    assert play.state.code.owed == {}
    told = [e.data["notified_at"] for e in play.events("notification:told")]
    assert [show(datetime.fromisoformat(t)) for t in told] == [
        "Fri 26 Mar 2027 10:15",
        "Fri 26 Mar 2027 17:20",
    ]


def test_the_second_walk_through_arrest_on_a_friday_told_in_person_at_the_visit() -> None:
    play = played(at("2027-05-10 19:10"))
    visit = at("2027-05-14 18:30")
    notification = happens(play, "SUSPECT_ARRESTED", visit)
    clock = clock_of(play, notification)
    assert clock is not None
    assert show(clock.due_at) == "Mon 17 May 2027 23:59"
    play.do(telling(visit, channel=Channel.IN_PERSON))
    assert clock_of(play) is None
    (event,) = play.events("notification:told")
    assert (event.data["channel"], event.data["safe"]) == ("IN_PERSON", True)


def test_the_fifth_walk_through_release_reaches_who_wants_nothing_else() -> None:
    play = played(at("2027-01-29 20:00"))
    play.to(at("2027-03-01 12:00"))
    play.tell(wishes(play.now, NotificationOptOut.ALL_EXCEPT_RELEASE))
    happens(play, "COURT_OUTCOME", at("2027-03-15 11:00"))
    happens(play, "BAIL_CHANGED", at("2027-04-12 11:00"))
    assert clock_of(play) is None
    assert not any(t.kind == "NOTIFY_VICTIM" for t in play.state.tasks.values())
    assert len(play.events("notification:opted_out")) == 2
    released = happens(play, "RELEASED", at("2027-05-20 10:00"))
    clock = clock_of(play, released)
    assert clock is not None
    assert show(clock.due_at) == "Fri 21 May 2027 23:59"
    (due,) = play.events("notification:due")
    assert due.data["event_kind"] == "RELEASED"
    assert due.data["due_at"] == clock.due_at.isoformat()


@pytest.mark.parametrize(
    ("happened", "due"),
    [
        ("2027-05-13 00:01", "Fri 14 May 2027 23:59"),
        ("2027-05-14 23:59", "Mon 17 May 2027 23:59"),
        ("2027-05-15 12:00", "Mon 17 May 2027 23:59"),
        ("2027-05-28 12:00", "Tue 1 Jun 2027 23:59"),
        ("2027-12-24 18:00", "Wed 29 Dec 2027 23:59"),
        ("2027-10-30 12:00", "Mon 1 Nov 2027 23:59"),
        ("2028-02-28 09:00", "Tue 29 Feb 2028 23:59"),
    ],
)
def test_one_working_day_counts_from_the_date_of_the_event(happened: str, due: str) -> None:
    play = played(at("2027-05-10 19:10"))
    clock = clock_of(play, happens(play, "CHARGED", at(happened)))
    assert clock is not None
    assert show(clock.due_at) == due


@settings(deadline=None, max_examples=50)
@given(when=instants("2027-01-04 00:00", "2028-12-20 00:00"))
def test_the_due_instant_ends_the_next_working_day(when: datetime) -> None:
    play = played(when - timedelta(hours=1))
    clock = clock_of(play, happens(play, "CHARGED", when))
    assert clock is not None
    _, calendar = shipped()
    due = london_date(clock.due_at)
    assert calendar.is_working_day(due)
    day = london_date(when) + timedelta(days=1)
    while day < due:
        assert not calendar.is_working_day(day)
        day += timedelta(days=1)


def test_what_is_received_late_is_born_late_and_still_owed() -> None:
    play = played(at("2027-05-10 19:10"))
    play.to(at("2027-05-20 09:00"))
    notify(play.state, "RELEASED", at("2027-05-14 09:00"))
    play.settle()
    clock = clock_of(play)
    assert clock is not None
    assert (clock.late_reason, clock.breached_at is None) == ("RECEIVED_LATE", False)
    assert ("NOTIFY_VICTIM", DALO) in kinds(play)


def test_a_breach_reaches_the_supervisor_and_goes_when_the_victim_is_told() -> None:
    play = played()
    happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    play.to(at("2027-03-31 00:00"))
    breaches = [t for t in play.state.tasks.values() if "VICTIM_NOTIFICATION" in t.subject]
    assert [(t.kind, t.owner) for t in breaches] == [("BREACH", SERGEANT)]
    play.do(telling(play.now))
    assert not [t for t in play.state.tasks.values() if "VICTIM_NOTIFICATION" in t.subject]


def test_the_task_names_the_command_and_follows_whoever_answers() -> None:
    play = played()
    notification = happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    (task,) = [t for t in play.state.tasks.values() if t.kind == "NOTIFY_VICTIM"]
    assert f"record-notification --notification-id {notification}" in task.command
    play.tell(OwnerChanged(message_id="o", dalo_id="PC 5002", supervisor_id=SERGEANT))
    assert ("NOTIFY_VICTIM", "PC 5002") in kinds(play)
    play.tell(CaseClosed(message_id="c", handed_to=OIC))
    assert ("NOTIFY_VICTIM", OIC) in kinds(play)
    clock = clock_of(play)
    assert clock is not None
    assert clock.owner == OIC


@pytest.mark.parametrize("outcome", ["COULD_NOT_REACH", "UNSAFE_ENDED"])
def test_who_was_not_told_is_still_owed(outcome: str) -> None:
    play = played()
    happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    codes = play.do(telling(play.now, outcome=outcome))
    assert "STILL_OWED" in codes
    assert clock_of(play) is not None
    asked = ("UNSAFE_NOTIFICATION", SERGEANT) in kinds(play)
    assert asked is (outcome == "UNSAFE_ENDED")


@pytest.mark.parametrize(
    ("decision", "override", "task"),
    [
        ("SAFE", "", False),
        ("", "", True),
        ("NO_ANSWER", "", True),
        ("DO_NOT_CONTACT", "", True),
        ("DO_NOT_CONTACT", "THREAT_TO_LIFE", False),
        ("NO_CONTACT_ASKED", "ROUTE_AGREED_FOR_NOTICES", False),
    ],
)
def test_an_unsafe_telling_is_recorded_and_looked_at_by_the_supervisor(
    decision: str, override: str, task: bool
) -> None:
    play = played()
    notification = happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    play.do(telling(play.now, decision_code=decision, safety_override=override))
    (event,) = play.events("notification:told")
    assert event.data["safe"] is (decision == "SAFE")
    assert clock_of(play) is None
    assert (("UNSAFE_NOTIFICATION", SERGEANT) in kinds(play)) is task
    if task:
        seen = ReviewTelling(at=play.now, notification_id=notification, finding="NO_HARM")
        with pytest.raises(Refused, match="SUPERVISOR_ONLY"):
            play.do(seen)
        play.do(seen, SERGEANT_GRANT)
        assert ("UNSAFE_NOTIFICATION", SERGEANT) not in kinds(play)
        with pytest.raises(Refused, match="NOTHING_TO_REVIEW"):
            play.do(seen, SERGEANT_GRANT)


def test_her_own_word_ends_one_notice_and_the_case_is_asked_to_keep_her_wishes() -> None:
    play = played()
    happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    play.do(telling(play.now, outcome=NotificationOutcome.SAID_NO_UPDATES))
    assert clock_of(play) is None
    assert ("RECORD_NOTICE_WISHES", DALO) in kinds(play)
    # One word about one event is no opting out of the next.
    assert clock_of(play, happens(play, "CHARGED", at("2027-03-26 17:00"))) is not None
    play.tell(wishes(play.now, NotificationOptOut.ALL))
    assert clock_of(play) is None
    assert ("RECORD_NOTICE_WISHES", DALO) not in kinds(play)


def test_silence_opts_nobody_out() -> None:
    play = played()
    happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    for _ in range(5):
        play.do(telling(play.now, outcome=NotificationOutcome.COULD_NOT_REACH))
    assert play.state.code.opt_out is NotificationOptOut.NONE
    assert clock_of(play, happens(play, "CHARGED", at("2027-03-27 09:00"))) is not None


def test_an_older_word_does_not_undo_a_newer_one() -> None:
    play = played()
    play.to(at("2027-04-01 09:00"))
    play.tell(wishes(at("2027-03-31 09:00"), NotificationOptOut.NONE))
    play.tell(wishes(at("2027-03-28 09:00"), NotificationOptOut.ALL))
    assert clock_of(play, happens(play, "CHARGED", play.now)) is not None


def test_a_frozen_record_stops_the_clock_and_asks_the_supervisor() -> None:
    play = played()
    notification = happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    play.tell(wishes(play.now, NotificationOptOut.NONE, frozen=True))
    assert clock_of(play) is None
    assert open_clock(play.state, ClockType.SUPPORT_REFERRAL) is None
    assert ("NOTIFICATION_HELD", SERGEANT) in kinds(play)
    assert not any(t.kind == "NOTIFY_VICTIM" for t in play.state.tasks.values())
    happens(play, "CHARGED", at("2027-03-27 09:00"))
    assert clock_of(play) is None
    play.tell(wishes(play.now, NotificationOptOut.NONE, frozen=False))
    again = clock_of(play, notification)
    assert again is not None
    assert show(again.due_at) == "Tue 30 Mar 2027 23:59"
    assert open_clock(play.state, ClockType.SUPPORT_REFERRAL) is not None


def planned(play: Play, release: datetime) -> None:
    play.do(status(play.now, S.REMANDED), OIC_GRANT)
    play.do(status(play.now, S.REMANDED, release_planned_at=release), OIC_GRANT)


def test_telling_of_a_planned_release_meets_its_own_clock_too() -> None:
    play = played()
    play.to(at("2027-04-01 10:00"))
    planned(play, at("2027-04-20 10:00"))
    assert open_clock(play.state, ClockType.RELEASE_PLANNED) is not None
    play.do(telling(play.now, event_kind="RELEASE_PLANNED"))
    assert open_clock(play.state, ClockType.RELEASE_PLANNED) is None
    kept = [o.event_kind for o in play.state.code.owed.values()]
    assert "RELEASE_PLANNED" not in kept


def test_an_unsafe_telling_leaves_the_release_to_be_told_safely() -> None:
    play = played()
    play.to(at("2027-04-01 10:00"))
    planned(play, at("2027-04-20 10:00"))
    play.do(telling(play.now, event_kind="RELEASE_PLANNED", decision_code="DEVICE_COMPROMISED"))
    assert open_clock(play.state, ClockType.RELEASE_PLANNED) is not None
    play.do(telling(play.now, event_kind="RELEASE_PLANNED"))
    assert open_clock(play.state, ClockType.RELEASE_PLANNED) is None


def test_who_wants_no_news_at_all_is_not_told_of_a_release() -> None:
    play = played()
    play.to(at("2027-04-01 10:00"))
    play.tell(wishes(play.now, NotificationOptOut.ALL))
    planned(play, at("2027-04-20 10:00"))
    assert open_clock(play.state, ClockType.RELEASE_PLANNED) is None
    assert clock_of(play) is None


@pytest.mark.parametrize(
    ("code", "changes", "grant"),
    [
        ("NOT_YOUR_INCIDENT", {}, STRANGER),
        ("IN_FUTURE", {"at": at("2027-03-26 09:00")}, MY_GRANT),
        ("BEFORE_OCCURRENCE", {"at": at("2027-03-25 20:00")}, MY_GRANT),
        ("BEFORE_EVENT", {"at": at("2027-03-25 22:00"), "notification_id": "NOT-001"}, MY_GRANT),
        ("UNKNOWN_NOTIFICATION", {"notification_id": "NOT-099"}, MY_GRANT),
        ("UNKNOWN_NOTIFICATION", {"event_kind": "CONVICTED"}, MY_GRANT),
        ("NOTIFICATION_AMBIGUOUS", {}, MY_GRANT),
        ("UNKNOWN_OVERRIDE", {"safety_override": "IT_WAS_FINE"}, MY_GRANT),
    ],
)
def test_refusals_of_a_notification(code: str, changes: dict[str, Any], grant: Grant) -> None:
    play = played()
    happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    happens(play, "INTERVIEWED", at("2027-03-25 23:30"))
    before = play.state.next_seq
    with pytest.raises(Refused) as caught:
        play.do(telling(changes.pop("at", play.now), **changes), grant)
    assert caught.value.code == code
    assert caught.value.remedy
    assert play.state.next_seq == before


def test_everything_of_one_kind_is_told_at_once_and_witness_care_may_tell() -> None:
    play = played()
    happens(play, "BAIL_CHANGED", at("2027-03-26 09:00"))
    happens(play, "BAIL_CHANGED", at("2027-03-26 10:00"))
    play.do(telling(play.now, event_kind="BAIL_CHANGED"), WITNESS_CARE)
    assert play.state.code.owed == {}
    assert clock_of(play) is None


def test_a_non_crime_incident_runs_the_same_clock_as_policy() -> None:
    play = played(recording_type="NON_CRIME_DA")
    happens(play, "BAIL_CHANGED", at("2027-03-26 09:00"))
    (due,) = play.events("notification:due")
    assert due.data["under"] == "POLICY"
    assert due.data["clock_id"]


def test_a_closed_incident_does_not_end_while_something_is_owed() -> None:
    play = played()
    happens(play, "SUSPECT_ARRESTED", at("2027-03-25 22:30"))
    play.tell(CaseClosed(message_id="c", handed_to=OIC))
    play.capture(play.now, *[c for c, i in play.state.items.items() if i.pending])
    assert play.state.ended_at is None
    assert clock_of(play) is not None
