"""A meeting on the engine: opened by request, closed by its clock, ended when all is settled."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from temporalio.client import WorkflowHandle

from casework.relay import Relay
from models import registry
from models.commands import Answer, Grant, MeetingEnvelope
from models.commands.meeting import (
    AddAction,
    CancelMeeting,
    CompleteAction,
    HearReferral,
    IssueActions,
    IssueMinutes,
    RecordAttendance,
)
from models.enums import ActionType, Agency, Forum, HearingDecision, Role
from models.events import Effect, EffectKind
from models.ids import referral_stream
from models.instants import london_date
from models.meeting.opening import OpenMeetings
from models.meeting.view import MeetingView
from models.messages import ListRequest
from store import outbox
from store.tables import agenda_item, meeting, meeting_register
from store.tables import outbox as messages
from tests.workflows.world import World
from workflows.meeting import MeetingWorkflow
from workflows.opening import MeetingOpeningWorkflow

GRANT = Grant(actor="MC-6001", role=Role.MARAC_COORDINATOR, access_log_id="test")


async def relayed(world: World) -> None:
    """Deliver what waits, at the engine's time."""
    now = await world.now()
    relay = Relay(
        world.runtime.engine,
        world.client,
        world.task_queue,
        lambda: now,
        keyring=world.runtime.keyring,
    )
    await relay.drain()


async def ask(world: World, ref: str, forum: Forum = Forum.MARAC, **facts: Any) -> None:
    """A referral asks for a place, as its own workflow would."""
    now = await world.now()
    request = ListRequest(message_id=f"{ref}/list/1", referral_ref=ref, at=now, **facts)
    effect = Effect(
        effect_id=request.message_id,
        kind=EffectKind.LIST,
        target=f"{forum.value}/Medway",
        payload=request.model_dump(mode="json"),
    )
    async with world.runtime.engine.begin() as conn:
        await outbox.put(conn, referral_stream(ref), [effect], now)
    await relayed(world)


async def placed(world: World, ref: str) -> str:
    """The meeting that was told of a referral's request."""
    query = select(messages.c.target).where(messages.c.effect_id == f"placed:{ref}/list/1")
    async with world.runtime.engine.connect() as conn:
        return str(await conn.scalar(query))


async def do(handle: WorkflowHandle[Any, Any], command: Any) -> Answer:
    envelope = MeetingEnvelope(command_id=str(uuid.uuid4()), grant=GRANT, command=command)
    return await handle.execute_update(MeetingWorkflow.command, envelope)


async def test_a_meeting_from_the_first_request_to_its_last_action(world: World) -> None:
    first, missed = "MARAC-2027-80001", "MARAC-2027-80002"
    for ref in (first, missed):
        await ask(world, ref)
    stream = await placed(world, first)
    assert await placed(world, missed) == stream
    handle = world.client.get_workflow_handle(stream)
    view = await handle.query("view", result_type=MeetingView)
    assert [item.referral_ref for item in view.agenda] == [first, missed]

    await world.env.sleep(view.starts_at - await world.now() + timedelta(minutes=1))
    frozen = await handle.query("view", result_type=MeetingView)
    assert frozen.stage.value == "FROZEN"
    at = await world.now()
    await do(handle, RecordAttendance(at=at, present={"IDVA-1": Agency.IDVA}))
    action = AddAction(
        at=at,
        referral_ref=first,
        action_type=ActionType.HOUSING,
        action="SANCTUARY_SCHEME",
        agency=Agency.HOUSING,
    )
    await do(handle, action)
    decision = HearingDecision.ACTIONS_AGREED
    await do(handle, HearReferral(at=at, referral_ref=first, decision=decision))
    await do(handle, IssueActions(at=at))
    await do(handle, IssueMinutes(at=at, note_ref="NOTE/1"))
    at = await world.now()
    await do(handle, CompleteAction(at=at, action_id="1"))
    assert await handle.result() == "ENDED"
    await relayed(world)

    again = select(messages.c.target).where(
        messages.c.kind == "TELL",
        messages.c.target.like("meeting/%"),
        messages.c.payload["referral_ref"].astext == missed,
    )
    async with world.runtime.engine.connect() as conn:
        told = list((await conn.execute(again.order_by(messages.c.sequence))).scalars())
        row = (await conn.execute(select(meeting).where(meeting.c.stream == stream))).one()
        item = (
            await conn.execute(select(agenda_item).where(agenda_item.c.referral_ref == first))
        ).one()
        ended_at = await conn.scalar(
            select(meeting_register.c.ended_at).where(meeting_register.c.stream == stream)
        )
    assert told[0] == stream
    assert len(told) == 2
    assert told[1] > stream
    assert (row.state, row.heard, row.actions_open) == ("ENDED", 1, 0)
    assert (item.state, item.decision) == ("HEARD", "ACTIONS_AGREED")
    assert ended_at is not None
    await world.replays(stream)


