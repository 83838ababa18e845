"""When a hidden-harm visit is recommended (docs/domain.md 7): each rule once on the same facts. An
officer then selects the victim, or declines with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from models.case import approach
from models.case.recommending import recommend, waiting
from models.case.state import CaseFacts
from models.case.visits.opening import RULE
from models.case.visits.state import OrderSeen, SuspectSeen
from models.clocks import CalendarKind, Limit
from models.enums import ClockType, LadderStep, SuspectStatus, VisitRule
from models.instants import add_local_days, utc
from models.messages import CaseMessage, OrderChanged, ReferralChanged, ReportArrived
from models.messages import SuspectChanged as Suspect
from models.stream import Context, arm, cancel, meet, open_clock

AT_LARGE = (SuspectStatus.OUTSTANDING, SuspectStatus.CIRCULATED)
HELD = (SuspectStatus.IN_PRISON, SuspectStatus.REMANDED)
KEPT = 50
WHY = {
    VisitRule.NO_CONTACT_LADDER: "the ladder after failed contact has come to a visit",
    VisitRule.REPEAT_REPORTS: "several reports within three months",
    VisitRule.ORDER_AND_SILENCE: "an order or bail is in force and there was no contact for long",
    VisitRule.SUSPECT_BELIEVED_THERE: "the suspect is outstanding and shares the home",
    VisitRule.FORUM_ACTION: "a multi-agency meeting asks for a visit",
    VisitRule.PRISON_RELEASE: "the suspect is released, or soon will be",
}


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Keep what selection is judged on."""
    facts = state.visits
    match message:
        case ReportArrived(report=report):
            for earlier in message.earlier_reports:
                facts.reports.setdefault(earlier.incident_ref, earlier.reported_at)
            facts.reports[report.incident_ref] = report.reported_at
            newest = max(facts.reports.values())
            oldest = newest - timedelta(days=ctx.policy.of_duties.visits.repeat_within_days)
            facts.reports = {ref: at for ref, at in facts.reports.items() if at >= oldest}
            facts.shared_home = facts.shared_home or report.shared_home
            if report.suspect_status is not None and report.incident_ref not in facts.suspects:
                _suspect(facts.suspects, report.incident_ref, report, report.reported_at)
        case Suspect():
            before = facts.suspects.get(message.incident_ref)
            held = before is not None and before.status in HELD
            released = held and (message.freed or message.status is SuspectStatus.RELEASED)
            if released or message.release_planned_at is not None:
                key = f"{message.incident_ref}:{message.release_planned_at or message.at}"
                facts.releases = [*facts.releases, key][-KEPT:]
            facts.suspects[message.incident_ref] = SuspectSeen(
                status=message.status,
                at=message.at,
                release_planned_at=message.release_planned_at,
            )
        case OrderChanged():
            key = f"{message.incident_ref}:{message.order_id}"
            if not message.in_force:
                facts.orders.pop(key, None)
            elif key not in facts.orders:
                facts.orders[key] = OrderSeen(order_type=message.order_type, since=message.at)
        case ReferralChanged() if "VISIT_ASKED" in message.codes:
            facts.forum_asks = [*facts.forum_asks, f"{message.referral_ref}:{message.at}"][-KEPT:]


def _suspect(seen: dict[str, SuspectSeen], ref: str, report: Any, at: datetime) -> None:
    seen[ref] = SuspectSeen(status=report.suspect_status, at=at)


def react(state: CaseFacts, ctx: Context) -> None:
    """Recommend a visit for each rule whose facts are new and that no open visit serves."""
    if not state.live or state.essentials.frozen:
        return
    _watch_silence(state, ctx)
    for rule, (key, inputs) in _grounds(state, ctx).items():
        if not key or state.visits.considered.get(rule) == key:
            continue
        state.visits.considered[rule] = key
        if state.visits.visit is not None or waiting(state, RULE, rule.value) is not None:
            continue
        recommend(
            state,
            ctx,
            RULE,
            "VISIT",
            inputs,
            why=WHY[rule],
            command=f"dalo do {state.case_ref} select-visit --selected-for {rule.value}",
            subject=rule.value,
        )


