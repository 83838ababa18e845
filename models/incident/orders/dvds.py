"""Clare's Law, the domestic violence disclosure scheme: 28 days from application or trigger to a
decision; at once where risk is imminent (docs/domain.md 7)."""

from __future__ import annotations

from models.base import Refused
from models.checks import not_later
from models.commands import ApplyDvds, Grant, RecordDvds
from models.enums import ClockType, DvdsOutcome
from models.incident.commands import may
from models.incident.orders.state import Disclosure
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task, settle_one
from models.stream import Context, append, arm, meet_open, number, open_clock

IMMINENT = "DVDS_IMMINENT"


def check_apply(state: IncidentState, ctx: Context, command: ApplyDvds, grant: Grant) -> None:
    """Whoever works on the incident may start it, for something that has happened."""
    may(state, grant)
    not_later(ctx.now, command.at)


def apply_apply(state: IncidentState, ctx: Context, command: ApplyDvds) -> tuple[str, ...]:
    """The 28 days begin. Returns the number of the disclosure."""
    found = Disclosure(
        dvds_id=f"DVDS-{number(state, 'dvds'):03d}",
        route=command.route,
        applied_at=command.at,
        imminent_risk=command.imminent_risk,
    )
    state.orders.disclosures[found.dvds_id] = found
    append(
        state,
        ctx,
        "dvds:applied",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        dvds_id=found.dvds_id,
        route=found.route,
        imminent_risk=found.imminent_risk,
    )
    return (found.dvds_id,)


def check_record(state: IncidentState, ctx: Context, command: RecordDvds, grant: Grant) -> None:
    """An open disclosure is decided once; not to disclose needs a reason."""
    may(state, grant)
    not_later(ctx.now, command.at)
    found = state.orders.disclosures.get(command.dvds_id)
    if found is None:
        raise Refused(
            "DVDS_NOT_OPEN",
            f"{command.dvds_id} is no open disclosure of {state.incident_ref}",
            f"open now: {', '.join(state.orders.disclosures) or 'none'}",
            "dvds_id",
        )
    if command.at < found.applied_at:
        raise Refused("BEFORE_DVDS", "it was applied for later", "give when it was decided", "at")
    if command.outcome is DvdsOutcome.NOT_DISCLOSED and not command.reason:
        raise Refused(
            "REASON_MISSING", "not to disclose needs a reason code", "give reason", "reason"
        )


def apply_record(state: IncidentState, ctx: Context, command: RecordDvds) -> tuple[str, ...]:
    """Disclosed, or decided against."""
    found = state.orders.disclosures.pop(command.dvds_id)
    append(
        state,
        ctx,
        "dvds:decided",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        dvds_id=found.dvds_id,
        route=found.route,
        outcome=command.outcome,
        reason=command.reason,
    )
    meet_open(state, ctx, ClockType.DVDS, command.at, found.dvds_id)
    settle_one(state, ctx, IMMINENT, found.dvds_id)
    return ()


def react(state: IncidentState, ctx: Context) -> None:
    """Keep a clock for each open disclosure, and the task where it cannot wait."""
    for found in state.orders.disclosures.values():
        clock = open_clock(state, ClockType.DVDS, found.dvds_id)
        if clock is None:
            arm(
                state,
                ctx,
                ClockType.DVDS,
                found.applied_at,
                "the disclosure was applied for",
                subject=found.dvds_id,
                rule_key=found.route.value,
                owner=state.lead,
            )
        else:
            follow_owner(state, ctx, clock, state.lead)
        at_once = Duty(
            kind=IMMINENT,
            role="DALO",
            person=state.lead,
            why="risk is imminent: disclose at once, do not wait for the 28 days",
            due_at=found.applied_at,
            command=f"dalo do {name(state)} record-dvds --dvds-id {found.dvds_id}",
            subject=found.dvds_id,
        )
        keep_task(state, ctx, at_once, wanted=found.imminent_risk)
