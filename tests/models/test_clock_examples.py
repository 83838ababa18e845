"""Every worked example of the register, to the minute (docs/domain.md 4.3, 4.4, 9, 11, 16)."""

from __future__ import annotations

from datetime import time

import pytest

from models.cadence import (
    attempts_exhausted,
    contact_due_adjusted,
    safe_windows_between,
)
from models.calendars import Calendar
from models.clocks import Clock, Limit
from models.due import start_clock
from models.enums import Channel, ClockType, RiskGrade
from models.instants import show
from models.limits import parse_limit
from models.policy import Policy
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from models.safe_decision import decide
from tests.models.conftest import at, contact_due_raw, first_contact_due

WEEKDAYS = (0, 1, 2, 3, 4)


def clock(
    kent: Policy,
    ew: Calendar,
    clock_type: str,
    start: str,
    rule_key: str = "",
    limit: Limit | None = None,
) -> Clock:
    return start_clock(
        kent,
        ew,
        ClockType(clock_type),
        clock_id="x",
        subject="",
        rule_key=rule_key,
        start_event="event",
        started_at=at(start),
        limit=limit,
    )


EXAMPLES = [
    # 16 (i) high-risk repeat victim, engaged
    ("GOLDEN_HOUR", "", "2027-03-25 21:40", "Thu 25 Mar 2027 22:40"),
    ("CUSTODY", "", "2027-03-25 22:55", "Fri 26 Mar 2027 22:55"),
    ("FIRST_CONTACT", "HIGH", "2027-03-25 22:50", "Fri 26 Mar 2027 22:50"),
    ("VICTIM_NOTIFICATION", "", "2027-03-25 22:30", "Tue 30 Mar 2027 23:59"),
    ("NEEDS_ASSESSMENT", "", "2027-03-26 10:15", "Mon 5 Apr 2027 23:59"),
    ("IDVA_REFERRAL", "", "2027-03-25 22:32", "Fri 26 Mar 2027 22:32"),
    ("IDVA_FIRST_ATTEMPT", "", "2027-03-26 11:00", "Wed 31 Mar 2027 23:59"),
    ("MARAC_SUBMIT", "", "2027-03-25 22:32", "Tue 30 Mar 2027 23:59"),
    ("SUPPORT_REFERRAL", "", "2027-03-25 21:40", "Wed 31 Mar 2027 23:59"),
    ("CONTACT_CADENCE", "HIGH", "2027-03-26 10:15", "Fri 2 Apr 2027 10:15"),
    ("IDVA_MARAC_FEEDBACK", "", "2027-04-08 10:00", "Mon 12 Apr 2027 23:59"),
    ("MARAC_REPEAT_WINDOW", "", "2027-03-26 11:20", "Sat 25 Mar 2028 23:59"),
    # 16 (ii) reticent victim, failed contacts, visit with arrest
    ("FIRST_CONTACT", "MEDIUM", "2027-05-10 20:00", "Thu 13 May 2027 20:00"),
    ("HHV_DUE", "MEDIUM", "2027-05-14 09:00", "Mon 17 May 2027 09:00"),
    ("VICTIM_NOTIFICATION", "", "2027-05-14 18:30", "Mon 17 May 2027 23:59"),
    ("IDVA_REFERRAL", "", "2027-05-14 19:05", "Sat 15 May 2027 19:05"),
    ("MARAC_SUBMIT", "", "2027-05-14 19:05", "Mon 17 May 2027 23:59"),
    ("CONTACT_CADENCE", "HIGH", "2027-05-14 18:30", "Fri 21 May 2027 18:30"),
    # 16 (iii) to (v), the clocks of the same register
    ("EVIDENCE_ITEM", "DEVICE_TRACKING_CHECK", "2027-06-07 08:15", "Wed 9 Jun 2027 08:15"),
    ("MASIP_TRIAGE", "", "2027-06-07 16:00", "Mon 14 Jun 2027 23:59"),
    ("MATAC_REVIEW", "", "2027-07-05 10:00", "Mon 2 Aug 2027 23:59"),
    ("MATAC_REVIEW", "", "2027-08-02 10:00", "Tue 31 Aug 2027 23:59"),
    ("DVDS", "", "2027-09-06 10:00", "Mon 4 Oct 2027 23:59"),
    ("MARAC_SUBMIT", "", "2027-01-29 20:00", "Mon 1 Feb 2027 23:59"),
    ("MARAC_REPEAT_WINDOW", "", "2027-02-01 12:00", "Mon 31 Jan 2028 23:59"),
    ("VICTIM_NOTIFICATION", "", "2027-05-20 15:00", "Fri 21 May 2027 23:59"),
    ("VICTIM_NOTIFICATION", "", "2027-08-03 09:00", "Wed 4 Aug 2027 23:59"),
    ("MARAC_SUBMIT", "", "2028-01-17 14:00", "Tue 18 Jan 2028 23:59"),
    # 11, orders and bail
    ("DVPN_HEARING", "", "2027-03-26 18:00", "Wed 31 Mar 2027 00:00"),
    ("DVPN_HEARING", "", "2027-03-27 16:30", "Wed 31 Mar 2027 16:30"),
    ("DVPN_HEARING", "", "2027-12-24 18:00", "Thu 30 Dec 2027 18:00"),
    ("DVPO_EXPIRY", "", "2027-03-31 15:00", "Tue 27 Apr 2027 23:59"),
    ("BAIL_EXPIRY", "", "2027-05-15 00:00", "Sat 14 Aug 2027 23:59"),
    ("BAIL_EXPIRY", "SUPERINTENDENT", "2027-05-15 00:00", "Mon 14 Feb 2028 23:59"),
    # 3.2, 3.4, 7, 8.1, 2.6
    ("EVIDENCE_ITEM", "VPS_OFFERED", "2027-03-25 21:40", "Mon 5 Apr 2027 23:59"),
    ("SUSPECT_ARREST", "STANDARD", "2027-06-07 08:15", "Mon 14 Jun 2027 08:15"),
    ("WAITLIST_REVIEW", "HIGH", "2027-06-07 08:15", "Mon 7 Jun 2027 12:15"),
    ("MARAC_ACTION", "IMMEDIATE", "2027-04-08 10:00", "Fri 9 Apr 2027 10:00"),
    ("MARAC_ACTION", "", "2027-04-08 10:00", "Thu 22 Apr 2027 23:59"),
    ("FIRST_CONTACT", "STANDARD", "2027-03-25 09:00", "Mon 5 Apr 2027 23:59"),
]


