"""Channels and routes taken out of use until a supervisor restores them (docs/domain.md 9.1)."""

from __future__ import annotations

from models.case.state import CaseFacts
from models.commands import RecordAttempt, RestoreChannel
from models.stream import Context, append, raise_task


def suspension(command: RecordAttempt | RestoreChannel) -> str:
    """How a suspended channel or route is named."""
    return f"{command.channel.value}:{command.route}" if command.route else command.channel.value


def suspend(state: CaseFacts, ctx: Context, command: RecordAttempt) -> None:
    """Take a route (or the whole channel, where no route is named) out of use."""
    name = suspension(command)
    if name not in state.suspended:
        state.suspended = [*state.suspended, name]
        append(state, ctx, "contact:channel:suspended", command.at, channel=name)


def suspend_unsafe(state: CaseFacts, ctx: Context, command: RecordAttempt) -> None:
    """Take a route that was not safe out of use, and have a supervisor review it at once."""
    suspend(state, ctx, command)
    raise_task(
        state,
        ctx,
        command.result.value,
        state.supervisor_id,
        "the route may not be safe: review it before anyone uses it again",
        due_at=ctx.now,
        command=f"dalo do {state.case_ref} restore-channel",
        subject=suspension(command),
    )
