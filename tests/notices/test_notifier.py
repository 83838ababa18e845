"""Officers and partners are told once by a real SMTP server: reminded, escalated, acknowledged."""

from __future__ import annotations

from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from sqlalchemy import select, update

from casework.notices.notifier import Notifier
from models.notices import NoticeState
from store import notices
from store.answering import answers_for
from store.tables import case, case_register, conflict_of_interest, notice, officer, task
from tests.notices.conftest import CASE, Desk
from tests.notices.post_office import PostOffice


def body(message: Message) -> str:
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


async def states(desk: Desk) -> dict[str, str]:
    async with desk.engine.connect() as conn:
        rows = await conn.execute(select(notice.c.notice_id, notice.c.state))
        return {row.notice_id: row.state for row in rows}


async def graded_high(desk: Desk) -> None:
    async with desk.engine.begin() as conn:
        await conn.execute(update(case).values(risk_grade="HIGH"))


async def test_a_task_is_told_once_with_reference_and_command_and_nothing_personal(
    desk: Desk, office: PostOffice
) -> None:
    await desk.raise_task("LADDER:1", "PC-1", subject="L3")
    assert await desk.notifier.once() == 1
    assert await desk.notifier.once() == 0
    ((to, message),) = office.taken
    assert to == "pc-1@force.example"
    assert message["Subject"] == f"DALO task: LADDER {CASE}"
    text = body(message)
    assert text.startswith("OFFICIAL-SENSITIVE") and text.rstrip().endswith("OFFICIAL-SENSITIVE")
    assert f"dalo do {CASE} review-case" in text
    assert "VIC-" not in text


async def test_a_server_that_is_away_is_tried_again_under_the_same_message_id(
    desk: Desk, office: PostOffice
) -> None:
    await desk.raise_task("LADDER:1", "PC-1")
    office.answer = "451 later"
    assert await desk.notifier.once() == 0
    assert await desk.notifier.once() == 0, "it waits before it tries again"
    assert await desk.later(minutes=1) == 1
    assert len(office.taken) == 1


async def test_after_a_crash_between_sending_and_marking_the_same_message_goes_again(
    desk: Desk, office: PostOffice
) -> None:
    await desk.raise_task("LADDER:1", "PC-1")
    office.answer = "BREAK"
    await desk.notifier.once()
    await desk.later(minutes=1)
    first, second = (message["Message-ID"] for _, message in office.taken)
    assert first == second


async def test_two_notifiers_send_one_message(desk: Desk, office: PostOffice) -> None:
    import asyncio

    for number in range(30):
        await desk.raise_task(f"LADDER:{number}", "PC-1")
    other = Notifier(desk.engine, desk.settings, lambda: desk.now)
    sent = await asyncio.gather(desk.notifier.once(), other.once())
    assert sum(sent) == 30
    assert len({message["Message-ID"] for _, message in office.taken}) == 30


async def test_what_was_settled_before_it_could_leave_is_not_sent(
    desk: Desk, office: PostOffice
) -> None:
    desk.now += timedelta(hours=14)  # midnight in London: quiet
    await desk.raise_task("LADDER:1", "PC-1")
    assert await desk.notifier.once() == 0
    await desk.settle("LADDER:1")
    assert await desk.later(hours=9) == 0
    assert set((await states(desk)).values()) == {NoticeState.OVERTAKEN}
    assert office.taken == []


async def test_a_task_is_reminded_of_a_day_before_it_is_due(desk: Desk, office: PostOffice) -> None:
    await desk.raise_task("LADDER:1", "PC-1", due_at=desk.now + timedelta(days=3))
    assert await desk.notifier.once() == 1
    assert await desk.later(days=1) == 0
    assert await desk.later(days=1, hours=1) == 1
    assert office.taken[-1][1]["Subject"].startswith("DALO reminder")


async def test_at_night_an_urgent_notice_reaches_the_duty_sergeant_too(
    desk: Desk, office: PostOffice
) -> None:
    await graded_high(desk)
    desk.now += timedelta(hours=14)
    await desk.raise_task("LADDER:1", "PC-1")
    assert await desk.notifier.once() == 2
    assert sorted(office.to) == ["pc-1@force.example", "ps-9@force.example"]
    assert all(message["Subject"].startswith("URGENT") for _, message in office.taken)


async def test_an_urgent_notice_that_nobody_acknowledges_goes_to_the_supervisor(
    desk: Desk, office: PostOffice
) -> None:
    await graded_high(desk)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.raise_task("LADDER:2", "PC-1", subject="other")
    await desk.notifier.once()
    async with desk.engine.begin() as conn:
        done = await notices.acknowledge(
            conn, "PC-1", ["PC-1"], ["TASK/case/CASE-2027-00001/LADDER:2"], desk.now
        )
    assert done == 1
    await desk.later(minutes=59)
    assert "ps-1@force.example" not in office.to
    await desk.later(minutes=2)
    await desk.later(minutes=1)
    assert office.to.count("ps-1@force.example") == 1
    escalated = office.taken[-1][1]
    assert "PC-1" in body(escalated) and escalated["Subject"].startswith("URGENT DALO escalation")


