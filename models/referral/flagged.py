"""A MARAC referral beyond its hearing: transfer to another area, and reports of a flagged pair that
has no open case (docs/domain.md 5, 8.1)."""

from __future__ import annotations

from models.base import Refused
from models.commands import ConfirmTransfer, DecideRepeat, Grant, TransferReferral
from models.enums import (
    SUPERVISORY,
    ClockType,
    ReferralPathway,
    ReferralState,
    Role,
    TransferAnswer,
)
from models.ids import role_address
from models.messages import RepeatEvent
from models.referral.checks import by, happened, reason_given
from models.referral.moving import enter
from models.referral.state import ReferralFacts, Repeat, Transfer
from models.referral.telling import tell_meeting_of_transfer
from models.referral.work import of_pathway
from models.stream import (
    Context,
    append,
    arm,
    meet_open,
    open_clock,
    raise_task,
    settle_tasks,
)

_REPEAT = "REPEAT_WITHOUT_CASE"
_RETURNS = "TRANSFER_REFUSED"
_OFFERED = "TRANSFER_OFFERED"
TRANSFER = "TRANSFER"
"""Key and subject of the chase of an area that has the papers and has not said yes or no."""


def check_transfer(
    state: ReferralFacts, ctx: Context, command: TransferReferral, grant: Grant
) -> None:
    """What was sent may be transferred; once at a time, to another area."""
    of_pathway(state, ReferralPathway.MARAC)
    by(state, grant, (Role.DALO, *state.path.partners))
    happened(state, command.at, ctx.now)
    if state.state is ReferralState.DRAFT:
        raise Refused(
            "NOT_SUBMITTED",
            "a draft is not transferred",
            "submit it, or refer in the new area",
        )
    if command.to_area == state.area:
        raise Refused("SAME_AREA", "that is its area already", "name the new area", "to_area")
    if state.state is ReferralState.TRANSFERRED_OUT:
        raise Refused(
            "TRANSFERRED_ALREADY",
            "another area has accepted it",
            "its coordinator passes it on; for a victim who is back refer again on the case",
        )
    if state.transfer is not None and state.transfer.answer is not TransferAnswer.REFUSED:
        raise Refused(
            "TRANSFER_UNDER_WAY",
            "a transfer already waits for the new area",
            "use confirm-transfer for what that area says",
        )


def apply_transfer(
    state: ReferralFacts, ctx: Context, command: TransferReferral
) -> tuple[str, ...]:
    """The papers go to the new area; everything stays here until it accepts."""
    state.transfer = Transfer(to_area=command.to_area, at=command.at)
    settle_tasks(state, ctx, _RETURNS)
    append(
        state,
        ctx,
        "referral:transfer:begun",
        command.at,
        referral_ref=state.referral_ref,
        to_area=command.to_area,
        note_ref=command.note_ref,
    )
    clock = open_clock(state, ClockType.MARAC_TRANSFER) or arm(
        state,
        ctx,
        ClockType.MARAC_TRANSFER,
        command.at,
        "the victim's move was known",
        owner=state.service,
    )
    raise_task(
        state,
        ctx,
        _OFFERED,
        role_address(state.path.service.value, command.to_area),
        f"the victim moved to your area from {state.area}: read the referral, confirm receipt, say"
        " whether you take it; until then its actions stay where they are",
        due_at=clock.due_at,
        command=f"dalo do {state.referral_ref} confirm-transfer --answer ACCEPTED",
    )
    return ()


def check_confirm(
    state: ReferralFacts, ctx: Context, command: ConfirmTransfer, grant: Grant
) -> None:
    """There is a transfer that waits, and a refusal has its reason."""
    of_pathway(state, ReferralPathway.MARAC)
    by(state, grant, state.path.partners)
    happened(state, command.at, ctx.now)
    waits = state.transfer is not None and state.transfer.answer in (None, TransferAnswer.RECEIVED)
    if state.transfer is None or not waits:
        raise Refused(
            "NO_TRANSFER", "no transfer waits for an answer", "use transfer-referral first"
        )
    if command.at < state.transfer.at:
        raise Refused(
            "BEFORE_LAST_STATE",
            "the time given is earlier than the transfer",
            "give when the new area answered",
            "at",
        )
    if command.answer is TransferAnswer.REFUSED:
        reason_given(command.reason, "a refused transfer")


