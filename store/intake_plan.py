"""What judged rows write: reports, events, the register, messages. Pure: it is only collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.eligibility import Assessment
from models.enums import CaseState, RiskGrade
from models.events import Effect, Event, Json, start_effect, tell_effect
from models.ids import case_stream, incident_stream, victim_stream
from models.judging import KnownReport, VictimFacts
from models.messages import CaseStart, IncidentStart, OtherVictim, ReportArrived, Under16Party
from models.policy import Policy
from models.report import Report
from store.pairs import Pairs
from store.victims import OpenCase


@dataclass(frozen=True)
class Stamp:
    """Under what a reading takes effect: the intake clock, the actor, policy and calendar."""

    now: datetime
    policy: Policy
    calendar_version: str
    actor: str
    role: str


@dataclass
class Plan:
    """Everything that a batch writes, in order."""

    events: dict[str, list[Event]] = field(default_factory=dict)
    reports: dict[tuple[str, str], Json] = field(default_factory=dict)
    cases: list[Json] = field(default_factory=list)
    raised: list[Json] = field(default_factory=list)
    """Cases whose rank a joining or updated report may raise."""
    effects: dict[str, list[Effect]] = field(default_factory=dict)
    scopes: set[str] = field(default_factory=set)
    """Streams that need a key."""

    def event(self, stamp: Stamp, victim_ref: str, tag: str, at: datetime, data: Json) -> None:
        """Append an event to a victim's stream; it is numbered when it is written."""
        self.events.setdefault(victim_stream(victim_ref), []).append(
            Event(
                seq=0,
                tag=tag,
                occurred_at=at,
                recorded_at=stamp.now,
                actor=stamp.actor,
                role=stamp.role,
                data=data,
                policy_version=stamp.policy.version,
            )
        )

    def effect(self, victim_ref: str, effect: Effect) -> None:
        """Leave a message."""
        self.effects.setdefault(victim_stream(victim_ref), []).append(effect)


def arrived(
    report: Report,
    found: Assessment,
    received_at: datetime,
    pairs: Pairs,
    policy: Policy,
    *,
    of: VictimFacts,
    now_ineligible: bool = False,
) -> ReportArrived:
    """The message that carries a report to the workflows of its case; `of` is what is known of its
    victim."""
    within = timedelta(hours=policy.intake.lookback_hours)
    return ReportArrived(
        message_id=f"report:{report.incident_ref}:{report.victim_ref}:{report.version}",
        report=report,
        received_at=received_at,
        grade=found.grade,
        grade_pending_review=found.grade_pending_review,
        reticent=found.reticent,
        repeat_count_365=found.repeat_count_365,
        now_ineligible=now_ineligible,
        marac_referrals=pairs.referrals(report),
        other_victims=pairs.other_victims(report),
        counter_allegation=pairs.counter_allegation(report, within),
        earlier_reports=of.earlier(report, policy.intake),
    )


def write_report(
    plan: Plan, stamp: Stamp, known: KnownReport, found: Assessment, row: Json
) -> None:
    """The stored row of a report; `row` holds what is the row's own (outcome, effect, received)."""
    report = known.report
    plan.reports[report.incident_ref, report.victim_ref] = {
        "incident_ref": report.incident_ref,
        "victim_ref": report.victim_ref,
        "version": report.version,
        "perpetrator_ref": report.perpetrator_ref or None,
        "reported_at": report.reported_at.isoformat(),
        "district": report.district,
        "standing": known.standing.value,
        "child_referred": known.child_referred,
        "outcome_code": report.outcome_code,
        "eligible_but_for_area": known.eligible_but_for_area,
        "eligibility_reason": known.reason,
        "allocation_arm": found.allocation_arm,
        "policy_version": stamp.policy.version,
        "case_ref": known.case_ref or None,
        "facts": report.model_dump(mode="json"),
        **row,
    }


def tell_of_report(
    plan: Plan, stamp: Stamp, known: KnownReport, row: Json, found: Assessment, tag: str
) -> None:
    """The event of what was decided about a report."""
    plan.event(
        stamp,
        known.report.victim_ref,
        tag,
        known.report.reported_at,
        {
            "report": known.report.model_dump(mode="json"),
            **row,
            "standing": known.standing.value,
            "eligible_but_for_area": found.eligible_but_for_area,
            "eligibility_reason": found.reason,
            "allocation_arm": found.allocation_arm,
            "policy_version": stamp.policy.version,
            "grade": found.grade.value,
            "grade_pending_review": found.grade_pending_review,
            "reticent": found.reticent,
            "repeat_count_365": found.repeat_count_365,
            "case_ref": known.case_ref,
        },
    )