def _grounds(state: CaseFacts, ctx: Context) -> dict[VisitRule, tuple[str, dict[str, Any]]]:
    """What each rule would be judged on now, and a key of those facts; no key: not fulfilled."""
    facts = state.visits
    events = {
        VisitRule.FORUM_ACTION: (",".join(facts.forum_asks), {"asked": facts.forum_asks}),
        VisitRule.PRISON_RELEASE: (",".join(facts.releases), {"releases": facts.releases}),
        VisitRule.SUSPECT_BELIEVED_THERE: _believed_there(state),
    }
    if approach.asked_for_none(state) or state.asked.approach:
        return events
    return events | {
        VisitRule.NO_CONTACT_LADDER: _ladder(state),
        VisitRule.REPEAT_REPORTS: _repeat(state, ctx),
        VisitRule.ORDER_AND_SILENCE: _silence(state, ctx),
    }


def _ladder(state: CaseFacts) -> tuple[str, dict[str, Any]]:
    reached = state.ladder_step in (LadderStep.L3, LadderStep.L4)
    episode = state.counts.get("LADDER_STEP:L3", 0)
    return (f"L3:{episode}" if reached else "", {"ladder_step": state.ladder_step})


def _repeat(state: CaseFacts, ctx: Context) -> tuple[str, dict[str, Any]]:
    reports = state.visits.reports
    enough = len(reports) >= ctx.policy.of_duties.visits.repeat_reports
    return (",".join(sorted(reports)) if enough else "", {"reports": reports})


def _silence(state: CaseFacts, ctx: Context) -> tuple[str, dict[str, Any]]:
    since = silent_since(state)
    if since is None:
        return "", {}
    days = ctx.policy.of_duties.visits.silence_days
    since = utc(since)
    orders = {order.order_type.value for order in state.visits.orders.values()}
    inputs = {"no_contact_since": since, "orders": sorted(orders), "days": days}
    return (since.isoformat() if ctx.now >= add_local_days(since, days) else "", inputs)


def _watch_silence(state: CaseFacts, ctx: Context) -> None:
    """One clock while an order or bail is in force without contact: it warns when a visit is
    recommended and is due a day later, when an officer has selected or declined."""
    since = None if approach.asked_for_none(state) else silent_since(state)
    key = utc(since).isoformat() if since else ""
    rule = VisitRule.ORDER_AND_SILENCE
    considered = state.visits.considered.get(rule) == key
    decided = considered and waiting(state, RULE, rule.value) is None
    clock = open_clock(state, ClockType.SILENCE_REVIEW)
    if clock is not None and (decided or since is None or clock.started_at != utc(since)):
        if since is not None and since >= clock.started_at:
            meet(state, ctx, clock, ctx.now if decided else since)
        else:
            cancel(state, ctx, clock, "NOT_NEEDED")
        clock = None
    if clock is None and since is not None and not considered:
        days = ctx.policy.of_duties.visits.silence_days + 1
        arm(
            state,
            ctx,
            ClockType.SILENCE_REVIEW,
            since,
            "order:in_force",
            owner=state.dalo_id,
            limit=Limit(kind=CalendarKind.CADENCE, amount=days, unit="d"),
        )


def silent_since(state: CaseFacts) -> datetime | None:
    """Since when an order or bail has been in force without contact; None: neither is."""
    if not state.visits.orders or state.allocated_at is None:
        return None
    ordered = min(order.since for order in state.visits.orders.values())
    return max(x for x in (ordered, state.last_contact_at, state.allocated_at) if x is not None)


def _believed_there(state: CaseFacts) -> tuple[str, dict[str, Any]]:
    loose = sorted(ref for ref, s in state.visits.suspects.items() if s.status in AT_LARGE)
    key = ",".join(loose) if state.visits.shared_home else ""
    return key, {"incidents": loose, "shared_home": state.visits.shared_home}
