"""Clocks start, pause, recompute and explain themselves."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendars import Calendar, load_calendar
from models.clocks import CalendarKind, Clock, Pause
from models.content import PolicyError
from models.due import STARTED, STOPPABLE, computed_due, explain, recompute, start_clock
from models.enums import ClockType
from models.instants import london_date, show
from models.limits import parse_limit
from models.policy import Policy, load_policy
from tests.models.conftest import POLICY, at, instants

KENT = load_policy(POLICY / "kent.yaml")
MODELS = Path(__file__).resolve().parents[2] / "models"
EW = load_calendar(POLICY / "calendars" / "ew-2026.1.json")
RULES = [
    (clock_type, key)
    for clock_type, rule in KENT.clock_rules.items()
    for key, limit in rule.limits.items()
    if limit.kind is not CalendarKind.FIXED
]
EDGES = [
    at("2027-03-27 23:30"),
    at("2027-03-28 00:59"),
    at("2027-10-31 00:30"),
    at("2027-10-31 01:30").replace(fold=1),
    at("2028-02-29 12:00"),
    at("2027-12-24 18:00"),
    at("2027-03-26 18:00"),
]
STARTS = st.one_of(
    st.sampled_from(EDGES),
    instants("2024-01-08 00:00", "2029-06-01 00:00"),
)


def start(
    clock_type: ClockType,
    key: str,
    started_at: datetime,
    *,
    due_at: datetime | None = None,
    event: str = "",
) -> Clock:
    return start_clock(
        KENT,
        EW,
        clock_type,
        clock_id="x",
        subject="",
        rule_key=key,
        start_event=event,
        started_at=started_at,
        due_at=due_at,
    )


@given(rule=st.sampled_from(RULES), started=STARTS, held=st.integers(0, 5000))
def test_explanation_recomputes_to_the_same_instant(
    rule: tuple[ClockType, str], started: datetime, held: int
) -> None:
    clock = start(*rule, started)
    if held:
        pause = Pause(
            started_at=clock.started_at,
            ended_at=clock.started_at + timedelta(minutes=held),
            reason="HOSPITAL",
        )
        clock = recompute(clock.model_copy(update={"pauses": (pause,)}), KENT, EW)
    assert computed_due(clock, KENT, EW) == clock.due_at
    assert recompute(clock, KENT, EW) == clock
    told = explain(clock, KENT, EW)
    assert f"is due on {show(clock.due_at)} because" in told
    assert f"on {show(clock.started_at)} and policy {KENT.version} gives" in told
    assert "(that is" not in told
    if held and clock.limit.kind in STOPPABLE:
        assert f"extended by {held // 60} h {held % 60} min of pause (HOSPITAL)" in told
    amount = re.search(r"(\d+) (working day|minute|hour|day|month)", told.split("gives ")[1])
    assert amount is not None
    letter = {"working day": "d", "minute": "min", "hour": "h", "day": "d", "month": "months"}
    sign = "-" if " before" in told.split("gives ")[1].split("(")[0] else ""
    again = parse_limit(f"{clock.limit.kind.value} {sign}{amount[1]} {letter[amount[2]]}")
    assert again == clock.limit


@given(rule=st.sampled_from(RULES), started=STARTS)
def test_warning_lies_between_start_and_due(rule: tuple[ClockType, str], started: datetime) -> None:
    clock = start(*rule, started)
    if clock.warn_at is not None:
        assert clock.started_at <= clock.warn_at < clock.due_at


def test_contact_clock_is_explained_with_its_safe_window() -> None:
    clock = start(
        ClockType.FIRST_CONTACT,
        "MEDIUM",
        at("2027-05-10 20:00"),
        due_at=at("2027-05-13 14:00"),
        event="case:allocated",
    ).model_copy(update={"due_raw": at("2027-05-13 20:00").astimezone(UTC)})
    assert explain(clock, KENT, EW) == (
        "FIRST_CONTACT is due on Thu 13 May 2027 14:00 because the case was allocated on Mon 10 "
        f"May 2027 20:00 and policy {KENT.version} gives 72 hours of elapsed time for MEDIUM "
        "(that is Thu 13 May 2027 20:00), moved to the end of the last safe window before it "
        "(docs/domain.md 9.2, assumed)."
    )


def test_an_agreed_cadence_is_not_said_to_be_the_policys() -> None:
    clock = start(ClockType.CONTACT_CADENCE, "HIGH", at("2027-05-10 20:00"))
    agreed = clock.model_copy(update={"limit": parse_limit("C 30 d")})
    told = explain(recompute(agreed, KENT, EW), KENT, EW)
    assert (
        "on Mon 10 May 2027 20:00 and 30 days at the same local time were"
        f" agreed, not the 7 days at the same local time that policy {KENT.version} gives for HIGH"
    ) in told
    assert "is due on Wed 9 Jun 2027 20:00 because" in told


def test_every_start_event_of_the_workflows_has_words() -> None:
    sources = [*MODELS.glob("case/*.py"), *MODELS.glob("incident/*.py")]
    text = "\n".join(source.read_text("utf-8") for source in sources)
    events = set(re.findall(r'arm\([^)]*?"([a-z][a-z_: ]*)"', text))
    assert "incident reported" in events and "case:waitlisted" in events
    assert events <= set(STARTED)
    assert not [words for words in STARTED.values() if ":" in words]


def test_working_day_clock_names_its_calendar() -> None:
    told = explain(start(ClockType.NEEDS_ASSESSMENT, "", at("2027-03-26 10:15")), KENT, EW)
    assert f"gives 5 working days on calendar {EW.version}" in told


def test_agreed_instant_is_explained_by_who_agreed_and_never_recomputed() -> None:
    agreed = at("2027-06-01 12:00")
    clock = start(ClockType.NEED_ACTION, "", at("2027-05-10 20:00"), due_at=agreed)
    clock = clock.model_copy(update={"basis": "agreed with the victim by DALO-1"})
    assert recompute(clock, KENT, EW).due_at == agreed
    assert "agreed with the victim by DALO-1" in explain(clock, KENT, EW)


def test_clock_that_nothing_dates_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"ORDER_EXPIRY.*agreed due instant"):
        start(ClockType.ORDER_EXPIRY, "", at("2027-05-10 20:00"))


def test_pause_extends_elapsed_clocks_and_leaves_legal_days_alone() -> None:
    began = at("2027-06-07 09:00")
    pause = Pause(started_at=began, ended_at=began + timedelta(hours=5), reason="HOSPITAL")
    custody = start(ClockType.CUSTODY, "", began).model_copy(update={"pauses": (pause,)})
    order = start(ClockType.DVPO_EXPIRY, "", began).model_copy(update={"pauses": (pause,)})
    assert recompute(custody, KENT, EW).due_at - custody.due_at == timedelta(hours=5)
    assert recompute(order, KENT, EW).due_at == order.due_at


def test_new_bank_holiday_moves_working_day_clocks_only() -> None:
    extra = london_date(at("2027-06-08 12:00"))
    longer = EW.model_copy(
        update={"version": "ew-2027.1@x", "bank_holidays": (*EW.bank_holidays, extra)}
    )
    told = start(ClockType.VICTIM_NOTIFICATION, "", at("2027-06-07 09:00"))
    idva = start(ClockType.IDVA_REFERRAL, "", at("2027-06-07 09:00"))
    moved = recompute(told, KENT, longer)
    assert show(moved.due_at) == "Wed 9 Jun 2027 23:59"
    assert moved.calendar_version == "ew-2027.1@x"
    assert recompute(idva, KENT, longer).due_at == idva.due_at


def test_new_bank_holiday_moves_only_the_raw_time_of_an_adjusted_contact() -> None:
    extra = london_date(at("2027-06-08 12:00"))
    longer = EW.model_copy(update={"bank_holidays": (*EW.bank_holidays, extra)})
    plain = start(ClockType.FIRST_CONTACT, "STANDARD", at("2027-06-07 09:00"))
    window = at("2027-06-14 14:00").astimezone(UTC)
    clock = plain.model_copy(update={"due_raw": plain.due_at, "due_at": window})
    moved = recompute(clock, KENT, longer)
    assert moved.due_at == window
    assert moved.due_raw is not None
    assert show(moved.due_raw) == "Tue 15 Jun 2027 23:59"


def test_school_is_told_by_the_start_of_the_next_school_day_when_it_comes_first() -> None:
    monday = london_date(at("2027-06-07 12:00"))
    known: Calendar = EW.model_copy(update={"school_days": (monday,)})
    policy: Policy = KENT
    clock = start(ClockType.ENCOMPASS, "", at("2027-06-05 20:00"))
    assert show(clock.due_at) == "Mon 7 Jun 2027 23:59"
    assert show(recompute(clock, policy, known).due_at) == "Mon 7 Jun 2027 00:00"


def test_schools_open_at_the_time_that_policy_gives() -> None:
    monday = london_date(at("2027-06-07 12:00"))
    known: Calendar = EW.model_copy(update={"school_days": (monday,)})
    policy = load_policy(POLICY / "kent-2.yaml")
    clock = start(ClockType.ENCOMPASS, "", at("2027-06-05 20:00"))
    assert show(recompute(clock, policy, known).due_at) == "Mon 7 Jun 2027 08:30"
    night = start(ClockType.ENCOMPASS, "", at("2027-06-07 02:00"))
    assert show(recompute(night, policy, known).due_at) == "Mon 7 Jun 2027 08:30"
