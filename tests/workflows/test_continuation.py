"""Every workflow goes on in a new run under load, and loses neither a clock nor a command."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from models import registry
from models.case.view import CaseView
from models.commands import (
    AddAction,
    AmendReferral,
    AssessRisk,
    CompleteAction,
    Grant,
    RecordAttempt,
    RecordPoliceContact,
)
from models.commands.meeting import RecordAttendance
from models.enums import (
    ActionType,
    Agency,
    Channel,
    ContactResult,
    ReferralPathway,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    Role,
)
from models.events import Json
from models.meeting.view import MeetingView
from models.messages import Renewed
from tests.models.play import DALO, a_report
from tests.models.play_referral import WHOLE_FORM
from tests.replay.acting import first_release
from tests.workflows.load import TOGETHER, Given, Load, nothing_lost
from tests.workflows.test_meeting_workflow import GRANT as COORDINATOR
from tests.workflows.test_meeting_workflow import ask, placed
from tests.workflows.world import World

OFFICER = Grant(actor=DALO, role=Role.DALO, access_log_id="test")


async def test_a_case_under_load_goes_on_in_a_new_run(world: World) -> None:
    def unanswered(_: int, at: datetime) -> Given:
        return RecordAttempt(
            at=at, channel=Channel.CALL, result=ContactResult.NO_ANSWER, route="m"
        ), OFFICER

    load = Load(world, await world.open_case(RiskGrade.HIGH))
    ended = await load.until_new_run(unanswered, minutes=20)
    await nothing_lost(load, ended, "contact:attempt:recorded", days=40)


async def test_an_incident_under_load_goes_on_in_a_new_run(world: World) -> None:
    number = uuid.uuid4().int % 100_000
    reported = (await world.now()).replace(microsecond=0) - timedelta(minutes=5)
    names = {"incident_ref": f"46/{number}/27", "victim_ref": f"VIC-{number}"}
    load = Load(world, await world.open_incident(a_report(reported, **names)))

    def corrected(number: int, _: datetime) -> Given:
        return RecordPoliceContact(at=reported + timedelta(milliseconds=number)), OFFICER

    ended = await load.until_new_run(corrected, seconds=30)
    await nothing_lost(load, ended, "incident:police_contact:recorded", days=10)


@pytest.mark.parametrize("pathway", [ReferralPathway.MARAC, ReferralPathway.MASIP])
async def test_a_referral_under_load_goes_on_in_a_new_run(
    world: World, pathway: ReferralPathway
) -> None:
    form = WHOLE_FORM if pathway is ReferralPathway.MARAC else {}
    load = Load(world, await world.open_referral(pathway, facts=form))
    fact = "reason" if pathway is ReferralPathway.MARAC else "contacts"

    def amended(number: int, at: datetime) -> Given:
        value = f"REASON_{number}" if fact == "reason" else str(number)
        return AmendReferral(at=at, facts={fact: value}), OFFICER

    ended = await load.until_new_run(amended, hours=1)
    await nothing_lost(load, ended, "referral:amended", days=30)


async def test_a_meeting_under_load_goes_on_in_a_new_run(world: World) -> None:
    ref = f"MARAC-2027-{uuid.uuid4().int % 100_000:05d}"
    await ask(world, ref)
    handle = world.client.get_workflow_handle(await placed(world, ref))
    view = await handle.query("view", result_type=MeetingView)
    await world.env.sleep(view.starts_at - await world.now() + timedelta(minutes=1))
    load = Load(world, handle)
    at = await world.now()
    await load.give((RecordAttendance(at=at, present={"IDVA-1": Agency.IDVA}), COORDINATOR))
    load.answers.clear()
    settled: set[str] = set()

    def settle_or_add(number: int, at: datetime) -> Given:
        """Every other round settles what the one before it has added, but for one action."""
        codes = (code for answer in load.answers.values() for code in answer.codes)
        added = [code for code in codes if code.startswith("ACTION_")]
        left = [code for code in added[1:] if code not in settled]
        if number // TOGETHER % 2 == 0 or not left:
            return _action(ref, at), COORDINATOR
        settled.add(left[0])
        action_id = left[0].removeprefix("ACTION_")
        return CompleteAction(at=at, action_id=action_id), COORDINATOR

    ended = await load.until_new_run(settle_or_add, minutes=5)
    await nothing_lost(load, ended, "action:added", "action:ended", days=30)


async def test_a_case_of_the_first_release_goes_on_as_the_second_under_load(world: World) -> None:
    handle = await world.open_case(RiskGrade.HIGH, policy=first_release())
    load = Load(world, handle)
    policy = registry.current_policy().version

    def unanswered(_: int, at: datetime) -> Given:
        return RecordAttempt(
            at=at, channel=Channel.CALL, result=ContactResult.NO_ANSWER, route="m"
        ), OFFICER

    at = await world.now()
    given = await load.give(*(unanswered(number, at) for number in range(TOGETHER)))
    await world.sleep(hours=1)
    renewed = Renewed(message_id="renew", policy_version=policy)
    await handle.signal("tell", [renewed.model_dump(mode="json")])
    ended = await load.until_new_run(unanswered, minutes=5)
    view: CaseView = await handle.query("view", result_type=CaseView)
    assert view.summary["policy_version"] == policy
    await nothing_lost(load, ended, "contact:attempt:recorded", days=40)
    assert await load.send(given[0]) == load.answers[given[0]]
    tags = [event.tag for event in await load.events()]
    assert tags.count("stream:renewed") == 1
    dash = AssessRisk(at=await world.now(), tool=RiskTool.DASH_ACPO_27, others=RiskAnswer.NO)
    await load.give((dash, OFFICER))
    assert "assessment:recorded" in [event.tag for event in await load.events()]


def _action(ref: str, at: datetime, **changes: Any) -> AddAction:
    facts: Json = {
        "at": at,
        "referral_ref": ref,
        "action_type": ActionType.HOUSING,
        "action": "SANCTUARY_SCHEME",
        "agency": Agency.HOUSING,
        "immediate": True,
        **changes,
    }
    return AddAction.model_validate(facts)
