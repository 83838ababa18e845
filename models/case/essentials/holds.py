"""Legal holds and criminal disclosure (docs/domain.md 16a): a hold blocks erasure and closure until
an inspector lifts it."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.essentials.state import LegalHold
from models.case.people import area_role
from models.case.state import CaseFacts
from models.checks import inspector_only
from models.commands import (
    AnswerDisclosureRequest,
    Grant,
    LiftLegalHold,
    PlaceLegalHold,
    RecordDisclosureRequest,
    ReviewLegalHold,
)
from models.enums import ClockType, Role
from models.instants import end_of_day, london_date
from models.stream import (
    Context,
    append,
    arm,
    cancel_open,
    meet,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

DISCLOSURE = "CRIMINAL_DISCLOSURE"


def next_id(state: CaseFacts) -> str:
    """The next hold's id."""
    return f"HOLD-{number(state, 'hold'):03d}"


def hold(state: CaseFacts, ctx: Context, reason: str, at: datetime) -> str:
    """Place a hold and start its review; returns its id."""
    hold_id = next_id(state)
    state.essentials.holds[hold_id] = LegalHold(reason=reason, placed_by=ctx.actor, placed_at=at)
    append(
        state,
        ctx,
        "case:legal_hold:placed",
        at,
        case_ref=state.case_ref,
        hold_id=hold_id,
        reason=reason,
    )
    _review(state, ctx, hold_id, at)
    return hold_id


def react(state: CaseFacts, ctx: Context) -> None:
    """What stands is reviewed and what was asked for is somebody's task, also after the case was
    closed and reopened."""
    for hold_id in state.essentials.holds:
        if open_clock(state, ClockType.LEGAL_HOLD_REVIEW, hold_id) is None:
            _review(state, ctx, hold_id, ctx.now, "case:reopened")
    for request_ref, due_at in state.essentials.disclosures.items():
        _disclose(state, ctx, request_ref, due_at)


def _review(
    state: CaseFacts,
    ctx: Context,
    hold_id: str,
    at: datetime,
    start_event: str = "case:legal_hold:placed",
) -> None:
    arm(
        state,
        ctx,
        ClockType.LEGAL_HOLD_REVIEW,
        at,
        start_event,
        subject=hold_id,
        owner=area_role(state, Role.INSPECTOR),
    )


def check_place(state: CaseFacts, ctx: Context, command: PlaceLegalHold, grant: Grant) -> None:
    """An inspector's decision."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)


def apply_place(state: CaseFacts, ctx: Context, command: PlaceLegalHold) -> tuple[str, ...]:
    """Place it."""
    return (hold(state, ctx, command.reason, command.at),)


def check_hold(
    state: CaseFacts, ctx: Context, command: ReviewLegalHold | LiftLegalHold, grant: Grant
) -> None:
    """An inspector, on a hold that stands."""
    inspector_only(grant)
    happened(state, command.at, ctx.now)
    if command.hold_id not in state.essentials.holds:
        raise Refused(
            "UNKNOWN_HOLD",
            "no such legal hold stands",
            f"standing: {', '.join(state.essentials.holds) or 'none'}",
            "hold_id",
        )


def apply_review(state: CaseFacts, ctx: Context, command: ReviewLegalHold) -> tuple[str, ...]:
    """The hold stays; its next review starts."""
    append(
        state,
        ctx,
        "case:legal_hold:reviewed",
        command.at,
        hold_id=command.hold_id,
        reason=command.reason,
    )
    clock = open_clock(state, ClockType.LEGAL_HOLD_REVIEW, command.hold_id)
    if clock is not None:
        meet(state, ctx, clock, max(command.at, clock.started_at))
    _review(state, ctx, command.hold_id, command.at)
    return ()


def apply_lift(state: CaseFacts, ctx: Context, command: LiftLegalHold) -> tuple[str, ...]:
    """The hold ends, and its review with it."""
    del state.essentials.holds[command.hold_id]
    append(
        state,
        ctx,
        "case:legal_hold:lifted",
        command.at,
        case_ref=state.case_ref,
        hold_id=command.hold_id,
        reason=command.reason,
    )
    cancel_open(state, ctx, ClockType.LEGAL_HOLD_REVIEW, "HOLD_LIFTED", command.hold_id)
    return ()


def check_request(
    state: CaseFacts, ctx: Context, command: RecordDisclosureRequest, grant: Grant
) -> None:
    """Each request once."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.request_ref in state.essentials.disclosures:
        raise Refused(
            "RECORDED_ALREADY", "this request is open already", "answer it", "request_ref"
        )


def apply_request(
    state: CaseFacts, ctx: Context, command: RecordDisclosureRequest
) -> tuple[str, ...]:
    """The contact log is disclosable material: it is held, and somebody answers by a date."""
    within = timedelta(days=ctx.policy.of_duties.essentials.disclosure_days)
    due_at = end_of_day(command.due_on or london_date(command.at + within))
    state.essentials.disclosures[command.request_ref] = due_at
    append(
        state,
        ctx,
        "case:disclosure:asked",
        command.at,
        request_ref=command.request_ref,
        asked_by=command.asked_by,
        due_at=due_at,
    )
    _disclose(state, ctx, command.request_ref, due_at)
    if all(held.reason != DISCLOSURE for held in state.essentials.holds.values()):
        return (hold(state, ctx, DISCLOSURE, command.at),)
    return ()


def _disclose(state: CaseFacts, ctx: Context, request_ref: str, due_at: datetime) -> None:
    raise_task(
        state,
        ctx,
        "DISCLOSURE",
        state.dalo_id or state.supervisor_id,
        "the contact log is asked for in criminal proceedings: disclose it through the officer in "
        "the case, or say why not",
        due_at=due_at,
        command=f"dalo do {state.case_ref} answer-disclosure-request --request-ref "
        f"{request_ref} --decision DISCLOSED --reason REASON",
        subject=request_ref,
    )


def check_answer(
    state: CaseFacts, ctx: Context, command: AnswerDisclosureRequest, grant: Grant
) -> None:
    """An open request."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.request_ref not in state.essentials.disclosures:
        raise Refused(
            "UNKNOWN_REQUEST",
            "no such disclosure request is open",
            f"open: {', '.join(state.essentials.disclosures) or 'none'}",
            "request_ref",
        )


def apply_answer(
    state: CaseFacts, ctx: Context, command: AnswerDisclosureRequest
) -> tuple[str, ...]:
    """The request is answered; the hold stands until an inspector lifts it."""
    del state.essentials.disclosures[command.request_ref]
    append(
        state,
        ctx,
        "case:disclosure:answered",
        command.at,
        request_ref=command.request_ref,
        decision=command.decision,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    settle_tasks(state, ctx, "DISCLOSURE", command.request_ref)
    return ()
