"""M16, M16b, M17, M18, M22 and M23: what became of crimes, and what victims were told of it.
Pure functions over facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from evaluation.cohort import Cohort
from evaluation.facts import IncidentFact, ReportFact
from evaluation.fold_contact import CHARGED, first
from evaluation.pilot import ALL_ITEMS
from evaluation.rows import Measure, counted, join, per_100, share
from models.enums import ClockType, OrderType
from models.enums.victims_code import NotificationOutcome
from models.instants import end_of_day, london_date

NO_SUSPECT_DECLINES, DOES_NOT_SUPPORT = 14, 16
LAG_DAYS = 84
"""Twelve weeks: so long a crime is given to come to an outcome before its charge is asked for."""
NO_CRIME = "NO_CRIME: no eligible report was recorded as a crime"
ORDERS = {
    OrderType.DVPN: "DVPN",
    OrderType.DVPO: "DVPO",
    OrderType.SPO_INTERIM: "SPO",
    OrderType.SPO: "SPO",
}


def crimes(reports: Sequence[ReportFact]) -> list[ReportFact]:
    """Those recorded as crimes."""
    return [report for report in reports if report.crime]


def withdrawal(reports: Sequence[ReportFact], until: datetime | None) -> list[Measure]:
    """M16, from reports alone."""
    codes = [report.outcome_code for report in crimes(reports)]

    def measure(name: str, *wanted: int) -> Measure:
        outcomes = [None if code is None else code in wanted for code in codes]
        return share(name, outcomes, empty=NO_CRIME)

    return [
        measure("outcome_14_or_16", NO_SUSPECT_DECLINES, DOES_NOT_SUPPORT),
        measure("outcome_14", NO_SUSPECT_DECLINES),
        measure("outcome_16", DOES_NOT_SUPPORT),
    ]


def charge(reports: Sequence[ReportFact], until: datetime | None) -> list[Measure]:
    """M17, from reports alone."""
    outcomes: list[bool | None] = []
    young = 0
    for report in crimes(reports):
        settled = end_of_day(london_date(report.reported_at) + timedelta(days=LAG_DAYS))
        if until is None or settled > until:
            young += 1
            outcomes.append(None)
        else:
            code = report.outcome_code
            outcomes.append(None if code is None else code == CHARGED)
    note = counted(young, "of the pending younger than 12 weeks")
    return [share("charged", outcomes, empty=NO_CRIME, note=note)]


def arrest_reported(reports: Sequence[ReportFact], until: datetime | None) -> list[Measure]:
    """M18 as reports tell it: the same in either arm."""
    known = [r for r in crimes(reports) if r.suspect_named or r.arrest_reported]
    empty = "NO_SUSPECT: no crime with a suspect identified" if crimes(reports) else NO_CRIME
    return [share("by_reports", [r.arrest_reported for r in known], empty=empty)]


def arrest(cohort: Cohort) -> list[Measure]:
    """M18 with what officers recorded beside the reports: the pilot arm's alone."""
    outcomes = []
    for report, incident in cohort.incidents:
        arrested = report.arrest_reported or (incident is not None and _arrested(incident))
        named = report.suspect_named or (incident is not None and incident.suspect_named)
        if report.crime and (named or arrested):
            outcomes.append(arrested)
    empty = cohort.nothing("NO_SUSPECT: no crime with a suspect identified")
    return [share("by_all_records", outcomes, empty=empty)]


def _arrested(incident: IncidentFact) -> bool:
    return incident.arrested_at is not None


def support_withdrawn(cohort: Cohort) -> list[Measure]:
    """M16b: support for the prosecution, whatever became of contact."""
    outcomes = []
    for report, incident in cohort.incidents:
        charged_at = incident.charged_at if incident else None
        # An officer's time of the charge is better than the day on which an extract told of it.
        charged_at = charged_at or report.charge_reported_at
        if not report.crime or charged_at is None or charged_at > cohort.cutoff:
            continue
        case = cohort.case_of(report)
        said = case.support_withdrawn_at if case else []
        outcomes.append(any(at >= charged_at for at in said))
    empty = cohort.nothing("NO_CHARGE: no crime was charged")
    return [share("support_withdrawn_after_charge", outcomes, empty=empty)]


def victims_code(cohort: Cohort) -> list[Measure]:
    """M22: all kinds of news, then each."""
    on_time: dict[str, list[bool | None]] = defaultdict(list)
    late: list[bool | None] = []
    held = declined = unsafe = 0
    for report, incident in cohort.incidents:
        for notification_id, news in incident.notifications.items() if incident else ():
            unsafe += news.unsafe
            if news.outcome in ("OPTED_OUT", NotificationOutcome.SAID_NO_UPDATES):
                declined += 1
                continue
            if news.outcome == "WITHDRAWN":
                continue
            if news.outcome == "HELD":
                held += 1
                continue
            kind = ClockType.VICTIM_NOTIFICATION
            clock = cohort.facts.incident_clock(report.key, kind, notification_id)
            due_at = clock.due_at if clock else news.due_at
            outcome = _told(news.told_at, due_at, cohort.cutoff)
            if clock is not None and clock.received_late:
                late.append(outcome)
            else:
                on_time[news.event_kind].append(outcome)
    note = join(
        counted(declined, "wanted no news, not counted"),
        counted(held, "held while the record is frozen, not counted"),
        counted(unsafe, "told by a route that was not safe"),
    )
    empty = cohort.nothing("NO_NEWS: nothing to tell a victim happened")
    together = [outcome for kind in sorted(on_time) for outcome in on_time[kind]]
    return [
        share("told_in_time", together, empty=empty, note=note, item=ALL_ITEMS),
        *(share("told_in_time", on_time[k], empty=empty, item=k) for k in sorted(on_time)),
        share("received_late", late, empty=empty),
    ]


def _told(told_at: datetime | None, due_at: datetime | None, cutoff: datetime) -> bool | None:
    """Whether she was told by the due time. What was told before it happened has none."""
    if told_at is not None:
        return due_at is None or told_at <= due_at
    return False if due_at is not None and due_at < cutoff else None


def orders(cohort: Cohort) -> list[Measure]:
    """M23: all kinds together, then each."""
    made: list[list[str]] = []
    for report, incident in cohort.incidents:
        if not report.crime or not _high(cohort, report):
            continue
        made.append(
            [
                ORDERS[OrderType(order.order_type)]
                for order in (incident.orders.values() if incident else ())
                if order.order_type in ORDERS
                and not order.in_error
                and order.made_at >= report.reported_at
            ]
        )
    empty = cohort.nothing("NO_HIGH_CRIME: no crime was graded HIGH")
    rows = []
    for item in (ALL_ITEMS, *dict.fromkeys(ORDERS.values())):
        of_crime = [[k for k in kinds if item in (ALL_ITEMS, k)] for kinds in made]
        with_one = [bool(kinds) for kinds in of_crime]
        number = sum(map(len, of_crime))
        rows.append(per_100("made_per_100", number, len(made), empty=empty, item=item))
        rows.append(share("crimes_with_order", with_one, empty=empty, item=item))
    return rows


def _high(cohort: Cohort, report: ReportFact) -> bool:
    """Intake's working grade was HIGH, or the case was graded so since the report."""
    case = cohort.case_of(report)
    graded = first(*(at for at in (case.high_at if case else ()) if at >= report.reported_at))
    return report.high or graded is not None
