"""The rules of intake on facts alone, and that the order of arrival decides nobody's case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import registry
from models.eligibility import assess, working_grade
from models.enums import IntakeOutcome, RecordingType, RiskGrade, Statement
from models.judging import Judgement, VictimFacts, apply, judge
from models.policy import Policy
from models.report import Report

DAY = timedelta(days=1)
T0 = datetime(2026, 11, 1, 12, tzinfo=UTC)
POLICY = registry.load_shipped()[0]


def report(incident: str, at: datetime = T0, **facts: Any) -> Report:
    defaults: dict[str, Any] = {
        "incident_ref": incident,
        "victim_ref": "VIC-1",
        "version": 1,
        "recording_type": RecordingType.NON_CRIME_DA,
        "occurred_from": at,
        "reported_at": at,
        "district": "Medway",
        "victim_age": 30,
        "risk_grade": RiskGrade.MEDIUM,
    }
    return Report(**{**defaults, **facts})


def take(
    facts: VictimFacts, new: Report, *, history: bool = False
) -> tuple[VictimFacts, Judgement]:
    judgement = judge(new, facts, POLICY, history=history)
    opened = "CASE-2026-00001" if judgement.opens or judgement.opener else ""
    return apply(new, facts, judgement, opened), judgement


def after(*reports: Report) -> VictimFacts:
    facts = VictimFacts()
    for each in reports:
        facts, _ = take(facts, each)
    return facts


def outcome(facts: VictimFacts, new: Report) -> str:
    return take(facts, new)[1].outcome.value


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        (timedelta(hours=8760), "CASE_OPENED"),
        (timedelta(hours=8760, minutes=1), "NOT_ELIGIBLE"),
        (timedelta(0), "NOT_ELIGIBLE"),
        (timedelta(minutes=1), "CASE_OPENED"),
    ],
)
def test_the_look_back_includes_its_earliest_instant_and_not_the_report_s_own(
    earlier: timedelta, expected: str
) -> None:
    facts = after(report("A", T0 - earlier, risk_grade=RiskGrade.STANDARD))
    assert outcome(facts, report("B")) == expected


@pytest.mark.parametrize(
    ("grade", "refused", "working", "pending"),
    [
        (None, False, RiskGrade.MEDIUM, True),
        (None, True, RiskGrade.MEDIUM, True),
        (RiskGrade.STANDARD, True, RiskGrade.MEDIUM, True),
        (RiskGrade.HIGH, True, RiskGrade.HIGH, True),
        (RiskGrade.STANDARD, False, RiskGrade.STANDARD, False),
    ],
)
def test_working_grade(
    grade: RiskGrade | None, refused: bool, working: RiskGrade, pending: bool
) -> None:
    assert working_grade(report("A", risk_grade=grade, risk_refused=refused)) == (working, pending)


@pytest.mark.parametrize(
    ("earlier", "now", "expected"),
    [
        ({}, {"statement": Statement.DECLINED}, "CASE_OPENED"),
        ({}, {"risk_refused": True}, "CASE_OPENED"),
        ({"outcome_code": 14}, {}, "CASE_OPENED"),
        ({"outcome_code": 16}, {}, "CASE_OPENED"),
        ({"outcome_code": 15}, {}, "NOT_ELIGIBLE"),
        ({"statement": Statement.DECLINED}, {}, "NOT_ELIGIBLE"),
        ({}, {"outcome_code": 16}, "NOT_ELIGIBLE"),
    ],
)
def test_a_standard_risk_repeat_is_eligible_only_if_reticent(
    earlier: dict[str, Any], now: dict[str, Any], expected: str
) -> None:
    standard: dict[str, Any] = {"risk_grade": RiskGrade.STANDARD}
    facts = after(report("A", T0 - DAY, **standard, **earlier))
    assert outcome(facts, report("B", **standard, **now)) == expected


def test_under_16_comes_before_an_open_case_and_counts_as_no_report() -> None:
    child = report("A", T0 - DAY, suspect_age=15)
    assert outcome(after(child), report("B")) == "NOT_ELIGIBLE"
    open_case = after(report("A", T0 - 2 * DAY), report("B", T0 - DAY))
    assert open_case.open_case
    _, judged = take(open_case, report("C", victim_age=15))
    assert (judged.outcome, judged.refer_child) == (IntakeOutcome.UNDER_16, True)


def test_an_open_case_takes_a_report_of_any_district() -> None:
    facts = after(report("A", T0 - 2 * DAY), report("B", T0 - DAY))
    assert outcome(facts, report("C", district="Thanet")) == "LINKED_TO_OPEN_CASE"


def test_another_district_opens_nothing_but_is_counted_as_eligible_there() -> None:
    facts, judged = take(after(report("A", T0 - DAY)), report("B", district="Thanet"))
    assert judged.outcome is IntakeOutcome.OUT_OF_AREA
    assert judged.assessment is not None
    assert judged.assessment.eligible_but_for_area
    assert judged.assessment.allocation_arm == POLICY.intake.arm_comparison
    assert not facts.open_case


def test_versions() -> None:
    facts = after(report("A", version=2))
    assert outcome(facts, report("A", version=2)) == "DUPLICATE"
    assert outcome(facts, report("A", version=1)) == "STALE"
    assert outcome(facts, report("A", version=3)) == "UPDATED"


def test_an_update_that_makes_a_report_eligible_opens_a_case() -> None:
    facts = after(report("A", T0 - DAY), report("B", risk_grade=RiskGrade.STANDARD))
    facts, judged = take(facts, report("B", version=2, risk_grade=RiskGrade.HIGH))
    assert (judged.outcome.value, judged.effect, judged.opens) == ("UPDATED", "CASE_OPENED", True)
    assert facts.open_case


def test_an_update_never_closes_a_case_but_becomes_a_supervisor_s_task() -> None:
    facts = after(report("A", T0 - DAY), report("B"))
    same, judged = take(facts, report("B", version=2, district="Thanet"))
    assert same.open_case == facts.open_case
    assert judged.tells and judged.now_ineligible
    _, harmless = take(facts, report("B", version=2, outcome_code=15))
    assert harmless.tells and not harmless.now_ineligible


def test_a_late_report_opens_the_case_of_the_earliest_later_one() -> None:
    facts = VictimFacts()
    for name, days in (("C", 2), ("B", 1)):
        facts, judged = take(facts, report(name, T0 + days * DAY, risk_grade=RiskGrade.STANDARD))
    facts, _ = take(facts, report("D", T0 + 3 * DAY, district="Thanet"))
    facts, judged = take(facts, report("A", T0, risk_grade=RiskGrade.STANDARD, outcome_code=16))
    assert (judged.outcome.value, judged.effect) == ("NOT_ELIGIBLE", "CASE_OPENED")
    assert judged.opener is not None
    assert judged.opener.report.incident_ref == "B"
    known = facts.known("C")
    assert known is not None and known.standing is IntakeOutcome.NOT_ELIGIBLE


def test_a_report_moved_into_the_area_by_an_update_can_still_be_judged_again() -> None:
    standard: dict[str, Any] = {"risk_grade": RiskGrade.STANDARD}
    facts = after(report("B", district="Thanet", **standard), report("B", version=2, **standard))
    facts, judged = take(facts, report("A", T0 - DAY, outcome_code=14, **standard))
    assert judged.opener is not None
    assert judged.opener.report.incident_ref == "B"


def test_history_starts_nothing_itself() -> None:
    facts, _ = take(VictimFacts(), report("A", T0 - DAY), history=True)
    facts, judged = take(facts, report("B", risk_grade=RiskGrade.HIGH), history=True)
    assert judged.outcome is IntakeOutcome.HISTORY
    assert not facts.open_case
    assert judged.assessment is not None and judged.assessment.eligible_but_for_area


def test_a_child_is_referred_once() -> None:
    facts, first = take(VictimFacts(), report("A", victim_age=12))
    facts, again = take(facts, report("A", version=2, victim_age=13))
    assert (first.refer_child, again.refer_child) == (True, False)


def test_a_report_that_was_wrongly_under_16_joins_the_open_case() -> None:
    facts = after(report("A", T0 - DAY), report("B"), report("C", T0 + DAY, victim_age=3))
    _, judged = take(facts, report("C", T0 + DAY, version=2, victim_age=30))
    assert (judged.outcome.value, judged.joins) == ("UPDATED", True)


def test_priority_score_adds_up() -> None:
    earlier = [report(f"E{n}", T0 - n * DAY) for n in range(1, 7)]
    urgent = report(
        "A",
        risk_grade=RiskGrade.HIGH,
        statement=Statement.DECLINED,
        children_resident=2,
        weapon=True,
        strangulation=True,
        order_breach=True,
    )
    assert assess(urgent, earlier, POLICY).priority_score == 40 + 40 + 15 + 10 + 15 + 10
    calm = report("A", risk_grade=RiskGrade.STANDARD)
    assert assess(calm, earlier[:2], POLICY).priority_score == 20


TIMES = [0, 1, 5, 8759, 8760, 8761, 17_000]
FACTS = st.fixed_dictionaries(
    {
        "hours": st.sampled_from(TIMES),
        "district": st.sampled_from(["Medway", "Medway", "Thanet"]),
        "risk_grade": st.sampled_from([RiskGrade.STANDARD, RiskGrade.HIGH]),
        "statement": st.sampled_from([None, Statement.DECLINED]),
        "outcome_code": st.sampled_from([None, 14, 15]),
        "victim_age": st.sampled_from([30, 30, 30, 15]),
        "history": st.booleans(),
        "versions": st.integers(1, 2),
    }
)


def _rows(drawn: list[dict[str, Any]]) -> list[tuple[Report, bool]]:
    """Reports, some with a second version that says no less than the first."""
    rows = []
    for number, facts in enumerate(drawn):
        given = {name: facts[name] for name in FACTS_OF_A_REPORT}
        at = T0 + timedelta(hours=facts["hours"])
        last = facts["versions"]
        rows.append((report(f"I{number}", at, version=last, **given), facts["history"]))
        if last > 1 and not facts["history"]:
            lower = {**given, "risk_grade": RiskGrade.STANDARD, "outcome_code": None}
            lower["statement"] = None
            rows.append((report(f"I{number}", at, version=1, **lower), False))
    return rows


FACTS_OF_A_REPORT = ("district", "risk_grade", "statement", "outcome_code", "victim_age")


def _end(rows: list[tuple[Report, bool]], policy: Policy) -> tuple[bool, list[tuple[Any, ...]]]:
    facts = VictimFacts()
    for each, history in rows:
        judgement = judge(each, facts, policy, history=history)
        opened = "CASE" if judgement.opens or judgement.opener else ""
        assert not (opened and facts.open_case), "one open case a victim"
        facts = apply(each, facts, judgement, opened)
    cohort = sorted(
        (known.report.incident_ref, known.eligible_but_for_area, known.reason)
        for known in facts.reports
    )
    return bool(facts.open_case), cohort


@settings(max_examples=300, deadline=None)
@given(drawn=st.lists(FACTS, min_size=1, max_size=6), data=st.data())
def test_neither_cases_nor_the_cohort_depend_on_the_order_of_arrival(
    drawn: list[dict[str, Any]], data: st.DataObject
) -> None:
    rows = _rows(drawn)
    in_order = sorted(rows, key=lambda row: (row[0].reported_at, row[0].incident_ref))
    shuffled = data.draw(st.permutations(rows))
    assert _end(shuffled, POLICY) == _end(in_order, POLICY)


@settings(max_examples=100, deadline=None)
@given(drawn=st.lists(FACTS, min_size=1, max_size=5), data=st.data())
def test_reading_everything_again_changes_nothing(
    drawn: list[dict[str, Any]], data: st.DataObject
) -> None:
    rows = _rows(drawn)
    again = data.draw(st.permutations(rows))
    assert _end([*rows, *again], POLICY) == _end(rows, POLICY)
