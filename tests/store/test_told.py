"""What reaches a case or a referral that has ended: the person's open case has it, or named people
decide; nothing is dropped, and nothing is done twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.ended import case_told, referral_told
from models import registry
from models.base import Refused
from models.enums import OrderType, ReferralPathway, ReferralState, SuspectStatus
from models.messages import (
    Allocated,
    OrderChanged,
    ReferralChanged,
    RepeatEvent,
    SuspectChanged,
    VictimMessageDone,
)
from models.unheard import ToldStep
from store.rebuild import compare
from store.tables import case_register, outbox, referral_register, task, victim_alias
from store.told import Settled, settle

NOW = datetime(2027, 5, 11, 9, 0, tzinfo=UTC)
OLD, NEW = "CASE-2027-00001", "CASE-2027-00002"
MARAC = "MARAC-2027-00001"
RELEASED = SuspectChanged(
    message_id="told:incident/46/1/27/VIC-1:3",
    incident_ref="46/1/27",
    perpetrator_ref="PER-1",
    status=SuspectStatus.RELEASED,
    at=NOW,
)


async def case(engine: AsyncEngine, ref: str, victim: str, *, closed: bool) -> None:
    row = {
        "case_ref": ref,
        "victim_ref": victim,
        "area": "Medway",
        "state": "CLOSED" if closed else "ALLOCATED",
        "priority_score": 1,
        "risk_grade": "HIGH",
        "opened_at": NOW - timedelta(days=9),
        "closed_at": NOW if closed else None,
    }
    async with engine.begin() as conn:
        await conn.execute(insert(case_register).values(**row))


@pytest.fixture(autouse=True)
def shipped() -> None:
    registry.load_shipped()


async def tell(engine: AsyncEngine, *messages: Any, ref: str = OLD, times: int = 1) -> None:
    payloads = [each.model_dump(mode="json") for each in messages]
    to = referral_told if ref == MARAC else case_told
    for _ in range(times):
        async with engine.begin() as conn:
            await to(conn, ref, payloads, NOW)


async def rows(engine: AsyncEngine, table: Any) -> list[Any]:
    async with engine.connect() as conn:
        return list(await conn.execute(select(table)))


async def test_a_merged_case_s_news_goes_to_the_person_s_open_case(engine: AsyncEngine) -> None:
    await case(engine, OLD, "VIC-1", closed=True)
    await case(engine, NEW, "VIC-2", closed=False)
    alias = {"merged_ref": "VIC-1", "kept_ref": "VIC-2", "merged_at": NOW, "merged_by": "PS 1"}
    async with engine.begin() as conn:
        await conn.execute(insert(victim_alias).values(reason_code="SAME_PERSON", **alias))
    own = Allocated(message_id="a", dalo_id="PC 1", supervisor_id="PS 1", allocated_at=NOW)
    await tell(engine, RELEASED, own, times=2)
    (sent,) = await rows(engine, outbox)
    assert (sent.kind, sent.target) == ("TELL", f"case/{NEW}")
    assert sent.payload == RELEASED.model_dump(mode="json")
    assert await rows(engine, task) == []


async def test_with_no_open_case_the_supervisors_decide_and_settle_it_once(
    engine: AsyncEngine,
) -> None:
    await case(engine, OLD, "VIC-1", closed=True)
    await tell(engine, RELEASED, times=2)
    assert await rows(engine, outbox) == []
    (made,) = await rows(engine, task)
    assert (made.kind, made.owner) == ("TOLD_AFTER_CLOSURE", "SUPERVISOR@Medway")
    assert (made.stream, made.subject) == ("victim/VIC-1", "46/1/27")
    assert made.due_at == NOW + timedelta(hours=24)
    assert made.command == "dalo settle-told VIC-1 46/1/27 --step STEP"
    said = Settled("VIC-1", "46/1/27", ToldStep.CASE_OPENED, NOW, "PS 1", "SUPERVISOR")
    for wrong, code in (
        (said._replace(subject="46/2/27"), "NOTHING_TOLD"),
        (said._replace(at=NOW + timedelta(hours=2)), "IN_FUTURE"),
        (said._replace(at=NOW - timedelta(hours=2)), "BEFORE_OCCURRENCE"),
    ):
        with pytest.raises(Refused) as refused:
            async with engine.begin() as conn:
                await settle(conn, wrong, NOW)
        assert refused.value.code == code
    async with engine.begin() as conn:
        await settle(conn, said, NOW)
    (made,) = await rows(engine, task)
    assert made.settled_at == NOW
    assert await compare(engine) == []


@pytest.mark.parametrize(
    ("message", "subject", "now"),
    [
        (
            OrderChanged(
                message_id="o",
                incident_ref="46/1/27",
                perpetrator_ref="PER-1",
                order_id="ORD-1",
                order_type=OrderType.DVPO,
                in_force=False,
                at=NOW,
            ),
            "46/1/27",
            False,
        ),
        (
            ReferralChanged(
                message_id="r",
                referral_ref="IDVA-2027-00001",
                pathway=ReferralPathway.IDVA,
                state=ReferralState.ATTEMPTING,
                at=NOW,
                codes=("UNSAFE_ENDED",),
            ),
            "IDVA-2027-00001",
            True,
        ),
        (
            VictimMessageDone(message_id="v", victim_message_id="VM-1", outcome="UNKNOWN", at=NOW),
            "VM-1",
            False,
        ),
        (RELEASED.model_copy(update={"status": SuspectStatus.ARRESTED}), "", False),
        (
            VictimMessageDone(message_id="v", victim_message_id="VM-1", outcome="SENT", at=NOW),
            "",
            False,
        ),
    ],
)
async def test_what_matters_is_somebody_s_and_what_does_not_may_rest(
    engine: AsyncEngine, message: Any, subject: str, now: bool
) -> None:
    await case(engine, OLD, "VIC-1", closed=True)
    await tell(engine, message)
    made = await rows(engine, task)
    assert [each.subject for each in made] == ([subject] if subject else [])
    assert all((each.due_at == NOW) is now for each in made)


async def test_a_case_that_should_run_and_does_not_is_not_told_again_for_ever(
    engine: AsyncEngine,
) -> None:
    await case(engine, OLD, "VIC-1", closed=False)
    await tell(engine, RELEASED)
    assert await rows(engine, outbox) == []
    assert len(await rows(engine, task)) == 1


async def test_a_repeat_of_a_referral_that_has_ended_is_coordinator_s_and_supervisor_s(
    engine: AsyncEngine,
) -> None:
    row = {"referral_ref": MARAC, "pathway": "MARAC", "victim_ref": "VIC-1", "area": "Medway"}
    async with engine.begin() as conn:
        made = insert(referral_register).values(asked_by="c-1", created_at=NOW, **row)
        await conn.execute(made)
    repeat = RepeatEvent(
        message_id="repeat:46/9/28:VIC-1:1",
        incident_ref="46/9/28",
        reported_at=NOW,
        criminal=False,
        district="Thanet",
        definitions=("ANY_ABUSE/REFERRAL",),
    )
    await tell(engine, repeat, ref=MARAC, times=2)
    found = await rows(engine, task)
    assert {each.owner for each in found} == {"SUPERVISOR@Medway", "MARAC_COORDINATOR@Medway"}
    assert {each.kind for each in found} == {"REPEAT_WITHOUT_CASE"}
    assert all("a repeat by policy" in each.why for each in found)
    said = Settled(MARAC, "46/9/28", ToldStep.NEW_REFERRAL, NOW, "MC 1", "MARAC_COORDINATOR")
    async with engine.begin() as conn:
        await settle(conn, said, NOW)
    assert all(each.settled_at == NOW for each in await rows(engine, task))
    with pytest.raises(Refused, match="NOTHING_TOLD"):
        async with engine.begin() as conn:
            await settle(conn, said, NOW)


async def test_a_new_version_of_a_report_asks_again_after_it_was_decided(
    engine: AsyncEngine,
) -> None:
    await case(engine, OLD, "VIC-1", closed=True)
    await tell(engine, RELEASED)
    async with engine.begin() as conn:
        await conn.execute(update(task).values(settled_at=NOW))
    await tell(engine, RELEASED.model_copy(update={"message_id": "told:later"}))
    assert len([each for each in await rows(engine, task) if each.settled_at is None]) == 1
