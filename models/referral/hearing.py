"""What meetings and cases have to say to a referral."""

from __future__ import annotations

from datetime import datetime

from models.enums import ClockType, ReferralPathway, ReferralState
from models.messages import (
    ActionsSettled,
    CaseClosed,
    Heard,
    Listed,
    ListFrozen,
    OwnerChanged,
    ReferralMessage,
    Reopened,
    RepeatEvent,
    RetaliationAnswer,
    SubjectScored,
)
from models.referral.disruption import victims_cases
from models.referral.flagged import repeated
from models.referral.guards import PREDICATES
from models.referral.moving import enter
from models.referral.retaliation import answered
from models.referral.running import CANCELS, FLAG, owner_of
from models.referral.state import ReferralFacts
from models.referral.telling import (
    ask_case,
    decline_place,
    tell_case,
    tell_meeting_of_officer,
)
from models.referral.work import scored
from models.stream import Context, append, arm, change_owner, meet, open_clock

_MESSAGES_KEPT = 300
_MOST_FOLLOWS = 8
_NOT_TO_HEAR = (
    ReferralState.DRAFT,
    ReferralState.HEARD,
    ReferralState.ACTIONS_OPEN,
    ReferralState.ACTIONS_COMPLETE,
    ReferralState.FLAGGED_12M,
)
"""MARAC: not sent, or heard already (new abuse is a new referral)."""


def receive(state: ReferralFacts, ctx: Context, message: ReferralMessage) -> None:
    """Take a message once; what means nothing here changes nothing."""
    if message.message_id in state.seen_messages:
        return
    state.seen_messages = [*state.seen_messages, message.message_id][-_MESSAGES_KEPT:]
    if isinstance(message, Listed) and _unwanted(state, message):
        decline_place(state, ctx, message)
    elif not state.closed and _take(state, ctx, message):
        follow(state, ctx, getattr(message, "at", None))


def _take(state: ReferralFacts, ctx: Context, message: ReferralMessage) -> bool:
    """Do what a message asks for; False for one that means nothing here."""
    match message:
        case OwnerChanged() | Reopened():
            _owned(state, ctx, message.dalo_id, message.supervisor_id)
            if isinstance(message, OwnerChanged):
                # Another case has it after a merge, and hears of it from now on.
                state.case_ref = message.case_ref or state.case_ref
            else:
                state.case_closed = False
        case CaseClosed():
            _handed(state, ctx, message.handed_to)
        case RepeatEvent():
            repeated(state, ctx, message)
        case Listed():
            kind = "listed" if message.meeting else "put-off"
            _of_meeting(state, ctx, kind, message.meeting, message.at, message.starts_at)
        case ListFrozen():
            _of_meeting(state, ctx, "list-frozen", message.meeting, message.at, state.meeting_at)
        case Heard():
            _heard(state, ctx, message)
        case ActionsSettled():
            _actions(state, ctx, message)
        case RetaliationAnswer():
            answered(state, ctx, message)
        case SubjectScored():
            scored(state, ctx, message)
        case _:
            return False
    return True


def _unwanted(state: ReferralFacts, message: Listed) -> bool:
    """Whether a meeting lists what was taken back, or decided, while the request was on its way, or
    by hand what was never sent or was heard before."""
    decided = state.pathway is ReferralPathway.MATAC and state.state not in state.path.listed_in
    gone = state.closed or state.state in CANCELS
    elsewhere = _stream(message.meeting) != state.meeting
    return bool(message.meeting) and (
        gone or decided or (elsewhere and state.state in _NOT_TO_HEAR)
    )


def follow(state: ReferralFacts, ctx: Context, at: datetime | None = None) -> None:
    """States that follow by themselves, at the instant of what brought them about."""
    for _ in range(_MOST_FOLLOWS):
        ways = [each for each in state.path.follows if each.source is state.state]
        way = next((each for each in ways if PREDICATES[each.when](state, ctx.now)), None)
        if way is None:
            return
        when = max(at or state.entered_at, state.entered_at)
        if way.to is ReferralState.FLAG_EXPIRED and state.flag_until is not None:
            when = max(state.flag_until, state.entered_at)
        enter(state, ctx, way.to, when)


def lapse(state: ReferralFacts, ctx: Context) -> None:
    """The flag's months are over: that is no failure of anybody."""
    clock = open_clock(state, FLAG)
    if clock is not None and clock.breached_at is not None:
        meet(state, ctx, clock, clock.due_at)


# --- the case -------------------------------------------------------------------------------------


