"""What was told to a case or a referral that has ended: to whom else it goes, and whose task it is
where nobody is left (docs/domain.md 5, 9; design.md promises 2 and 3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from models.base import Record
from models.duties.wishes import WishPolicy
from models.enums import ReferralState, Role
from models.ids import role_address
from models.messages import (
    BailChanged,
    CaseMessage,
    CourtDated,
    OrderBreached,
    OrderChanged,
    OtherVictim,
    PartyMerged,
    ReferralChanged,
    RepeatEvent,
    ReportArrived,
    SuspectChanged,
    Under16Party,
    VictimMessageDone,
    VictimTold,
)
from models.policy import Policy
from models.stream import Task

AFTER_CLOSURE = "TOLD_AFTER_CLOSURE"
REPEAT = "REPEAT_WITHOUT_CASE"
DECIDED_WITHIN = timedelta(hours=24)
"""As contact at an event, `CONTACT_AT_EVENT` (docs/domain.md 9.2)."""
OF_THE_PERSON = (
    ReportArrived,
    Under16Party,
    OtherVictim,
    SuspectChanged,
    BailChanged,
    OrderChanged,
    OrderBreached,
    CourtDated,
    VictimTold,
    ReferralChanged,
    VictimMessageDone,
    PartyMerged,
)
"""What is about the person, whichever case has them; all else is about one case alone."""
_UNSAFE = {"WRONG_PERSON", "UNSAFE_ENDED"}
_CAME_TO_NOTHING = {
    ReferralState.NOT_MET,
    ReferralState.NOT_SUITABLE,
    ReferralState.RETURNED,
}
_CASE: TypeAdapter[CaseMessage] = TypeAdapter(CaseMessage)


class Unheard(Record):
    """What nobody has heard: `subject` names what it is about, by reference; `now`: at once."""

    kind: str
    subject: str
    why: str
    now: bool = False


class Named(NamedTuple):
    """What `dalo settle-told` names, a victim or a referral, and the area whose people decide."""

    ref: str
    area: str


class ToldStep(StrEnum):
    """What follows of something that reached a case or referral after its end."""

    CASE_OPENED = "CASE_OPENED"
    CASE_REOPENED = "CASE_REOPENED"
    NEW_REFERRAL = "NEW_REFERRAL"
    VICTIM_CONTACTED = "VICTIM_CONTACTED"
    PASSED_ON = "PASSED_ON"
    NO_ACTION = "NO_ACTION"


def about_the_person(payload: dict[str, Any]) -> CaseMessage | None:
    """The message to a case, if another case of the same person should have it."""
    try:
        message = _CASE.validate_python(payload)
    except ValidationError:
        return None
    return message if isinstance(message, OF_THE_PERSON) else None


def repeat_of(payload: dict[str, Any]) -> RepeatEvent | None:
    """The report of a flagged pair that a referral was told of, if it is one."""
    if payload.get("kind") != "repeat-event":
        return None
    return RepeatEvent.model_validate(payload)


def unheard(message: CaseMessage, policy: Policy) -> Unheard | None:
    """Why a supervisor must know of it where no case is open; None where it may rest."""
    found: tuple[str, str] | None = None
    now = False
    match message:
        case SuspectChanged() | BailChanged() | OrderChanged() | OrderBreached():
            found = _of_an_incident(message, policy)
            now = isinstance(message, OrderBreached)
        case ReferralChanged(referral_ref=ref, codes=codes) if codes:
            now = bool(_UNSAFE & set(codes))
            found = ref, f"{message.pathway.value} tells of {', '.join(codes)}"
        case ReferralChanged(referral_ref=ref, state=state) if state in _CAME_TO_NOTHING:
            found = ref, f"the {message.pathway.value} referral is {state.value}"
        case VictimMessageDone(victim_message_id=ref, outcome=outcome) if outcome != "SENT":
            found = ref, f"a message to the victim ended as {outcome}"
        case Under16Party(incident_ref=ref):
            found = ref, "a report under 16 names a party of the closed case"
        case ReportArrived():
            found = message.report.incident_ref, "a report reached the case after it was closed"
        case PartyMerged(from_case_ref=ref):
            found = ref, "what this case owed reached nobody in a merge"
    if found is None:
        return None
    why = f"{found[1]}, and the victim has no open case: decide what follows, by a safe route only"
    return Unheard(kind=AFTER_CLOSURE, subject=found[0], why=why, now=now)


def _of_an_incident(
    message: SuspectChanged | BailChanged | OrderChanged | OrderBreached, policy: Policy
) -> tuple[str, str] | None:
    match message:
        case SuspectChanged(incident_ref=ref, status=status, freed=True):
            return ref, f"the suspect is at liberty ({status.value})"
        case SuspectChanged(incident_ref=ref, release_planned_at=planned) if planned is not None:
            return ref, "the suspect will be released"
        case SuspectChanged(incident_ref=ref, status=status) if (
            status in _wishes(policy).contact_statuses
        ):
            return ref, f"the suspect's status is {status.value}"
        case BailChanged(incident_ref=ref, in_force=False):
            return ref, "bail ended"
        case OrderBreached(incident_ref=ref):
            return ref, f"an order or bail ({message.of.value}) was broken"
        case OrderChanged(incident_ref=ref) if message.protection_ended:
            return ref, f"an order ({message.order_type.value}) ended"
    return None


def _wishes(policy: Policy) -> WishPolicy:
    """What is an event; a first release's policy does not say."""
    return policy.duties.wishes if policy.duties is not None else WishPolicy()


def unheard_repeat(message: RepeatEvent, policy: Policy) -> Unheard:
    """A report of a pair that MARAC had flagged: its referral has ended."""
    named = f"{policy.marac.repeat_definition}/{policy.marac.repeat_anchor}"
    counts = "a repeat by policy"
    if named not in message.definitions:
        counts = "by policy no repeat, judge it on other criteria"
    why = f"a new report of a pair referred to MARAC, and no case is open: {counts}"
    return Unheard(kind=REPEAT, subject=message.incident_ref, why=why, now=True)


def tasks_of(found: Unheard, message_id: str, of: Named, at: datetime) -> tuple[Task, ...]:
    """One task a role that decides: the supervisors of the area; of a repeat the coordinator
    too."""
    roles = [Role.SUPERVISOR]
    if found.kind == REPEAT:
        roles.append(Role.MARAC_COORDINATOR)
    return tuple(
        Task(
            task_id=f"{found.kind}:{message_id}:{role.value}",
            kind=found.kind,
            owner=role_address(role.value, of.area),
            raised_at=at,
            due_at=at if found.now else at + DECIDED_WITHIN,
            why=found.why,
            command=f"dalo settle-told {of.ref} {found.subject} --step STEP",
            subject=found.subject,
        )
        for role in roles
    )
