"""The checklist, the golden-hour set and the verdict, by table and by property."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clocks import CalendarKind, Limit
from models.enums import (
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    GoldenHourResult,
    Injury,
    RecordingType,
    ResponseMode,
    Source,
    SuspectStatus,
)
from models.evidence import (
    CAPTURED,
    TRIGGERS,
    Item,
    arrest_known_at,
    captured_status,
    golden_hour_applicable,
    golden_target,
    judge,
    required_items,
    verdict,
    verdict_without_declined,
)
from models.policy import Policy
from tests.models.play_incident import arrived, report

E = EvidenceCode
REPORTED = datetime(2027, 3, 25, 21, 40, tzinfo=UTC)
DUE = REPORTED + timedelta(minutes=60)
BARE = [
    E.INITIAL_ACCOUNT_VIDEO,
    E.RISK_ASSESSMENT,
    E.WITNESS_ACCOUNTS,
    E.RES_GESTAE_NOTE,
    E.PREVIOUS_HISTORY,
    E.SAFETY_PLAN_INITIAL,
    E.VICTIM_STATEMENT,
    E.VPS_OFFERED,
]


def extra(**facts: object) -> set[EvidenceCode]:
    given_report = report(REPORTED, **{"recording_type": RecordingType.NON_CRIME_DA, **facts})
    return set(required_items(given_report)) - set(BARE)


def test_every_incident_calls_for_the_required_set_and_nothing_else_without_a_trigger() -> None:
    assert required_items(report(REPORTED, recording_type=RecordingType.NON_CRIME_DA)) == BARE


def test_every_item_of_the_checklist_has_a_trigger_and_a_policy_target(kent: Policy) -> None:
    assert set(TRIGGERS) == set(EvidenceCode) == set(kent.golden_hour.items)


BODILY = {E.INJURY_PHOTOS_INITIAL, E.INJURY_PHOTOS_FOLLOWUP, E.MEDICAL_EXAM_CONSENT}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"source": Source.CALL_999}, {E.EMERGENCY_CALL_RECORDING}),
        ({"source": Source.CALL_101}, {E.EMERGENCY_CALL_RECORDING}),
        ({"source": Source.ONLINE}, set()),
        (
            {"response_mode": ResponseMode.ATTENDANCE},
            {E.BWV_ATTENDANCE, E.SCENE_PHOTOS_VIDEO},
        ),
        ({"response_mode": ResponseMode.RVR}, set()),
        ({"shared_home": True}, {E.SCENE_PHOTOS_VIDEO}),
        ({"injury": Injury.NONE}, set()),
        ({"injury": Injury.MINOR}, BODILY | {E.FORENSIC_SAMPLES}),
        ({"strangulation": True}, BODILY | {E.FORENSIC_SAMPLES}),
        ({"weapon": True}, {E.FORENSIC_SAMPLES}),
        ({"ho_class": ("105A",)}, {E.FORENSIC_SAMPLES}),
        ({"ho_class": ("19C",)}, {E.FORENSIC_SAMPLES, E.EARLY_EVIDENCE_KIT}),
        ({"ho_class": ("58B",)}, set()),
        ({"ho_class": ("8R",)}, {E.DIGITAL_COMMS}),
        ({"ho_class": ("8Q",)}, {E.DIGITAL_COMMS, E.DEVICE_TRACKING_CHECK}),
        ({"stalking": True}, {E.DIGITAL_COMMS, E.DEVICE_TRACKING_CHECK}),
        ({"coercive_control": True}, {E.DIGITAL_COMMS, E.DEVICE_TRACKING_CHECK}),
        ({"children_resident": 2}, set()),
        ({"children_present": 1}, {E.CHILD_ACCOUNT}),
        ({"suspect_status": SuspectStatus.OUTSTANDING}, set()),
        ({"suspect_status": SuspectStatus.ON_SCENE}, {E.SUSPECT_WORDS}),
        ({"recording_type": RecordingType.CRIME}, {E.SUSPECT_ARREST_OR_PLAN}),
    ],
)
def test_a_fact_calls_for_its_items(facts: dict[str, object], expected: set[EvidenceCode]) -> None:
    assert extra(**facts) == expected


@pytest.mark.parametrize(
    ("hours", "ended", "applicable"),
    [
        (24, None, True),
        (24.02, None, False),
        (800, 1, True),
        (800, 30, False),
    ],
)
def test_a_report_more_than_24_hours_after_has_no_golden_hour(
    hours: float, ended: float | None, applicable: bool
) -> None:
    happened = report(
        REPORTED,
        occurred_from=REPORTED - timedelta(hours=hours),
        occurred_to=None if ended is None else REPORTED - timedelta(hours=ended),
    )
    assert golden_hour_applicable(happened) is applicable


def test_the_golden_set_is_what_is_due_within_60_minutes(kent: Policy) -> None:
    golden = {c for c, rule in kent.golden_hour.items.items() if golden_target(rule.target)}
    assert golden == {
        E.EMERGENCY_CALL_RECORDING,
        E.BWV_ATTENDANCE,
        E.INITIAL_ACCOUNT_VIDEO,
        E.INJURY_PHOTOS_INITIAL,
        E.SCENE_PHOTOS_VIDEO,
        E.FORENSIC_SAMPLES,
        E.EARLY_EVIDENCE_KIT,
        E.CHILD_ACCOUNT,
        E.RES_GESTAE_NOTE,
        E.SUSPECT_WORDS,
        E.SUSPECT_ARREST_OR_PLAN,
    }
    assert golden_target(Limit(kind=CalendarKind.ELAPSED, amount=1, unit="h"))
    assert not golden_target(Limit(kind=CalendarKind.WORKING_DAYS, amount=1, unit="d"))


def item(
    code: EvidenceCode,
    status: EvidenceStatus,
    minute: int | None = None,
    *,
    captured: int | None = None,
    known_late: bool = False,
) -> Item:
    at = None if minute is None else REPORTED + timedelta(minutes=minute)
    if captured is None and status in CAPTURED:
        captured = minute
    return Item(
        code=code,
        status=status,
        known_at=REPORTED,
        golden=True,
        known_late=known_late,
        due_at=DUE,
        at=at,
        captured_at=None if captured is None else REPORTED + timedelta(minutes=captured),
        reason=EvidenceReason.NO_CONSENT if status is EvidenceStatus.VICTIM_DECLINED else None,
    )


S = EvidenceStatus
R = GoldenHourResult


@pytest.mark.parametrize(
    ("items", "result", "without_declined"),
    [
        ([item(E.BWV_ATTENDANCE, S.CAPTURED, 60)], R.COMPLETE, R.COMPLETE),
        ([item(E.BWV_ATTENDANCE, S.CAPTURED_LATE, 61)], R.NOT_ACHIEVED, R.NOT_ACHIEVED),
        (
            [item(E.BWV_ATTENDANCE, S.CAPTURED, 9), item(E.CHILD_ACCOUNT, S.NOT_APPLICABLE, 9)],
            R.COMPLETE,
            R.COMPLETE,
        ),
        (
            [item(E.INITIAL_ACCOUNT_VIDEO, S.CAPTURED, 9), item(E.CHILD_ACCOUNT, S.PENDING)],
            R.PARTIAL,
            R.PARTIAL,
        ),
        (
            [item(E.RES_GESTAE_NOTE, S.CAPTURED, 9), item(E.BWV_ATTENDANCE, S.PENDING)],
            R.NOT_ACHIEVED,
            R.NOT_ACHIEVED,
        ),
        (
            [
                item(E.BWV_ATTENDANCE, S.CAPTURED, 9),
                item(E.INITIAL_ACCOUNT_VIDEO, S.VICTIM_DECLINED, 20),
            ],
            R.PARTIAL,
            R.COMPLETE,
        ),
        (
            [
                item(E.BWV_ATTENDANCE, S.CAPTURED, 9),
                item(E.INITIAL_ACCOUNT_VIDEO, S.VICTIM_DECLINED, 90),
            ],
            R.PARTIAL,
            R.PARTIAL,
        ),
        ([item(E.BWV_ATTENDANCE, S.LOST, 900, captured=9)], R.COMPLETE, R.COMPLETE),
        ([item(E.BWV_ATTENDANCE, S.LOST, 50, captured=9)], R.NOT_ACHIEVED, R.NOT_ACHIEVED),
        (
            [
                item(E.BWV_ATTENDANCE, S.CAPTURED, 9),
                item(E.INJURY_PHOTOS_INITIAL, S.PENDING, known_late=True),
            ],
            R.COMPLETE,
            R.COMPLETE,
        ),
    ],
)
def test_the_verdict_is_of_what_was_in_hand_at_60_minutes(
    items: list[Item], result: GoldenHourResult, without_declined: GoldenHourResult
) -> None:
    assert verdict(items, DUE) is result
    assert verdict_without_declined(items, DUE) is without_declined


RANK = [R.NOT_ACHIEVED, R.PARTIAL, R.COMPLETE]
MINUTES = st.integers(0, 180)
CHECKLIST = st.dictionaries(
    st.sampled_from(EvidenceCode), st.tuples(st.sampled_from(EvidenceStatus), MINUTES), min_size=1
).map(lambda drawn: [item(code, *what) for code, what in drawn.items()])


@given(CHECKLIST)
def test_leaving_out_what_was_declined_never_makes_a_verdict_worse(items: list[Item]) -> None:
    variant = verdict_without_declined(items, DUE)
    assert variant is R.NOT_APPLICABLE or RANK.index(variant) >= RANK.index(verdict(items, DUE))


@given(CHECKLIST, MINUTES)
def test_capturing_one_more_in_time_never_makes_a_verdict_worse(
    items: list[Item], minute: int
) -> None:
    better = [item(items[0].code, S.CAPTURED, min(minute, 60)), *items[1:]]
    assert RANK.index(verdict(better, DUE)) >= RANK.index(verdict(items, DUE))


@given(CHECKLIST)
def test_complete_means_that_nothing_counted_is_missing(items: list[Item]) -> None:
    judged = judge(items, DUE)
    assert (judged.result is R.COMPLETE) == (judged.captured_in_time == judged.in_set)


@given(MINUTES)
def test_in_time_or_late_is_decided_by_when_it_was_captured(minute: int) -> None:
    late = captured_status(REPORTED + timedelta(minutes=minute), DUE) is S.CAPTURED_LATE
    assert late is (minute > 60)


@pytest.mark.parametrize(
    ("before", "before_minute", "after", "minute", "known"),
    [
        (None, 0, SuspectStatus.ARRESTED, 30, 30),
        (None, 0, SuspectStatus.ARRESTED, 90, None),
        (SuspectStatus.OUTSTANDING, 10, SuspectStatus.ARRESTED, 90, None),
        (SuspectStatus.OUTSTANDING, 70, SuspectStatus.CHARGED_BAIL, 90, 90),
        (SuspectStatus.OUTSTANDING, 10, SuspectStatus.CIRCULATED, 30, None),
    ],
)
def test_a_report_says_when_an_arrest_was_only_where_it_proves_it(
    before: SuspectStatus | None,
    before_minute: int,
    after: SuspectStatus,
    minute: int,
    known: int | None,
) -> None:
    def received(status: SuspectStatus, version: int, minutes: int) -> object:
        return arrived(
            report(REPORTED, version=version, suspect_status=status),
            REPORTED + timedelta(minutes=minutes),
        )

    first = None if before is None else received(before, 1, before_minute)
    found = arrest_known_at(first, received(after, 2, minute), DUE)  # type: ignore[arg-type]
    assert found == (None if known is None else REPORTED + timedelta(minutes=known))
