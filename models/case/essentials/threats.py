"""Threats to life, and counter-allegations (docs/domain.md 2.6, 16a)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.essentials.state import Threat
from models.case.people import supervisor_of
from models.case.state import CaseFacts
from models.checks import supervisor_only
from models.clocks import Clock
from models.commands import (
    Grant,
    RecordPrimaryAggressor,
    RecordThreatToLife,
    ReviewThreatToLife,
)
from models.enums import ClockType
from models.messages import CaseMessage, OtherVictim, ReportArrived
from models.stream import (
    Context,
    append,
    arm,
    meet,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

REVIEW = "PRIMARY_AGGRESSOR_REVIEW"


def next_id(state: CaseFacts) -> str:
    """The next threat's id."""
    return f"TTL-{number(state, 'threat'):03d}"


def check_threat(state: CaseFacts, ctx: Context, command: RecordThreatToLife, grant: Grant) -> None:
    """A warning is recorded with its words."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if not command.note_ref:
        raise Refused(
            "NOTE_NEEDED",
            "a threat to life is recorded with what was said",
            "give it as a note (--note)",
            "note",
        )


def apply_threat(state: CaseFacts, ctx: Context, command: RecordThreatToLife) -> tuple[str, ...]:
    """Keep it and start its review."""
    threat_id = next_id(state)
    state.essentials.threats[threat_id] = Threat(
        warned=command.warned,
        warned_by=command.warned_by,
        authorised_by=command.authorised_by,
        at=command.at,
    )
    append(
        state,
        ctx,
        "case:threat_to_life:recorded",
        command.at,
        case_ref=state.case_ref,
        threat_id=threat_id,
        warned=command.warned,
        warned_by=command.warned_by,
        authorised_by=command.authorised_by,
        note_ref=command.note_ref,
    )
    _review_threat(state, ctx, threat_id, command.at, "case:threat_to_life:recorded")
    return (threat_id,)


def react(state: CaseFacts, ctx: Context) -> None:
    """What stands or waits has its review, also after the case was closed and reopened."""
    for threat_id in state.essentials.threats:
        _review_threat(state, ctx, threat_id, ctx.now, "case:reopened")
    for incident_ref in state.essentials.aggressor_reviews:
        _review_aggressor(state, ctx, incident_ref, ctx.now, "case:reopened")


def _review_threat(
    state: CaseFacts, ctx: Context, threat_id: str, at: datetime, start_event: str
) -> None:
    clock = _reviewed(state, ctx, ClockType.THREAT_TO_LIFE_REVIEW, threat_id, at, start_event)
    raise_task(
        state,
        ctx,
        "THREAT_TO_LIFE",
        supervisor_of(state),
        "a threat to life stands: review it",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} review-threat-to-life --threat-id {threat_id} "
        "--stands STANDS --reason REASON",
        subject=threat_id,
    )


def check_review(state: CaseFacts, ctx: Context, command: ReviewThreatToLife, grant: Grant) -> None:
    """A supervisor, on a threat that stands."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if command.threat_id not in state.essentials.threats:
        raise Refused(
            "UNKNOWN_THREAT",
            "no such threat to life is under review",
            f"under review: {', '.join(state.essentials.threats) or 'none'}",
            "threat_id",
        )


