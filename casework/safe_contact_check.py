"""What the case says of a route, put into a command that tells a victim something.

An incident does not hold the safe-contact plan; its case does, and answers when the command is
sent, for the time at which it happened. No answer in 5 s counts as unsafe.
"""

from __future__ import annotations

from datetime import datetime

from casework.case_reads import NO_ANSWER, safe_to_send
from casework.runtime import Runtime
from models.commands import Command, ConfirmInWriting, RecordDecisionTold, RecordNotification
from models.enums import Channel
from models.enums.victims_code import ConfirmationOutcome
from store import reads


async def with_decision(runtime: Runtime, stream: str, command: Command) -> Command:
    """The command with the case's decision on its channel, route and time; one that tells the
    victim nothing as it is."""
    told = _telling(command)
    if told is None:
        return command
    async with runtime.engine.connect() as conn:
        found = [each.case_ref for each in await reads.resolve(conn, stream) if each.case_ref]
    answer = await safe_to_send(runtime, found[0], *told) if len(found) == 1 else NO_ANSWER
    return command.model_copy(update={"decision_code": answer.reason_code})


def _telling(command: Command) -> tuple[Channel, str, datetime] | None:
    """By which channel and route the victim is told something, and when."""
    match command:
        case RecordNotification() | RecordDecisionTold():
            return command.channel, command.route, command.at
        case ConfirmInWriting(outcome=ConfirmationOutcome.GIVEN) if command.channel is not None:
            return command.channel, command.route, command.at
    return None
