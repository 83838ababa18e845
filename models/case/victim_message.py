"""Messages to the victim (docs/domain.md 9.1): asked for where the route is safe now, sent at most
once by the outbox, which asks again at that moment; what came of it is recorded here."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.case import approach, contact
from models.case.authority import happened, owner_or_supervisor
from models.case.state import Attempt, CaseFacts
from models.case.wish_facts import Sending
from models.commands import Grant, MessageVictim
from models.enums import Channel, ContactResult
from models.events import Effect, EffectKind
from models.messages import CaseMessage, VictimMessageDone
from models.stream import Context, append, number, raise_task, settle_tasks

KIND = "VICTIM_MESSAGE"
WHY = {
    "BLOCKED": "a message to the victim was not sent, since it was not safe at that moment",
    "FAILED": "a message to the victim was not sent",
    "UNKNOWN": "nobody can say whether a message to the victim was sent: it is never sent again",
}


def check(state: CaseFacts, ctx: Context, command: MessageVictim, grant: Grant) -> None:
    """Only what is safe now, in the agreed wording, and one message at a time."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.asked.sending is not None:
        raise Refused(
            "MESSAGE_WAITING", "a message to the victim is on its way", "wait what comes of it"
        )
    channel = Channel(command.channel)
    safe = contact.safe_now(state, channel, command.route, ctx.now, ctx.calendar)
    if not safe.allowed:
        raise Refused(
            "UNSAFE_NOW",
            f"this route is not safe now ({safe.reason_code})",
            "choose a safe route and time of the plan; nothing was sent",
            "route",
        )
    if channel is Channel.SMS and command.wording_ref != safe.wording_ref:
        raise Refused(
            "WORDING_NOT_AGREED",
            "a text message has the wording agreed with the victim",
            "give the plan's wording by its reference",
            "wording_ref",
        )


def apply(state: CaseFacts, ctx: Context, command: MessageVictim) -> tuple[str, ...]:
    """Leave the message with the outbox."""
    message_id = f"{state.case_ref}:MSG-{number(state, 'victim_message'):03d}"
    channel = Channel(command.channel)
    state.asked.sending = Sending(
        message_id=message_id, channel=channel, route=command.route, asked_at=ctx.now
    )
    what = {
        "message_id": message_id,
        "case_ref": state.case_ref,
        "channel": channel.value,
        "route": command.route,
        "wording_ref": command.wording_ref,
    }
    append(state, ctx, "contact:message:asked", command.at, **what)
    state.effects.append(
        Effect(
            effect_id=message_id,
            kind=EffectKind.VICTIM_MESSAGE,
            target=state.case_ref,
            payload=what,
        )
    )
    return (message_id,)


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """What became of it: sent is an attempt; anything else is for a person."""
    if not isinstance(message, VictimMessageDone):
        return
    sending = state.asked.sending
    if sending is not None and sending.message_id == message.victim_message_id:
        _end(state, ctx, sending, message.outcome, message.reason_code, message.at)


def give_up(state: CaseFacts, ctx: Context) -> None:
    """The case was closed over a message on its way: nobody heard what became of it."""
    if state.asked.sending is not None:
        _end(state, ctx, state.asked.sending, "UNKNOWN", "CASE_WAS_CLOSED", ctx.now)


def _end(
    state: CaseFacts, ctx: Context, sending: Sending, outcome: str, reason: str, at: datetime
) -> None:
    state.asked.sending = None
    append(
        state,
        ctx,
        "contact:message:ended",
        at,
        message_id=sending.message_id,
        outcome=outcome,
        reason=reason,
    )
    if outcome == "SENT":
        _sent(state, ctx, sending, at)
    else:
        raise_task(
            state,
            ctx,
            KIND,
            state.dalo_id or state.supervisor_id,
            f"{WHY[outcome]}: reach the victim by another safe route",
            due_at=ctx.now + timedelta(hours=4),
            command=f"dalo do {state.case_ref} record-attempt",
            subject=sending.message_id,
        )
    if outcome in ("SENT", "UNKNOWN"):
        approach.used(state, ctx, at)


def _sent(state: CaseFacts, ctx: Context, sending: Sending, at: datetime) -> None:
    sent = ContactResult.MESSAGE_SENT
    made = Attempt(at=at, channel=sending.channel, route=sending.route, result=sent)
    contact.record(state, ctx, made, satisfied=False, safe=True)
    contact.keep(state, made)


def react(state: CaseFacts, ctx: Context) -> None:
    """A later attempt by a person settles what was not sent."""
    latest = max([a.at for a in state.attempts] + [state.last_contact_at or state.opened_at])
    for task in [task for task in state.tasks.values() if task.kind == KIND]:
        if latest > task.raised_at or state.essentials.frozen:
            settle_tasks(state, ctx, KIND, task.subject)
