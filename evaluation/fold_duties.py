"""What clocks, risk, referrals, visits, meetings, suspect, orders and wishes say to the metrics."""

from __future__ import annotations

from evaluation.facts import Facts, IncidentFact
from evaluation.facts_duties import (
    ActionFact,
    ClockFact,
    NotificationFact,
    OrderFact,
    RecommendationFact,
    ReferralFact,
    ScoredFact,
    VisitFact,
)
from evaluation.fold_contact import ARREST_SHOWN, CHARGE_SHOWN, Take, first, instant, sure
from evaluation.fold_contact import clock as contact_clock
from models.enums import (
    CadencePlan,
    ClosureReason,
    EngagementStatus,
    OrderStatus,
    ReferralPathway,
    ReferralState,
    ReferralType,
    RiskGrade,
    VisitOutcome,
)
from models.enums.victims_code import NotificationOutcome
from models.events import Event

LEFT = frozenset(
    {EngagementStatus.DECLINED, EngagementStatus.NO_CONTACT, EngagementStatus.WITHDRAWN}
)
MARAC_RULE = "MARAC_REFERRAL"
SUSPECT_CHANGED = "incident:suspect:changed"
SEEN = frozenset({VisitOutcome.SEEN_ALONE, VisitOutcome.SEEN_NOT_ALONE})


def _clock(facts: Facts, stream: str, event: Event) -> None:
    clock = event.data["clock"]
    pauses = clock.get("pauses", [])
    facts.clocks.setdefault(stream, {})[clock["clock_id"]] = ClockFact(
        kind=clock["clock_type"],
        subject=clock.get("subject", ""),
        started_at=sure(clock["started_at"]),
        due_at=sure(clock["due_at"]),
        due_raw=instant(clock.get("due_raw")),
        received_late=clock.get("late_reason") == "RECEIVED_LATE",
        paused=bool(pauses) and not pauses[-1].get("ended_at"),
        status=clock["status"],
        ended_at=instant(clock.get("ended_at")),
    )
    if event.tag != "clock:met":
        contact_clock(facts, stream, clock)


# --- the case ---------------------------------------------------------------------------------


def _graded(facts: Facts, stream: str, event: Event) -> None:
    if event.data["grade"] == RiskGrade.HIGH:
        facts.case(stream).high_at.append(event.occurred_at)


def _changed(facts: Facts, stream: str, event: Event) -> None:
    """The case's row: only what changed is in it."""
    case, status = facts.case(stream), event.data.get("engagement_status")
    if status == EngagementStatus.ENGAGED:
        case.engaged_at.append(event.occurred_at)
    if status in LEFT:
        case.left_at.append(event.occurred_at)
    if event.data.get("reticent"):
        case.reticent_at = first(case.reticent_at, event.occurred_at)


def _cadence(facts: Facts, stream: str, event: Event) -> None:
    if event.data["plan"] == CadencePlan.NO_CONTACT:
        facts.case(stream).left_at.append(event.occurred_at)


def _closed(facts: Facts, stream: str, event: Event) -> None:
    if event.data["reason"] == ClosureReason.VICTIM_REQUEST:
        facts.case(stream).left_at.append(event.occurred_at)


def _withdrawn(facts: Facts, stream: str, event: Event) -> None:
    facts.case(stream).support_withdrawn_at.append(sure(event.data["at"]))


def _screened(facts: Facts, stream: str, event: Event) -> None:
    case = facts.case(stream)
    case.stalking_screened = case.stalking_screened or bool(event.data["stalking"])


def _recommended(facts: Facts, stream: str, event: Event) -> None:
    data, case = event.data, facts.case(stream)
    made = RecommendationFact(rule=data["rule"], made_at=event.occurred_at)
    facts.recommendations[case.case_ref, data["recommendation_id"]] = made
    if made.rule == MARAC_RULE:
        for criterion, met in data["inputs"].get("criteria", {}).items():
            met_at = first(sure(met["met_at"]), case.criteria.get(criterion))
            case.criteria[criterion] = met_at or event.occurred_at


def _decided(facts: Facts, stream: str, event: Event) -> None:
    key = (facts.case(stream).case_ref, event.data["recommendation_id"])
    made = facts.recommendations.get(key)
    if made is not None:
        made.decision = event.data["decision"]


def _reviewed(facts: Facts, stream: str, event: Event) -> None:
    key = (facts.case(stream).case_ref, event.data["recommendation_id"])
    made = facts.recommendations.get(key)
    if made is not None:
        made.review = event.data["review"]


# --- visits -----------------------------------------------------------------------------------


def _visit(facts: Facts, stream: str, event: Event) -> VisitFact:
    return facts.case(stream).visits.setdefault(event.data["visit_id"], VisitFact())


def _authorised(facts: Facts, stream: str, event: Event) -> None:
    visit = _visit(facts, stream, event)
    visit.authorised_at = visit.authorised_at or sure(event.data["authorised_at"])
    visit.due_at = instant(event.data.get("due_at")) or visit.due_at