def open_case(
    plan: Plan,
    stamp: Stamp,
    case_ref: str,
    previous: str,
    message: ReportArrived,
    found: Assessment,
    *,
    incident_runs: bool,
) -> None:
    """A new case: its register row, its event, its workflow and its incident's. An incident that
    had a workflow under an earlier case keeps it: a stream is never used twice."""
    report = message.report
    victim_ref = report.victim_ref
    plan.cases.append(
        {
            "case_ref": case_ref,
            "victim_ref": victim_ref,
            "area": found.area,
            "state": CaseState.RECEIVED.value,
            "priority_score": found.priority_score,
            "risk_grade": found.grade.value,
            "opened_at": stamp.now.isoformat(),
            "previous_case_ref": previous or None,
        }
    )
    plan.event(
        stamp,
        victim_ref,
        "case:opened",
        stamp.now,
        {
            "case_ref": case_ref,
            "victim_ref": victim_ref,
            "incident_ref": report.incident_ref,
            "previous_case_ref": previous,
            "district": report.district,
            "pilot_area": found.area,
            "allocation_arm": found.allocation_arm,
            "priority_score": found.priority_score,
            "opened_at": stamp.now.isoformat(),
        },
    )
    stream = case_stream(case_ref)
    start = CaseStart(
        case_ref=case_ref,
        victim_ref=victim_ref,
        opened_at=stamp.now,
        pilot_area=found.area,
        allocation_arm=found.allocation_arm,
        policy_version=stamp.policy.version,
        calendar_version=stamp.calendar_version,
        previous_case_ref=previous,
        messages=(message,),
    )
    plan.scopes.add(stream)
    plan.effect(victim_ref, start_effect(stream, start))
    add_incident(plan, stamp, OpenCase(case_ref), message, runs=incident_runs)


def add_incident(
    plan: Plan, stamp: Stamp, case: OpenCase, message: ReportArrived, *, runs: bool
) -> None:
    """Start the workflow of an incident that opened or joined a case, or tell it if it runs."""
    report = message.report
    stream = incident_stream(report.incident_ref, report.victim_ref)
    if runs:
        plan.effect(
            report.victim_ref,
            tell_effect(f"tell:{stream}:report:{report.version}:{case.case_ref}", stream, message),
        )
        return
    start = IncidentStart(
        incident_ref=report.incident_ref,
        victim_ref=report.victim_ref,
        case_ref=case.case_ref,
        policy_version=stamp.policy.version,
        calendar_version=stamp.calendar_version,
        dalo_id=case.dalo_id,
        supervisor_id=case.supervisor_id,
        messages=(message,),
    )
    plan.scopes.add(stream)
    plan.effect(report.victim_ref, start_effect(stream, start))


def tell_case(plan: Plan, case_ref: str, message: ReportArrived, found: Assessment) -> None:
    """A report joins an open case, or one of its reports has a new version; the case may now rank
    higher."""
    report = message.report
    stream = case_stream(case_ref)
    plan.effect(
        report.victim_ref,
        tell_effect(
            f"tell:{stream}:report:{report.incident_ref}:{report.version}", stream, message
        ),
    )
    plan.raised.append(
        {
            "of_case": case_ref,
            "score": found.priority_score,
            "high": found.grade is RiskGrade.HIGH,
        }
    )


def tell_other_victims(plan: Plan, stamp: Stamp, report: Report, pairs: Pairs) -> None:
    """The cases of an incident's other victims learn that there is one more, by reference."""
    for other, case_ref in sorted(pairs.cases_of_others(report).items()):
        message = OtherVictim(
            message_id=f"other-victim:{report.incident_ref}:{report.victim_ref}:{other}",
            incident_ref=report.incident_ref,
            victim_ref=report.victim_ref,
            at=stamp.now,
        )
        stream = case_stream(case_ref)
        plan.effect(
            report.victim_ref, tell_effect(f"tell:{stream}:{message.message_id}", stream, message)
        )


def refer_child(plan: Plan, stamp: Stamp, report: Report, cases: list[str]) -> None:
    """A party is a child: child safeguarding has it, and the officers of a party's open case get a
    task."""
    plan.event(
        stamp,
        report.victim_ref,
        "report:child_safeguarding:referred",
        stamp.now,
        {"incident_ref": report.incident_ref, "victim_ref": report.victim_ref, "cases": cases},
    )
    for case_ref in cases:
        stream = case_stream(case_ref)
        message = Under16Party(
            message_id=f"under-16:{report.incident_ref}:{report.victim_ref}",
            incident_ref=report.incident_ref,
        )
        plan.effect(
            report.victim_ref,
            tell_effect(
                f"tell:{stream}:under-16:{report.incident_ref}:{report.victim_ref}", stream, message
            ),
        )
