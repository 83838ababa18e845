from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.commands import ChangeSuspectStatus, ReviewOutstandingSuspect
from models.enums import (
    ArrestReason,
    ClockStatus,
    ClockType,
    EvidenceCode,
    RecordingType,
    RiskGrade,
    SuspectStatus,
)
from tests.models.conftest import at
from tests.models.play_incident import OIC, SERGEANT
from tests.models.play_suspect import (
    SUPERVISOR,
    Case,
)

S = SuspectStatus
NEXT_DAY = "2027-03-26 21:40"


# --- the arrest target ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "due"),
    [
        (RiskGrade.HIGH, "2027-03-26 21:40"),
        # Elapsed time: the clocks go forward on 28 March.
        (RiskGrade.MEDIUM, "2027-03-28 22:40"),
        (RiskGrade.STANDARD, "2027-04-01 22:40"),
    ],
)
def test_the_arrest_target_follows_the_grade_from_the_report(grade: RiskGrade, due: str) -> None:
    case = Case(grade=grade)
    clock = case.clock(ClockType.SUSPECT_ARREST)
    assert (clock.due_at, clock.owner) == (at(due), OIC)


def test_at_the_target_the_suspect_is_to_be_circulated_and_the_inspector_hears() -> None:
    case = Case(grade=RiskGrade.HIGH)
    case.on("2027-03-26 21:39")
    assert case.task("CIRCULATE_SUSPECT") is None
    case.on(NEXT_DAY)
    circulate = case.task("CIRCULATE_SUSPECT")
    assert circulate is not None
    assert (circulate.owner, circulate.due_at) == (OIC, at(NEXT_DAY))
    breach = case.breach(ClockType.SUSPECT_ARREST)
    assert breach is not None and breach.owner == "INSPECTOR@Medway"
    case.status(S.CIRCULATED)
    assert case.task("CIRCULATE_SUSPECT") is None


def test_an_arrest_ends_the_target_at_its_own_time_and_every_task_of_the_search() -> None:
    case = Case(grade=RiskGrade.HIGH)
    case.on("2027-03-27 10:00")
    case.by(
        ChangeSuspectStatus(
            at=at("2027-03-26 20:00"),
            status=S.ARRESTED,
            arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE,
        )
    )
    (ended,) = case.ended(ClockType.SUSPECT_ARREST)
    assert (ended.status, ended.ended_at) == (ClockStatus.MET, at("2027-03-26 20:00"))
    assert case.task("CIRCULATE_SUSPECT") is None
    assert case.none_open(ClockType.SUSPECT_REVIEW)
    assert not any(t.subject.startswith("SUSPECT") for t in case.state.tasks.values())


def test_a_written_plan_ends_the_target_but_not_the_reviews_after_it() -> None:
    case = Case(grade=RiskGrade.HIGH)
    case.on("2027-03-25 22:20")
    case.capture(case.now, EvidenceCode.SUSPECT_ARREST_OR_PLAN)
    (ended,) = case.ended(ClockType.SUSPECT_ARREST)
    assert ended.ended_at == at("2027-03-25 22:20")
    review = case.clock(ClockType.SUSPECT_REVIEW)
    assert (review.started_at, review.due_at) == (at(NEXT_DAY), at("2027-03-27 21:40"))
    circulate = case.task("CIRCULATE_SUSPECT")
    assert circulate is not None and circulate.due_at == at(NEXT_DAY)
    case.status(S.ARRESTED, "2027-03-26 08:00")
    assert case.none_open(ClockType.SUSPECT_REVIEW)


def test_no_further_action_cancels_the_target() -> None:
    case = Case()
    case.status(S.NFA, "2027-03-26 08:00")
    (ended,) = case.ended(ClockType.SUSPECT_ARREST)
    assert ended.status is ClockStatus.CANCELLED


def test_a_raised_grade_brings_the_target_forward() -> None:
    case = Case()
    case.grade = RiskGrade.HIGH
    case.on("2027-03-25 23:00")
    case.update()
    assert case.clock(ClockType.SUSPECT_ARREST).due_at == at(NEXT_DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"recording_type": RecordingType.NON_CRIME_DA},
        {"perpetrator_ref": ""},
        {"suspect_status": S.ARRESTED},
    ],
)
def test_no_target_without_a_crime_a_suspect_or_somebody_to_find(
    changes: dict[str, Any],
) -> None:
    case = Case(**changes)
    assert case.none_open(ClockType.SUSPECT_ARREST)
    case.on("2027-04-20 00:00")
    assert case.task("CIRCULATE_SUSPECT") is None


def test_the_target_goes_with_the_officer_in_the_case() -> None:
    case = Case()
    case.on("2027-03-25 22:00")
    case.update(oic_id="DC 7002")
    assert case.clock(ClockType.SUSPECT_ARREST).owner == "DC 7002"


# --- reviews ----------------------------------------------------------------------------------


def test_the_search_is_reviewed_every_24_hours_for_high() -> None:
    case = Case(grade=RiskGrade.HIGH).on(NEXT_DAY)
    review = case.clock(ClockType.SUSPECT_REVIEW)
    assert (review.due_at, review.owner) == (at("2027-03-27 21:40"), SERGEANT)
    case.on("2027-03-27 09:00")
    case.by(ReviewOutstandingSuspect(at=case.now), SUPERVISOR)
    assert case.clock(ClockType.SUSPECT_REVIEW).due_at == at("2027-03-28 10:00")


def test_a_search_of_72_hours_reviews_for_other_grades() -> None:
    case = Case().on("2027-03-29 00:00")
    review = case.clock(ClockType.SUSPECT_REVIEW)
    assert review.due_at - review.started_at == timedelta(hours=72)


def test_a_review_not_held_reaches_the_inspector() -> None:
    case = Case(grade=RiskGrade.HIGH).on("2027-03-27 21:40")
    breach = case.breach(ClockType.SUSPECT_REVIEW)
    assert breach is not None and breach.owner == "INSPECTOR@Medway"


@pytest.mark.parametrize("reviewed", [False, True])
def test_a_raised_grade_brings_the_review_of_the_search_forward(*, reviewed: bool) -> None:
    case = Case()
    case.status(S.OUTSTANDING, "2027-03-25 22:00")
    case.on("2027-03-28 22:41")
    started = at("2027-03-28 22:40")
    if reviewed:
        case.on("2027-03-29 10:00").by(ReviewOutstandingSuspect(at=case.now), SUPERVISOR)
        started = case.now
    case.grade = RiskGrade.HIGH
    case.update()
    review = case.clock(ClockType.SUSPECT_REVIEW)
    assert (review.started_at, review.rule_key) == (started, "HIGH")
    assert review.due_at == started + timedelta(hours=24)
