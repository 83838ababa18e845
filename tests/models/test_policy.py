"""The shipped policies are whole, and a mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import registry
from models.calendars import Calendar
from models.clocks import CalendarKind, Limit
from models.content import PolicyError
from models.enums import ClockType, EvidenceCode, LadderStep, RiskGrade
from models.evidence import TRIGGERS
from models.limits import parse_limit
from models.policy import FIRST_CLOCKS, Policy, load_policy
from tests.models.conftest import POLICY


def edited(folder: Path, old: str, new: str) -> Path:
    text = (POLICY / "kent.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "kent.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_kent_covers_every_clock_item_grade_and_step(kent: Policy) -> None:
    second = load_policy(POLICY / "kent-2.yaml")
    assert set(second.clock_rules) == set(ClockType)
    assert all(rule.basis and rule.source and rule.limits for rule in second.clock_rules.values())
    assert set(kent.clock_rules) == set(FIRST_CLOCKS)
    assert set(kent.golden_hour.items) == set(EvidenceCode)
    assert set(kent.contact) == set(RiskGrade)
    assert set(kent.ladder) == set(LadderStep) - {LadderStep.L0}
    assert all(rule.basis and rule.source and rule.limits for rule in kent.clock_rules.values())


def test_triggers_named_by_the_policy_are_those_that_run(kent: Policy) -> None:
    running = {code: rule.__name__ for code, rule in TRIGGERS.items()}
    assert {code: item.trigger for code, item in kent.golden_hour.items.items()} == running


def test_every_grade_has_a_limit_where_a_clock_goes_by_grade(kent: Policy) -> None:
    for clock_type in ("FIRST_CONTACT", "CONTACT_CADENCE", "WAITLIST_REVIEW", "HHV_DUE"):
        rule = kent.clock_rules[ClockType(clock_type)]
        assert all(rule.limit_for(grade.value) for grade in RiskGrade)
    assert kent.clock_rules[ClockType.RISK_REVIEW].limit_for("STANDARD") is None


def test_medway_is_the_pilot_arm_and_other_districts_compare(kent: Policy) -> None:
    assert kent.intake.allocation_arm("MEDWAY ") == "PILOT"
    assert kent.intake.allocation_arm("Swale") == "COMPARISON"


def test_national_differs_from_kent_only_where_it_says_so(kent: Policy) -> None:
    national = load_policy(POLICY / "national.yaml")
    assert national.version.startswith("national-1@")
    assert (kent.marac.escalation_months, national.marac.escalation_months) == (6, 12)
    assert national.intake.is_pilot_area("Anywhere")
    assert not national.marac.suicide_self_harm
    assert national.clock_rules == kent.clock_rules
    assert national.golden_hour == kent.golden_hour
    assert national.basis["marac.escalation_months"] != kent.basis["marac.escalation_months"]


def test_version_follows_the_content_and_not_its_spelling(tmp_path: Path, kent: Policy) -> None:
    assert load_policy(edited(tmp_path, "# Limits:", "# limits:")).version == kent.version
    assert load_policy(edited(tmp_path, "HIGH: 40", "HIGH: 41")).version != kent.version
    assert load_policy(edited(tmp_path, "1 [known]", "1 [assumed]")).version != kent.version


def test_priority_of_the_first_walk_through(kent: Policy) -> None:
    points = kent.priority
    score = points.grade[RiskGrade.HIGH] + 2 * points.per_earlier_report
    assert score + points.child_resident + points.strangulation_or_weapon == 85


@pytest.mark.parametrize(
    ("text", "kind", "amount", "unit"),
    [
        ("E 60 min", CalendarKind.ELAPSED, 60, "min"),
        ("W 5", CalendarKind.WORKING_DAYS, 5, "d"),
        ("W -2", CalendarKind.WORKING_DAYS, -2, "d"),
        ("D 12 months", CalendarKind.CALENDAR_DAYS, 12, "months"),
        ("X 48 h", CalendarKind.DVPN, 48, "h"),
        ("F", CalendarKind.FIXED, 0, ""),
    ],
)
def test_limit_is_read_as_written(text: str, kind: CalendarKind, amount: int, unit: str) -> None:
    limit = parse_limit(text)
    assert isinstance(limit, Limit)
    assert (limit.kind, limit.amount, limit.unit) == (kind, amount, unit)


@pytest.mark.parametrize("text", ["E 24", "W 5 h", "X 2 d", "D", "F 3", "24 h", "E x h", "w 5"])
def test_limit_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re_start(text)):
        parse_limit(text)


def re_start(text: str) -> str:
    return f"^'{text}'"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("reticent: 15", "reticnet: 15", "priority.reticent", "add it"),
        ("child_resident: 10", "child_resident: 10\n  dog: 1", "priority.dog", "not a known key"),
        ("first_contact_limit: E 24 h", "first_contact_limit: 24 h", "contact.HIGH", "no limit"),
        (
            "breach_to: failed-contact ladder, basis: assumed,",
            "breach_to: x,",
            "FIRST_CON",
            "basis",
        ),
        ('limits: {"": X 48 h}', "limits: {}", "file", "DVPN_HEARING.limits is empty"),
        ("warn_minutes: 45", "warn_minutes: 60", "file", "less than golden_hour.minutes"),
        (
            'closure_stable_days: {value: 56, basis: "docs/domain.md 9.4 [assumed]"}',
            "closure_stable_days: 56",
            "closure_stable_days",
            "has no basis",
        ),
        (
            '  min_age: {value: 16, basis: "Domestic Abuse Act 2021 s1 [known]"}',
            "  min_age: {value: 16}",
            "intake.min_age",
            "must be {value, basis}",
        ),
        ("  reticent: 15", "  reticent: 15\n  reticent: 16", "line", "stands twice"),
        ("ladder:\n", "ladder\n", "line", "correct the line"),
        ("  STANDARD:\n    first", "  LOW:\n    first", "contact", "should be"),
        (
            "escalation_events: {value: 3",
            "escalation_events: {value: 0",
            "marac.escalation",
            "great",
        ),
    ],
)
def test_mistake_is_named_by_file_key_rule_and_remedy(
    tmp_path: Path, old: str, new: str, key: str, said: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(edited(tmp_path, old, new))
    message = str(caught.value)
    assert message.startswith("kent.yaml: ")
    assert key in message
    assert said in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: national\nname: x-1\n", "builds on itself"),
        ("extends: ../secret\n", "must name a policy beside it"),
        ("extends: nowhere\n", "nowhere.yaml"),
        ("- a\n", "must be a mapping"),
    ],
)
def test_overlay_that_cannot_stand_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "national.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=said):
        load_policy(path)


def test_registry_gives_what_was_shipped_and_names_what_it_lacks(ew: Calendar) -> None:
    policy, calendar = registry.load_shipped()
    assert registry.current_policy() == policy
    assert registry.calendar(ew.version) == ew
    assert registry.current_calendar() == calendar
    assert calendar.school_days
    assert policy.name == "kent-2"
    assert registry.policy(policy.version) is registry.current_policy()
    with pytest.raises(PolicyError, match=r"kent-9@abc.*not loaded"):
        registry.policy("kent-9@abc")


def test_folder_with_a_mistake_loads_nothing(tmp_path: Path) -> None:
    before = registry.policy_versions()
    edited(tmp_path, "HIGH: 40", "HIGH: forty")
    with pytest.raises(PolicyError, match=r"priority\.grade\.HIGH"):
        registry.load_shipped(tmp_path)
    assert registry.policy_versions() == before


def test_every_clock_of_the_register_stands_in_the_reference() -> None:
    text = (POLICY.parent / "docs" / "domain.md").read_text(encoding="utf-8")
    assert [c.value for c in ClockType if f"`{c.value}`" not in text] == []
