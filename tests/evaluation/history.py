"""Small ledgers written by hand: events in the form that intake and the workflows append."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from evaluation.definitions import load_definitions
from evaluation.fold import fold
from evaluation.metrics import measure
from evaluation.periods import make_period
from evaluation.rows import MetricRow, MetricTable
from models.events import Event, Json
from models.ids import case_stream, incident_stream, victim_stream
from models.instants import LONDON, utc

CASE = "CASE-2027-00001"
VICTIM = "VIC-0001"
INCIDENT = "46/1/27"


def at(text: str) -> datetime:
    """A London wall-clock time, `2027-03-25 21:40`, in UTC."""
    return utc(datetime.fromisoformat(text).replace(tzinfo=LONDON))


class History:
    """Events in the making, each stream numbered from 1."""

    def __init__(self) -> None:
        self.streams: dict[str, list[Event]] = {}

    def event(
        self, stream: str, tag: str, when: str, data: Json, recorded: str | None = None
    ) -> None:
        """Append one event; recorded when it happened, unless said otherwise."""
        events = self.streams.setdefault(stream, [])
        events.append(
            Event(
                seq=len(events) + 1,
                tag=tag,
                occurred_at=at(when),
                recorded_at=at(recorded or when),
                actor="SYSTEM",
                role="SYSTEM",
                data=data,
            )
        )

    def report(
        self,
        when: str,
        *,
        victim: str = VICTIM,
        incident: str = INCIDENT,
        case: str = "",
        district: str = "Medway",
        eligible: bool = True,
        history: bool = False,
        tag: str = "report:received",
        reason: str = "REPEAT_HIGH",
        version: int = 1,
        received: str | None = None,
        facts: Json | None = None,
        judged: Json | None = None,
    ) -> None:
        """A sound report and what intake made of it; `facts` and `judged` add to either."""
        reported_at = at(when)
        report = {
            "incident_ref": incident,
            "victim_ref": victim,
            "version": version,
            "recording_type": "CRIME",
            "occurred_from": (reported_at - timedelta(minutes=10)).isoformat(),
            "reported_at": reported_at.isoformat(),
            "district": district,
            "victim_age": 34,
            **(facts or {}),
        }
        data = {
            "report": report,
            "eligible_but_for_area": eligible,
            "eligibility_reason": reason,
            "allocation_arm": "PILOT" if district == "Medway" else "COMPARISON",
            "history": history,
            "case_ref": case,
            **(judged or {}),
        }
        self.event(victim_stream(victim), tag, received or when, data)

    def opened(
        self, when: str, case: str = CASE, victim: str = VICTIM, incident: str = INCIDENT
    ) -> None:
        """A case was opened on a report."""
        data = {"case_ref": case, "victim_ref": victim, "incident_ref": incident}
        self.event(victim_stream(victim), "case:opened", when, data)

    def served(
        self,
        reported: str,
        number: int = 1,
        success: str = "",
        *,
        allocated: bool = True,
        facts: Json | None = None,
        judged: Json | None = None,
    ) -> str:
        """A report of a new victim with its case, allocated at once, and a first success."""
        case, victim, incident = f"CASE-2027-{number:05d}", f"VIC-{number:04d}", f"46/{number}/27"
        self.report(
            reported, victim=victim, incident=incident, case=case, facts=facts, judged=judged
        )
        self.opened(reported, case, victim, incident)
        if allocated:
            self.allocated(reported, case)
        if success:
            self.attempt(success, case)
        return case

    def allocated(self, when: str, case: str = CASE) -> None:
        """The case went to a DALO."""
        self.event(case_stream(case), "case:allocated", when, {"case_ref": case})

    def attempt(
        self, when: str, case: str = CASE, *, satisfied: bool = True, recorded: str | None = None
    ) -> None:
        """A contact attempt."""
        data = {"case_ref": case, "at": at(when).isoformat(), "satisfied": satisfied}
        self.event(case_stream(case), "contact:attempt:recorded", when, data, recorded)

    def clock(
        self,
        when: str,
        kind: str,
        due: str,
        *,
        raw: str = "",
        stream: str = case_stream(CASE),
        tag: str = "clock:started",
        number: int = 1,
        subject: str = "",
        late: bool = False,
        paused: bool = False,
        started: str = "",
    ) -> None:
        """A clock started, moved, was met or cancelled."""
        status = {"clock:cancelled": "CANCELLED", "clock:met": "MET"}.get(tag, "OPEN")
        clock = {
            "clock_id": f"{kind}:{number}",
            "clock_type": kind,
            "subject": subject,
            "started_at": at(started or when).isoformat(),
            "due_at": at(due).isoformat(),
            "due_raw": at(raw).isoformat() if raw else None,
            "status": status,
            "ended_at": at(when).isoformat() if status != "OPEN" else None,
            "late_reason": "RECEIVED_LATE" if late else "",
            "pauses": [{"started_at": at(when).isoformat(), "reason": "ILL"}] if paused else [],
        }
        self.event(stream, tag, when, {"clock": clock})

    def interval(
        self,
        kind: str,
        raw: str,
        met: str = "",
        *,
        adjusted: str = "",
        ended: str = "",
        case: str = CASE,
        number: int = 1,
        late: bool = False,
    ) -> None:
        """A promised contact ended: met, or missed at `ended`."""
        data = {
            "clock_id": f"{kind}:{number}",
            "clock_type": kind,
            "due_raw": at(raw).isoformat(),
            "due_adjusted": at(adjusted or raw).isoformat(),
            "met_at": at(met).isoformat() if met else None,
            "received_late": late,
        }
        tag = "contact:interval:met" if met else "contact:interval:missed"
        self.event(case_stream(case), tag, met or ended, data)

    def item(
        self,
        code: str,
        when: str,
        status: str = "PENDING",
        *,
        due: str = "",
        incident: str = INCIDENT,
        victim: str = VICTIM,
    ) -> None:
        """An evidence item called for, or its outcome."""
        captured = status in ("CAPTURED", "CAPTURED_LATE")
        data = {
            "item": code,
            "status": status,
            "due_at": at(due).isoformat() if due else None,
            "at": at(when).isoformat(),
            "captured_at": at(when).isoformat() if captured else None,
        }
        tag = "evidence:item:required" if status == "PENDING" else "evidence:item:recorded"
        self.event(incident_stream(incident, victim), tag, when, data)

    def verdict(
        self,
        when: str,
        result: str,
        *,
        without_declined: str = "",
        applicable: bool = True,
        late: bool = False,
        incident: str = INCIDENT,
        victim: str = VICTIM,
    ) -> None:
        """A golden hour's verdict."""
        data = {
            "result": result,
            "variant_without_declined": without_declined or result,
            "applicable": applicable,
            "received_late": late,
        }
        self.event(incident_stream(incident, victim), "golden_hour:verdict", when, data)

    def needs(self, when: str, case: str = CASE, *, declined: bool = False) -> None:
        """A needs assessment done or declined."""
        tag = "needs:assessment:declined" if declined else "needs:assessment:completed"
        self.event(case_stream(case), tag, when, {"case_ref": case})

    def measured(self, start: str, end: str, as_of: str = "2030-01-01 00:00") -> MetricTable:
        """The metrics of a period, without a database."""
        period = make_period(date.fromisoformat(start), date.fromisoformat(end), at(as_of))
        known = (
            (stream, event)
            for stream, events in sorted(self.streams.items())
            for event in events
            if event.recorded_at <= period.as_of
        )
        facts = fold(known, period.cutoff)
        return measure(facts, period, load_definitions(), "PILOT")


def row(table: MetricTable, metric: str, measure: str, **where: str) -> MetricRow:
    """The one row of a metric and measure: the whole period's, unless `period` says otherwise."""
    wanted = {"period": f"{table.start}/{table.end}", **where}
    found = [
        each
        for each in table.rows
        if (each.metric, each.measure) == (metric, measure)
        and all(getattr(each, name) == value for name, value in wanted.items())
    ]
    assert len(found) == 1, f"{len(found)} rows {metric} {measure} {wanted}"
    return found[0]


def fraction(table: MetricTable, metric: str, measure: str, **where: str) -> tuple[int, int, int]:
    """Numerator, denominator and pending of that row."""
    found = row(table, metric, measure, **where)
    assert found.numerator is not None
    assert found.denominator is not None
    assert found.pending is not None
    return found.numerator, found.denominator, found.pending
