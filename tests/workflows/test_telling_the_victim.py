"""What reaches a victim asks the running case at that moment: an officer's word of it, and the
product's own messages, from the command to the post office and back to the case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time

import pytest
import pytest_asyncio

from casework.notices.round import messenger
from casework.runtime import Runtime
from models.base import Refused
from models.commands import (
    ChangeSuspectStatus,
    MessageVictim,
    RecordNotification,
    SetSafeContactPlan,
)
from models.enums import (
    ArrestReason,
    Channel,
    RiskGrade,
    SuspectStatus,
)
from models.enums.victims_code import NotificationOutcome
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store.tables import contact, victim_message
from tests.models.play import a_report
from tests.notices.post_office import PostOffice, post_office
from tests.walkthroughs.stage import DALO, OIC, SERGEANT, Stage, a_stage, at

OPENED = "2027-05-10 08:00"
INCIDENT = "46/0500/27"
ADDRESS = "safe@home.example"


def the_report() -> Report:
    """A medium report of somebody who had reported before."""
    return a_report(
        at(OPENED),
        incident_ref=INCIDENT,
        victim_ref="VIC-0500",
        perpetrator_ref="PER-0500",
        risk_grade=RiskGrade.MEDIUM,
        oic_id=OIC,
    )


@pytest_asyncio.fixture
async def stage(database: str) -> AsyncIterator[Stage]:
    """An allocated case that may be called and written to from nine to eleven."""
    async with a_stage(database, OPENED) as made:
        await made.staffed()
        earlier = at("2026-11-10 08:00")
        await made.history(the_report(), {"reported_at": earlier, "occurred_from": earlier})
        await made.receive(the_report())
        await made.allocate()
        async with made.runtime.engine.begin() as conn:
            await made.runtime.secrets.save_route(conn, made.victim_ref, "post", ADDRESS, made.now)
        routes = (
            Route(route_id="mobile", channel=Channel.CALL, verified_at=made.now),
            Route(route_id="post", channel=Channel.EMAIL, verified_at=made.now),
        )
        window = SafeWindow(weekdays=(0, 1, 2, 3, 4), opens=time(9), closes=time(11))
        plan = SafeContactPlan(
            routes=routes,
            safe_windows=(window,),
            email_shared_device=False,
            plan_reviewed_at=made.now,
        )
        await made.tell_case(SetSafeContactPlan(at=made.now, plan=plan))
        yield made


def writing(stage: Stage, office: PostOffice) -> Runtime:
    """The same process, with a mail server."""
    settings = stage.runtime.settings.model_copy(
        update={
            "smtp_address": f"127.0.0.1:{office.port}",
            "smtp_tls": "none",
            "victim_mail_from": "Sam <sam@post.example>",
        }
    )
    return replace(stage.runtime, settings=settings)


async def told_of_the_arrest(stage: Stage, text: str, claimed: str = "") -> tuple[str, ...]:
    """The victim is told by telephone at that instant."""
    told = RecordNotification(
        at=await stage.to(text),
        event_kind="SUSPECT_ARRESTED",
        channel=Channel.CALL,
        route="mobile",
        outcome=NotificationOutcome.TOLD,
        decision_code=claimed,
    )
    return await stage.do(DALO, stage.incident(INCIDENT), told)


async def arrested(stage: Stage) -> None:
    """There is news for the victim."""
    arrest = ChangeSuspectStatus(
        at=stage.now,
        status=SuspectStatus.ARRESTED,
        arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE,
    )
    await stage.do(OIC, stage.incident(INCIDENT), arrest)


async def test_a_telling_takes_the_cases_word_for_the_moment_at_which_it_was_made(
    stage: Stage,
) -> None:
    await arrested(stage)
    assert await told_of_the_arrest(stage, "2027-05-10 09:30") == ()
    (event,) = await stage.events(stage.incident(INCIDENT), "notification:told")
    assert (event.data["decision_code"], event.data["safe"]) == ("SAFE", True)
    assert await stage.tasks(stage.incident(INCIDENT), "UNSAFE_NOTIFICATION") == []


async def test_outside_the_window_it_is_unsafe_whatever_the_sender_claims(stage: Stage) -> None:
    await arrested(stage)
    codes = await told_of_the_arrest(stage, "2027-05-10 11:30", claimed="SAFE")
    assert codes == ("UNSAFE_NOTIFICATION",)
    (event,) = await stage.events(stage.incident(INCIDENT), "notification:told")
    assert event.data["decision_code"] == "OUTSIDE_SAFE_WINDOW"
    assert await stage.tasks(stage.incident(INCIDENT), "UNSAFE_NOTIFICATION") == [
        ("UNSAFE_NOTIFICATION", SERGEANT)
    ]


async def test_a_case_that_does_not_answer_counts_as_unsafe(stage: Stage) -> None:
    await arrested(stage)
    await stage.runtime.client.get_workflow_handle(stage.case).terminate()
    await stage.runtime.keyring.destroy(stage.case)
    codes = await told_of_the_arrest(stage, "2027-05-10 09:30")
    assert codes == ("UNSAFE_NOTIFICATION",)
    (event,) = await stage.events(stage.incident(INCIDENT), "notification:told")
    assert event.data["decision_code"] == "NO_ANSWER"


async def asked_to_write(stage: Stage, text: str) -> tuple[str, ...]:
    """The officer asks for a message in the agreed wording."""
    now = await stage.to(text)
    message = MessageVictim(at=now, channel="EMAIL", route="post", wording_ref="NEUTRAL_RING")
    return await stage.tell_case(message)


async def test_a_message_goes_from_the_command_to_the_post_and_its_end_back_to_the_case(
    stage: Stage,
) -> None:
    with post_office() as office:
        (message_id,) = await asked_to_write(stage, "2027-05-10 09:30")
        (queued,) = await stage.rows(victim_message)
        assert (queued["message_id"], queued["state"]) == (message_id, "QUEUED")
        assert await messenger(writing(stage, office)).once() == 1
        assert await messenger(writing(stage, office)).once() == 0
        assert office.to == [ADDRESS]
    await stage.settle()
    (ended,) = await stage.events(stage.case, "contact:message:ended")
    assert (ended.data["message_id"], ended.data["outcome"]) == (message_id, "SENT")
    sent = await stage.row(contact, case_ref=stage.case_ref)
    assert (sent["result"], sent["satisfied"], sent["route"]) == ("MESSAGE_SENT", False, "post")
    await stage.replayed()


async def test_a_message_that_is_no_longer_safe_when_it_would_leave_is_not_sent(
    stage: Stage,
) -> None:
    with post_office() as office:
        await asked_to_write(stage, "2027-05-10 10:59")
        await stage.to("2027-05-10 11:01")
        assert await messenger(writing(stage, office)).once() == 0
        assert office.taken == []
    await stage.settle()
    (ended,) = await stage.events(stage.case, "contact:message:ended")
    assert (ended.data["outcome"], ended.data["reason"]) == ("BLOCKED", "OUTSIDE_SAFE_WINDOW")
    assert await stage.tasks(stage.case, "VICTIM_MESSAGE") == [("VICTIM_MESSAGE", DALO)]


async def test_a_message_that_is_not_safe_now_is_refused_and_nothing_is_queued(
    stage: Stage,
) -> None:
    with pytest.raises(Refused) as refused:
        await asked_to_write(stage, "2027-05-10 11:30")
    assert refused.value.code == "UNSAFE_NOW"
    assert await stage.rows(victim_message) == []
