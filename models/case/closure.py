"""Closing a case: it is asked for, a supervisor agrees, every blocker is named with the command
that settles it, the register confirms (docs/domain.md 9.4).

The register may know of an incident that has not reached the workflow yet; then the closure is
refused (`INCIDENT_JOINING`) and the case stays open.
"""

from __future__ import annotations

from datetime import timedelta

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.duties import DUTIES
from models.case.handover.merging import carry_away
from models.case.handover.state import AskedClosure
from models.case.state import CaseFacts, PendingClosure
from models.case.telling import free_place, tell_incident, tell_referrals
from models.checks import supervisor_only
from models.commands import AskClosure, CloseCase, Grant, RefuseClosure
from models.enums import INSPECTORS, CaseState, ClosureReason, EngagementStatus
from models.events import CloseRequest, Event
from models.instants import show
from models.messages import CaseClosed
from models.stream import Context, append, cancel, jsonable, raise_task, settle_tasks

DECISIONS = ("WRONG_PERSON", "UNSAFE_ENDED", "UNSAFE_ATTEMPT", "APPROVE_CADENCE", "NOW_INELIGIBLE")
"""Tasks that a person must settle before a case can close."""
LATER_DECISIONS = (
    "UNDER_16",
    "CONFLICT_REASSIGN",
    "ACCEPT_HANDOVER",
    "MERGE_REVIEW",
    "SAFETY_OVERRIDE",
)
"""Those of the second release. What other duties wait for, they name themselves."""
NEED_NO_TELLING = (ClosureReason.DIED, ClosureReason.DUPLICATE, ClosureReason.TRANSFERRED)
ASK, REFUSED = "DECIDE_CLOSURE", "CLOSURE_REFUSED"


def blockers(state: CaseFacts, ctx: Context, command: CloseCase) -> list[str]:
    """Everything that keeps the case open, each named with its subject, and from the second release
    with the command that settles it."""
    if state.release == 1:
        return _first_blockers(state, command)
    found = left_open(state, command) + _wrong_way(state, command)
    if command.reason in NEED_NO_TELLING:
        return found
    if not command.victim_told and command.not_told_reason is None:
        found.append("the victim has not been told (--victim-told, or --not-told-reason)")
    return found + _unstable(state, ctx) + _orders(state, command)


def left_open(state: CaseFacts, command: CloseCase) -> list[str]:
    """What somebody has yet to do or to decide: actions, tasks, and what every duty names."""
    do = f"dalo do {state.case_ref}"
    found = [
        f"need action {ref} is open ({do} complete-need-action --action-id {ref})"
        for ref in state.actions
    ]
    found += [
        f"task {t.task_id} is open ({t.command or do})"
        for t in state.tasks.values()
        if t.kind in DECISIONS + LATER_DECISIONS
    ]
    for duty in DUTIES:
        found += duty.blockers(state, command)
    return found


def _first_blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    found = [f"need action {ref} is open" for ref in state.actions]
    found += [f"task {t.task_id} is open" for t in state.tasks.values() if t.kind in DECISIONS]
    for duty in DUTIES:
        found += duty.blockers(state, command)
    if not command.victim_told and command.reason not in NEED_NO_TELLING:
        found.append("the victim has not been told (victim_told)")
    return found


def _wrong_way(state: CaseFacts, command: CloseCase) -> list[str]:
    """Reasons that have a procedure of their own, and procedures that wait."""
    found = []
    transfer = state.handover.transfer
    if transfer is not None:
        found.append(
            f"transfer {transfer.transfer_id} waits (dalo do {state.case_ref} refuse-transfer)"
        )
    if command.reason is ClosureReason.TRANSFERRED and not state.handover.transferred_to:
        found.append(
            "no other force has accepted the case"
            f" (dalo do {state.case_ref} offer-transfer --out-of-force)"
        )
    if command.reason is ClosureReason.DUPLICATE and state.handover.merge_target is None:
        found.append("no other case has taken this one over (dalo merge)")
    return found


