"""The list and what referrals are told: listing, closing, carrying over to the next meeting."""

from __future__ import annotations

from datetime import datetime

from models.due import start_clock
from models.enums import AgendaState, ClockType, Forum, MeetingState
from models.events import Effect, EffectKind, tell_effect
from models.ids import referral_stream
from models.meeting.state import AgendaItem, MeetingAction, MeetingFacts
from models.messages import ActionsSettled, Heard, Listed, ListFrozen, ListRequest
from models.messages.forums import AFTER
from models.stream import Context, append, number

RESEARCH = {Forum.MARAC: ClockType.MARAC_RESEARCH, Forum.MATAC: ClockType.MATAC_RESEARCH}


def message_id(state: MeetingFacts, what: str, referral_ref: str) -> str:
    """A stable, unique id for one message of this meeting."""
    return f"{what}:{state.stream}:{referral_ref}:{number(state, 'message')}"


def tell(
    state: MeetingFacts, referral_ref: str, message: Listed | ListFrozen | Heard | ActionsSettled
) -> None:
    """Leave a message for a referral."""
    state.effects.append(tell_effect(message.message_id, referral_stream(referral_ref), message))


def research_due(state: MeetingFacts, ctx: Context) -> datetime:
    """When research must be back: so many working days before the meeting, for an emergency at its
    start."""
    if state.emergency:
        return state.starts_at
    return start_clock(
        ctx.policy,
        ctx.calendar,
        RESEARCH[state.forum],
        clock_id="",
        subject="",
        rule_key="",
        start_event="",
        started_at=state.starts_at,
    ).due_at


def request_of(state: MeetingFacts, item: AgendaItem, at: datetime) -> ListRequest:
    """The item as a request for another list."""
    return ListRequest(
        message_id=message_id(state, "carried", item.referral_ref),
        referral_ref=item.referral_ref,
        case_ref=item.case_ref,
        victim_ref=item.victim_ref,
        perpetrator_ref=item.perpetrator_ref,
        dalo_id=item.dalo_id,
        repeat=item.repeat,
        emergency=item.emergency and state.stage is MeetingState.CANCELLED,
        score=item.score,
        at=at,
    )


def put_on_list(
    state: MeetingFacts, ctx: Context, request: ListRequest, late_reason: str = ""
) -> None:
    """Take a referral on the list and tell it; one that is listed stays where it is."""
    known = state.agenda.get(request.referral_ref)
    if known is not None and known.state is AgendaState.LISTED:
        return
    item = AgendaItem(
        referral_ref=request.referral_ref,
        case_ref=request.case_ref,
        victim_ref=request.victim_ref,
        perpetrator_ref=request.perpetrator_ref,
        dalo_id=request.dalo_id,
        repeat=request.repeat,
        emergency=request.emergency,
        score=request.score,
        position=number(state, "item"),
        listed_at=request.at,
        late_reason=late_reason,
    )
    state.agenda[item.referral_ref] = item
    append(
        state,
        ctx,
        "agenda:listed",
        request.at,
        referral_ref=item.referral_ref,
        case_ref=item.case_ref or None,
        state=item.state,
        position=item.position,
        listed_at=item.listed_at,
        details={
            "repeat": item.repeat,
            "emergency": item.emergency,
            "score": item.score,
            "late_reason": late_reason,
            "victim_ref": item.victim_ref,
            "perpetrator_ref": item.perpetrator_ref,
            "dalo_id": item.dalo_id,
        },
    )
    tell(
        state,
        item.referral_ref,
        Listed(
            message_id=message_id(state, "listed", item.referral_ref),
            meeting=state.stream,
            starts_at=state.starts_at,
            at=request.at,
        ),
    )
    if state.stage is MeetingState.FROZEN:
        _tell_frozen(state, ctx, item, request.at)


def take_off(
    state: MeetingFacts, ctx: Context, item: AgendaItem, to: AgendaState, why: str
) -> None:
    """Take an item off the list for good; the referral itself said so."""
    state.agenda[item.referral_ref] = item.model_copy(update={"state": to, "research": {}})
    append(
        state,
        ctx,
        f"agenda:{to.value.lower()}",
        referral_ref=item.referral_ref,
        case_ref=item.case_ref or None,
        state=to,
        details={"reason": why},
    )


