"""What a command about a referral lacks and the store knows, put in before it is sent: a new
referral's reference, the same one at a retry (one that is refused gives it back), the score of one
to MATAC, the case and parties of one that is listed by hand, and the victims who must be safe from
what is done to a subject."""

from __future__ import annotations

from sqlalchemy import exists, select, update

from casework.runtime import Runtime
from models import registry
from models.base import Refused
from models.commands import CarryOutDisruption, Command, ListReferral, PlanDisruption, Refer
from models.enums import ReferralPathway
from models.ids import referral_stream
from models.instants import london_date
from store.referrals import reference_for, row_of
from store.subjects import open_among, score_of, suspect_of, victims_of
from store.tables import case_register, outbox, referral_register


async def with_reference(
    runtime: Runtime, stream: str, command: Command, command_id: str
) -> Command:
    """The command as its workflow takes it: a referral with the reference that belongs to its
    command id, a listing with whom it is about, a disruption with the subject's victims; any other
    as it is."""
    match command:
        case ListReferral():
            return await _with_parties(runtime, command)
        case PlanDisruption() | CarryOutDisruption():
            return await _with_victims(runtime, stream.split("/", 1)[1], command)
        case Refer():
            case_ref = stream.split("/", 1)[1]
            if command.pathway is ReferralPathway.MATAC:
                command = await _with_score(runtime, case_ref, command)
            return await _referred(runtime, case_ref, command, command_id)
    return command


async def _referred(runtime: Runtime, case_ref: str, command: Refer, command_id: str) -> Refer:
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


async def _with_score(runtime: Runtime, case_ref: str, command: Refer) -> Refer:
    """A nomination with the subject's score, by the data that the scoring run takes
    (docs/domain.md 8.2); what was typed for it counts for nothing."""
    policy = registry.current_policy()
    if policy.duties is None:
        return command
    async with runtime.engine.connect() as conn:
        subject = command.perpetrator_ref or await suspect_of(conn, case_ref)
        if not subject:
            return command
        found = await score_of(conn, subject, london_date(runtime.clock()), policy)
    parts = {
        "score": str(found.score),
        "recency": str(found.r),
        "frequency": str(found.f),
        "gravity": str(found.g),
        "victims": str(found.v),
        "weights_version": found.weights_version,
    }
    facts = {**command.facts, **parts}
    return command.model_copy(update={"perpetrator_ref": subject, "facts": facts})


async def _with_victims(
    runtime: Runtime, ref: str, command: PlanDisruption | CarryOutDisruption
) -> PlanDisruption | CarryOutDisruption:
    """With every victim of the subject, and the open case of each who has one. Raises Refused for a
    case that is not open: nobody there would answer."""
    register = referral_register.c
    async with runtime.engine.connect() as conn:
        row = await row_of(conn, ref)
        query = select(register.perpetrator_ref).where(register.referral_ref == ref)
        subject = (row or {}).get("perpetrator_ref") or await conn.scalar(query)
        victims = await victims_of(conn, str(subject)) if subject else {}
        named = command.cases if isinstance(command, PlanDisruption) else ()
        gone = sorted(set(named) - await open_among(conn, named))
    if gone:
        raise Refused(
            "NO_CASES",
            f"no such case is open: {', '.join(gone)}",
            "name open cases only; for a victim without one a supervisor answers",
            "cases",
        )
    return command.model_copy(update={"asked_of": victims})


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
