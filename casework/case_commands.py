"""An officer's command on its way to a workflow: once, whatever happens on the way.

Shared by every face of the product. The caller has passed the gate with the command's kind.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from sqlalchemy import exists, select
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from casework.case_referrals import never_sent, with_reference
from casework.people import check_people
from casework.reopening import reopen
from casework.runtime import Runtime
from casework.safe_contact_check import with_decision
from models.base import Record, Refused
from models.checks import id_reused
from models.commands import (
    ENVELOPES,
    Answer,
    Command,
    Grant,
    ReopenCase,
    target_of,
)
from models.events import Event
from models.ids import MEETING_REF, REFERRAL_REF, case_stream, incident_stream, referral_stream
from store import ledger, reads
from store.tables import case_register, outbox

ANSWER_WITHIN = timedelta(seconds=10)
LISTED_WITHIN = 2.0
"""Seconds to wait until the read model has what a command changed."""
_POLL = 0.05


class Sent(Record):
    """What became of a command. `repeated`: the ledger had it already and nothing was sent.
    `listed`: the read models show it; otherwise it is accepted and will be."""

    command_id: str
    stream: str
    seq: int
    codes: tuple[str, ...] = ()
    repeated: bool = False
    listed: bool = False


async def target_stream(runtime: Runtime, ref: str, target: str) -> str:
    """The workflow that a command on this reference is for; `target` is the first part of its
    stream's name. Raises Refused where the reference fits none, or several."""
    named = named_stream(ref)
    if named is not None or target not in ("case", "incident"):
        if named is None or not named.startswith(f"{target}/"):
            raise Refused(
                "WRONG_REFERENCE",
                f"this command is for a {target}, and the reference is not one's",
                "name what it is for: see dalo do --list REF",
                "ref",
            )
        return named
    async with runtime.engine.connect() as conn:
        found = [each for each in await reads.resolve(conn, ref) if each.case_ref]
    if target == "incident":
        streams = [incident_stream(*i) for each in found for i in each.incidents]
    else:
        streams = sorted({case_stream(each.case_ref) for each in found})
    if len(streams) == 1:
        return streams[0]
    if not streams:
        raise Refused("NO_CASE", "no case belongs to this reference", "check it", "ref")
    names = ", ".join(stream.split("/", 1)[1] for stream in streams)
    raise Refused(
        "AMBIGUOUS_REFERENCE", "this reference means several", f"name one: {names}", "ref"
    )


def named_stream(ref: str) -> str | None:
    """The stream of a referral or meeting reference; None for any other."""
    plain = ref.removeprefix("referral/").removeprefix("meeting/")
    if REFERRAL_REF.match(plain):
        return referral_stream(plain)
    return f"meeting/{plain}" if MEETING_REF.match(plain) else None


async def already_done(
    runtime: Runtime,
    stream: str,
    command_id: str,
    command: Command,
    grant: Grant,
) -> Sent | None:
    """What the ledger says of a command id, however old; None if it does not know it. Raises
    Refused (`COMMAND_ID_REUSED`) if the id was another officer's or for another time."""
    async with runtime.engine.connect() as conn:
        events = await ledger.events_of_command(conn, stream, command_id)
    if not events:
        return None
    if not _same(events, command, grant):
        raise id_reused()
    return Sent(
        command_id=command_id, stream=stream, seq=events[-1].seq, repeated=True, listed=True
    )


def _same(events: list[Event], command: Command, grant: Grant) -> bool:
    at = getattr(command, "at", None)
    return all(event.actor == grant.actor for event in events) and (
        at is None or any(event.occurred_at == at for event in events)
    )


async def send(
    runtime: Runtime,
    stream: str,
    command: Command,
    grant: Grant,
    command_id: str,
    *,
    wait: bool = True,
) -> Sent:
    """Send a command and wait until it is listed, at most 2 s (or not, with `wait` off). Raises
    Refused with the workflow's code; a repeat of an old id gets its old answer."""
    old = await already_done(runtime, stream, command_id, command, grant)
    if old is not None:
        return old
    if isinstance(command, ReopenCase):
        seq = await reopen(runtime, stream, command, grant, command_id)
        listed = wait and await wait_listed(runtime, stream, seq)
        return Sent(command_id=command_id, stream=stream, seq=seq, listed=listed)
    await check_people(runtime, stream, command, grant)
    command = await with_decision(runtime, stream, command)
    command = await with_reference(runtime, stream, command, command_id)
    try:
        answer = await _told(runtime, stream, command, grant, command_id)
    except Refused as refused:
        if refused.code != "COMMAND_ID_REUSED":
            await never_sent(runtime, command)
        raise
    listed = wait and await wait_listed(runtime, stream, answer.seq)
    return Sent(
        command_id=command_id, stream=stream, seq=answer.seq, codes=answer.codes, listed=listed
    )


async def _told(
    runtime: Runtime,
    stream: str,
    command: Command,
    grant: Grant,
    command_id: str,
) -> Answer:
    """The workflow's answer; one that waits in the outbox is started first."""
    try:
        return await _update(runtime, stream, command, grant, command_id)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        await _explain_absence(runtime, stream)
        return await _update(runtime, stream, command, grant, command_id)


async def _update(
    runtime: Runtime,
    stream: str,
    command: Command,
    grant: Grant,
    command_id: str,
) -> Answer:
    envelope = ENVELOPES[target_of(command)].model_validate(
        {"command_id": command_id, "grant": grant, "command": command}
    )
    handle = runtime.client.get_workflow_handle(stream)
    try:
        answer: Answer = await handle.execute_update(
            "command",
            envelope,
            id=command_id,
            result_type=Answer,
            rpc_timeout=ANSWER_WITHIN,
        )
    except WorkflowUpdateFailedError as error:
        raise _refusal(error) from None
    return answer


def _refusal(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return error
    remedy, field = ([*map(str, cause.details), "", ""])[:2]
    return Refused(cause.type or "REFUSED", cause.message, remedy, field)


async def _explain_absence(runtime: Runtime, stream: str) -> None:
    """No workflow runs: say that the case is closed, or start one that waits in the outbox."""
    if stream.startswith("case/"):
        query = select(case_register.c.closed_at).where(
            case_register.c.case_ref == stream.split("/", 1)[1]
        )
        async with runtime.engine.connect() as conn:
            closed_at = (await conn.execute(query)).scalar_one_or_none()
        if closed_at is not None:
            raise Refused(
                "CASE_CLOSED",
                "the case is closed",
                "a new report opens a new case; a supervisor may reopen this one (reopen-case)",
            )
    waiting = select(exists().where(outbox.c.target == stream, outbox.c.dispatched_at.is_(None)))
    async with runtime.engine.connect() as conn:
        waits = (await conn.execute(waiting)).scalar_one()
    if waits:
        await runtime.relay_once()
        return
    if stream.startswith("incident/"):
        raise Refused(
            "INCIDENT_ENDED",
            "nothing is open on this incident any more",
            "record what is new on the case; a new version of the report is taken at intake",
        )
    if stream.startswith("referral/"):
        raise Refused(
            "REFERRAL_ENDED",
            "the referral has ended, or was never started",
            "see dalo referral REF; refer again on the case: a new referral names this one",
        )


async def wait_listed(runtime: Runtime, stream: str, seq: int) -> bool:
    """Whether the ledger, and with it the read models, reach `seq` within 2 s."""
    deadline = time.monotonic() + LISTED_WITHIN
    while True:
        async with runtime.engine.connect() as conn:
            head = await ledger.head_of(conn, stream)
        if head.seq >= seq:
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_POLL)
