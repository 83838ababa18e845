"""Officers and partners are told once by a real SMTP server: reminded, escalated, acknowledged."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from casework.notices.notifier import Notifier
from models.notices import NoticeState
from store import notices
from store.tables import officer
from tests.notices.conftest import CASE, Desk
from tests.notices.post_office import PostOffice, body


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
    assert set((await desk.states()).values()) == {NoticeState.OVERTAKEN}
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
    await desk.graded_high()
    desk.now += timedelta(hours=14)
    await desk.raise_task("LADDER:1", "PC-1")
    assert await desk.notifier.once() == 2
    assert sorted(office.to) == ["pc-1@force.example", "ps-9@force.example"]
    assert all(message["Subject"].startswith("URGENT") for _, message in office.taken)


async def test_an_urgent_notice_that_nobody_acknowledges_goes_to_the_supervisor(
    desk: Desk, office: PostOffice
) -> None:
    await desk.graded_high()
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
    await desk.graded_high()
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
    assert set((await desk.states()).values()) == {NoticeState.SENT}


async def test_without_an_smtp_server_nothing_is_sent_and_everything_is_kept(
    desk: Desk, office: PostOffice
) -> None:
    await desk.raise_task("LADDER:1", "PC-1")
    silent = Notifier(
        desk.engine, desk.settings.model_copy(update={"smtp_address": None}), lambda: desk.now
    )
    assert await silent.once() == 0
    assert set((await desk.states()).values()) == {NoticeState.WAITING}
    assert office.taken == []
