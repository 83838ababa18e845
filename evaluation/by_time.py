"""M14, C01 and R01: counted by when something came due, was scored or recommended in an area, not
by the reports of a cohort. Pure functions over facts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from evaluation.facts import Facts, ReportFact
from evaluation.facts_duties import ClockFact, RecommendationFact, ReferralFact
from evaluation.periods import Stretch
from evaluation.pilot import ALL_ITEMS
from evaluation.rows import Measure, counted, share
from models.case.recommending import ACCEPTED, DECLINED, SUPERSEDED
from models.enums import ClockType, ReferralPathway, ReferralState
from models.instants import london_date

WITH_RAW = (ClockType.FIRST_CONTACT, ClockType.CONTACT_CADENCE)
"""Clocks whose limit safe windows may move: raw and adjusted are kept apart."""
PERIODS = frozenset(
    {
        ClockType.MARAC_REPEAT_WINDOW,
        ClockType.RIGHT_TO_REVIEW,
        ClockType.BAIL_EXPIRY,
        ClockType.CUSTODY,
        ClockType.DVPO_EXPIRY,
        ClockType.ORDER_EXPIRY,
        ClockType.PAUSE_REVIEW,
    }
)
"""Periods that run out by themselves and mirrors of what others decide: their end is no failure of
anybody, so they are shown by themselves and are not in ALL."""
S = ReferralState
_DAY = itemgetter(0)


@dataclass(frozen=True)
class Slice:
    """What happened in one area, all of it up to the cut-off; a stretch is looked at in turn."""

    clocks: Sequence[tuple[date, ClockFact]]
    """Those that came due by the cut-off, by the London day of their limit, in order."""
    recommendations: Sequence[RecommendationFact]
    serial: Mapping[str, Sequence[datetime]]
    """When each serial perpetrator was scored."""
    matac: Sequence[ReferralFact]
    scored: Sequence[datetime]
    """When anybody was scored."""


def slice_of(facts: Facts, area: str) -> Slice:
    """What belongs to an area."""
    where = _Where(facts)
    serial: dict[str, list[datetime]] = defaultdict(list)
    lines = [line for line in facts.scored if _same(line.area, area)]
    for line in lines:
        if line.serial:
            serial[line.perpetrator_ref].append(line.run_at)
    return Slice(
        clocks=sorted(
            (
                (london_date(clock.latest), clock)
                for stream, clocks in facts.clocks.items()
                if _same(where.of_stream(stream), area)
                for clock in clocks.values()
                if clock.latest < facts.cutoff
            ),
            key=_DAY,
        ),
        recommendations=[
            made
            for (case_ref, _), made in sorted(facts.recommendations.items(), key=lambda p: p[0])
            if _same(where.of_case(case_ref), area)
        ],
        serial=serial,
        matac=[
            referral
            for _, referral in sorted(facts.referrals.items())
            if referral.pathway == ReferralPathway.MATAC
            and not referral.in_error
            and _same(referral.area or where.of_case(referral.case_ref), area)
        ],
        scored=[line.run_at for line in lines],
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


class _Where:
    """In which area a stream lies."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def of_case(self, case_ref: str) -> str:
        """The district of the report on which it was opened."""
        case = self._facts.cases.get(case_ref)
        report = self._facts.reports.get((case.incident_ref, case.victim_ref)) if case else None
        return report.area if report else ""

    def of_report(self, report: ReportFact | None) -> str:
        """Its case's area; its own district where it has none."""
        if report is None:
            return ""
        return self.of_case(report.case_ref) or report.area

    def of_stream(self, stream: str) -> str:
        """A meeting's own area, a referral's, an incident's case's, a case's."""
        kind, _, rest = stream.partition("/")
        match kind:
            case "case":
                return self.of_case(rest)
            case "incident":
                incident_ref, _, victim_ref = rest.rpartition("/")
                return self.of_report(self._facts.reports.get((incident_ref, victim_ref)))
            case "referral":
                referral = self._facts.referrals.get(rest)
                return (self.of_case(referral.case_ref) or referral.area) if referral else ""
            case "meeting":
                return rest.split("/")[1]
        return ""