def _unstable(state: CaseFacts, ctx: Context) -> list[str]:
    """Risk must have been reduced or stable for so many days."""
    do = f"dalo do {state.case_ref}"
    if state.grade_pending_review:
        return [f"the risk grade waits for a supervisor's review ({do} regrade)"]
    since = state.handover.unsettled_at or state.opened_at
    days = ctx.policy.of_duties.closure.stable_days
    if ctx.now >= since + timedelta(days=days):
        return []
    until = show(since + timedelta(days=days))
    return [f"the risk has not been stable for {days} days: not before {until} (review-case)"]


def _orders(state: CaseFacts, command: CloseCase) -> list[str]:
    """An order's end needs somebody who answers for it after the case."""
    if command.hand_to:
        return []
    return [
        f"{order.order_type} {order.order_id} of incident {order.incident_ref} is in"
        f" force{_until(order.last_day)}: name who answers for its end (--hand-to OFFICER)"
        for order in state.handover.orders.values()
    ]


def _until(last_day: str) -> str:
    return f" until {last_day}" if last_day else ""


# --- asking --------------------------------------------------------------------------------------


def check_ask(state: CaseFacts, ctx: Context, command: AskClosure, grant: Grant) -> None:
    """The case's officer or a supervisor asks, once."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.handover.asked is not None:
        raise Refused(
            "ALREADY_ASKED",
            f"{state.handover.asked.asked_by} has asked for closure",
            "a supervisor closes the case (close-case) or refuses (refuse-closure)",
        )


def apply_ask(state: CaseFacts, ctx: Context, command: AskClosure) -> tuple[str, ...]:
    """A supervisor decides; what still blocks it is told at once."""
    state.handover.asked = AskedClosure(
        asked_by=ctx.actor,
        asked_at=command.at,
        reason=command.reason,
        victim_told=command.victim_told,
    )
    settle_tasks(state, ctx, REFUSED)
    wanted = CloseCase(at=command.at, reason=command.reason, victim_told=command.victim_told)
    found = blockers(state, ctx, wanted)
    append(
        state,
        ctx,
        "case:closure:asked",
        command.at,
        case_ref=state.case_ref,
        reason=command.reason,
        blockers=len(found),
        note_ref=command.note_ref,
    )
    raise_task(
        state,
        ctx,
        ASK,
        state.supervisor_id or state.dalo_id,
        f"{ctx.actor} asks to close the case ({command.reason.value}): close it or refuse",
        due_at=command.at + timedelta(days=1),
        command=f"dalo do {state.case_ref} close-case --reason {command.reason.value}",
        subject="closure",
    )
    return ("BLOCKED",) if found else ()


def check_refuse(state: CaseFacts, ctx: Context, command: RefuseClosure, grant: Grant) -> None:
    """A supervisor's decision on what was asked."""
    supervisor_only(state, grant)
    _asked(state)
    happened(state, command.at, ctx.now)


def apply_refuse(state: CaseFacts, ctx: Context, command: RefuseClosure) -> tuple[str, ...]:
    """The case goes on."""
    asked = _asked(state)
    _decided(state, ctx)
    append(
        state,
        ctx,
        "case:closure:refused",
        command.at,
        case_ref=state.case_ref,
        asked_by=asked.asked_by,
        reason=command.reason,
    )
    return ()


def _asked(state: CaseFacts) -> AskedClosure:
    if state.handover.asked is None:
        raise Refused(
            "NOT_ASKED",
            "closure takes two people, and nobody has asked for it",
            f"one asks (dalo do {state.case_ref} ask-closure), another decides",
        )
    return state.handover.asked


def _decided(state: CaseFacts, ctx: Context) -> None:
    state.handover.asked = None
    settle_tasks(state, ctx, ASK)


# --- closing -------------------------------------------------------------------------------------


