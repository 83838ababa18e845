"""What is refused where no workflow answers, and where no case belongs to a reference."""

from __future__ import annotations

import io
import sys
from datetime import timedelta

import pytest

from casework import case_commands
from casework.runtime import Runtime
from models.ids import case_stream
from tests.cli.conftest import Dalo, engine_away

COORDINATOR = "MC-4201"


async def test_a_receipt_is_made_of_the_incidents_own_answer_or_not_at_all(
    dalo: Dalo, cases: list[str], at_home: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_away(at_home, monkeypatch)
    refused = await dalo("receipt", cases[0], "--as", "PS-4001", "--json")
    assert (refused.code, refused.out) == (1, "")
    assert '"code": "NO_ANSWER"' in refused.err


async def test_a_meeting_that_does_not_answer_is_not_shown(
    dalo: Dalo, cases: list[str], at_home: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await dalo("meeting", "open", "MARAC", "Medway", "--json", "--as", COORDINATOR)
    assert opened.code == 0, opened.err
    engine_away(at_home, monkeypatch)
    meeting = opened.json["meeting"]
    refused = await dalo("meeting", "show", meeting, "--as", COORDINATOR, "--json")
    assert (refused.code, refused.out) == (1, "")
    assert '"code": "NO_ANSWER"' in refused.err
    assert "dalo meeting list" in refused.err


async def test_a_command_without_an_answer_can_be_sent_again_under_its_id(
    dalo: Dalo, unstarted: str, at_home: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A workflow for which no worker polls.
    monkeypatch.setattr(case_commands, "ANSWER_WITHIN", timedelta(seconds=0.2))
    started = await at_home.client.start_workflow(
        "CaseWorkflow", id=case_stream(unstarted), task_queue="polled-by-nobody"
    )
    try:
        refused = await dalo("do", unstarted, "review-case", "--as", "PS-4001", "--json")
    finally:
        await started.terminate()
    assert (refused.code, refused.out) == (1, "")
    assert '"code": "NO_ANSWER"' in refused.err
    assert "--command-id" in refused.err
    assert "--at" in refused.err


async def test_no_number_is_kept_for_a_report_that_opened_no_case(
    dalo: Dalo, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("07700 900998"))
    reason = ("--reason", "asked for by her sister")
    refused = await dalo("route", "46/10/27", "r1", "--as", "PC-4011", *reason)
    assert refused.code == 1
    assert "No one case belongs" in refused.err
    assert "900998" not in refused.err
