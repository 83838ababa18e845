"""Small verbs that the duties of suspect and orders share: who may record, whom a clock is with,
what the victim and the case must hear."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from models.base import Record, Refused
from models.clocks import Clock
from models.commands import Grant
from models.enums import Role, SuspectStatus
from models.events import tell_effect
from models.ids import case_stream
from models.incident.state import IncidentState, told
from models.incident.suspect.state import NotifiableEvent
from models.messages import (
    BailChanged,
    CourtDated,
    OrderBreached,
    OrderChanged,
    SuspectChanged,
    VictimTold,
)
from models.stream import Context, give_clock, number, raise_task, settle_tasks

ToCase = BailChanged | CourtDated | OrderBreached | OrderChanged | SuspectChanged | VictimTold


def recorder_only(state: IncidentState, grant: Grant) -> None:
    """The OIC, the attending officer, whoever covers for one of them, or Witness Care
    (docs/domain.md 1.3): everybody else may read."""
    attending = state.report.attending_id if state.report else ""
    officer = grant.names & {state.oic_id, attending} or grant.break_glass
    if grant.role is Role.WITNESS_CARE or (grant.role is Role.OIC and officer):
        return
    raise Refused(
        "NOT_YOURS_TO_RECORD",
        f"suspect, bail and orders of {state.incident_ref} are recorded by OIC "
        f"{state.oic_id or '(not known yet)'} or Witness Care",
        "ask one of them, or give a reason for break-glass access as an OIC",
        "actor",
    )


def perpetrator(state: IncidentState) -> str:
    """The suspect's reference: as an officer named it, else as reported; may be empty."""
    reported = state.report.perpetrator_ref if state.report else ""
    return state.suspect.perpetrator_ref or reported


def notify(
    state: IncidentState,
    event_kind: str,
    at: datetime,
    *,
    reported: bool = False,
    was_at: datetime | None = None,
) -> None:
    """Leave an event for the Victims' Code to tell the victim of; with `was_at`, the true time of
    one that was left before."""
    event = NotifiableEvent(
        event_id=f"EVT-{number(state, 'notifiable'):03d}",
        event_kind=event_kind,
        event_at=at,
        reported=reported,
        was_at=was_at,
    )
    state.suspect.to_notify = [*state.suspect.to_notify, event]


def tell_case(state: IncidentState, make: Callable[[str], ToCase]) -> None:
    """Leave a message for the case; where it is closed the relay finds who must hear it. `make`
    gets the message's id."""
    message = make(f"told:{state.stream}:{number(state, 'told-case')}")
    state.effects.append(tell_effect(message.message_id, case_stream(state.case_ref), message))


def tell_status(
    state: IncidentState, at: datetime, *, freed: bool = False, release_cancelled: bool = False
) -> None:
    """Tell the case how the suspect stands."""
    facts = state.suspect
    tell_case(
        state,
        lambda message_id: SuspectChanged(
            message_id=message_id,
            incident_ref=state.incident_ref,
            perpetrator_ref=perpetrator(state),
            status=facts.status or SuspectStatus.UNKNOWN,
            at=at,
            release_planned_at=facts.release_planned_at,
            freed=freed,
            release_cancelled=release_cancelled,
        ),
    )


def follow_owner(state: IncidentState, ctx: Context, clock: Clock, owner: str) -> None:
    """Keep an open clock with the person who answers for it now."""
    if owner and clock.owner != owner:
        give_clock(state, ctx, clock, owner)


class Duty(Record):
    """A task to keep: of one kind and subject, with one person, under a role that is told."""

    kind: str
    role: str
    person: str
    why: str
    command: str
    due_at: datetime | None = None
    subject: str = ""


def keep_task(state: IncidentState, ctx: Context, duty: Duty, *, wanted: bool) -> None:
    """Keep exactly one open task of this kind and subject with this person, or none."""
    alike = (t for t in state.tasks.values() if (t.kind, t.subject) == (duty.kind, duty.subject))
    found = next(alike, None)
    if found is not None and (not wanted or found.owner != duty.person):
        settle_one(state, ctx, duty.kind, duty.subject)
        found = None
    if wanted and found is None and duty.person:
        raise_task(
            state,
            ctx,
            duty.kind,
            duty.person,
            duty.why,
            due_at=duty.due_at,
            command=duty.command,
            subject=duty.subject,
        )
        told(state, ctx, duty.role, duty.person, duty.kind)


def settle_one(state: IncidentState, ctx: Context, kind: str, subject: str) -> None:
    """Settle the open task of a kind and exactly this subject."""
    if any((t.kind, t.subject) == (kind, subject) for t in state.tasks.values()):
        settle_tasks(state, ctx, kind, subject)


def person_of(state: IncidentState, wanted: str) -> str:
    """The person whom a policy's role means for this incident; nobody where it knows none."""
    known = {
        Role.OIC.value: state.item_owner,
        Role.DALO.value: state.lead,
        Role.SUPERVISOR.value: state.supervisor_id,
    }
    return known.get(wanted, "")