def check(state: CaseFacts, ctx: Context, command: CloseCase, grant: Grant) -> None:
    """A supervisor's decision on what another person asked for, once nothing blocks it; an
    inspector may close although something cannot be settled."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if command.override_reason is not None and grant.role not in INSPECTORS:
        raise Refused(
            "INSPECTOR_ONLY",
            "only an inspector closes a case although something is open",
            "settle what is open, or ask the area's inspector",
            "override_reason",
        )
    if state.release > 1:
        asked = _asked(state)
        if asked.asked_by == grant.actor:
            raise Refused(
                "FOUR_EYES",
                "who asked for the closure cannot agree to it",
                "another supervisor or an inspector decides",
                "actor",
            )
    found = blockers(state, ctx, command)
    if found and command.override_reason is None:
        raise Refused(
            "CLOSURE_BLOCKED", "; ".join(found), "settle each of these first, then close", "reason"
        )


def apply(state: CaseFacts, ctx: Context, command: CloseCase) -> tuple[str, ...]:
    """The closure is agreed; the recorder takes it to the register."""
    if state.release > 1:
        append(
            state,
            ctx,
            "case:closure:agreed",
            command.at,
            case_ref=state.case_ref,
            asked_by=_asked(state).asked_by,
            reason=command.reason,
            victim_told=command.victim_told,
            not_told_reason=command.not_told_reason,
            hand_to=command.hand_to or state.supervisor_id,
            override_reason=command.override_reason,
            overridden=blockers(state, ctx, command) if command.override_reason else [],
        )
        _decided(state, ctx)
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
    """The register is closed: clocks end, the incidents' obligations pass to the supervisor or who
    was named, or with a merge to the case that stays; the place comes free."""
    closing, state.closing = state.closing, None
    if closing is None:
        raise ValueError("no closure is agreed")
    target = state.handover.merge_target
    if target is not None:
        carry_away(state, target)
    gone = state.release > 1 and closing.command.reason is ClosureReason.TRANSFERRED
    state.state = CaseState.TRANSFERRED if gone else CaseState.CLOSED
    state.closed_at = event.recorded_at
    state.closure_reason = closing.command.reason.value
    if state.release > 1 and closing.command.reason is ClosureReason.VICTIM_REQUEST:
        state.engagement_status = EngagementStatus.WITHDRAWN
    for clock in list(state.clocks.values()):
        cancel(state, ctx, clock, "CASE_CLOSED")
    for kind in sorted({task.kind for task in state.tasks.values()}):
        settle_tasks(state, ctx, kind)
    if target is None:
        _tell_of_end(state, ctx, closing)
    free_place(state, "closed")


def _tell_of_end(state: CaseFacts, ctx: Context, closing: PendingClosure) -> None:
    heir = closing.command.hand_to or state.supervisor_id or closing.agreed_by
    message = CaseClosed(message_id=f"closed:{state.stream}", handed_to=heir)
    for incident_ref in state.incidents:
        tell_incident(state, ctx, incident_ref, message)
    if state.release > 1:
        tell_referrals(state, message)


def joining(state: CaseFacts, ctx: Context, event: Event) -> None:
    """An incident is on its way: the closure is refused and its number used for saying so. A merge
    is tried again when that incident is here; any other closure is asked for anew."""
    closing, state.closing = state.closing, None
    state.unrecorded.insert(
        0,
        event.model_copy(
            update={
                "tag": "case:closing:refused",
                "data": {"case_ref": state.case_ref, "code": "INCIDENT_JOINING"},
            }
        ),
    )
    if state.release == 1 or closing is None or state.handover.merge_target is not None:
        return
    raise_task(
        state,
        ctx,
        REFUSED,
        state.supervisor_id or closing.agreed_by,
        "the case stays open, since an incident is joining it: look at that, then ask for closure"
        " again where it still holds",
        due_at=ctx.now + timedelta(days=1),
        command=f"dalo do {state.case_ref} ask-closure --reason {closing.command.reason.value}",
    )
