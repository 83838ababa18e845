"""MARAC criteria by facts alone, with Kent's thresholds and the national ones."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.enums import MaracCriterion, RiskTool
from models.marac_criteria import CriteriaFacts, DatedEvent, TickCount, criteria_met, escalation
from models.policy import MaracPolicy, load_policy
from tests.models.conftest import POLICY, at, instants

KENT = load_policy(POLICY / "kent-2.yaml").marac
NATIONAL = load_policy(POLICY / "national-2.yaml").marac
NOW = at("2027-07-15 12:00")


def events(*days: str, earlier: int = 0) -> tuple[DatedEvent, ...]:
    return tuple(
        DatedEvent(
            incident_ref=f"46/{n}/27",
            reported_at=at(f"{day} 10:00"),
            criminal=n % 2 == 0,
            earlier_365=earlier,
        )
        for n, day in enumerate(days)
    )


def met(policy: MaracPolicy, now: datetime = NOW, **facts: object) -> list[MaracCriterion]:
    found = CriteriaFacts.model_validate(facts)
    return [each.criterion for each in criteria_met(policy, found, now)]


def test_without_facts_nothing_is_met() -> None:
    assert met(KENT) == []


@pytest.mark.parametrize(
    ("tool", "count", "expected"),
    [
        (RiskTool.DASH_ACPO_27, 14, True),
        (RiskTool.DASH_ACPO_27, 13, False),
        (RiskTool.DASH_SAFELIVES_24, 14, True),
        (RiskTool.DASH_SAFELIVES_24, 13, False),
        (RiskTool.DARA, 18, False),
        (RiskTool.SDASH, 11, False),
    ],
)
def test_visible_high_risk_by_the_tools_own_threshold(
    tool: RiskTool, count: int, expected: bool
) -> None:
    ticks = {tool: TickCount(count=count, at=NOW)}
    assert (MaracCriterion.VISIBLE_HIGH_RISK in met(KENT, ticks=ticks)) is expected


def test_counts_of_two_tools_are_never_added_up() -> None:
    ticks = {
        RiskTool.DASH_ACPO_27: TickCount(count=13, at=NOW),
        RiskTool.DASH_SAFELIVES_24: TickCount(count=13, at=NOW),
    }
    assert met(KENT, ticks=ticks) == []


def test_a_criterion_says_since_when_and_by_what() -> None:
    assessed = at("2027-03-25 22:32")
    facts = CriteriaFacts(ticks={RiskTool.DASH_ACPO_27: TickCount(count=17, at=assessed)})
    (found,) = criteria_met(KENT, facts, NOW)
    assert found.met_at == assessed
    assert found.inputs == {"tool": "DASH_ACPO_27", "ticks": 17, "threshold": 14}


def test_judgement_stands_alone() -> None:
    facts = CriteriaFacts(judgement_at=NOW, judgement_reason="EXTREME_FEAR")
    (found,) = criteria_met(KENT, facts, NOW)
    assert found.criterion is MaracCriterion.PROFESSIONAL_JUDGEMENT
    assert found.inputs == {"reason": "EXTREME_FEAR"}


def test_self_harm_counts_where_the_policy_says_so() -> None:
    assert met(KENT, self_harm_at=NOW) == [MaracCriterion.SUICIDE_SELF_HARM]
    assert met(NATIONAL, self_harm_at=NOW) == []


@pytest.mark.parametrize(
    ("days", "kent", "national"),
    [
        (("2027-05-01", "2027-06-01", "2027-07-01"), True, True),
        (("2027-01-16", "2027-06-01", "2027-07-01"), True, True),
        (("2027-01-15", "2027-06-01", "2027-07-01"), False, True),
        (("2026-07-16", "2027-06-01", "2027-07-01"), False, True),
        (("2026-07-15", "2027-06-01", "2027-07-01"), False, False),
        (("2027-06-01", "2027-07-01"), False, False),
    ],
)
def test_escalation_is_three_in_six_months_in_kent_and_in_twelve_nationally(
    days: tuple[str, ...], kent: bool, national: bool
) -> None:
    found = events(*days)
    assert (MaracCriterion.POTENTIAL_ESCALATION in met(KENT, events=found)) is kent
    assert (MaracCriterion.POTENTIAL_ESCALATION in met(NATIONAL, events=found)) is national


def test_escalation_is_met_by_the_event_that_completes_the_count() -> None:
    found = escalation(KENT, events("2027-04-01", "2027-05-01", "2027-06-01", "2027-07-01"), NOW)
    assert (found.events, found.met_at) == (4, at("2027-06-01 10:00"))


def test_an_incident_told_twice_counts_once() -> None:
    one = events("2027-07-01")
    assert escalation(KENT, one * 3, NOW).events == 1


def test_six_months_from_the_end_of_august_end_with_february() -> None:
    days = events("2027-08-31", "2027-09-01", "2028-02-01")
    assert escalation(KENT, days, at("2028-02-29 23:00")).met_at is not None
    assert escalation(KENT, days, at("2028-03-01 00:30")).met_at is None


def test_reports_without_a_date_are_certain_in_twelve_months_and_a_question_in_six() -> None:
    one = events("2027-07-10", earlier=2)
    national, kent = escalation(NATIONAL, one, NOW), escalation(KENT, one, NOW)
    assert (national.events, national.met_at, national.possible) == (3, one[0].reported_at, False)
    assert (kent.events, kent.met_at, kent.undated, kent.possible) == (1, None, 2, True)


def test_earlier_reports_whose_dates_are_known_are_not_counted_again() -> None:
    three = events("2026-09-01", "2026-10-01", "2027-07-10")
    known = (*three[:2], three[2].model_copy(update={"earlier_365": 2}))
    assert (escalation(KENT, known, NOW).undated, escalation(KENT, known, NOW).possible) == (
        0,
        False,
    )


@given(st.lists(instants("2026-01-01 00:00", "2027-07-15 00:00"), max_size=12))
def test_what_kents_six_months_meet_the_national_twelve_meet_too(drawn: list[datetime]) -> None:
    found = tuple(
        DatedEvent(incident_ref=str(n), reported_at=when, criminal=True)
        for n, when in enumerate(drawn)
    )
    kent, national = escalation(KENT, found, NOW), escalation(NATIONAL, found, NOW)
    assert national.events >= kent.events
    assert kent.met_at is None or national.met_at is not None
    assert (kent.met_at is not None) == (kent.events >= KENT.escalation_events)
