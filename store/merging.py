"""Two victim references are one person: register, alias and messages in one transaction, under both
victims' register locks taken in order. Nothing in the ledger is rewritten: the reference that goes
becomes an alias, and what comes in under it joins the other's (docs/commands/handover.md)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Record, Refused
from models.events import Effect, Event, Json, tell_effect
from models.ids import case_stream, victim_stream
from models.messages import MergedInto, PartyMerged
from models.policy import Policy
from models.registry import policy as policy_of
from store import outbox
from store.keys import Keyring
from store.ledger import append_events
from store.locks import conflicts_of, held_cases, restriction
from store.secrets import SecretStore
from store.tables import case as case_table
from store.tables import case_register, report, victim_alias
from store.victims import lock_victims


class Merge(Record):
    """Who decided that `merged` is the person of `kept`, when and why. `approved_by` is a second
    person, where there was one."""

    kept: str
    merged: str
    reason: str
    decided_by: str
    role: str
    approved_by: str = ""
    at: datetime


class Merged(Record):
    """What a merge came to: the case that stays and the one that closes into it, empty where there
    is none."""

    kept: str
    merged: str
    kept_case: str = ""
    closing_case: str = ""
    incidents: tuple[str, ...] = ()


class _Open(Record):
    case_ref: str
    supervisor_id: str = ""
    policy_version: str = ""


async def merge(conn: AsyncConnection, keyring: Keyring, asked: Merge, policy: Policy) -> Merged:
    """Merge in the caller's transaction. Raises `Refused`: `SAME_REFERENCE`, `UNKNOWN_REFERENCE`,
    `ALREADY_MERGED`, `KEEP_THE_OPEN_CASE`, `NOT_RENEWED`."""
    if asked.kept == asked.merged:
        raise Refused("SAME_REFERENCE", "a reference is its own person", "name two", "victim")
    heads = await lock_victims(conn, [asked.kept, asked.merged])
    await _known(conn, asked)
    kept, gone = await _open_case(conn, asked.kept), await _open_case(conn, asked.merged)
    if gone is not None and kept is None:
        raise Refused(
            "KEEP_THE_OPEN_CASE",
            f"only {asked.merged} has an open case, {gone.case_ref}",
            f"keep that reference: --keep {asked.merged}",
            "keep",
        )
    for each in (kept, gone):
        if each is not None and each.policy_version and _first_release(each.policy_version):
            raise Refused(
                "NOT_RENEWED",
                f"{each.case_ref} began under a release that did not have merging",
                "run dalo renew, which moves it over, then try again",
            )
    incidents = await _incidents(conn, gone)
    result = Merged(
        kept=asked.kept,
        merged=asked.merged,
        kept_case=kept.case_ref if kept else "",
        closing_case=gone.case_ref if gone else "",
        incidents=incidents,
    )
    await _alias(conn, asked)
    if kept is not None and gone is not None:
        # From now on closing the kept case waits for the incidents that are on their way.
        await conn.execute(
            update(report).where(report.c.case_ref == gone.case_ref).values(case_ref=kept.case_ref)
        )
    await keyring.make_many(conn, list(heads))
    await SecretStore(keyring).carry_identity(conn, asked.merged, asked.kept, asked.at)
    await _tell(conn, asked, result, policy)
    await outbox.put(
        conn, victim_stream(asked.merged), await _messages(conn, asked, result), asked.at
    )
    return result


def _first_release(policy_version: str) -> bool:
    return policy_of(policy_version).duties is None


async def _known(conn: AsyncConnection, asked: Merge) -> None:
    for ref in (asked.kept, asked.merged):
        reported = exists().where(report.c.victim_ref == ref)
        registered = exists().where(case_register.c.victim_ref == ref)
        if not (await conn.execute(select(reported | registered))).scalar_one():
            raise Refused("UNKNOWN_REFERENCE", f"nobody has the reference {ref}", "check it")
    query = select(victim_alias).where(victim_alias.c.merged_ref.in_([asked.kept, asked.merged]))
    for row in await conn.execute(query):
        raise Refused(
            "ALREADY_MERGED",
            f"{row.merged_ref} was merged into {row.kept_ref}",
            f"name {row.kept_ref} instead",
        )


async def _open_case(conn: AsyncConnection, victim_ref: str) -> _Open | None:
    r = case_register.c
    query = (
        select(r.case_ref, r.supervisor_id, case_table.c.policy_version)
        .select_from(case_register.outerjoin(case_table, case_table.c.case_ref == r.case_ref))
        .where(r.victim_ref == victim_ref, r.closed_at.is_(None))
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    return _Open(
        case_ref=row.case_ref,
        supervisor_id=row.supervisor_id or "",
        policy_version=row.policy_version or "",
    )


async def _incidents(conn: AsyncConnection, gone: _Open | None) -> tuple[str, ...]:
    if gone is None:
        return ()
    query = (
        select(report.c.incident_ref)
        .where(report.c.case_ref == gone.case_ref)
        .order_by(report.c.incident_ref)
    )
    return tuple((await conn.execute(query)).scalars())


async def _alias(conn: AsyncConnection, asked: Merge) -> None:
    """The reference, and all that were merged into it before, mean the kept one."""
    await conn.execute(
        update(victim_alias)
        .where(victim_alias.c.kept_ref == asked.merged)
        .values(kept_ref=asked.kept)
    )
    await conn.execute(
        insert(victim_alias).values(
            merged_ref=asked.merged,
            kept_ref=asked.kept,
            merged_at=asked.at,
            merged_by=asked.decided_by,
            approved_by=asked.approved_by or None,
            reason_code=asked.reason,
        )
    )


async def _tell(conn: AsyncConnection, asked: Merge, result: Merged, policy: Policy) -> None:
    for ref, tag in ((asked.kept, "victim:merge:received"), (asked.merged, "victim:merged")):
        event = Event(
            seq=0,
            tag=tag,
            occurred_at=asked.at,
            recorded_at=asked.at,
            actor=asked.decided_by,
            role=asked.role,
            data={**result.model_dump(mode="json"), **_why(asked)},
            policy_version=policy.version,
        )
        await append_events(conn, victim_stream(ref), None, [event])


def _why(asked: Merge) -> Json:
    return {"reason": asked.reason, "approved_by": asked.approved_by}


async def _messages(conn: AsyncConnection, asked: Merge, result: Merged) -> list[Effect]:
    """What the case that goes, or else the one that stays, is told. The locks on the person, also
    those of earlier cases under either reference, come with it."""
    if not result.kept_case:
        return []
    message: MergedInto | PartyMerged
    conflicts = tuple(sorted((await conflicts_of(conn, [asked.kept])).get(asked.kept, ())))
    lock = restriction(await held_cases(conn, asked.kept, ""))
    if result.closing_case:
        target = case_stream(result.closing_case)
        message = MergedInto(
            message_id=f"merged-into:{asked.merged}",
            kept_case_ref=result.kept_case,
            kept_victim_ref=asked.kept,
            decided_by=asked.decided_by,
            role=asked.role,
            reason=asked.reason,
            at=asked.at,
            conflicts=conflicts,
            restricted=lock is not None,
        )
    else:
        target = case_stream(result.kept_case)
        message = PartyMerged(
            message_id=f"merged:{asked.merged}",
            from_case_ref="",
            from_victim_ref=asked.merged,
            carried={},
            conflicts=conflicts,
            restricted=lock is not None,
        )
    return [tell_effect(f"merge:{asked.merged}:{target}", target, message)]


async def aliases(conn: AsyncConnection, refs: set[str]) -> dict[str, str]:
    """The kept reference of each that was merged."""
    if not refs:
        return {}
    query = select(victim_alias.c.merged_ref, victim_alias.c.kept_ref).where(
        victim_alias.c.merged_ref.in_(sorted(refs))
    )
    return {row.merged_ref: row.kept_ref for row in await conn.execute(query)}
