"""What a DALO, a sergeant and a partner read of a case in which much has happened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from sqlalchemy import delete, insert

from casework.runtime import Runtime
from models.instants import london
from store.tables import case, case_register
from tests.cli.conftest import Dalo

SERGEANT, OIC, COORDINATOR = "PS-4001", "PC-4021", "MC-4201"


def _day(runtime: Runtime, **ahead: float) -> str:
    return f"{london(runtime.clock()) + timedelta(**ahead):%Y-%m-%d}"


async def _owner(dalo: Dalo, ref: str) -> str:
    board = await dalo("board", "--json", "--as", SERGEANT)
    return str(next(c["dalo_id"] for c in board.json["cases"] if c["case_ref"] == ref))


async def _told(dalo: Dalo, ref: str, *command: str, by: str) -> None:
    done = await dalo("do", ref, *command, "--as", by)
    assert done.code == 0, (command, done.err)


async def _incident(dalo: Dalo, ref: str) -> str:
    """The newest incident of the case, as commands name it."""
    found = (await dalo("case", ref, "--as", SERGEANT, "--json")).json
    newest = max(found["incidents"], key=lambda each: each["reported_at"])
    return f"{newest['incident_ref']}/{newest['victim_ref']}"


@pytest_asyncio.fixture(loop_scope="session")
async def busy(dalo: Dalo, cases: list[str], at_home: Runtime) -> tuple[str, str, str]:
    """A case with every duty under way: reference, its DALO, its newest incident. What was told
    once is not told again."""
    ref = cases[0]
    owner, incident = await _owner(dalo, ref), await _incident(dalo, ref)
    before = (await dalo("case", ref, "--as", owner, "--json")).json
    if before["essentials"]["threats"]:
        return ref, owner, incident
    ticks = [f"--answers=Q{number}=YES" for number in range(1, 16)]
    for command in (
        (
            *("set-safe-contact-plan", "--route", f"r1=CALL@{_day(at_home, days=-1)} 10:00"),
            *("--window", "Mon-Sun 00:00-23:59+holidays", "--reason", "PLAN_MADE_ANEW"),
        ),
        ("record-attempt", "--channel", "call", "--result", "successful_two_way", "--route", "r1"),
        ("assess-risk", "--tool", "DASH_ACPO_27", *ticks, "--others", "NO"),
        (
            *("refer", "--pathway", "MARAC", "--criteria", "PROFESSIONAL_JUDGEMENT"),
            *("--consent-status", "GIVEN"),
        ),
        ("select-visit", "--selected-for", "HARM_INTELLIGENCE"),
        ("record-wishes", "--notification-opt-out", "ALL_EXCEPT_RELEASE"),
    ):
        await _told(dalo, ref, *command, by=owner)
    warning = ("--warned", "VIC-1", "--warned-by", SERGEANT, "--authorised-by", "DI-4100")
    await _told(dalo, ref, "record-threat-to-life", *warning, "--note", "told", by=SERGEANT)
    outstanding = ("--status", "OUTSTANDING", "--perpetrator-ref", "PER-0001")
    await _told(dalo, incident, "change-suspect-status", *outstanding, by=OIC)
    order = (
        *("record-order", "--order-type", "NON_MOLESTATION", "--perpetrator-ref", "PER-0001"),
        *("--first-day", _day(at_home), "--last-day", _day(at_home, days=90)),
        *("--served-at", "now", "--made-elsewhere"),
    )
    await _told(dalo, incident, *order, by=OIC)
    child = (
        *("record-child", "--child-ref", "CHD-0001", "--age", "SCHOOL_AGE", "--resident"),
        *("--schooling", "SCHOOL", "--presence", "PRESENT"),
    )
    await _told(dalo, incident, *child, by=owner)
    return ref, owner, incident


async def test_the_case_puts_the_threat_on_top_and_shows_every_duty(
    dalo: Dalo, busy: tuple[str, str, str], tmp_path: Path
) -> None:
    ref, owner, _ = busy
    shown = await dalo("case", ref, "--as", owner)
    assert shown.code == 0, shown.err
    assert "THREAT TO LIFE" in shown.out.split("Tasks")[0]
    for words in (
        "DASH ACPO 27",
        "15 yes",
        "recommended: ",
        "MARAC-",
        "next ",
        "SELECTED for harm intelligence",
        "not authorised yet",
        "wishes: opts out of notices: ALL_EXCEPT_RELEASE",
        "suspect PER-0001 OUTSTANDING",
        "NON_MOLESTATION",
        "CHD-0001",
        "ENCOMPASS OWED",
        "support referral owed",
        "threat to life",
    ):
        assert words in shown.out, words
    assert "=" not in shown.out.partition("Lately")[2]


async def test_the_case_as_json_has_every_duty_by_name(
    dalo: Dalo, busy: tuple[str, str, str]
) -> None:
    ref, owner, _ = busy
    found = (await dalo("case", ref, "--as", owner, "--json")).json
    assert found["risk"]["last"]["yes"] == 15
    assert {each["rule"] for each in found["recommendations"]} >= {"RISK_GRADE"}
    assert all(each["inputs"] for each in found["recommendations"])
    marac = next(r for r in found["referrals"] if r["pathway"] == "MARAC")
    assert marac["next_steps"]
    assert found["visit"]["state"] == "SELECTED"
    assert [order["order_type"] for order in found["orders"]] == ["NON_MOLESTATION"]
    assert found["hidden"] == []


async def test_the_incident_has_a_screen_of_its_own(dalo: Dalo, busy: tuple[str, str, str]) -> None:
    _, owner, incident = busy
    shown = await dalo("incident", incident, "--as", owner)
    assert shown.code == 0, shown.err
    for words in ("golden hour", "suspect PER-0001 OUTSTANDING", "CHD-0001", "NON_MOLESTATION"):
        assert words in shown.out, words
    found = (await dalo("incident", incident, "--as", owner, "--json")).json
    assert found["source"] == "workflow"
    assert found["suspect"]["perpetrator_ref"] == "PER-0001"
    assert "CHD-0001" in found["safeguarding"]["children"]


async def test_the_board_says_what_stands_out_and_what_waits_for_whom(
    dalo: Dalo, busy: tuple[str, str, str]
) -> None:
    ref, _, _ = busy
    found = (await dalo("board", "--as", SERGEANT, "--json")).json
    row = next(each for each in found["cases"] if each["case_ref"] == ref)
    assert row["flags"]["threat_to_life"] is True
    assert "CHILD" in row["urgent"]
    beside = found["beside"]
    waiting = {each["what"]: each for each in beside["approvals"]}
    assert ref in waiting["AUTHORISE_VISIT"]["cases"]
    assert waiting["AUTHORISE_VISIT"]["owner"] == SERGEANT
    assert {each["pathway"] for each in beside["unanswered"]} >= {"MARAC"}
    shown = await dalo("board", "--as", SERGEANT)
    assert "Waiting for a decision" in shown.out
    assert "THREAT TO LIFE" in shown.out


async def test_commands_are_listed_by_topic_and_what_is_asked_for_now_first(
    dalo: Dalo, busy: tuple[str, str, str]
) -> None:
    ref, owner, _ = busy
    shown = await dalo("do", "--list", ref, "--as", SERGEANT)
    assert shown.code == 0, shown.err
    first = shown.out.partition("Contact and cadence")[0]
    assert "authorise-visit" in first
    assert "Incident: Victims' Code" in shown.out
    rows = (await dalo("do", "--list", ref, "--as", owner, "--json")).json["commands"]
    assert {row["command"] for row in rows if row["asked_for"]} >= {"check-visit"}
    assert "authorise-visit" not in {row["command"] for row in rows}
    referral = (await dalo("case", ref, "--as", owner, "--json")).json["referrals"][-1]
    of_referral = await dalo("do", "--list", referral["referral_ref"], "--as", owner, "--json")
    assert {row["topic"] for row in of_referral.json["commands"]} == {
        "A referral (dalo do MARAC-2027-00012 ...)"
    }


async def test_a_partner_reads_what_is_shared_and_nothing_of_the_work_of_police(
    dalo: Dalo, busy: tuple[str, str, str]
) -> None:
    ref, _, incident = busy
    found = (await dalo("case", ref, "--as", COORDINATOR, "--json")).json
    assert {"CONTACT_LOG", "VICTIM_NOTIFICATIONS", "EVIDENCE_CHECKLIST", "TASKS"} <= set(
        found["hidden"]
    )
    assert (found["tasks"], found["recommendations"], found["to_tell"]) == ([], [], [])
    assert {each["pathway"] for each in found["referrals"]} == {"MARAC"}
    tags = {event["tag"].partition(":")[0] for event in found["timeline"]}
    assert not tags & {"task", "contact", "notification", "evidence", "recommendation"}
    types = {clock["clock_type"] for clock in found["clocks"]}
    assert "MARAC_SCREENING" in types
    assert not types & {"GOLDEN_HOUR", "SUPPORT_REFERRAL", "CONTACT_CADENCE", "IDVA_REFERRAL"}
    shown = await dalo("incident", incident, "--as", COORDINATOR)
    assert "NON_MOLESTATION" in shown.out
    assert "golden hour" not in shown.out
    clocks = (await dalo("clocks", ref, "--as", COORDINATOR, "--json")).json["clocks"]
    assert {clock["clock_type"] for clock in clocks} == types


async def test_without_an_answer_wishes_and_what_must_not_be_missed_come_from_the_read_model(
    dalo: Dalo, cases: list[str], at_home: Runtime
) -> None:
    ref, now = "CASE-2020-00008", at_home.clock()
    known = {"case_ref": ref, "victim_ref": "VIC-8", "state": "ALLOCATED", "risk_grade": "HIGH"}
    people = {"dalo_id": "PC-4011", "supervisor_id": SERGEANT}
    wishes = {
        "notification_opt_out": "ALL",
        "opted_out_at": now.isoformat(),
        "no_contact_at": now.isoformat(),
        "recontact_on": "2027-05-11",
    }
    async with at_home.engine.begin() as conn:
        register = {**known, **people, "area": "Medway", "priority_score": 1, "opened_at": now}
        await conn.execute(insert(case_register).values(register))
        flags = {"legal_hold": True, "frozen": False}
        await conn.execute(
            insert(case).values({**known, **people, "wishes": wishes, "flags": flags})
        )
        await at_home.keyring.make(conn, f"case/{ref}")
    try:
        shown = (await dalo("case", ref, "--as", SERGEANT)).out
        assert "source: read model" in shown
        assert "LEGAL HOLD" in shown
        assert "FROZEN" not in shown
        assert "opts out of notices: ALL (said" in shown
        assert "asked for NO CONTACT" in shown
        assert "asked again on Tue 11 May 2027" in shown
        found = (await dalo("case", ref, "--as", SERGEANT, "--json")).json
        assert found["wishes"]["notification_opt_out"] == "ALL"
        board = (await dalo("board", "--as", SERGEANT)).out
        assert "LEGAL HOLD" in board
    finally:
        async with at_home.engine.begin() as conn:
            await conn.execute(delete(case_register).where(case_register.c.case_ref == ref))
            await conn.execute(delete(case).where(case.c.case_ref == ref))
