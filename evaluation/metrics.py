"""The metrics of a period from the facts of a ledger: who is in which cohort, area by area, month
by month and in total. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from evaluation import by_time, crimes, engagement, pilot, referred, repeat, visited
from evaluation.cohort import Cohort, Links, cohort_of, link
from evaluation.definitions import Definitions
from evaluation.facts import Facts, ReportFact
from evaluation.periods import Period, Stretch, counting
from evaluation.rows import INTERNAL, Measure, MetricRow, MetricTable, join, small
from models.instants import london_date

COHORT_METRICS: dict[str, Callable[[Cohort], list[Measure]]] = {
    "M01": pilot.time_to_contact,
    "M02": pilot.first_contact,
    "M03": pilot.golden_hour,
    "M04": pilot.capture,
    "M05": pilot.account_video,
    "M06": pilot.needs_assessed,
    "M07": referred.idva_referral,
    "M08": referred.idva_engagement,
    "M09": visited.completed,
    "M10": visited.arrest,
    "M11": referred.marac_referral,
    "M12": referred.marac_repeat,
    "M13": referred.marac_actions,
    "M15": referred.masip,
    "M16b": crimes.support_withdrawn,
    "M20": pilot.cadence,
    "M21": engagement.attrition,
    "M22": crimes.victims_code,
    "M23": crimes.orders,
    "M24": engagement.reengaged,
}
"""By the pilot's cohort of reports."""
REPORT_METRICS: dict[str, Callable[[Sequence[ReportFact], datetime | None], list[Measure]]] = {
    "M16": crimes.withdrawal,
    "M17": crimes.charge,
    "M18": crimes.arrest_reported,
}
"""By reports alone, in either arm, history included."""
BY_TIME = ("M14", "C01", "R01")
"""By when it came about in the pilot's area."""
PILOT_ALONE = (*COHORT_METRICS, *BY_TIME)
COMPARISON = (
    "COMPARISON_DISTRICT: no Liaison Officer and no case there, so only M16 to M19 can be measured"
)
NO_AREA = "NONE"


def measure(facts: Facts, period: Period, definitions: Definitions, pilot_arm: str) -> MetricTable:
    """The table: for the pilot arm everything; for other areas with eligible reports what reports
    alone tell."""
    until = repeat.observed_until(facts, period.as_of)
    links = link(facts)
    known = [report for report in facts.reports.values() if report.eligible and report.counts]
    eligible = [report for report in known if period.total.holds(report.reported_at)]
    served = [r for r in known if r.arm == pilot_arm and r.key in links.opened]
    areas = sorted({(r.arm != pilot_arm, r.area, r.arm) for r in (*eligible, *served)})
    rows: list[MetricRow] = []
    for _, area, arm in areas:
        own = [report for report in eligible if (report.area, report.arm) == (area, arm)]
        maker = _Maker(period, definitions, area, arm)
        if arm == pilot_arm:
            rows += _cohort_rows(maker, facts, links, own)
            rows += _by_time_rows(maker, facts)
        else:
            rows += maker.unmeasured(PILOT_ALONE, COMPARISON)
        rows += _report_rows(maker, own, until)
        rows += _repeat_rows(maker, facts, own, until)
    if not areas:
        maker = _Maker(period, definitions, NO_AREA, NO_AREA)
        nothing = "NO_COHORT: the ledger holds no eligible report of the period"
        rows += maker.unmeasured([*PILOT_ALONE, *REPORT_METRICS, "M19"], nothing)
    place = {metric.id: number for number, metric in enumerate(definitions.metrics)}
    return MetricTable(
        start=period.start,
        end=period.end,
        as_of=period.as_of,
        cutoff=period.cutoff,
        observed_until=until,
        definitions_version=definitions.version,
        rows=tuple(sorted(rows, key=lambda row: place[row.metric])),
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


def _cohort_rows(
    maker: _Maker, facts: Facts, links: Links, own: Sequence[ReportFact]
) -> Iterator[MetricRow]:
    """By the cohort of reports. History started no case, so a report of before the pilot is not in
    it unless a case was opened on it later."""
    served = [report for report in own if not report.history or report.key in links.opened]
    for stretch in (*maker.period.months(), maker.period.total):
        reports = [report for report in served if stretch.holds(report.reported_at)]
        cohort = cohort_of(facts, links, reports)
        for metric, function in COHORT_METRICS.items():
            yield from maker.rows(metric, stretch, function(cohort))
        # Officers record arrests in the pilot alone, so this stands beside what reports say.
        yield from maker.rows("M18", stretch, crimes.arrest(cohort))


def _by_time_rows(maker: _Maker, facts: Facts) -> Iterator[MetricRow]:
    found = by_time.slice_of(facts, maker.area)
    total = maker.period.total
    for stretch in (*maker.period.months(), total):
        yield from maker.rows("M14", stretch, by_time.matac(found, stretch))
        every = by_time.clocks(found, stretch, every=stretch == total)
        yield from maker.rows("C01", stretch, every)
        yield from maker.rows("R01", stretch, by_time.agreement(found, stretch))


def _report_rows(
    maker: _Maker, own: Sequence[ReportFact], until: datetime | None
) -> Iterator[MetricRow]:
    for stretch in (*maker.period.months(), maker.period.total):
        inside = [report for report in own if stretch.holds(report.reported_at)]
        for metric, function in REPORT_METRICS.items():
            yield from maker.rows(metric, stretch, function(inside, until))


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
