"""The RFGV score: bands, points, window, rounding, ties; the values of docs/domain.md 16 (iv)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import registry
from models.duties.rfgv import RfgvDuty, Weights
from models.enums import RecordingType
from models.rfgv import DaEvent, RfgvScore, gravity_of, in_window, ranked, score
from tests.models.conftest import at, instants
from tests.models.play import a_report

CRIME, NON_CRIME = RecordingType.CRIME, RecordingType.NON_CRIME_DA


@pytest.fixture(scope="module")
def duty() -> RfgvDuty:
    if not registry.policy_versions():
        registry.load_shipped()
    return registry.current_policy().of_duties.rfgv


def an_event(number: int, day: str, **changes: object) -> DaEvent:
    facts: dict[str, object] = {
        "incident_ref": f"46/{number}/27",
        "victim_ref": "VIC-0004",
        "reported_at": at(f"{day} 12:00"),
        "recording_type": CRIME,
        "ho_class": ("105A",),
        **changes,
    }
    return DaEvent.model_validate(facts)


def seven() -> list[DaEvent]:
    """Two non-crimes, three common assaults, coercive control, strangulation; three victims."""
    return [
        an_event(1, "2026-02-01", recording_type=NON_CRIME, ho_class=()),
        an_event(2, "2026-05-01", recording_type=NON_CRIME, ho_class=(), victim_ref="VIC-0005"),
        an_event(3, "2026-08-01"),
        an_event(4, "2026-11-01", victim_ref="VIC-0005"),
        an_event(5, "2027-02-01", victim_ref="VIC-0006"),
        an_event(6, "2027-04-01", ho_class=("8U",)),
        an_event(7, "2027-06-19", ho_class=("8N",), strangulation=True),
    ]


def test_the_worked_example_scores_80_2_and_later_65_2(duty: RfgvDuty) -> None:
    first = score("PER-0004", seven(), date(2027, 7, 1), duty)
    assert (first.r, first.f, first.g, first.v, first.score) == (100, 80, 72, 75, 80.2)
    assert (first.events, first.victims, first.weights_version) == (7, 3, "kent-rfgv-1")
    later = score("PER-0004", seven(), date(2028, 1, 17), duty)
    assert (later.r, later.f, later.g, later.v, later.score) == (25, 80, 72, 75, 65.2)


@pytest.mark.parametrize(
    ("days", "points"),
    [(0, 100), (30, 100), (31, 75), (90, 75), (91, 50), (180, 50), (181, 25), (365, 25), (366, 0)],
)
def test_recency_by_days_since_the_last_event(duty: RfgvDuty, days: int, points: int) -> None:
    run_on = date(2027, 6, 19) + timedelta(days=days)
    assert score("PER-1", [an_event(1, "2027-06-19")], run_on, duty).r == points


@pytest.mark.parametrize(
    ("count", "points"),
    [(1, 10), (2, 25), (3, 40), (4, 60), (5, 60), (6, 80), (9, 80), (10, 100), (30, 100)],
)
def test_frequency_by_events(duty: RfgvDuty, count: int, points: int) -> None:
    events = [an_event(n, "2027-06-19") for n in range(count)]
    assert score("PER-1", events, date(2027, 7, 1), duty).f == points


@pytest.mark.parametrize(("victims", "points"), [(1, 0), (2, 50), (3, 75), (4, 100), (9, 100)])
def test_victims_are_counted_once_each(duty: RfgvDuty, victims: int, points: int) -> None:
    events = [an_event(n, "2027-06-19", victim_ref=f"VIC-{n % victims}") for n in range(18)]
    assert score("PER-1", events, date(2027, 7, 1), duty).v == points


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"recording_type": NON_CRIME, "ho_class": ()}, 1),
        ({"recording_type": NON_CRIME, "ho_class": (), "strangulation": True}, 40),
        ({"ho_class": ("105A",)}, 5),
        ({"ho_class": ("8R",)}, 5),
        ({"ho_class": ("58C",)}, 5),
        ({"ho_class": ("3B",)}, 15),
        ({"ho_class": ("8Q",)}, 15),
        ({"ho_class": ("20A",)}, 15),
        ({"ho_class": ("36",)}, 40),
        ({"ho_class": ("19C",)}, 40),
        ({"ho_class": ("2",)}, 100),
        ({"ho_class": ("99Z",)}, 5),
        ({"ho_class": ()}, 5),
        ({"ho_class": ("105A", "5D", "8Q")}, 40),
        ({"ho_class": ("105A",), "order_breach": True}, 15),
    ],
)
def test_an_event_scores_once_at_its_highest(
    duty: RfgvDuty, changes: dict[str, object], points: int
) -> None:
    assert gravity_of(an_event(1, "2027-06-19", **changes), duty) == points


def test_one_incident_with_two_victims_is_one_event_and_two_victims(duty: RfgvDuty) -> None:
    both = [
        an_event(1, "2027-06-19", ho_class=("8N",)),
        an_event(1, "2027-06-19", victim_ref="VIC-0005"),
    ]
    found = score("PER-1", both, date(2027, 7, 1), duty)
    assert (found.events, found.victims, found.g) == (1, 2, 15)


def test_gravity_stops_at_its_maximum(duty: RfgvDuty) -> None:
    events = [an_event(n, "2027-06-19", ho_class=("19C",)) for n in range(5)]
    assert score("PER-1", events, date(2027, 7, 1), duty).g == 100


@pytest.mark.parametrize(
    ("reported", "run_on", "counts"),
    [
        ("2025-07-02 00:00", date(2027, 7, 1), True),
        ("2025-07-01 23:59", date(2027, 7, 1), False),
        ("2027-07-01 23:59", date(2027, 7, 1), True),
        ("2027-07-02 00:00", date(2027, 7, 1), False),
        ("2026-02-28 12:00", date(2028, 2, 27), True),
        ("2026-02-28 12:00", date(2028, 2, 28), False),
        ("2024-02-29 12:00", date(2026, 2, 28), True),
    ],
)
def test_the_window_is_24_calendar_months_to_the_day_of_the_run(
    duty: RfgvDuty, reported: str, run_on: date, counts: bool
) -> None:
    assert in_window(at(reported), run_on, duty) is counts


def test_halves_round_up(duty: RfgvDuty) -> None:
    weights = Weights(r=0, f=0, g=5, v=95)
    odd = duty.model_copy(update={"weights": weights})
    event = an_event(1, "2027-06-19", recording_type=NON_CRIME)
    found = score("PER-1", [event], date(2027, 7, 1), odd)
    # 0.05 x 1 point = 0.05
    assert (found.g, found.score) == (1, 0.1)


def a_score(name: str, total: float, gravity: int, last: str) -> RfgvScore:
    return RfgvScore(
        perpetrator_ref=name,
        run_on=date(2027, 7, 1),
        weights_version="w",
        r=0,
        f=0,
        g=gravity,
        v=0,
        score=total,
        events=1,
        victims=1,
        last_event_at=at(last),
        points={},
    )


def test_ties_go_by_gravity_then_by_the_latest_event(duty: RfgvDuty) -> None:
    scores = [
        a_score("PER-4", 50.0, 40, "2027-05-01 10:00"),
        a_score("PER-3", 50.0, 40, "2027-06-01 10:00"),
        a_score("PER-2", 50.0, 72, "2027-01-01 10:00"),
        a_score("PER-1", 80.2, 5, "2026-01-01 10:00"),
        a_score("PER-0", 50.0, 40, "2027-05-01 10:00"),
    ]
    order = [each.perpetrator_ref for each in ranked(scores, duty)]
    assert order == ["PER-1", "PER-2", "PER-3", "PER-0", "PER-4"]
    assert [each.rank for each in ranked(scores, duty)] == [1, 2, 3, 4, 5]


def test_the_top_20_and_all_from_60_on_are_nominated(duty: RfgvDuty) -> None:
    high = [a_score(f"PER-{n:03d}", 60.0, 1, "2027-06-01 10:00") for n in range(25)]
    low = [a_score(f"PER-{n:03d}", 59.9, 1, "2027-06-01 10:00") for n in range(25, 30)]
    assert [s.nominated for s in ranked([*low, *high], duty)] == [True] * 25 + [False] * 5
    assert all(s.nominated for s in ranked(low, duty))


def test_without_an_event_in_the_window_nobody_is_ranked(duty: RfgvDuty) -> None:
    gone = score("PER-1", [an_event(1, "2020-01-01")], date(2027, 7, 1), duty)
    assert (gone.score, gone.last_event_at) == (0.0, None)
    assert ranked([gone], duty) == []


def test_a_report_is_an_event(duty: RfgvDuty) -> None:
    event = DaEvent.of(a_report(at("2027-06-19 12:00"), ho_class=("8N",), strangulation=True))
    assert (event.incident_ref, gravity_of(event, duty)) == ("46/1/27", 40)


@given(
    st.lists(
        st.tuples(instants("2025-01-01 00:00", "2027-12-31 23:00"), st.booleans()), max_size=30
    )
)
def test_a_score_lies_between_0_and_100_and_another_event_never_lowers_it(
    drawn: list[tuple[datetime, bool]],
) -> None:
    if not registry.policy_versions():
        registry.load_shipped()
    duty = registry.current_policy().of_duties.rfgv
    events = [
        an_event(n, "2027-06-19", strangulation=flag).model_copy(update={"reported_at": when})
        for n, (when, flag) in enumerate(drawn)
    ]
    last = 0.0
    for upto in range(len(events) + 1):
        found = score("PER-1", events[:upto], date(2027, 7, 1), duty)
        assert last <= found.score <= 100
        assert round(found.score, 1) == found.score
        last = found.score


def test_weights_must_add_up_and_bands_rise(duty: RfgvDuty) -> None:
    with pytest.raises(ValidationError, match="add up to 100"):
        Weights(r=20, f=25, g=35, v=21)
    with pytest.raises(ValidationError, match="recency bands must rise"):
        RfgvDuty.model_validate(
            {**duty.model_dump(), "recency": [{"limit": 9, "points": 1}, {"limit": 9, "points": 2}]}
        )