def apply_confirm(state: ReferralFacts, ctx: Context, command: ConfirmTransfer) -> tuple[str, ...]:
    """Any answer confirms receipt; only acceptance ends the duty here, but for the flag."""
    assert state.transfer is not None
    state.transfer = state.transfer.model_copy(update={"answer": command.answer})
    append(
        state,
        ctx,
        "referral:transfer:answered",
        command.at,
        referral_ref=state.referral_ref,
        to_area=state.transfer.to_area,
        answer=command.answer,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    meet_open(state, ctx, ClockType.MARAC_TRANSFER, command.at)
    if command.answer is TransferAnswer.RECEIVED:
        _await_answer(state, ctx, command)
        return (command.answer.value,)
    settle_tasks(state, ctx, _OFFERED)
    meet_open(state, ctx, ClockType.REFERRAL_CHASE, command.at, TRANSFER)
    if command.answer is TransferAnswer.ACCEPTED:
        tell_meeting_of_transfer(state, state.transfer.to_area, command.at)
        enter(state, ctx, ReferralState.TRANSFERRED_OUT, max(command.at, state.entered_at))
    elif command.answer is TransferAnswer.REFUSED:
        raise_task(
            state,
            ctx,
            _RETURNS,
            state.service,
            "the new area refused the transfer: the referral and its actions stay here",
            command=f"dalo do {state.referral_ref} transfer-referral",
        )
    return (command.answer.value,)


def _await_answer(state: ReferralFacts, ctx: Context, command: ConfirmTransfer) -> None:
    """The papers are there: whether the area takes it on is chased until it has said so."""
    if open_clock(state, ClockType.REFERRAL_CHASE, TRANSFER) is None:
        arm(
            state,
            ctx,
            ClockType.REFERRAL_CHASE,
            command.at,
            "the new area confirmed receipt",
            subject=TRANSFER,
            rule_key=TRANSFER,
            owner=state.service,
        )


# --- a report of the pair, and no open case -------------------------------------------------------


def repeated(state: ReferralFacts, ctx: Context, message: RepeatEvent) -> None:
    """Coordinator and supervisor decide, whether or not policy's definition makes it a repeat; of
    a referral that was transferred the new area's coordinator hears too."""
    rule = ctx.policy.marac
    counts = f"{rule.repeat_definition}/{rule.repeat_anchor}" in message.definitions
    append(
        state,
        ctx,
        "referral:repeat:reported",
        message.reported_at,
        incident_ref=message.incident_ref,
        criminal=message.criminal,
        district=message.district,
        definitions=message.definitions,
        counts=counts,
    )
    if message.incident_ref in state.repeats:
        return
    state.repeats[message.incident_ref] = Repeat(
        incident_ref=message.incident_ref,
        reported_at=message.reported_at,
        criminal=message.criminal,
        district=message.district,
    )
    command = f"dalo do {state.referral_ref} decide-repeat --incident-ref {message.incident_ref}"
    people = {"COORDINATOR": state.service, "SUPERVISOR": state.supervisor_id or state.lead}
    if state.transfer is not None and state.state is ReferralState.TRANSFERRED_OUT:
        people["NEW_AREA"] = role_address(state.path.service.value, state.transfer.to_area)
    for role, person in people.items():
        raise_task(
            state,
            ctx,
            _REPEAT,
            person,
            "a new report of a pair flagged by MARAC, and no case is open: "
            + (
                "a repeat by policy"
                if counts
                else "by policy no repeat, judge it on other criteria"
            ),
            command=command,
            subject=f"{message.incident_ref}/{role}",
        )


def check_decide(state: ReferralFacts, ctx: Context, command: DecideRepeat, grant: Grant) -> None:
    """Coordinator or supervisor decide on a report that waits; leaving it needs a reason."""
    of_pathway(state, ReferralPathway.MARAC)
    by(state, grant, (*state.path.partners, *SUPERVISORY))
    happened(state, command.at, ctx.now)
    if command.incident_ref not in state.repeats:
        raise Refused(
            "UNKNOWN_REPEAT",
            "no such report waits for a decision",
            f"waiting: {', '.join(state.repeats) or 'none'}",
            "incident_ref",
        )
    if command.decision.value == "NO_ACTION":
        reason_given(command.reason, "leaving a report of a flagged pair")


def apply_decide(state: ReferralFacts, ctx: Context, command: DecideRepeat) -> tuple[str, ...]:
    """Decided by one, settled for both."""
    del state.repeats[command.incident_ref]
    append(
        state,
        ctx,
        "referral:repeat:decided",
        command.at,
        incident_ref=command.incident_ref,
        decision=command.decision,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    for role in ("COORDINATOR", "SUPERVISOR", "NEW_AREA"):
        settle_tasks(state, ctx, _REPEAT, f"{command.incident_ref}/{role}")
    return (command.decision.value,)