def carry(
    state: MeetingFacts,
    ctx: Context,
    item: AgendaItem,
    at: datetime,
    why: str,
    to: AgendaState = AgendaState.CARRIED,
) -> None:
    """Put an item off to the next meeting, and tell the referral that it has no date for now."""
    take_off(state, ctx, item, to, why)
    tell(
        state,
        item.referral_ref,
        Listed(
            message_id=message_id(state, "unlisted", item.referral_ref),
            meeting="",
            at=at,
        ),
    )
    ask_for_next(state, request_of(state, item, at))


def ask_for_next(state: MeetingFacts, request: ListRequest) -> None:
    """Ask for a place on a later meeting's list."""
    payload = request.model_dump(mode="json")
    if not request.emergency:
        payload[AFTER] = state.starts_at.isoformat()
    state.effects.append(
        Effect(
            effect_id=f"list:{state.stream}:{request.message_id}",
            kind=EffectKind.LIST,
            target=f"{state.forum.value}/{state.area}",
            payload=payload,
        )
    )


def freeze(state: MeetingFacts, ctx: Context, at: datetime) -> None:
    """Close the list: every agency that the policy names is asked about every referral on it."""
    state.stage = MeetingState.FROZEN
    state.frozen_at = at
    agencies = ctx.policy.of_duties.meetings.agencies.get(state.forum, ())
    state.research_asked = dict.fromkeys(agencies) if state.listed else {}
    append(state, ctx, "meeting:frozen", at, frozen_at=at, items=len(state.listed))
    for item in state.listed:
        _tell_frozen(state, ctx, item, at)


def _tell_frozen(state: MeetingFacts, ctx: Context, item: AgendaItem, at: datetime) -> None:
    due_at = research_due(state, ctx)
    append(
        state,
        ctx,
        "agenda:research:asked",
        at,
        referral_ref=item.referral_ref,
        research_due_at=due_at,
    )
    tell(
        state,
        item.referral_ref,
        ListFrozen(
            message_id=message_id(state, "frozen", item.referral_ref),
            meeting=state.stream,
            research_due_at=due_at,
            at=at,
        ),
    )


def tell_open_actions(
    state: MeetingFacts, referral_ref: str, at: datetime, codes: tuple[str, ...] = ()
) -> None:
    """Tell a referral how many of its actions are open, and what they ask of its case."""
    count = len(state.open_actions(referral_ref))
    state.settled_told[referral_ref] = count
    tell(
        state,
        referral_ref,
        ActionsSettled(
            message_id=message_id(state, "actions", referral_ref),
            meeting=state.stream,
            open_actions=count,
            at=at,
            codes=codes,
        ),
    )


def issue(state: MeetingFacts, ctx: Context, action: MeetingAction, at: datetime) -> None:
    """An action goes out to its agency: its clock starts."""
    state.actions[action.action_id] = action.model_copy(update={"issued_at": at})
    append(
        state,
        ctx,
        "action:issued",
        at,
        action_id=action.action_id,
        referral_ref=action.referral_ref,
        agency=action.agency,
    )
    if action.asks_visit:
        tell_open_actions(state, action.referral_ref, at, ("VISIT_ASKED",))


def end(state: MeetingFacts, ctx: Context, stage: MeetingState, at: datetime, why: str) -> None:
    """The meeting is over; the register follows."""
    state.stage = stage
    state.ended_at = at
    append(state, ctx, f"meeting:{stage.value.lower()}", at, ended_at=at, reason=why)
    state.effects.append(
        Effect(
            effect_id=f"register:{state.stream}:{stage.value}",
            kind=EffectKind.REGISTER,
            target=state.stream,
            payload={"ended_at": at.isoformat()},
        )
    )


def call_off(state: MeetingFacts, ctx: Context, at: datetime, why: str) -> None:
    """The meeting will not be held: what was listed asks for the next one."""
    state.stage = MeetingState.CANCELLED
    for item in state.listed:
        carry(state, ctx, item, at, why)
    end(state, ctx, MeetingState.CANCELLED, at, why)
