"""The table as a whole: reasons, versions, bytes, definitions, and reading it from PostgreSQL."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from evaluation.definitions import MEASURED, SHIPPED, as_markdown, load_definitions
from evaluation.fold import UnreadableEvent
from evaluation.numbers import percentile, time_to_share
from evaluation.periods import make_period
from evaluation.read import PILOT_ARM, compute
from evaluation.tables import as_table, csv_bytes, write_csv
from models import registry
from models.base import Refused
from models.content import PolicyError
from store.engine import make_engine
from store.ledger import append_events
from tests.evaluation.history import History, at, fraction

MARCH = (date(2027, 3, 1), date(2027, 3, 31))


def small_pilot() -> History:
    """Two cases and a comparison district."""
    history = History()
    history.served("2027-03-02 08:00", 1, "2027-03-02 10:00")
    history.interval("FIRST_CONTACT", "2027-03-03 08:00", "2027-03-02 10:00")
    history.served("2027-03-03 08:00", 2)
    history.report("2027-03-04 08:00", victim="VIC-0003", incident="46/3/27", district="Thanet")
    return history


def test_no_row_is_blank_without_a_reason() -> None:
    for table in (
        small_pilot().measured("2027-02-15", "2027-04-30"),
        History().measured("2027-03-01", "2027-03-31"),
    ):
        assert {row.metric for row in table.rows} == set(MEASURED)
        for row in table.rows:
            assert row.value is not None or row.note
            assert row.disclosure == "INTERNAL"
            assert row.definition_version.startswith(f"{row.metric}@")


def test_an_empty_ledger_says_so() -> None:
    table = History().measured("2027-03-01", "2027-03-31")
    assert all(row.note.startswith("NO_COHORT") for row in table.rows)


def test_a_part_of_a_month_is_marked_and_counts_below_five_too() -> None:
    table = small_pilot().measured("2027-02-15", "2027-03-31")
    parts = [row for row in table.rows if row.period == "2027-02"]
    assert parts
    assert all("part of the month, 2027-02-15/2027-02-28" in row.note for row in parts)
    assert {row.small_count for row in table.rows if row.numerator == 1} == {"YES"}
    many = History()
    for number in range(1, 7):
        many.served("2027-03-02 08:00", number, "2027-03-02 10:00")
    found = [r for r in many.measured("2027-03-01", "2027-03-31").rows if r.numerator == 6]
    assert {row.small_count for row in found} == {"NO"}


@pytest.mark.parametrize(
    ("start", "end", "as_of", "field"),
    [
        (date(2027, 3, 2), date(2027, 3, 1), datetime(2028, 1, 1, tzinfo=UTC), "to"),
        (date(2027, 3, 1), date(2027, 3, 2), datetime(2027, 3, 1, tzinfo=UTC), "from"),
        (date(2027, 3, 1), date(2027, 3, 2), datetime(2028, 1, 1), "as_of"),  # noqa: DTZ001
    ],
)
def test_a_period_that_cannot_be_measured_is_refused(
    start: date, end: date, as_of: datetime, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_period(start, end, as_of)
    assert refused.value.field == field


def test_percentiles_interpolate_between_order_statistics() -> None:
    assert percentile([3.0], 9) == 3.0
    assert percentile([1.0, 2.0], 5) == 1.5
    assert percentile([float(n) for n in range(1, 12)], 9) == 10.0


def test_the_censored_count_as_waiting_until_they_are_lost_from_sight() -> None:
    assert time_to_share([1.0, 2.0, 3.0], [], 0.5) == 2.0
    # After 1 hour a third; the censored leave at 1.5, then one of one.
    assert time_to_share([1.0, 2.0], [1.5], 0.5) == 2.0
    assert time_to_share([1.0], [5.0, 5.0], 0.5) is None
    assert time_to_share([], [5.0], 0.5) is None


def test_writing_again_gives_identical_bytes_and_every_row(tmp_path: Path) -> None:
    rows = small_pilot().measured("2027-03-01", "2027-03-31").rows
    again = small_pilot().measured("2027-03-01", "2027-03-31").rows
    first = write_csv(rows, tmp_path / "a" / "b").read_bytes()
    assert write_csv(again, tmp_path / "c").read_bytes() == first == csv_bytes(rows)
    with (tmp_path / "c" / "metrics.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert len(read) == len(rows)
    assert all(row["value"] or row["note"] for row in read)
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["metrics.csv"]


def test_the_printed_table_shows_figures_months_and_why_comparison_has_none() -> None:
    table = small_pilot().measured("2027-03-01", "2027-03-31")
    console = Console(width=260, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(as_table(table, load_definitions()))
    text = captured.get()
    assert "M01 Time to first contact" in text
    assert "2 h (1/2)*" in text
    assert "2027-03" in text
    assert "COMPARISON_DISTRICT" in text
    assert "not for publication" in text


def test_the_documentation_is_what_the_definitions_print() -> None:
    root = Path(__file__).resolve().parents[2]
    printed = (root / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert printed == as_markdown(load_definitions())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: M20", "id: M19", "define each of"),
        ('"golden_hour:verdict"]', '"golden_hour:vredict"]', "golden_hour:vredict"),
        ("name: pilot-metrics", "name: pilot-metrics\ntypo: 1", "typo: is not a known key"),
    ],
)
def test_a_mistake_in_the_definitions_is_named(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "definitions.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError) as error:
        load_definitions(path)
    assert "definitions.yaml" in str(error.value)
    assert says in str(error.value)


def test_changing_a_definition_changes_its_version_alone() -> None:
    shipped = load_definitions()
    first = shipped.metrics[0].model_copy(update={"title": "Another"})
    changed = shipped.model_copy(update={"metrics": (first, *shipped.metrics[1:])})
    assert changed.version_of("M01") != shipped.version_of("M01")
    assert changed.version_of("M02") == shipped.version_of("M02")
    assert changed.version != shipped.version


def test_an_event_that_lacks_what_its_tag_promises_stops_the_measuring() -> None:
    history = History()
    history.event("case/CASE-2027-00001", "contact:attempt:recorded", "2027-03-02 08:00", {})
    with pytest.raises(UnreadableEvent, match="case/CASE-2027-00001 at 1"):
        history.measured("2027-03-01", "2027-03-31")


def test_the_pilot_arm_is_named_as_the_shipped_policy_names_it() -> None:
    policy, _ = registry.load_shipped()
    assert policy.intake.arm_pilot == PILOT_ARM


async def test_reading_the_ledger_gives_the_same_table_and_leaves_out_what_came_later(
    database: str,
) -> None:
    history = small_pilot()
    history.attempt("2027-03-03 12:00", "CASE-2027-00002", recorded="2027-04-20 09:00")
    engine = make_engine(database)
    try:
        async with engine.begin() as conn:
            for stream, events in history.streams.items():
                await append_events(conn, stream, 1, events)
        table = await compute(engine, *MARCH, at("2027-05-01 00:00"))
        same = await compute(engine, *MARCH, at("2027-05-01 00:00"))
        earlier = await compute(engine, *MARCH, at("2027-04-20 08:59"))
        exactly = await compute(engine, *MARCH, at("2027-04-20 09:00"))
    finally:
        await engine.dispose()
    assert table == history.measured("2027-03-01", "2027-03-31", "2027-05-01 00:00")
    assert csv_bytes(same.rows) == csv_bytes(table.rows)
    assert fraction(table, "M01", "censored") == (0, 2, 0)
    assert fraction(earlier, "M01", "censored") == (1, 2, 1)
    assert fraction(exactly, "M01", "censored") == (0, 2, 0)
    assert fraction(table, "M02", "raw") == (1, 1, 0)
