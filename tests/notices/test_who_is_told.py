"""Who is written to: the owner of the moment or their cover, whoever is in charge where nobody else
can, and one after another of those above while nobody answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.notices import NoticeState
from store import notices
from store.answering import answers_for
from store.tables import conflict_of_interest, officer
from tests.notices.conftest import CASE, Desk
from tests.notices.post_office import PostOffice, body


async def another_dalo(desk: Desk, **changes: Any) -> None:
    await desk.put(
        officer,
        officer_id="PC-2",
        role="DALO",
        area="Medway",
        supervisor_id="PS-1",
        email="pc-2@force.example",
        **changes,
    )


async def test_after_a_handover_the_new_owner_is_told_under_an_id_of_its_own(
    desk: Desk, office: PostOffice
) -> None:
    await another_dalo(desk)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.owned_by("PC-2")
    await desk.notifier.once()
    await desk.owned_by("PC-1")
    await desk.notifier.once()
    assert await desk.notifier.once() == 0
    assert office.to == ["pc-1@force.example", "pc-2@force.example", "pc-1@force.example"]
    assert len({message["Message-ID"] for _, message in office.taken}) == 3
    assert set(await desk.states()) == {
        f"TASK/case/{CASE}/LADDER:1",
        f"TASK/case/{CASE}/LADDER:1#2",
        f"TASK/case/{CASE}/LADDER:1#3",
    }


async def test_what_waits_for_the_owner_before_goes_to_the_new_one_alone(
    desk: Desk, office: PostOffice
) -> None:
    await another_dalo(desk)
    desk.now += timedelta(hours=14)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.owned_by("PC-2")
    await desk.later(hours=9)
    assert office.to == ["pc-2@force.example"]
    assert (await desk.states())[f"TASK/case/{CASE}/LADDER:1"] == NoticeState.OVERTAKEN


async def test_an_unanswered_notice_to_the_owner_before_is_not_escalated(
    desk: Desk, office: PostOffice
) -> None:
    await desk.graded_high()
    await another_dalo(desk)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.later(minutes=50)
    await desk.owned_by("PC-2")
    await desk.notifier.once()
    await desk.later(minutes=20)
    await desk.later(minutes=1)
    assert office.to == ["pc-1@force.example", "pc-2@force.example"]


async def test_an_absent_owners_cover_is_told_in_their_place(
    desk: Desk, office: PostOffice
) -> None:
    await another_dalo(desk, covers="PC-1")
    await desk.raise_task("LADDER:1", "PC-1")
    async with desk.engine.begin() as conn:
        away = update(officer).where(officer.c.officer_id == "PC-1")
        until = desk.now + timedelta(days=1)
        await conn.execute(away.values(absent_from=desk.now, absent_until=until))
    await desk.notifier.once()
    assert office.to == ["pc-2@force.example"]
    assert "Owner:     PC-1" in body(office.taken[0][1])
    async with desk.engine.connect() as conn:
        whose = await answers_for(conn, "PC-2", desk.now)
        seen = await notices.of_recipient(conn, "PC-2", whose, all_of_them=False, limit=9)
    assert [row.recipient for row in seen] == ["PC-1"]


async def test_an_owner_in_conflict_of_interest_is_not_written_to_but_the_supervisor(
    desk: Desk, office: PostOffice
) -> None:
    await desk.in_the_register()
    given = {"reason_code": "RELATED", "declared_at": desk.now, "declared_by": "PC-1"}
    desk.now += timedelta(hours=14)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.put(conflict_of_interest, case_ref=CASE, officer_id="PC-1", **given)
    await desk.later(hours=9)
    assert office.to == ["ps-1@force.example"]


@pytest.mark.parametrize("owner", ["PC 7001", "IDVA_PARTNER@Medway", ""])
async def test_what_nobody_answers_for_is_told_to_who_is_in_charge(
    desk: Desk, office: PostOffice, owner: str
) -> None:
    await desk.in_the_register()
    await desk.raise_task("SERVE_ORDER:1", owner)
    await desk.notifier.once()
    assert office.to == ["ps-1@force.example"]
    async with desk.engine.begin() as conn:
        assert await notices.acknowledge(conn, "PS-1", ["PS-1"], None, desk.now) == 1


async def test_an_officer_is_written_to_by_what_an_extract_calls_them(
    desk: Desk, office: PostOffice
) -> None:
    more = {"known_as": "PC 7001", "email": "oic-1@force.example"}
    await desk.put(officer, officer_id="OIC-1", role="OIC", area="Medway", **more)
    await desk.raise_task("SERVE_ORDER:1", "PC 7001")
    await desk.notifier.once()
    assert office.to == ["oic-1@force.example"]


# --- escalation ----------------------------------------------------------------------------------


async def test_escalation_goes_on_until_everybody_who_supervises_was_told(
    desk: Desk, office: PostOffice
) -> None:
    await desk.graded_high()
    await desk.put(
        officer, officer_id="SU-1", role="SUPERINTENDENT", area="Medway", email="su-1@x.example"
    )
    await desk.in_the_register()
    await desk.raise_task("BREACH:1", "INSPECTOR@Medway", kind="BREACH")
    await desk.notifier.once()
    after = []
    for _ in range(4):
        before = len(office.to)
        await desk.later(minutes=61)
        await desk.notifier.once()
        after.append(sorted(each.partition("@")[0] for each in office.to[before:]))
    assert after == [["su-1"], ["hub", "ps-1", "ps-9"], [], []]
    async with desk.engine.connect() as conn:
        late = await notices.waiting_too_long(conn, desk.now, desk.now - timedelta(hours=1))
    assert late == {"UNANSWERED": 3}
    async with desk.engine.begin() as conn:
        assert await notices.acknowledge(conn, "PS-9", ["PS-9"], None, desk.now) == 1
        late = await notices.waiting_too_long(conn, desk.now, desk.now - timedelta(hours=1))
    assert late == {}


async def test_one_answer_ends_the_escalation(desk: Desk, office: PostOffice) -> None:
    await desk.graded_high()
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.later(minutes=61)
    await desk.notifier.once()
    async with desk.engine.begin() as conn:
        await notices.acknowledge(conn, "PC-1", ["PC-1"], None, desk.now)
    await desk.later(minutes=61)
    await desk.later(minutes=61)
    assert office.to == ["pc-1@force.example", "ps-1@force.example"]


async def test_an_urgent_notice_without_an_address_is_escalated_too(
    desk: Desk, office: PostOffice
) -> None:
    await desk.graded_high()
    async with desk.engine.begin() as conn:
        await conn.execute(update(officer).where(officer.c.officer_id == "PC-1").values(email=None))
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.later(minutes=61)
    await desk.notifier.once()
    assert office.to == ["ps-1@force.example"]


async def test_one_refused_mailbox_keeps_the_notice_from_nobody_else(
    desk: Desk, office: PostOffice
) -> None:
    await desk.graded_high()
    desk.now += timedelta(hours=14)
    await desk.raise_task("LADDER:1", "PC-1")
    office.refused.add("pc-1@force.example")
    assert await desk.notifier.once() == 1
    await desk.later(minutes=1)
    assert office.to == ["ps-9@force.example"]
    office.refused.clear()
    await desk.later(minutes=5)
    assert office.to == ["ps-9@force.example", "pc-1@force.example"]
    assert set((await desk.states()).values()) == {NoticeState.SENT}


async def test_an_urgent_notice_to_a_refused_mailbox_is_escalated(
    desk: Desk, office: PostOffice
) -> None:
    await desk.graded_high()
    await desk.raise_task("LADDER:1", "PC-1")
    office.refused.add("pc-1@force.example")
    await desk.notifier.once()
    await desk.later(minutes=61)
    await desk.notifier.once()
    assert office.to == ["ps-1@force.example"]