async def test_a_settled_task_needs_no_acknowledgement(desk: Desk, office: PostOffice) -> None:
    await graded_high(desk)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.settle("LADDER:1")
    await desk.later(hours=2)
    await desk.later(minutes=1)
    assert office.to == ["pc-1@force.example"]


async def test_a_role_in_an_area_is_everybody_who_holds_it_there(
    desk: Desk, office: PostOffice
) -> None:
    await desk.raise_task("BREACH:1", "INSPECTOR@Medway", kind="BREACH")
    await desk.notifier.once()
    assert office.to == ["di-1@force.example"]


async def test_an_officer_without_an_address_keeps_the_notice_on_their_list(
    desk: Desk, office: PostOffice
) -> None:
    async with desk.engine.begin() as conn:
        await conn.execute(update(officer).where(officer.c.officer_id == "PC-1").values(email=None))
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    async with desk.engine.connect() as conn:
        rows = await notices.of_recipient(conn, "PC-1", ["PC-1"], all_of_them=False, limit=10)
        late = await notices.waiting_too_long(conn, desk.now, desk.now + timedelta(hours=1))
    assert [row.state for row in rows] == [NoticeState.NO_ADDRESS]
    assert late == {"NO_ADDRESS": 1}
    async with desk.engine.begin() as conn:
        given = update(officer).where(officer.c.officer_id == "PC-1")
        await conn.execute(given.values(email="pc-1@force.example"))
    await desk.later(minutes=1)
    assert office.to == ["pc-1@force.example"]
    assert set((await states(desk)).values()) == {NoticeState.SENT}


async def test_without_an_smtp_server_nothing_is_sent_and_everything_is_kept(
    desk: Desk, office: PostOffice
) -> None:
    await desk.raise_task("LADDER:1", "PC-1")
    silent = Notifier(
        desk.engine, desk.settings.model_copy(update={"smtp_address": None}), lambda: desk.now
    )
    assert await silent.once() == 0
    assert set((await states(desk)).values()) == {NoticeState.WAITING}
    assert office.taken == []


# --- owners --------------------------------------------------------------------------------------


async def owned_by(desk: Desk, owner: str) -> None:
    async with desk.engine.begin() as conn:
        await conn.execute(update(task).values(owner=owner))


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
    await owned_by(desk, "PC-2")
    await desk.notifier.once()
    await owned_by(desk, "PC-1")
    await desk.notifier.once()
    assert await desk.notifier.once() == 0
    assert office.to == ["pc-1@force.example", "pc-2@force.example", "pc-1@force.example"]
    assert len({message["Message-ID"] for _, message in office.taken}) == 3
    assert set(await states(desk)) == {
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
    await owned_by(desk, "PC-2")
    await desk.later(hours=9)
    assert office.to == ["pc-2@force.example"]
    assert (await states(desk))[f"TASK/case/{CASE}/LADDER:1"] == NoticeState.OVERTAKEN


async def test_an_unanswered_notice_to_the_owner_before_is_not_escalated(
    desk: Desk, office: PostOffice
) -> None:
    await graded_high(desk)
    await another_dalo(desk)
    await desk.raise_task("LADDER:1", "PC-1")
    await desk.notifier.once()
    await desk.later(minutes=50)
    await owned_by(desk, "PC-2")
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


async def in_the_register(desk: Desk, **changes: Any) -> None:
    await desk.put(
        case_register,
        case_ref=CASE,
        victim_ref="VIC-0001",
        area="Medway",
        state="ALLOCATED",
        priority_score=0,
        risk_grade="MEDIUM",
        opened_at=desk.now,
        supervisor_id="PS-1",
        **changes,
    )


async def test_an_owner_in_conflict_of_interest_is_not_written_to_but_the_supervisor(
    desk: Desk, office: PostOffice
) -> None:
    await in_the_register(desk)
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
    await in_the_register(desk)
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
    await graded_high(desk)
    await desk.put(
        officer, officer_id="SU-1", role="SUPERINTENDENT", area="Medway", email="su-1@x.example"
    )
    await in_the_register(desk)
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
    await graded_high(desk)
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
    await graded_high(desk)
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
    await graded_high(desk)
    desk.now += timedelta(hours=14)
    await desk.raise_task("LADDER:1", "PC-1")
    office.refused.add("pc-1@force.example")
    assert await desk.notifier.once() == 1
    await desk.later(minutes=1)
    assert office.to == ["ps-9@force.example"]
    office.refused.clear()
    await desk.later(minutes=5)
    assert office.to == ["ps-9@force.example", "pc-1@force.example"]
    assert set((await states(desk)).values()) == {NoticeState.SENT}


async def test_an_urgent_notice_to_a_refused_mailbox_is_escalated(
    desk: Desk, office: PostOffice
) -> None:
    await graded_high(desk)
    await desk.raise_task("LADDER:1", "PC-1")
    office.refused.add("pc-1@force.example")
    await desk.notifier.once()
    await desk.later(minutes=61)
    await desk.notifier.once()
    assert office.to == ["ps-1@force.example"]
