"""Moving running work to a new release and to a new calendar.

Cases and incidents are told once to go on in a new run, with the duties that came with the release
(docs/upgrades.md). Cases, incidents, referrals and meetings whose clocks were counted on another
calendar are told of the one in force: they count again and keep the old instants on record."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.runtime import Runtime
from models import registry
from models.base import Record
from models.content import PolicyError
from models.enums import ClockStatus
from models.events import Effect, tell_effect
from models.messages import CalendarChanged, Renewed
from store import outbox
from store.ledger import decode_event
from store.tables import case_register, clock, incident, ledger_event, stream_head
from store.tables import outbox as outbox_table

RELEASE = 2
"""The release that running work is moved to."""


class Renewal(Record):
    """What one round did: streams that are told now, and those told before that have not gone on
    yet. `current` have the new release already."""

    policy_version: str
    told: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    current: int = 0
    calendar_version: str = ""
    counting_again: tuple[str, ...] = ()
    """Streams that are told now of the calendar in force."""


async def renew(runtime: Runtime, *, dry_run: bool = False) -> Renewal:
    """Tell every open case and live incident whose policy lacks the later duties. Telling again is
    one message: its id is the stream's and the release's."""
    policy = registry.current_policy()
    again = await spread_calendar(runtime, dry_run=dry_run)
    calendar_version = registry.current_calendar().version
    if policy.duties is None:
        return Renewal(
            policy_version=policy.version,
            calendar_version=calendar_version,
            counting_again=again,
        )
    async with runtime.engine.begin() as conn:
        streams = await _running(conn)
        old = [stream for stream, version in streams if _first_release(version)]
        before = await _told(conn, {f"renew:{stream}:{RELEASE}": stream for stream in old})
        fresh = [stream for stream in old if stream not in before]
        if not dry_run:
            for stream in fresh:
                await outbox.put(conn, stream, [_message(stream, policy.version)], runtime.clock())
    return Renewal(
        policy_version=policy.version,
        told=tuple(fresh),
        waiting=tuple(sorted(before)),
        current=len(streams) - len(old),
        calendar_version=calendar_version,
        counting_again=again,
    )


async def spread_calendar(runtime: Runtime, *, dry_run: bool = False) -> tuple[str, ...]:
    """Tell every stream with an open clock of another calendar of the one in force, once; returns
    those told now. A version that this process does not have is a newer release's, and left."""
    version = registry.current_calendar().version
    earlier = [known for known in registry.calendar_versions() if known != version]
    if not earlier:
        return ()
    open_there = (
        select(clock.c.stream)
        .where(clock.c.status == ClockStatus.OPEN.value, clock.c.calendar_version.in_(earlier))
        .distinct()
    )
    async with runtime.engine.begin() as conn:
        streams = sorted((await conn.execute(open_there)).scalars())
        before = await _told(conn, {f"calendar:{stream}:{version}": stream for stream in streams})
        fresh = tuple(stream for stream in streams if stream not in before)
        for stream in () if dry_run else fresh:
            await outbox.put(conn, stream, [_calendar(stream, version)], runtime.clock())
    return fresh


def _calendar(stream: str, version: str) -> Effect:
    effect_id = f"calendar:{stream}:{version}"
    message = CalendarChanged(message_id=effect_id, calendar_version=version)
    return tell_effect(effect_id, stream, message)


def _message(stream: str, policy_version: str) -> Effect:
    effect_id = f"renew:{stream}:{RELEASE}"
    message = Renewed(message_id=effect_id, policy_version=policy_version)
    return tell_effect(effect_id, stream, message)


def _first_release(policy_version: str) -> bool:
    try:
        return registry.policy(policy_version).duties is None
    except (KeyError, PolicyError):
        # A version that this process does not have is the worker's own fault to report.
        return False


async def _running(conn: AsyncConnection) -> list[tuple[str, str]]:
    """Every open case and live incident, with the policy that its newest event went by."""
    head, event = stream_head.c, ledger_event.c
    case = func.concat("case/", case_register.c.case_ref)
    live = func.concat("incident/", incident.c.incident_ref, "/", incident.c.victim_ref)
    wanted = or_(
        head.stream.in_(select(case).where(case_register.c.closed_at.is_(None))),
        head.stream.in_(select(live).where(incident.c.ended_at.is_(None))),
    )
    query = (
        select(head.stream, event.header)
        .join(ledger_event, and_(event.stream == head.stream, event.seq == head.seq))
        .where(wanted)
        .order_by(head.stream)
    )
    found = await conn.execute(query)
    return [(row.stream, decode_event(row.header).policy_version) for row in found]


async def _told(conn: AsyncConnection, ids: dict[str, str]) -> set[str]:
    """Of streams by the id of their message, those that have it."""
    query = select(outbox_table.c.effect_id).where(outbox_table.c.effect_id.in_(list(ids)))
    return {ids[effect_id] for effect_id in (await conn.execute(query)).scalars()}