async def test_an_emergency_gets_a_meeting_of_its_own_within_two_working_days(
    world: World,
) -> None:
    now = await world.now()
    await ask(world, "MARAC-2027-80003", emergency=True)
    await ask(world, "MARAC-2027-80004", emergency=True)
    stream = await placed(world, "MARAC-2027-80003")
    assert await placed(world, "MARAC-2027-80004") == stream
    view = await world.client.get_workflow_handle(stream).query("view", result_type=MeetingView)
    assert view.emergency
    assert len(view.agenda) == 2
    limit = registry.current_calendar().add_working_days(london_date(now), 2)
    assert london_date(view.starts_at) <= limit


async def test_the_schedules_workflow_opens_each_list_once(world: World) -> None:
    streams = []
    for number in range(2):
        streams.append(
            await world.client.execute_workflow(
                MeetingOpeningWorkflow.run,
                OpenMeetings(forum=Forum.MATAC, area="Medway"),
                id=f"opening/MATAC/Medway/{number}-{uuid.uuid4()}",
                task_queue=world.task_queue,
            )
        )
    assert streams[0] == streams[1]
    await relayed(world)
    view = await world.client.get_workflow_handle(streams[0][0]).query(
        "view", result_type=MeetingView
    )
    assert (view.forum, view.stage.value) == (Forum.MATAC, "OPEN")


async def test_a_request_for_an_area_without_meetings_waits_and_says_why(world: World) -> None:
    now = await world.now()
    effect = Effect(
        effect_id="nowhere/list/1",
        kind=EffectKind.LIST,
        target="MARAC/Nowhere",
        payload=ListRequest(
            message_id="nowhere", referral_ref="MARAC-2027-80009", at=now
        ).model_dump(mode="json"),
    )
    async with world.runtime.engine.begin() as conn:
        await outbox.put(conn, "referral/MARAC-2027-80009", [effect], now)
    await relayed(world)
    query = select(messages.c.last_error).where(messages.c.effect_id == effect.effect_id)
    async with world.runtime.engine.connect() as conn:
        assert await conn.scalar(query) == "NO_MEETING_SERIES"


async def test_a_request_that_comes_after_the_end_is_placed_on_the_next_list(
    world: World,
) -> None:
    ref = "MARAC-2027-80005"
    await ask(world, ref)
    stream = await placed(world, ref)
    handle = world.client.get_workflow_handle(stream)
    await do(handle, CancelMeeting(at=await world.now(), reason="ROOM_LOST"))
    assert await handle.result() == "CANCELLED"
    late = ListRequest(message_id="too-late", referral_ref=ref, at=await world.now())
    effect = Effect(
        effect_id="too-late",
        kind=EffectKind.TELL,
        target=stream,
        payload=late.model_dump(mode="json"),
    )
    async with world.runtime.engine.begin() as conn:
        await outbox.put(conn, "referral/x", [effect], await world.now())
    await relayed(world)
    query = select(messages.c.target).where(
        messages.c.effect_id == f"placed:again:{stream}:too-late"
    )
    async with world.runtime.engine.connect() as conn:
        target = await conn.scalar(query)
    assert target is not None
    assert target != stream