def _owned(state: ReferralFacts, ctx: Context, dalo_id: str, supervisor_id: str) -> None:
    lead, supervisor = state.lead, state.supervisor_id
    state.dalo_id, state.supervisor_id, state.handed_to = dalo_id, supervisor_id, ""
    _led_by_another(state, ctx, lead)
    if supervisor and supervisor not in (supervisor_id, lead):
        change_owner(state, ctx, supervisor, supervisor_id)


def _handed(state: ReferralFacts, ctx: Context, handed_to: str) -> None:
    lead = state.lead
    state.case_closed, state.handed_to = True, handed_to
    _led_by_another(state, ctx, lead)


def _led_by_another(state: ReferralFacts, ctx: Context, before: str) -> None:
    """Who answers is another: everything here is theirs, and what the meeting gave them for it."""
    if state.lead == before:
        return
    change_owner(state, ctx, before, state.lead)
    tell_meeting_of_officer(state, ctx, before)


# --- the meeting --------------------------------------------------------------------------------


def _stream(meeting: str) -> str:
    return meeting if not meeting or meeting.startswith("meeting/") else f"meeting/{meeting}"


def _step(state: ReferralFacts, kind: str, decision: str = "") -> ReferralState | None:
    """Where a meeting's message leads from here; None where it does not fit the state."""
    return next(
        (
            hears.to
            for hears in state.path.hears
            if hears.message == kind
            and state.state in hears.sources
            and hears.decision in ("", decision)
        ),
        None,
    )


def _unexpected(state: ReferralFacts, ctx: Context, kind: str, at: datetime) -> None:
    append(state, ctx, "referral:message:unexpected", at, message=kind, state_was=state.state)


def _of_meeting(
    state: ReferralFacts,
    ctx: Context,
    kind: str,
    meeting: str,
    at: datetime,
    starts_at: datetime | None,
) -> None:
    """Listed, put off, or the list closed. A nomination's state waits for the decision alone."""
    to = _step(state, kind)
    if to is None and state.pathway is not ReferralPathway.MATAC:
        _unexpected(state, ctx, kind, at)
        return
    state.meeting, state.meeting_at = _stream(meeting), starts_at
    if to is not None:
        if state.pathway is ReferralPathway.MARAC:
            state.accepted_at = state.accepted_at or at
        # A meeting that puts a referral off asks for the next one's list itself.
        listing = kind != "put-off"
        enter(state, ctx, to, max(at, state.entered_at), listing=listing, meeting=state.meeting)
        return
    append(
        state,
        ctx,
        f"referral:meeting:{kind.replace('-', '_')}",
        at,
        referral_ref=state.referral_ref,
        meeting=state.meeting,
    )


def _heard(state: ReferralFacts, ctx: Context, message: Heard) -> None:
    if state.pathway is ReferralPathway.IDVA:
        _tell_victim(state, ctx, message)
        return
    to = _step(state, "heard", message.decision)
    if to is None:
        _unexpected(state, ctx, f"heard {message.decision}", message.at)
        return
    put_off = to in state.path.listed_in
    state.meeting = "" if put_off else _stream(message.meeting)
    if not put_off:
        state.heard_at = message.at
        state.open_actions = message.actions
    enter(
        state,
        ctx,
        to,
        max(message.at, state.entered_at),
        decision=message.decision,
        meeting=_stream(message.meeting),
        actions=message.actions,
    )


def _tell_victim(state: ReferralFacts, ctx: Context, message: Heard) -> None:
    """The MARAC heard the IDVA's victim: what it decided is told within the policy's time."""
    if state.state is ReferralState.DRAFT:
        return
    state.feedback_of = _stream(message.meeting)
    if open_clock(state, ClockType.IDVA_MARAC_FEEDBACK) is None:
        arm(
            state,
            ctx,
            ClockType.IDVA_MARAC_FEEDBACK,
            message.at,
            "MARAC heard the case",
            owner=owner_of(state, state.path.service),
        )


def _actions(state: ReferralFacts, ctx: Context, message: ActionsSettled) -> None:
    state.open_actions = message.open_actions
    append(
        state,
        ctx,
        "referral:actions:counted",
        message.at,
        referral_ref=state.referral_ref,
        open_actions=message.open_actions,
        codes=message.codes,
    )
    if message.codes:
        tell_case(state, ctx, message.at, message.codes)
        for case_ref in victims_cases(state):
            ask_case(state, ctx, case_ref, message.message_id, message.codes)
