"""The metrics of a period from the facts of a ledger: who is in which cohort, area by area, month
by month and in total. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from evaluation import pilot, repeat
from evaluation.cohort import CaseFact, Facts, ReportFact
from evaluation.definitions import Definitions
from evaluation.periods import Period, Stretch, counting
from evaluation.pilot import Cohort, Episode
from evaluation.rows import INTERNAL, Measure, MetricRow, MetricTable, join, small
from models.instants import london_date

PILOT_METRICS: dict[str, Callable[[Cohort], list[Measure]]] = {
    "M01": pilot.time_to_contact,
    "M02": pilot.first_contact,
    "M03": pilot.golden_hour,
    "M04": pilot.capture,
    "M05": pilot.account_video,
    "M06": pilot.needs_assessed,
    "M20": pilot.cadence,
}
COMPARISON_ONLY_M19 = (
    "COMPARISON_DISTRICT: no Liaison Officer and no case there, so only M19 can be measured"
)
NO_AREA = "NONE"


def measure(facts: Facts, period: Period, definitions: Definitions, pilot_arm: str) -> MetricTable:
    """The table: M01 to M06 and M20 for the pilot arm, M19 for every area with eligible reports."""
    until = repeat.observed_until(facts, period.as_of)
    eligible = [
        report
        for report in facts.reports.values()
        if report.eligible and report.counts and period.total.holds(report.reported_at)
    ]
    areas = sorted({(report.arm != pilot_arm, report.area, report.arm) for report in eligible})
    rows: list[MetricRow] = []
    for _, area, arm in areas:
        own = [report for report in eligible if (report.area, report.arm) == (area, arm)]
        maker = _Maker(period, definitions, area, arm)
        if arm == pilot_arm:
            rows += _pilot_rows(maker, facts, own)
        else:
            rows += maker.unmeasured(PILOT_METRICS, COMPARISON_ONLY_M19)
        rows += _repeat_rows(maker, facts, own, until)
    if not areas:
        maker = _Maker(period, definitions, NO_AREA, NO_AREA)
        nothing = "NO_COHORT: the ledger holds no eligible report of the period"
        rows += maker.unmeasured([*PILOT_METRICS, "M19"], nothing)
    return MetricTable(
        start=period.start,
        end=period.end,
        as_of=period.as_of,
        cutoff=period.cutoff,
        observed_until=until,
        definitions_version=definitions.version,
        rows=tuple(sorted(rows, key=lambda row: row.metric)),
    )


class _Maker:
    """Makes rows of one area."""

    def __init__(self, period: Period, definitions: Definitions, area: str, arm: str) -> None:
        self.period = period
        self.definitions = definitions
        self.area = area
        self.arm = arm

    def rows(
        self, metric: str, stretch: Stretch, found: Iterable[Measure], last: date | None = None
    ) -> Iterator[MetricRow]:
        """Rows of one metric and stretch; `last` is the last day that the figures look at."""
        part = "" if stretch.whole_months else f"part of the month, {stretch.first}/{stretch.last}"
        for each in found:
            yield MetricRow(
                metric=metric,
                measure=each.name,
                item=each.item,
                definition_version=self.definitions.version_of(metric),
                area=self.area,
                arm=self.arm,
                period=stretch.label,
                numerator=each.numerator,
                denominator=each.denominator,
                value=each.value,
                unit=each.unit,
                pending=each.pending,
                counting=counting(stretch.first, last or stretch.last),
                small_count=small(each.numerator, each.denominator),
                disclosure=INTERNAL,
                note=join(each.note, part),
            )

    def unmeasured(self, metrics: Iterable[str], why: str) -> Iterator[MetricRow]:
        """One row a metric that says why there are no figures."""
        total = self.period.total
        for metric in metrics:
            yield MetricRow(
                metric=metric,
                measure="none",
                item="",
                definition_version=self.definitions.version_of(metric),
                area=self.area,
                arm=self.arm,
                period=total.label,
                numerator=None,
                denominator=None,
                value=None,
                unit="none",
                pending=None,
                counting=counting(total.first, total.last),
                small_count="NO",
                disclosure=INTERNAL,
                note=why,
            )


def _pilot_rows(maker: _Maker, facts: Facts, own: Sequence[ReportFact]) -> Iterator[MetricRow]:
    """M01 to M06 and M20. History started no case, so a report of before the pilot is not in this
    cohort unless a case was opened on it later."""
    opened = {(c.incident_ref, c.victim_ref): c for c in facts.cases.values() if c.opened}
    served = [r for r in own if not r.history or _key(r) in opened]
    for stretch in (*maker.period.months(), maker.period.total):
        cohort = _cohort(facts, opened, [r for r in served if stretch.holds(r.reported_at)])
        for metric, function in PILOT_METRICS.items():
            yield from maker.rows(metric, stretch, function(cohort))


def _cohort(
    facts: Facts, opened: dict[tuple[str, str], CaseFact], reports: Sequence[ReportFact]
) -> Cohort:
    ordered = sorted(reports, key=lambda r: (r.reported_at, _key(r)))
    episodes = [
        Episode(report, opened.get(_key(report)))
        for report in ordered
        if _key(report) in opened or not report.case_ref
    ]
    incidents = [(report, facts.incidents.get(_key(report))) for report in ordered]
    return Cohort(tuple(episodes), tuple(incidents), facts.cutoff)


def _key(report: ReportFact) -> tuple[str, str]:
    return report.incident_ref, report.victim_ref


def _repeat_rows(
    maker: _Maker, facts: Facts, own: Sequence[ReportFact], until: datetime | None
) -> Iterator[MetricRow]:
    found = repeat.indexes(facts, own)
    for stretch in (*maker.period.months(), maker.period.total):
        inside = [index for index in found if stretch.holds(index.report.reported_at)]
        for days in repeat.WINDOWS:
            last = stretch.last + timedelta(days=days)
            seen = last if until is None else max(stretch.last, min(last, london_date(until)))
            figure = repeat.repeat_victimisation(inside, days, until)
            yield from maker.rows("M19", stretch, [figure], seen)
