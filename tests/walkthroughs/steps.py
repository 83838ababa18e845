"""Commands that every story gives, in its words."""

from __future__ import annotations

from datetime import datetime

from models import commands, enums
from models.enums.victims_code import NotificationOutcome
from models.report import Report


def captured(when: datetime, *codes: enums.EvidenceCode) -> commands.RecordEvidence:
    """Items of evidence, captured then."""
    status = enums.EvidenceStatus.CAPTURED
    entries = [commands.EvidenceEntry(item=code, status=status, at=when) for code in codes]
    return commands.RecordEvidence(entries=tuple(entries))


def call(
    when: datetime,
    route: str,
    result: enums.ContactResult = enums.ContactResult.SUCCESSFUL_TWO_WAY,
) -> commands.RecordAttempt:
    """A telephone call to the victim."""
    return commands.RecordAttempt(at=when, channel=enums.Channel.CALL, route=route, result=result)


def told(
    when: datetime,
    event_kind: str,
    channel: enums.Channel = enums.Channel.CALL,
    route: str = "",
    safety_override: str = "",
) -> commands.RecordNotification:
    """The victim was told of what happened to the suspect."""
    return commands.RecordNotification(
        at=when,
        event_kind=event_kind,
        channel=channel,
        route=route,
        outcome=NotificationOutcome.TOLD,
        safety_override=safety_override,
    )


def dash(when: datetime, report: Report, *yes: int) -> commands.AssessRisk:
    """The 27 questions, these answered yes and the others no."""
    return commands.AssessRisk(
        at=when,
        tool=enums.RiskTool.DASH_ACPO_27,
        answers={f"Q{number}": enums.RiskAnswer.YES for number in yes},
        others=enums.RiskAnswer.NO,
        incident_ref=report.incident_ref,
    )


def referred(
    when: datetime,
    pathway: enums.ReferralPathway,
    *criteria: enums.MaracCriterion,
    consent: enums.ConsentStatus = enums.ConsentStatus.GIVEN,
    basis: enums.DisclosureBasis | None = None,
    reason: str | None = None,
) -> commands.Refer:
    """A referral of the victim, agreed to unless said otherwise."""
    return commands.Refer(
        at=when,
        pathway=pathway,
        criteria=criteria,
        consent_status=consent,
        disclosure_basis=basis,
        reason=reason,
    )
