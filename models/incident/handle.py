"""What an incident is told: messages and commands, and what follows; every duty in turn."""

from __future__ import annotations

from models.checks import not_renewed
from models.commands import Grant, IncidentCommand
from models.incident import commands, facts
from models.incident.duties import DUTIES
from models.incident.duty import DutyIncidentCommands
from models.incident.state import IncidentState
from models.messages import IncidentMessage, IncidentStart
from models.stream import Context

COMMANDS: DutyIncidentCommands = {}
"""Commands of the duties; those of the golden hour are in `models.incident.commands`."""
for _duty in DUTIES:
    COMMANDS |= _duty.COMMANDS


def begin(state: IncidentState, ctx: Context, start: IncidentStart) -> None:
    """The incident exists: take its report and what else waits, then tell who has it."""
    for message in start.messages:
        apply_message(state, ctx, message)
    facts.announce(state, ctx)


def apply_message(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """Take a message once, every duty in turn."""
    if message.message_id in state.seen_messages:
        return
    facts.hear(state, ctx, message)
    if state.release > 1:
        for duty in DUTIES:
            duty.receive(state, ctx, message)


def check(state: IncidentState, ctx: Context, command: IncidentCommand, grant: Grant) -> None:
    """Raise `Refused` if the command is impossible now; change nothing."""
    commands.check_open(state)
    if command.kind not in COMMANDS:
        commands.check(state, ctx, command, grant)
        return
    if state.release == 1:
        raise not_renewed("incident")
    COMMANDS[command.kind][0](state, ctx, command, grant)


def apply(state: IncidentState, ctx: Context, command: IncidentCommand) -> tuple[str, ...]:
    """Apply a checked command; returns codes worth knowing."""
    if command.kind in COMMANDS:
        return COMMANDS[command.kind][1](state, ctx, command)
    return commands.apply(state, ctx, command)
