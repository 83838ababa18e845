"""Adults with needs for care and support: the concern under Care Act 2014 s42
(docs/domain.md 10)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.checks import supervisor_only
from models.commands import Grant
from models.commands.safeguarding import RecordCareNeeds, SendCareActConcern, SkipCareActConcern
from models.enums import ClockType, DisclosureBasis
from models.enums.safeguarding import NoCareActConcern
from models.incident.commands import happened, may
from models.incident.safeguarding.state import Duty
from models.incident.state import IncidentState
from models.incident.suspect.keeping import follow_owner
from models.incident.victims_code.people import answers
from models.stream import Context, append, arm, cancel_open, meet_open, open_clock


def react(state: IncidentState, ctx: Context) -> None:
    """The concern stays with whoever answers for the incident."""
    clock = open_clock(state, ClockType.CARE_ACT_CONCERN)
    if clock is not None:
        follow_owner(state, ctx, clock, answers(state))


def check_needs(state: IncidentState, ctx: Context, command: RecordCareNeeds, grant: Grant) -> None:
    """Section 42 is for adults."""
    may(state, grant)
    happened(state, ctx, command.at)
    adult_from = ctx.policy.of_duties.safeguarding.adult_from
    if state.report is not None and state.report.victim_age < adult_from:
        raise Refused(
            "NOT_AN_ADULT",
            "the Care Act concern is for adults; this victim is a child in law",
            "refer as a child (refer-child)",
        )


def apply_needs(state: IncidentState, ctx: Context, command: RecordCareNeeds) -> tuple[str, ...]:
    """At risk is every victim here; unable to protect herself as well: the concern is owed."""
    append(
        state,
        ctx,
        "care:needs:recorded",
        command.at,
        needs=list(command.care_needs),
        unable_to_protect=command.unable_to_protect,
        note_ref=command.note_ref,
    )
    if not command.unable_to_protect or state.safeguarding.care in (Duty.OWED, Duty.DONE):
        return ()
    _owe(state, ctx, command.at, "needs for care and support were known")
    return ("CONCERN_OWED",)


def agreed(state: IncidentState, ctx: Context, at: datetime) -> None:
    """Officers at a visit agreed on a concern; it is owed of an adult, unless it is already."""
    adult_from = ctx.policy.of_duties.safeguarding.adult_from
    child = state.report is not None and state.report.victim_age < adult_from
    if not child and state.safeguarding.care not in (Duty.OWED, Duty.DONE):
        _owe(state, ctx, at, "a concern was agreed at a visit")


def _owe(state: IncidentState, ctx: Context, at: datetime, event: str) -> None:
    state.safeguarding.care = Duty.OWED
    arm(state, ctx, ClockType.CARE_ACT_CONCERN, at, event, owner=answers(state))


def check_send(
    state: IncidentState, ctx: Context, command: SendCareActConcern, grant: Grant
) -> None:
    """A concern may always be sent."""
    may(state, grant)
    happened(state, ctx, command.at)


def apply_send(state: IncidentState, ctx: Context, command: SendCareActConcern) -> tuple[str, ...]:
    """Sent; consent plays no part, so the basis stands with it."""
    state.safeguarding.care = Duty.DONE
    append(
        state,
        ctx,
        "care:concern:sent",
        command.at,
        service=command.service,
        disclosure_basis=DisclosureBasis.SAFEGUARDING_ADULT,
        note_ref=command.note_ref,
    )
    meet_open(state, ctx, ClockType.CARE_ACT_CONCERN, command.at)
    return ()


def check_skip(
    state: IncidentState, ctx: Context, command: SkipCareActConcern, grant: Grant
) -> None:
    """What is owed may be left undone for a reason; her own decline is a supervisor's to accept."""
    may(state, grant)
    happened(state, ctx, command.at)
    if state.safeguarding.care is not Duty.OWED:
        raise Refused("NOT_OWED", "no adult safeguarding concern is owed", "nothing to decide")
    if command.reason is NoCareActConcern.NO_RISK_TO_OTHERS_AND_CAPACITY_TO_DECLINE:
        supervisor_only(state, grant)


def apply_skip(state: IncidentState, ctx: Context, command: SkipCareActConcern) -> tuple[str, ...]:
    """Not sent, with the reason."""
    state.safeguarding.care = Duty.REASONED
    append(
        state,
        ctx,
        "care:concern:not_sent",
        command.at,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    cancel_open(state, ctx, ClockType.CARE_ACT_CONCERN, command.reason.value)
    return ()