def apply_review(state: CaseFacts, ctx: Context, command: ReviewThreatToLife) -> tuple[str, ...]:
    """It stands, and is reviewed again; or it ended."""
    append(
        state,
        ctx,
        "case:threat_to_life:reviewed",
        command.at,
        case_ref=state.case_ref,
        threat_id=command.threat_id,
        stands=command.stands,
        reason=command.reason,
    )
    clock = open_clock(state, ClockType.THREAT_TO_LIFE_REVIEW, command.threat_id)
    if clock is not None:
        meet(state, ctx, clock, max(command.at, clock.started_at))
    settle_tasks(state, ctx, "THREAT_TO_LIFE", command.threat_id)
    if command.stands == "STANDS":
        start_event = "case:threat_to_life:recorded"
        _review_threat(state, ctx, command.threat_id, command.at, start_event)
    else:
        del state.essentials.threats[command.threat_id]
    return ()


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """A counter-allegation holds contact until it is reviewed; other victims are kept apart."""
    if isinstance(message, OtherVictim):
        _other_victim(state, ctx, message)
    if not isinstance(message, ReportArrived):
        return
    ref, facts = message.report.incident_ref, state.essentials
    if message.other_victims:
        facts.other_victims[ref] = sorted(set(message.other_victims))
    fresh = ref not in facts.aggressor_reviews and ref not in facts.aggressor_reviewed
    if not message.counter_allegation or not fresh:
        return
    facts.aggressor_reviews[ref] = sorted(set(message.counter_allegation))
    append(
        state,
        ctx,
        "case:counter_allegation:known",
        message.report.reported_at,
        case_ref=state.case_ref,
        incident_ref=ref,
        against=facts.aggressor_reviews[ref],
    )
    _review_aggressor(state, ctx, ref, message.received_at, "case:counter_allegation:known")


def _reviewed(
    state: CaseFacts,
    ctx: Context,
    clock_type: ClockType,
    subject: str,
    at: datetime,
    start_event: str,
) -> Clock:
    """The review's open clock; started now where none runs."""
    return open_clock(state, clock_type, subject) or arm(
        state, ctx, clock_type, at, start_event, subject=subject, owner=supervisor_of(state)
    )


def _review_aggressor(
    state: CaseFacts, ctx: Context, ref: str, at: datetime, start_event: str
) -> None:
    clock = _reviewed(state, ctx, ClockType.PRIMARY_AGGRESSOR_REVIEW, ref, at, start_event)
    raise_task(
        state,
        ctx,
        REVIEW,
        supervisor_of(state),
        "both parties allege: review who is the primary aggressor before anyone makes contact",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} record-primary-aggressor --incident-ref {ref} "
        "--aggressor WHO --reason REASON",
        subject=ref,
    )


def check_aggressor(
    state: CaseFacts, ctx: Context, command: RecordPrimaryAggressor, grant: Grant
) -> None:
    """A supervisor, on an incident that waits."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    waiting = state.essentials.aggressor_reviews
    if command.incident_ref not in waiting:
        raise Refused(
            "NO_COUNTER_ALLEGATION",
            "no primary-aggressor review of this incident waits",
            f"waiting: {', '.join(waiting) or 'none'}",
            "incident_ref",
        )


def apply_aggressor(
    state: CaseFacts, ctx: Context, command: RecordPrimaryAggressor
) -> tuple[str, ...]:
    """The review is held; contact is again as the plan says."""
    facts, ref = state.essentials, command.incident_ref
    append(
        state,
        ctx,
        "case:primary_aggressor:reviewed",
        command.at,
        case_ref=state.case_ref,
        incident_ref=ref,
        aggressor=command.aggressor,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    del facts.aggressor_reviews[ref]
    facts.aggressor_reviewed = [*facts.aggressor_reviewed, ref]
    clock = open_clock(state, ClockType.PRIMARY_AGGRESSOR_REVIEW, ref)
    if clock is not None:
        meet(state, ctx, clock, max(command.at, clock.started_at))
    settle_tasks(state, ctx, REVIEW, ref)
    return ()


def _other_victim(state: CaseFacts, ctx: Context, message: OtherVictim) -> None:
    """One more victim of an incident, who came to be known after this one."""
    known = state.essentials.other_victims.get(message.incident_ref, [])
    if message.victim_ref in (*known, state.victim_ref):
        return
    state.essentials.other_victims[message.incident_ref] = sorted([*known, message.victim_ref])
    append(
        state,
        ctx,
        "case:other_victim:known",
        message.at,
        case_ref=state.case_ref,
        incident_ref=message.incident_ref,
        other_victim_ref=message.victim_ref,
    )
