"""Contact due times, safe windows and the safe-contact decision."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cadence import (
    attempts_exhausted,
    contact_due_adjusted,
    safe_windows_between,
)
from models.calendars import load_calendar
from models.enums import Channel, RiskGrade
from models.instants import london_date, show
from models.policy import Policy
from models.safe_contact import DoNotContact, Route, SafeContactPlan, SafeWindow
from models.safe_decision import decide
from tests.models.conftest import POLICY, at, contact_due_raw, first_contact_due, instants

EW = load_calendar(POLICY / "calendars" / "ew-2026.1.json")
WEEKDAYS = (0, 1, 2, 3, 4)
SEEN = at("2027-06-01 09:00")
CALL = Route(route_id="r1", channel=Channel.CALL, verified_at=SEEN)
MORNINGS = SafeWindow(weekdays=WEEKDAYS, opens=time(10), closes=time(14))


def plan(**fields: object) -> SafeContactPlan:
    given: dict[str, object] = {
        "routes": (CALL,),
        "safe_windows": (MORNINGS,),
        "plan_reviewed_at": SEEN,
        **fields,
    }
    return SafeContactPlan.model_validate(given)


def test_due_inside_a_window_or_without_a_plan_is_unchanged() -> None:
    due = at("2027-06-08 14:00")
    assert contact_due_adjusted(due, plan(), SEEN, EW) == due
    late = at("2027-06-08 20:00")
    assert contact_due_adjusted(late, None, SEEN, EW) == late


def test_due_with_no_window_before_it_waits_for_the_end_of_the_next() -> None:
    due = at("2027-06-05 12:00")
    success = at("2027-06-04 15:00")
    assert show(contact_due_adjusted(due, plan(), success, EW)) == "Mon 7 Jun 2027 14:00"


def test_window_that_ended_before_the_obligation_began_does_not_count() -> None:
    sundays = plan(safe_windows=(SafeWindow(weekdays=(6,), opens=time(9), closes=time(12)),))
    began, due = at("2027-06-07 20:00"), at("2027-06-08 20:00")
    adjusted = contact_due_adjusted(due, sundays, None, EW, started_at=began)
    assert show(adjusted) == "Sun 13 Jun 2027 12:00"


def test_plan_without_windows_leaves_the_due_time() -> None:
    due = at("2027-06-08 20:00")
    assert contact_due_adjusted(due, plan(safe_windows=()), SEEN, EW) == due


def test_bank_holiday_window_applies_only_when_marked() -> None:
    monday, evening = at("2027-05-31 00:00"), at("2027-05-31 23:00")
    marked = MORNINGS.model_copy(update={"bank_holidays": True})
    assert safe_windows_between(plan(), monday, evening, EW) == []
    assert len(safe_windows_between(plan(safe_windows=(marked,)), monday, evening, EW)) == 1


def test_do_not_contact_times_cut_windows() -> None:
    cut = plan(
        do_not_contact=(
            DoNotContact(weekdays=(1,), opens=time(11), closes=time(12)),
            DoNotContact(day=date(2027, 6, 9)),
        )
    )
    spans = safe_windows_between(cut, at("2027-06-08 00:00"), at("2027-06-10 23:00"), EW)
    assert [(show(a)[-5:], show(b)[-5:], london_date(a).day) for a, b in spans] == [
        ("10:00", "11:00", 8),
        ("12:00", "14:00", 8),
        ("10:00", "14:00", 10),
    ]


def test_window_over_midnight_ends_the_next_day() -> None:
    night = plan(safe_windows=(SafeWindow(weekdays=(0,), opens=time(22), closes=time(1)),))
    spans = safe_windows_between(night, at("2027-06-08 00:30"), at("2027-06-08 02:00"), EW)
    assert [(show(a), show(b)) for a, b in spans] == [
        ("Mon 7 Jun 2027 22:00", "Tue 8 Jun 2027 01:00")
    ]


@given(
    due=instants("2027-01-04 00:00", "2028-12-01 00:00"),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    opens=st.integers(0, 20),
    hours=st.integers(1, 3),
    days=st.integers(1, 28),
)
def test_adjusted_due_is_unchanged_or_the_right_window_end(
    due: datetime, weekdays: set[int], opens: int, hours: int, days: int
) -> None:
    window = SafeWindow(
        weekdays=tuple(sorted(weekdays)), opens=time(opens), closes=time(opens + hours)
    )
    own = plan(safe_windows=(window,))
    success = due - timedelta(days=days)
    adjusted = contact_due_adjusted(due, own, success, EW)
    spans = safe_windows_between(own, success, due + timedelta(days=40), EW)
    if any(a <= due <= b for a, b in spans):
        assert adjusted == due
        return
    assert adjusted in [b for _, b in spans]
    before = [b for _, b in spans if success < b < due]
    assert adjusted == (max(before) if before else min(b for a, b in spans if a > due))


@pytest.mark.parametrize(
    ("grade", "first", "interval"),
    [
        (RiskGrade.HIGH, "Tue 8 Jun 2027 09:00", "Mon 14 Jun 2027 09:00"),
        (RiskGrade.MEDIUM, "Thu 10 Jun 2027 09:00", "Mon 21 Jun 2027 09:00"),
        (RiskGrade.STANDARD, "Mon 14 Jun 2027 23:59", "Mon 5 Jul 2027 09:00"),
    ],
)
def test_raw_due_times_go_by_grade(
    kent: Policy, grade: RiskGrade, first: str, interval: str
) -> None:
    began = at("2027-06-07 09:00")
    assert show(first_contact_due(kent, grade, began, EW)) == first
    assert show(contact_due_raw(kent, grade, began, EW)) == interval
    own = contact_due_raw(kent, grade, began, EW, 3)
    assert show(own) == "Thu 10 Jun 2027 09:00"


def test_attempts_spread_wider_than_the_window_are_not_exhausted(kent: Policy) -> None:
    began = at("2027-06-07 09:00")
    spread = [began, began + timedelta(hours=30), began + timedelta(hours=60)]
    close = [*spread, began + timedelta(hours=70)]
    now = began + timedelta(days=9)
    assert not attempts_exhausted(spread, RiskGrade.HIGH, kent, now)
    assert attempts_exhausted(close, RiskGrade.HIGH, kent, now)


IN_WINDOW = at("2027-06-08 11:00")
SMS = Route(route_id="s1", channel=Channel.SMS, verified_at=SEEN)
FRIEND = Route(route_id="f1", channel=Channel.CALL, verified_at=SEEN, third_party=True)
UNSEEN = Route(route_id="u1", channel=Channel.CALL)


@pytest.mark.parametrize(
    ("fields", "channel", "route", "reason"),
    [
        ({}, Channel.CALL, "r1", "SAFE"),
        ({}, Channel.CALL, "", "SAFE"),
        ({}, Channel.CALL, "other", "NO_ROUTE"),
        ({"routes": (UNSEEN,)}, Channel.CALL, "u1", "ROUTE_NOT_VERIFIED"),
        ({"routes": (FRIEND,)}, Channel.CALL, "f1", "THIRD_PARTY_NOT_ALLOWED"),
        ({"routes": (FRIEND,), "third_party_allowed": True}, Channel.THIRD_PARTY, "f1", "SAFE"),
        ({}, Channel.VOICEMAIL, "r1", "VOICEMAIL_NOT_ALLOWED"),
        ({"voicemail_allowed": True}, Channel.VOICEMAIL, "r1", "SAFE"),
        ({"routes": (SMS,)}, Channel.SMS, "s1", "SMS_NOT_ALLOWED"),
        ({"routes": (SMS,), "sms_allowed": True}, Channel.SMS, "s1", "NO_AGREED_WORDING"),
        (
            {"routes": (SMS,), "sms_allowed": True, "sms_wording_ref": "W1"},
            Channel.SMS,
            "s1",
            "SAFE",
        ),
        ({}, Channel.EMAIL, "", "EMAIL_SHARED_DEVICE"),
        ({}, Channel.LETTER, "", "LETTERS_NOT_ALLOWED"),
        ({"safe_windows": ()}, Channel.CALL, "r1", "NO_SAFE_WINDOW"),
        ({"device_compromised": True}, Channel.CALL, "r1", "DEVICE_COMPROMISED"),
        (
            {"device_compromised": True, "device_compromised_at": SEEN},
            Channel.CALL,
            "r1",
            "SAFE",
        ),
        ({"do_not_contact": (DoNotContact(weekdays=(1,)),)}, Channel.CALL, "r1", "DO_NOT_CONTACT"),
        ({"do_not_contact": (DoNotContact(),)}, Channel.IN_PERSON, "", "DO_NOT_CONTACT"),
    ],
)
def test_contact_is_safe_only_where_the_plan_says_so(
    fields: dict[str, object], channel: Channel, route: str, reason: str
) -> None:
    decision = decide(plan(**fields), channel, route, IN_WINDOW, EW)
    assert (decision.reason_code, decision.allowed) == (reason, reason == "SAFE")
    if reason == "SAFE" and channel is Channel.SMS:
        assert decision.wording_ref == "W1"


def test_no_plan_is_no_contact_by_any_channel() -> None:
    for channel in Channel:
        decision = decide(None, channel, "", IN_WINDOW, EW)
        assert (decision.allowed, decision.reason_code) == (False, "NO_PLAN")


def test_voicemail_is_left_only_where_agreed() -> None:
    assert not decide(plan(), Channel.CALL, "r1", IN_WINDOW, EW).leave_voicemail
    agreed = plan(voicemail_allowed=True)
    assert decide(agreed, Channel.CALL, "r1", IN_WINDOW, EW).leave_voicemail


def test_suspended_channel_bars_every_route_of_it() -> None:
    decision = decide(plan(), Channel.CALL, "", IN_WINDOW, EW, ("CALL",))
    assert decision.reason_code == "CHANNEL_SUSPENDED"
    voicemail = decide(
        plan(voicemail_allowed=True), Channel.VOICEMAIL, "r1", IN_WINDOW, EW, ("CALL:r1",)
    )
    assert voicemail.reason_code == "CHANNEL_SUSPENDED"


def test_visit_is_bound_by_do_not_contact_and_needs_authority_outside_windows() -> None:
    evening = at("2027-06-08 19:00")
    outside = decide(plan(), Channel.IN_PERSON, "", evening, EW)
    inside = decide(plan(), Channel.IN_PERSON, "", IN_WINDOW, EW)
    assert (outside.allowed, outside.needs_authority) == (True, True)
    assert (inside.allowed, inside.needs_authority) == (True, False)


def test_nobody_who_must_never_be_told_is_a_safe_route() -> None:
    told = plan(never_to_be_told=("r1",))
    assert decide(told, Channel.CALL, "r1", IN_WINDOW, EW).reason_code == "NEVER_TO_BE_TOLD"
    assert decide(told, Channel.CALL, "r1", IN_WINDOW, EW, release=1).allowed


def test_the_second_of_two_equal_times_ends_a_do_not_contact_time() -> None:
    """31 October 2027, clocks back at 02:00: 01:15 occurs twice, and both are before 01:30."""
    barred = DoNotContact(weekdays=tuple(range(7)), opens=time(22), closes=time(1, 30))
    always = SafeWindow(weekdays=tuple(range(7)), opens=time(), closes=time(), bank_holidays=True)
    own = plan(safe_windows=(always,), do_not_contact=(barred,))
    first = datetime(2027, 10, 31, 0, 15, tzinfo=UTC)
    for when in (first, first + timedelta(hours=1)):
        assert decide(own, Channel.CALL, "r1", when, EW).reason_code == "DO_NOT_CONTACT"
    assert decide(own, Channel.CALL, "r1", first + timedelta(minutes=76), EW).allowed
    assert decide(own, Channel.CALL, "r1", first + timedelta(hours=1), EW, release=1).allowed


def test_a_do_not_contact_time_that_ends_in_the_missing_hour_is_not_shortened() -> None:
    """28 March 2027, clocks forward at 01:00: 01:30 does not exist."""
    barred = DoNotContact(weekdays=tuple(range(7)), opens=time(22), closes=time(1, 30))
    own = plan(do_not_contact=(barred,))
    when = datetime(2027, 3, 28, 1, 15, tzinfo=UTC)
    assert decide(own, Channel.IN_PERSON, "", when, EW).reason_code == "DO_NOT_CONTACT"


def test_a_window_over_midnight_ends_where_a_bank_holiday_begins() -> None:
    night = SafeWindow(weekdays=tuple(range(7)), opens=time(22), closes=time(2))
    own, marked = (
        plan(safe_windows=(window,))
        for window in (night, night.model_copy(update={"bank_holidays": True}))
    )
    sunday, holiday = at("2027-05-02 23:30"), at("2027-05-03 01:00")
    assert decide(own, Channel.CALL, "r1", sunday, EW).allowed
    assert decide(own, Channel.CALL, "r1", holiday, EW).reason_code == "OUTSIDE_SAFE_WINDOW"
    assert decide(marked, Channel.CALL, "r1", holiday, EW).allowed
    assert decide(own, Channel.CALL, "r1", holiday, EW, release=1).allowed
