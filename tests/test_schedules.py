"""Schedules on a real server: made once, corrected, removed, in London time; lists open by them."""

from __future__ import annotations

import asyncio

from sqlalchemy import delete, select
from temporalio.client import Schedule

from casework import schedules
from models.enums import Forum
from models.instants import london
from store.tables import meeting_register
from tests.site import Site


async def registered(site: Site) -> set[str]:
    async with site.runtime.engine.connect() as conn:
        return set((await conn.execute(select(meeting_register.c.stream))).scalars())


async def test_a_schedule_for_each_series_and_its_list_open_at_once(site: Site) -> None:
    made = await schedules.ensure(site.runtime)
    assert made == ["meetings/MARAC/Medway", "meetings/MATAC/Medway"]
    once = await registered(site)
    assert {stream.split("/")[1] for stream in once} == {"MARAC", "MATAC"}
    assert await schedules.ensure(site.runtime) == made
    assert await registered(site) == once
    found = await schedules.describe(site.runtime)
    days = {each.forum: {london(at).strftime("%a %H:%M") for at in each.next_at} for each in found}
    assert days == {"MARAC": {"Thu 06:00"}, "MATAC": {"Mon 06:00"}}


async def test_what_the_schedule_starts_opens_the_list(site: Site) -> None:
    await schedules.ensure(site.runtime)
    once = await registered(site)
    async with site.runtime.engine.begin() as conn:
        await conn.execute(delete(meeting_register))
    for forum in Forum:
        name = schedules.schedule_id(forum, "Medway")
        await site.runtime.client.get_schedule_handle(name).trigger()
    for _ in range(100):
        if await registered(site) == once:
            break
        await asyncio.sleep(0.1)
    assert await registered(site) == once


async def test_a_schedule_that_the_policy_no_longer_has_goes_and_a_pause_stays(site: Site) -> None:
    made = await schedules.ensure(site.runtime)
    client = site.runtime.client
    handle = client.get_schedule_handle(made[0])
    await handle.pause(note="summer")
    described = await handle.describe()
    stale = Schedule(action=described.schedule.action, spec=described.schedule.spec)
    await client.create_schedule("meetings/MARAC/Elsewhere", stale)
    for _ in range(50):
        listed = {each.id async for each in await client.list_schedules()}
        if "meetings/MARAC/Elsewhere" in listed:
            break
        await asyncio.sleep(0.1)
    await schedules.ensure(site.runtime)
    assert (await handle.describe()).schedule.state.paused
    for _ in range(50):
        listed = {each.id async for each in await client.list_schedules()}
        if "meetings/MARAC/Elsewhere" not in listed:
            break
        await asyncio.sleep(0.1)
    assert listed == set(made)