def _attempted(facts: Facts, stream: str, event: Event) -> None:
    visit = _visit(facts, stream, event)
    outcomes = set(event.data["flags"]["outcomes"])
    visit.attended = visit.attended or outcomes != {VisitOutcome.ABORTED_UNSAFE.value}
    visit.arrest = visit.arrest or VisitOutcome.SUSPECT_ARRESTED.value in outcomes
    if outcomes & SEEN:
        visit.seen_at = first(visit.seen_at, event.occurred_at)


def _visit_ended(facts: Facts, stream: str, event: Event) -> None:
    _visit(facts, stream, event).ended_at = event.occurred_at


# --- referrals and meetings -------------------------------------------------------------------


def _made(facts: Facts, stream: str, event: Event) -> None:
    data, case = event.data, facts.case(stream)
    referral = _named(facts, event)
    referral.case_ref = case.case_ref
    referral.repeat = data.get("referral_type") == ReferralType.REPEAT
    referral.criteria = tuple(data.get("criteria", ()))
    if referral.pathway == ReferralPathway.MARAC:
        for criterion in referral.criteria:
            case.criteria.setdefault(criterion, event.occurred_at)


def _begun(facts: Facts, stream: str, event: Event) -> None:
    referral = _named(facts, event)
    referral.area = event.data["area"]
    referral.case_ref = referral.case_ref or event.data.get("case_ref", "")


def _named(facts: Facts, event: Event) -> ReferralFact:
    referral = facts.referral(event.data["referral_ref"])
    referral.pathway = event.data["pathway"]
    referral.perpetrator_ref = event.data.get("perpetrator_ref") or referral.perpetrator_ref
    return referral


def _entered(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    referral = facts.referral(data["referral_ref"])
    referral.entered.setdefault(data["state"], event.occurred_at)
    referral.outcome = data.get("outcome") or referral.outcome


def _action(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    key = (stream, data["action_id"])
    if event.tag == "action:added":
        facts.actions[key] = ActionFact(data["referral_ref"], due_at=instant(data.get("due_at")))
        return
    action = facts.actions[key]
    action.status = data["status"]
    if event.tag == "action:due":
        action.due_at = sure(data["due_at"])
    else:
        action.ended_at = sure(data["ended_at"])


def _scored(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    line = ScoredFact(
        area=stream.split("/")[1],
        run_at=event.occurred_at,
        perpetrator_ref=data["perpetrator_ref"],
        serial=bool(data["serial"]),
        referral_ref=data.get("referral_ref", ""),
    )
    facts.scored.append(line)


# --- the incident -----------------------------------------------------------------------------


def _suspect(facts: Facts, stream: str, event: Event) -> None:
    incident, new = facts.incident(stream), event.data["new"]
    incident.suspect_named = incident.suspect_named or bool(event.data.get("perpetrator_ref"))
    if new in ARREST_SHOWN:
        incident.arrested_at = first(incident.arrested_at, event.occurred_at)
    if new in CHARGE_SHOWN:
        incident.charged_at = first(incident.charged_at, event.occurred_at)


def _notification(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    incident: IncidentFact = facts.incident(stream)
    known = incident.notifications.setdefault(
        data["notification_id"], NotificationFact(event_kind=data["event_kind"])
    )
    known.outcome = data["outcome"]
    known.due_at = instant(data.get("due_at")) or known.due_at
    known.told_at = instant(data.get("notified_at")) or known.told_at
    told = known.outcome == NotificationOutcome.TOLD
    known.unsafe = told and not (data.get("safe") or data.get("safety_override"))


def _order(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    order = OrderFact(data["order_type"], sure(data["made_at"]))
    order.in_error = data["status"] == OrderStatus.IN_ERROR
    facts.incident(stream).orders[data["order_id"]] = order


REFERRAL_TAGS = tuple(f"referral:{state.value.lower()}" for state in ReferralState)
CLOCK_TAGS = ("clock:started", "clock:moved", "clock:cancelled", "clock:met")
NOTIFICATION_TAGS = (
    "notification:due",
    "notification:held",
    "notification:opted_out",
    "notification:withdrawn",
    "notification:told",
    "notification:said_no_updates",
)
"""An attempt that did not reach her, or ended unsafely, leaves the news owed: it says nothing."""
BY_TAG: dict[str, Take] = {
    **dict.fromkeys(CLOCK_TAGS, _clock),
    "case:risk:graded": _graded,
    "case:changed": _changed,
    "contact:cadence:set": _cadence,
    "case:closed": _closed,
    "case:support:withdrawn": _withdrawn,
    "stalking:screened": _screened,
    "recommendation:made": _recommended,
    "recommendation:decided": _decided,
    "recommendation:reviewed": _reviewed,
    "visit:authorised": _authorised,
    "visit:attempted": _attempted,
    "visit:ended": _visit_ended,
    "case:referral:made": _made,
    "referral:begun": _begun,
    **dict.fromkeys(REFERRAL_TAGS, _entered),
    "action:added": _action,
    "action:due": _action,
    "action:ended": _action,
    "matac:run:scored": _scored,
    SUSPECT_CHANGED: _suspect,
    **dict.fromkeys(NOTIFICATION_TAGS, _notification),
    "order:made": _order,
    "order:ended": _order,
}
