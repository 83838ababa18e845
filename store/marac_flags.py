"""A report that no case takes, checked against the live MARAC flag of its pair."""

from __future__ import annotations

from models.events import tell_effect
from models.ids import referral_stream
from models.marac_repeat import event_of, find_repeat, flag_hit
from models.messages import RepeatEvent
from models.report import Report
from store.intake_plan import Plan, Stamp
from store.pairs import Pairs


def tell_flagged_referral(plan: Plan, stamp: Stamp, report: Report, pairs: Pairs) -> None:
    """No case takes this report: if it hits the live MARAC flag of its pair, the referral tells its
    coordinator and supervisor, whatever the report's outcome and district."""
    referrals = pairs.referrals(report)
    if not referrals:
        return
    finding = find_repeat(event_of(report), referrals, stamp.policy.marac)
    hit = flag_hit(finding)
    if hit is None:
        return
    told = RepeatEvent(
        message_id=f"repeat:{report.incident_ref}:{report.victim_ref}:{report.version}",
        incident_ref=report.incident_ref,
        reported_at=report.reported_at,
        criminal=finding.event.criminal,
        district=report.district,
        definitions=finding.definitions,
    )
    plan.event(
        stamp,
        report.victim_ref,
        "report:marac_flag:hit",
        report.reported_at,
        {
            "incident_ref": report.incident_ref,
            "victim_ref": report.victim_ref,
            "referral_ref": hit.referral_ref,
            "definitions": list(finding.definitions),
            "in_force": finding.in_force.name,
        },
    )
    stream = referral_stream(hit.referral_ref)
    plan.effect(report.victim_ref, tell_effect(f"tell:{stream}:{told.message_id}", stream, told))
