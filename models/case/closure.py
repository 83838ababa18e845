"""Closing a case: a supervisor agrees, every blocker is named, the register confirms.

The register may know of an incident that has not reached the workflow yet; then the closure is
refused (`INCIDENT_JOINING`) and the case stays open.
"""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened, supervisor_only
from models.case.duties import DUTIES
from models.case.lifecycle import free_place, tell_incident
from models.case.state import CaseFacts, PendingClosure
from models.commands import CloseCase, Grant
from models.enums import CaseState, ClosureReason
from models.events import CloseRequest, Event
from models.messages import CaseClosed
from models.stream import Context, append, cancel, jsonable, settle_tasks

DECISIONS = ("WRONG_PERSON", "UNSAFE_ENDED", "UNSAFE_ATTEMPT", "APPROVE_CADENCE", "NOW_INELIGIBLE")
"""Tasks that a person must settle before a case can close."""
NEED_NO_TELLING = (ClosureReason.DIED, ClosureReason.DUPLICATE, ClosureReason.TRANSFERRED)


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """Everything that keeps the case open, each named with its subject."""
    found = [f"need action {ref} is open" for ref in state.actions]
    found += [f"task {t.task_id} is open" for t in state.tasks.values() if t.kind in DECISIONS]
    for duty in DUTIES:
        found += duty.blockers(state, command)
    if not command.victim_told and command.reason not in NEED_NO_TELLING:
        found.append("the victim has not been told (victim_told)")
    return found


def check(state: CaseFacts, ctx: Context, command: CloseCase, grant: Grant) -> None:
    """A supervisor's decision, once nothing blocks it."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    found = blockers(state, command)
    if found:
        raise Refused(
            "CLOSURE_BLOCKED", "; ".join(found), "settle each of these first, then close", "reason"
        )


def apply(state: CaseFacts, ctx: Context, command: CloseCase) -> tuple[str, ...]:
    """The closure is agreed; the recorder takes it to the register."""
    state.closing = PendingClosure(
        agreed_by=ctx.actor, role=ctx.role, command_id=ctx.command_id, command=command
    )
    append(state, ctx, "case:closing:asked", command.at, reason=command.reason)
    return ("CLOSING",)


def request(state: CaseFacts, ctx: Context) -> CloseRequest:
    """The last event of the open case, with what the workflow has seen. Takes the next number, so
    that whatever is appended meanwhile comes after it."""
    closing = state.closing
    if closing is None:
        raise ValueError("no closure is agreed")
    event = Event(
        seq=state.next_seq,
        tag="case:closed",
        occurred_at=closing.command.at,
        recorded_at=ctx.now,
        actor=closing.agreed_by,
        role=closing.role,
        data=jsonable({"case_ref": state.case_ref, "reason": closing.command.reason}),
        command_id=closing.command_id,
        policy_version=state.policy_version,
    )
    state.next_seq += 1
    return CloseRequest(
        case_ref=state.case_ref,
        victim_ref=state.victim_ref,
        event=event,
        seen_incidents=list(state.incidents),
        final_state=state.model_dump(mode="json", exclude={"unrecorded", "effects"}),
    )


def confirmed(state: CaseFacts, ctx: Context, event: Event) -> None:
    """The register is closed: clocks end, the incidents' obligations pass to the supervisor, the
    place comes free."""
    closing, state.closing = state.closing, None
    if closing is None:
        raise ValueError("no closure is agreed")
    state.state = CaseState.CLOSED
    state.closed_at = event.recorded_at
    state.closure_reason = closing.command.reason.value
    for clock in list(state.clocks.values()):
        cancel(state, ctx, clock, "CASE_CLOSED")
    for kind in sorted({task.kind for task in state.tasks.values()}):
        settle_tasks(state, ctx, kind)
    heir = state.supervisor_id or closing.agreed_by
    for incident_ref in state.incidents:
        tell_incident(
            state,
            ctx,
            incident_ref,
            CaseClosed(message_id=f"closed:{state.stream}", handed_to=heir),
        )
    free_place(state, "closed")


def joining(state: CaseFacts, ctx: Context, event: Event) -> None:
    """An incident is on its way: the closure is refused and its number used for saying so."""
    state.closing = None
    state.unrecorded.insert(
        0,
        event.model_copy(
            update={
                "tag": "case:closing:refused",
                "data": {"case_ref": state.case_ref, "code": "INCIDENT_JOINING"},
            }
        ),
    )
