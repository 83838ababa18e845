"""Who is eligible for a DALO (docs/domain.md 2.6): facts of one report in the light of the others.

Nothing here decides for an officer: it says what the policy in force makes of what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from models.base import Record
from models.enums import RiskGrade, Statement
from models.policy import IntakePolicy, Policy
from models.report import Report


class Assessment(Record):
    """What the policy makes of one report.

    `repeat_count_365` counts the victim's other reports in the look-back before this one;
    `eligible_but_for_area` and `reason` are the evaluation's cohort; `area` is the pilot area the
    report lies in, empty outside all of them."""

    grade: RiskGrade
    grade_pending_review: bool
    reticent: bool
    repeat_count_365: int
    eligible_but_for_area: bool
    reason: str
    allocation_arm: str
    area: str
    priority_score: int


def under_age(report: Report, policy: IntakePolicy) -> bool:
    """Whether victim or suspect is below the age of domestic abuse law (16). Such a report goes to
    child safeguarding and counts as no report of the victim."""
    ages = (report.victim_age, report.suspect_age)
    return any(age is not None and age < policy.min_age for age in ages)


def working_grade(report: Report) -> tuple[RiskGrade, bool]:
    """The grade to work with and whether it waits for review: blank counts as medium, and with the
    risk questions refused it is at least medium whatever was recorded (docs/domain.md 2.5)."""
    recorded = report.risk_grade
    if recorded is None:
        return RiskGrade.MEDIUM, True
    if report.risk_refused:
        return (RiskGrade.HIGH if recorded is RiskGrade.HIGH else RiskGrade.MEDIUM), True
    return recorded, False


def pilot_area(district: str, policy: IntakePolicy) -> str:
    """The pilot area that a district is, as the policy spells it; empty where it is none."""
    if not policy.is_pilot_area(district):
        return ""
    spelt = {area.casefold(): area for area in policy.pilot_areas}
    return spelt.get(district.casefold(), district)


def earlier_reports(report: Report, others: Iterable[Report], policy: IntakePolicy) -> list[Report]:
    """The victim's other reports that count, reported in the look-back before this one: the
    earliest instant is included, the same instant is not."""
    earliest = report.reported_at - timedelta(hours=policy.lookback_hours)
    return [
        other
        for other in others
        if earliest <= other.reported_at < report.reported_at and not under_age(other, policy)
    ]


def is_reticent(report: Report, earlier: Iterable[Report], policy: IntakePolicy) -> bool:
    """Whether the victim is reluctant to engage, as far as a feed can tell: risk questions refused
    or statement declined now, or an earlier report's latest known outcome says so."""
    return (
        report.risk_refused
        or report.statement is Statement.DECLINED
        or any(other.outcome_code in policy.reticent_outcomes for other in earlier)
    )


def priority_score(
    report: Report, grade: RiskGrade, repeats: int, *, reticent: bool, policy: Policy
) -> int:
    """Rank among waiting cases; higher is more urgent (docs/domain.md 2.6)."""
    points = policy.priority
    score = points.grade.get(grade, 0)
    score += min(points.per_earlier_report * repeats, points.earlier_reports_max)
    score += points.reticent if reticent else 0
    score += points.child_resident if (report.children_resident or 0) > 0 else 0
    score += points.strangulation_or_weapon if report.strangulation or report.weapon else 0
    score += points.order_breach if report.order_breach else 0
    return score


def assess(report: Report, others: Iterable[Report], policy: Policy) -> Assessment:
    """Assess a report in the light of the victim's other reports (their latest versions)."""
    intake = policy.intake
    earlier = earlier_reports(report, others, intake)
    grade, pending = working_grade(report)
    reticent = is_reticent(report, earlier, intake)
    area = pilot_area(report.district, intake)
    eligible, reason = _eligible(report, grade, len(earlier), reticent, intake)
    return Assessment(
        grade=grade,
        grade_pending_review=pending,
        reticent=reticent,
        repeat_count_365=len(earlier),
        eligible_but_for_area=eligible,
        reason=reason,
        allocation_arm=intake.allocation_arm(report.district),
        area=area,
        priority_score=priority_score(
            report, grade, len(earlier), reticent=reticent, policy=policy
        ),
    )


def _eligible(
    report: Report, grade: RiskGrade, repeats: int, reticent: bool, policy: IntakePolicy
) -> tuple[bool, str]:
    if under_age(report, policy):
        return False, "UNDER_16"
    if repeats == 0:
        return False, "NO_REPEAT"
    if grade in policy.grades_eligible:
        return True, f"REPEAT_{grade.value}"
    if reticent:
        return True, "REPEAT_RETICENT"
    return False, f"REPEAT_{grade.value}_NOT_RETICENT"
