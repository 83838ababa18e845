"""The metrics as a file and as a table for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from evaluation.definitions import Definitions
from evaluation.pilot import ALL_ITEMS
from evaluation.rows import HOURS, PER_100, PERCENT, MetricRow, MetricTable
from models.instants import show

FILE = "metrics.csv"
COLUMNS = tuple(MetricRow.model_fields)
MONTHS_SHOWN = 6
_UNITS = {PERCENT: "%", HOURS: " h", PER_100: " per 100"}


def csv_bytes(rows: Sequence[MetricRow]) -> bytes:
    """RFC 4180, UTF-8: the same rows give the same bytes. A value that does not exist is empty,
    and the note says why."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(row.model_dump(mode="json") for row in rows)
    return text.getvalue().encode("utf-8")


def write_csv(rows: Sequence[MetricRow], out_dir: Path) -> Path:
    """Write `metrics.csv` into a folder, made where it is missing; a failure leaves the old file as
    it was. Raises OSError."""
    out_dir.mkdir(parents=True, exist_ok=True)
    target = out_dir / FILE
    unfinished = out_dir / f".{FILE}.part"
    try:
        unfinished.write_bytes(csv_bytes(rows))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def as_table(table: MetricTable, definitions: Definitions, *, items: bool = False) -> Table:
    """A table for a terminal: the whole period and its last months with a figure; items (evidence,
    criteria, clock types ...) one by one only with `items`. Each figure is followed by
    numerator/denominator; `*` marks a count below 5. Why a figure is missing stands once below, by
    metric and area."""
    total = f"{table.start.isoformat()}/{table.end.isoformat()}"
    shown = [row for row in table.rows if items or row.item in ("", ALL_ITEMS)]
    figures = [row for row in shown if row.value is not None]
    months = sorted({row.period for row in figures} - {total})[-MONTHS_SHOWN:]
    titles = {metric.id: metric.title for metric in definitions.metrics}
    grid = Table(
        title=f"Pilot metrics of {total.replace('/', ' to ')}",
        caption="\n".join([*_missing(shown, total), *_marking(table)]),
        caption_justify="left",
        box=SIMPLE_HEAD,
    )
    for heading in ("metric", "area", "measure"):
        grid.add_column(heading)
    for heading in ("period", *months):
        grid.add_column(heading, justify="right")
    groups: dict[tuple[str, str, str, str], dict[str, MetricRow]] = {}
    for row in figures:
        key = (row.metric, row.area, row.measure, row.item)
        groups.setdefault(key, {})[row.period] = row
    above = ("", "")
    for (metric, area, name, item), cells in groups.items():
        first = f"{metric} {titles[metric]}" if metric != above[0] else ""
        second = area if (metric, area) != above else ""
        above = (metric, area)
        values = (_cell(cells.get(period)) for period in (total, *months))
        grid.add_row(first, second, f"{name} {item}".strip(), *values)
    return grid


def _missing(rows: Iterable[MetricRow], total: str) -> list[str]:
    """Why figures of the whole period are missing: each reason once, with what it explains."""
    reasons: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        if row.period == total and row.value is None and row.note:
            reasons.setdefault(row.note, {}).setdefault(row.area, set()).add(row.metric)
    return [
        f"{', '.join(sorted(set().union(*areas.values())))} {', '.join(sorted(areas))}: {note}"
        for note, areas in reasons.items()
    ]


def _marking(table: MetricTable) -> list[str]:
    return [
        "INTERNAL: raw counts, not for publication. * count below 5. "
        f"Definitions {table.definitions_version}; cut-off {show(table.cutoff)}."
    ]


def _cell(row: MetricRow | None) -> str:
    if row is None or row.value is None:
        return "-"
    mark = "*" if row.small_count == "YES" else ""
    return f"{row.value:g}{_UNITS[row.unit]} ({row.numerator}/{row.denominator}){mark}"
