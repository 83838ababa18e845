"""The relay: at least once to the engine, once in effect, and nothing lost when either is down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from casework.relay import Relay
from casework.runtime import Runtime
from casework.temporal_server import TemporalServer, start_temporal
from models.events import Effect, EffectKind
from models.messages import Under16Party
from store import outbox
from store.ledger import events_of
from store.tables import outbox as messages
from store.tables import task
from tests.opening import AREA
from tests.site import Site
from workflows.search_attributes import KEYS, OFFICER, RISK, STATE


async def tags(site: Site, stream: str) -> list[str]:
    await site.settled(stream)
    async with site.runtime.engine.connect() as conn:
        return [event.tag for event in await events_of(conn, stream)]


async def waiting(site: Site) -> list[tuple[str, str | None]]:
    """Kind and last error of every message that has not left."""
    query = select(messages.c.kind, messages.c.last_error)
    query = query.where(messages.c.dispatched_at.is_(None)).order_by(messages.c.sequence)
    async with site.runtime.engine.connect() as conn:
        return [(row.kind, row.last_error) for row in await conn.execute(query)]


async def leave(site: Site, stream: str, number: int = 1) -> None:
    """A message that the workflow answers with one task for each of its officers."""
    message = Under16Party(message_id=f"u{number}", incident_ref=f"46/{number}/27")
    effect = Effect(
        effect_id=f"tell:{stream}:{number}",
        kind=EffectKind.TELL,
        target=stream,
        payload=message.model_dump(mode="json"),
    )
    async with site.runtime.engine.begin() as conn:
        await outbox.put(conn, "victim/VIC-1", [effect], site.now())


async def hold(site: Site, kind: EffectKind, until: datetime | None) -> None:
    """Messages of a kind wait out a failure until then."""
    change = update(messages).where(messages.c.kind == kind.value)
    async with site.runtime.engine.begin() as conn:
        await conn.execute(change.values(next_attempt_at=until))


async def test_what_is_delivered_twice_is_done_once(site: Site) -> None:
    case, incident = await site.open()
    await leave(site, case)
    await site.runtime.relay_once()
    once = [await tags(site, stream) for stream in (case, incident)]
    assert "task:raised" in once[0]
    async with site.runtime.engine.begin() as conn:
        await conn.execute(update(messages).values(dispatched_at=None))
    assert await site.runtime.relay_once() > 0
    assert await waiting(site) == []
    assert [await tags(site, stream) for stream in (case, incident)] == once


async def test_a_message_for_a_workflow_that_has_not_started_waits_for_its_start(
    site: Site,
) -> None:
    case, _ = await site.open()
    await leave(site, case)
    await hold(site, EffectKind.START, site.now() + timedelta(hours=1))
    await site.runtime.relay_once()
    assert {error for kind, error in await waiting(site) if kind == "TELL"} == {"NOT_STARTED"}
    await hold(site, EffectKind.START, None)
    await site.later(minutes=2).relay_once()
    assert await waiting(site) == []
    assert "task:raised" in await tags(site, case)


async def test_a_message_for_a_workflow_that_has_ended_is_marked_as_gone(site: Site) -> None:
    case, _ = await site.open()
    await site.runtime.relay_once()
    await site.handle(case).terminate()
    await leave(site, case)
    await site.runtime.relay_once()
    assert await waiting(site) == []
    # It is not lost: the area's supervisors decide.
    query = select(task.c.kind, task.c.owner).where(task.c.stream.startswith("victim/"))
    async with site.runtime.engine.connect() as conn:
        assert ("TOLD_AFTER_CLOSURE", f"SUPERVISOR@{AREA}") in [
            tuple(row) for row in await conn.execute(query)
        ]


async def test_a_message_that_cannot_be_encrypted_holds_up_no_other(site: Site) -> None:
    erased, _ = await site.open()
    other, _ = await site.open()
    await site.runtime.relay_once()
    await site.settled(erased, other)
    await site.handle(erased).terminate()
    await site.runtime.keyring.destroy(erased)
    await leave(site, erased)
    await leave(site, other, 2)
    await site.runtime.relay_once()
    assert await waiting(site) == [("TELL", "KeyDestroyed")]
    assert "task:raised" in await tags(site, other)


async def test_two_relays_at_once_double_nothing(site: Site) -> None:
    opened = [await site.open() for _ in range(8)]
    for number, (case, _) in enumerate(opened):
        await leave(site, case, number)
    await asyncio.gather(*(relay.drain() for relay in _relays(site.runtime, 3)))
    # Who was handed a message before its receiver's start had been delivered tries again.
    await site.later(minutes=2).relay_once()
    assert await waiting(site) == []
    for case, incident in opened:
        told = await tags(site, case)
        assert [told.count(tag) for tag in ("case:started", "case:allocated")] == [1, 1]
        assert told.count("case:incident:joined") == 1
        assert (await tags(site, incident)).count("incident:report:applied") == 1


def _relays(runtime: Runtime, number: int) -> Sequence[Relay]:
    queue = runtime.settings.task_queue
    return [Relay(runtime.engine, runtime.client, queue, runtime.clock) for _ in range(number)]


async def test_while_the_engine_is_down_messages_wait_and_then_all_leave(
    site: Site, server: TemporalServer
) -> None:
    case, incident = await site.open()
    await asyncio.to_thread(server.stop)
    stopping = asyncio.Event()
    running = asyncio.create_task(site.runtime.relay.run(stopping))
    while not {error for _, error in await waiting(site)} & {"UNAVAILABLE", "CANCELLED"}:
        assert not running.done()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(start_temporal, server.folder, KEYS, port=server.record.port)
    while await waiting(site):
        await asyncio.sleep(0.1)
    stopping.set()
    await running
    assert (await tags(site, case)).count("case:started") == 1
    assert (await tags(site, incident)).count("incident:report:applied") == 1


async def test_the_engine_finds_a_case_by_state_officer_and_risk_only(site: Site) -> None:
    case, incident = await site.open()
    await site.runtime.relay_once()
    handles = [site.runtime.client.get_workflow_handle(stream) for stream in (case, incident)]
    await tags(site, case)
    await tags(site, incident)
    told = [(await handle.describe()).typed_search_attributes for handle in handles]
    assert [each.get(STATE) for each in told] == ["ALLOCATED", "GOLDEN_HOUR_ACTIVE"]
    for each in told:
        own = {pair.key.name for pair in each if pair.key.name.startswith("Dalo")}
        assert own == {key.name for key in KEYS}
        assert each.get(OFFICER)
        assert each.get(RISK)
