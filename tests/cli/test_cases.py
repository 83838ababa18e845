"""Reads and officer commands against running servers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from casework import case_commands
from casework.runtime import Runtime
from models.instants import london
from models.urgency import Urgency
from tests.cli.conftest import NAME, PHONE, Dalo


def _ago(runtime: Runtime, **length: float) -> str:
    return f"{london(runtime.clock()) - timedelta(**length):%Y-%m-%d %H:%M:%S}"


async def _owner(dalo: Dalo, ref: str) -> str:
    found = await dalo("case", ref, "--as", "PS-4001", "--json")
    assert found.code == 0, found.err
    return str(found.json["case"]["dalo_id"])


async def test_a_case_is_answered_by_its_workflow(dalo: Dalo, cases: list[str]) -> None:
    found = await dalo("case", cases[0], "--as", "PS-4001", "--json")
    assert found.code == 0, found.err
    document = found.json
    assert document["source"] == "workflow"
    assert document["case"]["state"] == "ALLOCATED"
    assert document["safe_to_call"] == pytest.approx(
        document["safe_to_call"] | {"allowed": False, "reason_code": "NO_PLAN"}
    )
    types = [clock["clock_type"] for clock in document["clocks"]]
    assert "FIRST_CONTACT" in types
    assert "GOLDEN_HOUR" in types
    assert document["clocks"] == sorted(document["clocks"], key=lambda c: c["due_at"])


async def test_the_screen_says_when_contact_is_due_and_that_calling_is_not_safe(
    dalo: Dalo, cases: list[str]
) -> None:
    found = await dalo("case", cases[0], "--as", "PS-4001")
    assert "next contact by" in found.out
    assert "safe to call now: NO (no safe-contact plan yet)" in found.out
    assert "source: read model" not in found.out


async def test_without_an_answer_the_read_model_answers_and_says_so(
    dalo: Dalo, unstarted: str
) -> None:
    found = await dalo("case", unstarted, "--as", "PS-4001", "--json")
    assert found.code == 0, found.err
    assert found.json["source"] == "read model"
    assert found.json["safe_to_call"]["reason_code"] == "NO_ANSWER"
    shown = await dalo("case", unstarted, "--as", "PS-4001")
    assert "source: read model" in shown.out
    told = await dalo("do", unstarted, "review-case", "--as", "PS-4001")
    assert told.code == 1
    assert told.err.startswith("error: No workflow runs")


async def test_every_clock_explains_itself(dalo: Dalo, cases: list[str]) -> None:
    found = await dalo("clocks", cases[0], "--explain", "--as", "PS-4001", "--json")
    assert found.code == 0, found.err
    for clock in found.json["clocks"]:
        assert clock["explanation"].startswith(clock["clock_type"])
        assert clock["policy_version"].startswith("kent-2@")


async def test_a_worklist_puts_the_most_urgent_on_top_with_the_command_that_settles_it(
    dalo: Dalo, cases: list[str]
) -> None:
    owner = await _owner(dalo, cases[0])
    found = await dalo("worklist", "--as", owner, "--json")
    assert found.code == 0, found.err
    items = found.json["items"]
    order = [(Urgency[item["urgency"]], item["due_at"]) for item in items]
    assert order == sorted(order)
    first_contact = next(item for item in items if item["what"] == "FIRST_CONTACT")
    assert first_contact["command"].startswith(f"dalo do {first_contact['ref']} record-attempt")
    assert first_contact["safe_to_call"]["allowed"] is False
    assert first_contact["why"]


async def test_the_board_filters(dalo: Dalo, cases: list[str]) -> None:
    everything = await dalo("board", "--as", "PS-4001", "--json")
    assert everything.json["counts"]["cases"] == 2
    assert {o["officer_id"] for o in everything.json["officers"]} >= {"PC-4011", "PC-4012"}
    for args, expected in (
        (("--district", "Swale"), 0),
        (("--district", "medway"), 2),
        (("--risk", "standard"), 0),
        (("--state", "closed"), 0),
        (("--officer", "PC-0000"), 0),
    ):
        found = await dalo("board", *args, "--as", "PS-4001", "--json")
        assert len(found.json["cases"]) == expected, args


async def test_a_command_is_accepted_listed_and_repeated_without_being_done_twice(
    dalo: Dalo, cases: list[str], at_home: Runtime
) -> None:
    owner = await _owner(dalo, cases[0])
    attempt = (
        *("do", cases[0], "record-attempt", "--channel", "call", "--result", "no_answer"),
        *("--at", _ago(at_home, seconds=1), "--command-id", "attempt-1", "--json", "--as", owner),
        *("--note", "the neighbour Zephyrine opened"),
    )
    first = await dalo(*attempt)
    assert first.code == 0, first.err
    assert first.json["listed"] is True
    again = await dalo(*attempt)
    assert again.code == 0, again.err
    assert (again.json["seq"], again.json["repeated"]) == (first.json["seq"], True)
    async with at_home.engine.connect() as conn:
        count = await conn.scalar(
            text("select count(*) from contact where case_ref = :ref"), {"ref": cases[0]}
        )
        notes = await conn.execute(text("select ciphertext from narrative where kind = 'NOTE'"))
        assert not any(b"Zephyrine" in row.ciphertext for row in notes)
    assert count == 1
    other = await dalo(*attempt[:8], _ago(at_home, seconds=0), *attempt[9:])
    assert other.code == 1
    assert '"code": "COMMAND_ID_REUSED"' in other.err


async def test_short_forms_fill_structured_commands(
    dalo: Dalo, cases: list[str], at_home: Runtime
) -> None:
    ref = cases[1]
    owner = await _owner(dalo, ref)
    for args in (
        (
            *("set-safe-contact-plan", "--route", f"r1=CALL@{_ago(at_home, seconds=1)}"),
            *("--window", "Mon-Sun 00:00-23:59+holidays"),
        ),
        ("record-attempt", "--channel", "call", "--result", "successful_two_way", "--route", "r1"),
        (
            *("complete-needs-assessment", "--need", "safety=high", "--others", "none"),
            *("--action", f"HOUSING=SANCTUARY,{owner},2099-12-20 17:00"),
        ),
        (
            *("record-evidence", "--item", "BWV_ATTENDANCE=CAPTURED#BWV-7"),
            *("--item", "INITIAL_ACCOUNT_VIDEO=CAPTURED", "--medium", "secure_video_link"),
        ),
        ("set-cadence", "--plan", "custom", "--interval-days", "3"),
        ("record-wishes", "--notification-opt-out", "all_except_release"),
    ):
        done = await dalo("do", ref, *args, "--as", owner)
        assert done.code == 0, (args, done.err)
    document = (await dalo("case", ref, "--as", owner, "--json")).json
    assert document["needs"]["SAFETY"] == "HIGH"
    assert document["needs"]["PETS"] == "NONE"
    assert document["actions"][0]["due_at"] == "2099-12-20T17:00:00Z"
    assert document["plan"]["routes"][0]["route_id"] == "r1"
    assert document["case"]["cadence_plan"] == "CUSTOM"
    assert document["wishes"]["notification_opt_out"] == "ALL_EXCEPT_RELEASE"
    receipt = await dalo("receipt", ref, "--as", owner, "--json")
    item = next(i for i in receipt.json["items"] if "BWV_ATTENDANCE" in i.values())
    assert "BWV-7" in item.values()
    video = receipt.json["video"]
    assert (video["medium"], video["medium_stated"]) == ("SECURE_VIDEO_LINK", True)


async def test_a_case_is_given_to_nobody_who_is_no_dalo_of_the_roster(
    dalo: Dalo, cases: list[str]
) -> None:
    before = await _owner(dalo, cases[1])
    for stranger in ("PC-9999", "AU-4401"):
        args = ("do", cases[1], "reassign", "--dalo-id", stranger, "--reason", "LEAVE")
        refused = await dalo(*args, "--as", "PS-4001", "--json")
        assert refused.code == 1
        assert '"code": "UNKNOWN_OFFICER"' in refused.err
        assert "PC-4011" in refused.err
    assert await _owner(dalo, cases[1]) == before


async def test_what_keeps_a_case_open_is_named(dalo: Dalo, cases: list[str]) -> None:
    owner = await _owner(dalo, cases[1])
    ask = ("ask-closure", "--reason", "risk_reduced", "--as", owner)
    assert (await dalo("do", cases[1], *ask)).code == 0
    close = ("close-case", "--reason", "risk_reduced", "--as", "PS-4001", "--json")
    blocked = await dalo("do", cases[1], *close)
    assert blocked.code == 1
    assert "CLOSURE_BLOCKED" in blocked.err
    assert "the victim has not been told" in blocked.err
    refuse = ("refuse-closure", "--reason", "TOO_EARLY", "--as", "PS-4001")
    assert (await dalo("do", cases[1], *refuse)).code == 0


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("case", "CASE-1999-00001"), 1, "UNKNOWN_REFERENCE"),
        (
            ("do", "{ref}", "record-evidence", "--item", "EARLY_EVIDENCE_KIT=CAPTURED"),
            1,
            "checklist",
        ),
        (("do", "{ref}", "complete-need-action", "--action-id", "ACT-9"), 1, "UNKNOWN_ACTION"),
        (("do", "{ref}", "record-attempt", "--result", "no_answer"), 2, "channel"),
        (("do", "{ref}", "record-evidence", "--item", "BWV=CAPTURED"), 2, "BWV_ATTENDANCE"),
        (("do", "{ref}", "approve-cadence", "--approve", "--reason", "X1"), 1, "ROLE_NOT"),
        (("board",), 1, "ROLE_NOT_PERMITTED"),
        (("ledger", "rebuild"), 1, "ROLE_NOT_PERMITTED"),
    ],
)
async def test_what_is_impossible_is_refused_in_one_line(
    dalo: Dalo, cases: list[str], args: tuple[str, ...], code: int, says: str
) -> None:
    owner = await _owner(dalo, cases[0])
    given = [arg.replace("{ref}", cases[0]) for arg in args]
    refused = await dalo(*given, "--as", owner, "--json")
    assert refused.code == code
    assert refused.err.count("\n") == 1
    assert says in refused.err
    assert refused.out == ""
    plain = await dalo(*given, "--as", owner)
    assert plain.err.startswith("error: ")
    assert plain.err.count("\n") == 1


async def test_another_officers_case_opens_only_with_a_reason_and_the_log_keeps_it(
    dalo: Dalo, cases: list[str]
) -> None:
    owner = await _owner(dalo, cases[0])
    other = next(o for o in ("PC-4011", "PC-4012", "PC-4013") if o != owner)
    refused = await dalo("case", cases[0], "--as", other, "--json")
    assert '"code": "REASON_NEEDED"' in refused.err
    told = await dalo("do", cases[0], "regrade", "--grade", "high", "--reason", "R", "--as", other)
    assert "--access-reason" in told.err
    opened = await dalo("case", cases[0], "--as", other, "--reason", "night cover", "--json")
    assert opened.code == 0
    log = await dalo("access-log", "--ref", cases[0], "--as", "AU-4401", "--json")
    rows = [(e["actor"], e["allowed"], e["break_glass"]) for e in log.json]
    assert (other, True, True) in rows
    assert (other, False, False) in rows
    alerts = (await dalo("board", "--as", "PS-4001", "--json")).json["break_glass"]
    assert other in {alert["actor"] for alert in alerts}


async def test_an_accepted_command_that_is_not_recorded_yet_says_so(
    dalo: Dalo, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> bool:
        return False

    owner = await _owner(dalo, cases[0])
    monkeypatch.setattr(case_commands, "wait_listed", never)
    args = ("regrade", "--grade", "high", "--reason", "NEW_THREAT")
    done = await dalo("do", cases[0], *args, "--as", owner)
    assert done.code == 0, done.err
    assert "accepted, not yet listed" in done.out


async def test_the_record_is_whole_and_the_engine_agrees(dalo: Dalo, cases: list[str]) -> None:
    await dalo("ledger", "seal", "--as", "PS-4001")
    found = await dalo("ledger", "verify", "--as", "AU-4401", "--json")
    assert (found.code, found.json["findings"], found.json["differences"]) == (0, [], [])
    watched = await dalo("watchdog", "--once", "--as", "PS-4001", "--json")
    assert (watched.code, watched.json["findings"]) == (0, [])


async def test_exported_blocks_verify_and_broken_ones_are_refused(
    dalo: Dalo, cases: list[str], tmp_path: Path
) -> None:
    await dalo("ledger", "seal", "--as", "PS-4001")
    kept = tmp_path / "blocks"
    assert (await dalo("ledger", "export", "--out", str(kept), "--as", "AU-4401")).code == 0
    assert (await dalo("ledger", "verify", "--against", str(kept), "--as", "AU-4401")).code == 0
    kept.write_text("no block\n")
    refused = await dalo("ledger", "verify", "--against", str(kept), "--as", "AU-4401")
    assert refused.code == 1
    assert refused.err.startswith("error: blocks: line 1")


async def test_reading_an_extract_again_changes_nothing_and_a_dry_run_neither(
    dalo: Dalo, cases: list[str], extract: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    again = await dalo(
        *("intake", str(extract), "--dry-run", "--rejects", str(rejects)),
        *("--as", "PS-4001", "--json"),
    )
    assert again.code == 3
    assert again.json["outcomes"] == {"DUPLICATE": 4, "REJECTED:INVALID_NUMBER": 1}
    assert again.json["allocated"] == 0
    assert "Victim Age" in rejects.read_text()


async def test_no_screen_shows_who_the_victim_is(dalo: Dalo, cases: list[str]) -> None:
    for args in (
        ("case", cases[0]),
        ("board",),
        ("worklist",),
        ("clocks", cases[0], "--all"),
        ("access-log",),
        ("do", "--list", cases[0]),
    ):
        for form in ((), ("--json",)):
            shown = await dalo(*args, *form, "--as", "PS-4001")
            assert shown.code == 0, (args, shown.err)
            assert NAME not in shown.out + shown.err
            assert PHONE not in shown.out + shown.err


async def test_metrics_come_as_table_json_and_file(
    dalo: Dalo, cases: list[str], tmp_path: Path, at_home: Runtime
) -> None:
    month = f"{london(at_home.clock()) - timedelta(days=31):%Y-%m}"
    found = await dalo(
        "metrics", "--from", month, "--out", str(tmp_path), "--as", "EV-4301", "--json"
    )
    assert found.code == 0, found.err
    assert {row["metric"] for row in found.json["rows"]} >= {"M01", "M19"}
    assert (tmp_path / "metrics.csv").exists()


def _attempts(document: dict[str, Any]) -> set[int]:
    """Numbers of the contact attempts that a case's screen shows."""
    shown = document["timeline"]
    return {event["seq"] for event in shown if event["tag"] == "contact:attempt:recorded"}