@pytest.mark.parametrize(("clock_type", "key", "start", "due"), EXAMPLES)
def test_worked_example(
    kent: Policy, ew: Calendar, clock_type: str, key: str, start: str, due: str
) -> None:
    assert show(clock(kent, ew, clock_type, start, key).due_at) == due


@pytest.mark.parametrize(
    ("clock_type", "start", "limit", "warns"),
    [
        ("GOLDEN_HOUR", "2027-03-25 21:40", "", "Thu 25 Mar 2027 22:25"),
        ("DVPO_EXPIRY", "2027-03-31 15:00", "", "Sat 24 Apr 2027 23:59"),
        ("BAIL_EXPIRY", "2027-05-15 00:00", "", "Sat 31 Jul 2027 23:59"),
        ("ORDER_EXPIRY", "2027-07-13 23:59", "D 24 months", "Fri 15 Jun 2029 23:59"),
    ],
)
def test_warnings_come_before_the_end(
    kent: Policy, ew: Calendar, clock_type: str, start: str, limit: str, warns: str
) -> None:
    own = parse_limit(limit) if limit else None
    warn_at = clock(kent, ew, clock_type, start, limit=own).warn_at
    assert warn_at is not None
    assert show(warn_at) == warns


def test_case_i_cadence_crosses_the_clock_change_in_167_hours(kent: Policy, ew: Calendar) -> None:
    cadence = clock(kent, ew, "CONTACT_CADENCE", "2027-03-26 10:15", "HIGH")
    assert (cadence.due_at - cadence.started_at).total_seconds() == 167 * 3600
    plan = SafeContactPlan(
        safe_windows=(SafeWindow(weekdays=WEEKDAYS, opens=time(9, 30), closes=time(11, 30)),),
        plan_reviewed_at=at("2027-03-26 10:15"),
    )
    inside = contact_due_adjusted(cadence.due_at, plan, at("2027-03-26 10:15"), ew)
    assert inside == cadence.due_at


PLAN_II = SafeContactPlan(
    routes=(
        Route(route_id="first", channel=Channel.CALL, verified_at=at("2027-05-10 19:30")),
        Route(route_id="second", channel=Channel.CALL, verified_at=at("2027-05-10 19:30")),
    ),
    safe_windows=(SafeWindow(weekdays=WEEKDAYS, opens=time(10), closes=time(14)),),
    plan_reviewed_at=at("2027-05-10 19:30"),
)


def test_case_ii_first_contact_is_raw_20_00_and_adjusted_14_00(kent: Policy, ew: Calendar) -> None:
    allocated = at("2027-05-10 20:00")
    raw = first_contact_due(kent, RiskGrade.MEDIUM, allocated, ew)
    adjusted = contact_due_adjusted(raw, PLAN_II, None, ew, started_at=allocated)
    assert (show(raw), show(adjusted)) == ("Thu 13 May 2027 20:00", "Thu 13 May 2027 14:00")


def test_case_ii_attempts_are_exhausted_at_the_third(kent: Policy) -> None:
    made = [at("2027-05-11 10:30"), at("2027-05-12 13:10"), at("2027-05-13 11:00")]
    assert not attempts_exhausted(made, RiskGrade.MEDIUM, kent, at("2027-05-13 10:59"))
    assert attempts_exhausted(made, RiskGrade.MEDIUM, kent, at("2027-05-13 11:00"))


def test_case_ii_next_contact_after_the_visit(kent: Policy, ew: Calendar) -> None:
    seen = at("2027-05-14 18:30")
    raw = contact_due_raw(kent, RiskGrade.HIGH, seen, ew)
    adjusted = contact_due_adjusted(raw, PLAN_II, seen, ew, started_at=seen)
    assert (show(raw), show(adjusted)) == ("Fri 21 May 2027 18:30", "Fri 21 May 2027 14:00")


def test_case_ii_suspended_number_leaves_the_second_one(ew: Calendar) -> None:
    when, out = at("2027-05-13 11:00"), ("CALL:first",)
    assert decide(PLAN_II, Channel.CALL, "first", when, ew, out).reason_code == "CHANNEL_SUSPENDED"
    assert decide(PLAN_II, Channel.CALL, "", when, ew, out).route_id == "second"
    evening = decide(PLAN_II, Channel.CALL, "second", at("2027-05-14 18:00"), ew, out)
    assert evening.reason_code == "OUTSIDE_SAFE_WINDOW"
    assert evening.next_window_opens == at("2027-05-17 10:00")
    visit = decide(PLAN_II, Channel.IN_PERSON, "", at("2027-05-14 18:00"), ew, out)
    assert (visit.allowed, visit.needs_authority) == (True, True)


def test_windows_do_not_open_on_the_easter_holidays(ew: Calendar) -> None:
    spans = safe_windows_between(PLAN_II, at("2027-03-25 15:00"), at("2027-03-30 23:00"), ew)
    assert [show(opens) for opens, _ in spans] == ["Tue 30 Mar 2027 10:00"]
