"""A closed case begins again: the same reference, a new run from the state stored at closure, the
sequence going on, the register open, all in one transaction (docs/commands/closure.md)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from casework.people import check_people
from casework.runtime import Runtime
from models import registry
from models.base import Refused
from models.case import reopening
from models.case.state import CaseFacts
from models.commands import Grant, ReopenCase
from models.enums import SUPERVISORY, ClosureReason
from models.events import Effect, EffectKind
from models.ids import case_stream
from models.stream import Context
from store import closing, outbox
from store.ledger import head_of
from store.tables import outbox as outbox_table


async def reopen(
    runtime: Runtime, stream: str, command: ReopenCase, grant: Grant, command_id: str
) -> int:
    """Reopen a closed case; returns the number of the event that says so. Raises `Refused`
    (`SUPERVISOR_ONLY`, `NOT_CLOSED`, `CASE_CLOSING`, `OTHER_CASE_OPEN`, `MERGED_AWAY`,
    `NOT_REOPENABLE`, `IN_FUTURE`, `BEFORE_CASE`). Sent again under its id it is not done twice."""
    if grant.role not in SUPERVISORY:
        raise Refused(
            "SUPERVISOR_ONLY", "this decision is a supervisor's", "ask a supervisor", "actor"
        )
    effect_id = f"reopen:{stream}:{command_id}"
    async with runtime.engine.begin() as conn:
        done = await _before(conn, effect_id)
        if done is not None:
            return done
        await _ended(runtime, stream)
        case_ref = stream.partition("/")[2]
        stored = await closing.stored_state(conn, runtime.keyring, case_ref)
        state = CaseFacts.model_validate(stored.state)
        check(command, stored.closed_at, state, runtime.clock())
        await check_people(runtime, stream, command, grant)
        seq = await _begin_again(conn, runtime, state, command, grant, command_id)
        await closing.open_again(conn, state.case_ref, state.dalo_id)
        effect = Effect(
            effect_id=effect_id,
            kind=EffectKind.START,
            target=case_stream(case_ref),
            payload={"state": state.model_dump(mode="json")},
        )
        await outbox.put(conn, stream, [effect], runtime.clock())
    await runtime.relay_once()
    return seq


async def _before(conn: AsyncConnection, effect_id: str) -> int | None:
    query = select(outbox_table.c.payload).where(outbox_table.c.effect_id == effect_id)
    payload = (await conn.execute(query)).scalar_one_or_none()
    return int(payload["state"]["unrecorded"][0]["seq"]) if payload else None


async def _ended(runtime: Runtime, stream: str) -> None:
    """The closed run must have written its last event: the new one goes on after it."""
    try:
        described = await runtime.client.get_workflow_handle(stream).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return
    if described.status is WorkflowExecutionStatus.RUNNING:
        raise Refused(
            "NOT_CLOSED", "the case is open, or is just being closed", "nothing to reopen, or wait"
        )


def check(command: ReopenCase, closed_at: datetime, state: CaseFacts, now: datetime) -> None:
    """Refuse what was merged away, a victim who has died, and impossible times."""
    if state.handover.merge_target is not None:
        raise Refused(
            "MERGED_AWAY",
            "the case was merged: what it owed is another case's",
            f"go on in {state.handover.merge_target.case_ref}",
        )
    if state.closing is not None and state.closing.command.reason is ClosureReason.DIED:
        raise Refused(
            "NOT_REOPENABLE", "the victim has died", "nothing is owed; a review has its own tasks"
        )
    if command.at > now:
        raise Refused("IN_FUTURE", "the time given is later than now", "give when it was", "at")
    if command.at < closed_at:
        raise Refused(
            "BEFORE_CASE",
            "the time given is earlier than the closure",
            "give when it was decided",
            "at",
        )


async def _begin_again(
    conn: AsyncConnection,
    runtime: Runtime,
    state: CaseFacts,
    command: ReopenCase,
    grant: Grant,
    command_id: str,
) -> int:
    head = await head_of(conn, state.stream)
    state.next_seq, state.recorded_seq, state.recorded_hash = head.seq + 1, head.seq, head.hash
    state.unrecorded, state.effects = [], []
    if registry.policy(state.policy_version).duties is None:
        state.policy_version = registry.current_policy().version
    state.release = 2
    ctx = Context(
        now=runtime.clock(),
        policy=registry.policy(state.policy_version),
        calendar=registry.calendar(state.calendar_version),
        actor=grant.actor,
        role=grant.role.value,
        command_id=command_id,
    )
    reopening.reopen(state, ctx, command)
    return head.seq + 1
