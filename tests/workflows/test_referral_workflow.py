"""`ReferralWorkflow` on the time-skipping server: silence is chased, a flag lasts a year."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from casework.errors import ServerError
from casework.service import check_versions
from models.commands import MoveReferral
from models.enums import ReferralPathway, Role
from models.enums import ReferralState as S
from models.events import Json
from models.messages import Heard, Listed, ReferralMessage
from models.referral.view import ReferralView
from store.tables import referral
from tests.models.play_referral import WHOLE_FORM
from tests.workflows.world import World
from workflows.referral import ReferralWorkflow

Handle = WorkflowHandle[ReferralWorkflow, str]
IDVA, COORDINATOR = ("IDVA 1", Role.IDVA_PARTNER), ("MC 1", Role.MARAC_COORDINATOR)


async def seen(handle: Handle) -> ReferralView:
    """The referral at this moment."""
    view: ReferralView = await handle.query("view", result_type=ReferralView)
    return view


async def move(world: World, handle: Handle, to: S, who: tuple[str, Role], **given: Any) -> None:
    """Go on, now."""
    now = (await world.now()).replace(microsecond=0) + timedelta(seconds=1)
    await world.sleep(seconds=2)
    await world.do_referral(handle, MoveReferral(at=now, to=to, **given), *who)


async def row(world: World, handle: Handle) -> Json:
    """The referral's row in the read model, once everything is recorded."""
    await world.settled(handle.id)
    query = select(referral).where(referral.c.stream == handle.id)
    async with world.runtime.engine.connect() as conn:
        return dict((await conn.execute(query)).mappings().one())


async def test_a_silent_service_is_chased_and_what_it_answers_is_listed(world: World) -> None:
    handle = await world.open_referral(ReferralPathway.IDVA)
    assert {task.kind for task in (await seen(handle)).tasks} == set()
    await world.sleep(days=6)
    assert {"CHASE_REFERRAL", "BREACH"} <= {task.kind for task in (await seen(handle)).tasks}
    await move(world, handle, S.ENGAGED, IDVA)
    listed = await row(world, handle)
    assert (listed["state"], listed["outcome"], listed["area"]) == ("ENGAGED", "ENGAGED", "Medway")
    with pytest.raises(WorkflowUpdateFailedError):
        await move(world, handle, S.SUBMITTED, IDVA)
    await move(world, handle, S.CLOSED, IDVA, outcome="CLOSED_PLANNED")
    assert await handle.result() == "CLOSED_PLANNED"
    assert (await row(world, handle))["ended_at"] is not None
    await world.replays(handle.id)


async def test_a_heard_referral_keeps_its_flag_for_a_year_and_then_ends_by_itself(
    world: World,
) -> None:
    handle = await world.open_referral(ReferralPathway.MARAC, facts=WHOLE_FORM)
    await move(world, handle, S.ACCEPTED, COORDINATOR)
    now = await world.now()
    messages: list[ReferralMessage] = [
        Listed(message_id="l", meeting="meeting/MARAC/Medway/2027-04-08/1", starts_at=now, at=now),
        Heard(
            message_id="h",
            meeting="meeting/MARAC/Medway/2027-04-08/1",
            at=now,
            decision="NO_FURTHER_ACTION",
        ),
    ]
    await handle.signal("tell", messages)
    assert (await seen(handle)).state is S.FLAGGED_12M
    flagged = await row(world, handle)
    assert flagged["flag_until"] > now + timedelta(days=360)
    await world.sleep(days=360)
    assert (await seen(handle)).state is S.FLAGGED_12M
    await world.sleep(days=8)
    assert await handle.result() == "FLAG_EXPIRED"
    assert (await world.ledger(handle.id)).count("referral:flag_expired") == 1
    await world.replays(handle.id)


async def test_no_worker_starts_without_a_policy_that_an_open_flag_uses(world: World) -> None:
    ref = "MARAC-2020-00001"
    gone = {"referral_ref": ref, "state": "FLAGGED_12M", "policy_version": "gone-1@000000000000"}
    async with world.runtime.engine.begin() as conn:
        await conn.execute(insert(referral).values(**gone))
    try:
        with pytest.raises(ServerError, match="gone-1@000000000000"):
            await check_versions(world.runtime)
    finally:
        async with world.runtime.engine.begin() as conn:
            await conn.execute(delete(referral).where(referral.c.referral_ref == ref))
    await check_versions(world.runtime)