async def test_a_closed_case_takes_no_contact(
    dalo: Dalo, cases: list[str], at_home: Runtime
) -> None:
    ref = cases[1]
    owner = await _owner(dalo, ref)
    document = (await dalo("case", ref, "--as", owner, "--json")).json
    for action in document["actions"]:
        args = ("complete-need-action", "--action-id", action["action_id"], "--as", owner)
        assert (await dalo("do", ref, *args)).code == 0
    young = ("--victim-told", "--override-reason", "YOUNG_CASE")
    for actor, *command in (
        ("PS-4001", "review-case"),
        ("PS-4001", "ask-closure", "--reason", "risk_reduced"),
        ("DI-4100", "close-case", "--reason", "risk_reduced", *young),
    ):
        done = await dalo("do", ref, *command, "--as", actor)
        assert done.code == 0, done.err
    for _ in range(100):
        document = (await dalo("case", ref, "--as", owner, "--json")).json
        if document["case"]["state"] == "CLOSED":
            break
        await asyncio.sleep(0.05)
    attempt = ("do", ref, "record-attempt", "--channel", "call", "--result", "no_answer")
    refused = await dalo(*attempt, "--as", owner, "--json")
    assert refused.code == 1
    assert '"code": "CASE_CLOSED"' in refused.err
    assert "a new report opens a new case" in refused.err
    after = (await dalo("case", ref, "--as", owner, "--json")).json
    assert _attempts(after) <= _attempts(document)
