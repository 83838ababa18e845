"""What a command about a referral lacks and the store knows, put in before it is sent: a new
referral's reference, the same one at a retry (one that is refused gives it back), and the case and
parties of one that is listed by hand."""

from __future__ import annotations

from sqlalchemy import exists, select, update

from casework.runtime import Runtime
from models.commands import Command, ListReferral, Refer
from models.ids import referral_stream
from store.referrals import reference_for, row_of
from store.tables import case_register, outbox, referral_register


async def with_reference(
    runtime: Runtime, stream: str, command: Command, command_id: str
) -> Command:
    """The command as its workflow takes it: a referral with the reference that belongs to its
    command id, a listing with whom it is about; any other as it is."""
    if isinstance(command, ListReferral):
        return await _with_parties(runtime, command)
    if not isinstance(command, Refer):
        return command
    case_ref = stream.split("/", 1)[1]
    registered = select(case_register.c.area, case_register.c.victim_ref).where(
        case_register.c.case_ref == case_ref
    )
    async with runtime.engine.begin() as conn:
        found = (await conn.execute(registered)).one_or_none()
        ref = await reference_for(
            conn,
            command_id,
            command.pathway,
            found.area if found else "",
            runtime.clock(),
            case_ref=case_ref,
            victim_ref=found.victim_ref if found else "",
            perpetrator_ref=command.perpetrator_ref or "",
        )
        await conn.execute(
            update(referral_register)
            .where(
                referral_register.c.referral_ref == ref, referral_register.c.ended_at.is_not(None)
            )
            .values(ended_at=None)
        )
    return command.model_copy(update={"assigned_ref": ref})


async def _with_parties(runtime: Runtime, command: ListReferral) -> ListReferral:
    """Case, parties and officer as the referral has them, where the person gave none."""
    async with runtime.engine.connect() as conn:
        row = await row_of(conn, command.referral_ref)
    if row is None:
        return command
    known = {
        "case_ref": row["case_ref"],
        "victim_ref": row["victim_ref"],
        "perpetrator_ref": row["perpetrator_ref"],
        "dalo_id": row["owner"],
    }
    return command.model_copy(
        update={
            name: value for name, value in known.items() if value and not getattr(command, name)
        }
    )


async def never_sent(runtime: Runtime, command: Command) -> None:
    """The case refused it: nobody waits for a referral under its reference, unless one began."""
    if not isinstance(command, Refer):
        return
    begun = exists().where(outbox.c.target == referral_stream(command.assigned_ref))
    async with runtime.engine.begin() as conn:
        await conn.execute(
            update(referral_register)
            .where(referral_register.c.referral_ref == command.assigned_ref, ~begun)
            .values(ended_at=runtime.clock())
        )