def matac(found: Slice, stretch: Stretch) -> list[Measure]:
    """M14."""
    of_person: dict[str, list[ReferralFact]] = defaultdict(list)
    for referral in found.matac:
        of_person[referral.perpetrator_ref].append(referral)
    outcomes = [
        _nominated(of_person[person])
        for person, times in sorted(found.serial.items())
        if any(stretch.holds(at) for at in times)
    ]
    nominated = [
        referral
        for referral in found.matac
        if (at := referral.at(S.NOMINATED)) is not None and stretch.holds(at)
    ]
    ran = any(stretch.holds(at) for at in found.scored)
    empty = "NONE_SERIAL: nobody scored was serial" if ran else "NO_RUN: nobody was scored"
    return [
        share("nominated", outcomes, empty=empty),
        share("selected", [_selected(r) for r in nominated], empty="NONE: nobody was nominated"),
    ]


def _nominated(referrals: Iterable[ReferralFact]) -> bool | None:
    found = list(referrals)
    if any(r.has(S.NOMINATED) for r in found):
        return True
    waits = any(r.has(S.SCORED) and not r.has(S.NOT_SELECTED) for r in found)
    return None if waits else False


def _selected(referral: ReferralFact) -> bool | None:
    if referral.has(S.SELECTED):
        return True
    return False if referral.has(S.NOT_SELECTED) else None


def clocks(found: Slice, stretch: Stretch, *, every: bool = False) -> list[Measure]:
    """C01: all obligations together, then each type: those that came due, or with `every` all of
    the register."""
    of_kind: dict[str, list[ClockFact]] = defaultdict(list)
    begin = bisect_left(found.clocks, stretch.first, key=_DAY)
    end = bisect_right(found.clocks, stretch.last, key=_DAY)
    for _, clock in found.clocks[begin:end]:
        of_kind[clock.kind].append(clock)
    together = [c for kind in sorted(of_kind) if kind not in PERIODS for c in of_kind[kind]]
    rows = list(_compliance(together, ALL_ITEMS))
    for kind in ClockType:
        if every or kind in of_kind:
            rows += _compliance(of_kind.get(kind, []), kind.value)
    return rows


def _compliance(due: Iterable[ClockFact], item: str) -> Iterator[Measure]:
    owed = [clock for clock in due if not clock.dropped_before(clock.latest) and not clock.paused]
    on_time = [clock for clock in owed if not clock.received_late]
    late = [clock for clock in owed if clock.received_late]
    empty = "NONE_DUE: no clock of this kind came due"
    unmet = sum(not clock.met and not clock.open for clock in on_time)
    note = counted(unmet, "of those past due ended without being met")
    yield share("in_time", [c.met_by(c.latest) for c in on_time], empty=empty, item=item)
    if item in WITH_RAW:
        yield share("in_time_raw", [c.met_by(c.raw) for c in on_time], empty=empty, item=item)
    yield share("late", [c.met and not c.met_by(c.latest) for c in on_time], empty=empty, item=item)
    yield share("past_due", [not c.met for c in on_time], empty=empty, note=note, item=item)
    yield share("received_late_met", [c.met for c in late], empty=empty, item=item)


def agreement(found: Slice, stretch: Stretch) -> list[Measure]:
    """R01: all rules together, then each."""
    of_rule: dict[str, list[RecommendationFact]] = defaultdict(list)
    for made in found.recommendations:
        if stretch.holds(made.made_at):
            of_rule[made.rule].append(made)
    rows = _agreed([made for rule in sorted(of_rule) for made in of_rule[rule]], ALL_ITEMS)
    for rule in sorted(of_rule):
        rows += _agreed(of_rule[rule], rule)
    return rows


def _agreed(made: Sequence[RecommendationFact], item: str) -> list[Measure]:
    empty = "NONE: nothing was recommended"
    answered = [each for each in made if each.decision != SUPERSEDED]
    decided = [None if not r.decision else r.decision == ACCEPTED for r in answered]
    ended = [None if not r.decision else r.decision == SUPERSEDED for r in made]
    reviews = [
        None if not r.review else r.review == "OVERRULE" for r in made if r.decision == DECLINED
    ]
    return [
        share("accepted", decided, empty=empty, item=item),
        share(
            "declined",
            [None if outcome is None else not outcome for outcome in decided],
            empty=empty,
            item=item,
        ),
        share("superseded", ended, empty=empty, item=item),
        share(
            "declined_then_overruled",
            reviews,
            empty="NONE_DECLINED: nothing was declined",
            item=item,
        ),
    ]
