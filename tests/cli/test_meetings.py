"""Meetings from the command line: opened, listed, told, printed; by those who run them only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest_asyncio
from pypdf import PdfReader

from tests.cli.conftest import Dalo

COORDINATOR, MATAC = "MC-6001", "MC-6002"
ROSTER = """officer_id,role,area
MC-6001,MARAC_COORDINATOR,Medway
MC-6002,MATAC_COORDINATOR,Medway
"""


@pytest_asyncio.fixture(loop_scope="session")
async def meeting(cases: list[str], dalo: Dalo, tmp_path: Path) -> str:
    """The reference of the next MARAC, its list open."""
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    loaded = await dalo("roster", "load", str(roster), "--as", "PS-4001")
    assert loaded.code == 0, loaded.err
    opened = await dalo("meeting", "open", "MARAC", "Medway", "--json", "--as", COORDINATOR)
    assert opened.code == 0, opened.err
    return str(opened.json["meeting"])


async def test_a_coordinator_runs_the_list_and_prints_the_agenda(
    meeting: str, cases: list[str], dalo: Dalo, tmp_path: Path
) -> None:
    again = await dalo("meeting", "open", "marac", "Medway", "--json", "--as", COORDINATOR)
    assert again.json["meeting"] == meeting
    listed = ("list-referral", "--referral-ref", "MARAC-2027-99001", "--case-ref", cases[0])
    done = await dalo("do", meeting, *listed, "--as", COORDINATOR)
    assert done.code == 0, done.err
    shown = await dalo("meeting", "show", meeting, "--json", "--as", COORDINATOR)
    assert [item["referral_ref"] for item in shown.json["agenda"]] == ["MARAC-2027-99001"]
    plain = await dalo("meeting", "show", meeting, "--as", COORDINATOR)
    assert "MARAC-2027-99001" in plain.out
    rows = await dalo("meeting", "list", "--as", COORDINATOR)
    assert meeting in rows.out
    file = tmp_path / "agenda.pdf"
    printed = ("agenda", meeting, "--format", "pdf", "--out", str(file), "--for", "HOUSING")
    made = await dalo("meeting", *printed, "--as", COORDINATOR)
    assert made.code == 0, made.err
    text = PdfReader(file).pages[0].extract_text()
    assert "OFFICIAL-SENSITIVE" in text
    assert "MARAC-2027-99001" in text
    assert "HOUSING" in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_what_is_wrong_is_said_with_its_remedy(meeting: str, dalo: Dalo) -> None:
    asked = {
        ("agenda", meeting, "--as", MATAC): (1, "listed"),
        ("agenda", meeting, "--as", "PC-4011"): (1, "role"),
        ("agenda", meeting, "--format", "pdf", "--as", COORDINATOR): (2, "--out"),
        ("agenda", "CASE-2027-00001", "--as", COORDINATOR): (2, "MARAC/Medway"),
        ("minutes", meeting, "--as", COORDINATOR): (1, "issue-minutes"),
        ("open", "MATAC", "Medway", "--as", COORDINATOR): (1, "coordinator"),
        ("open", "MARAC", "Nowhere", "--as", COORDINATOR): (1, "policy"),
        ("open", "MARAC", "Medway", "--on", "2027-05-12", "--as", COORDINATOR): (1, "2027-05-13"),
        ("form", "CASE-2027-00001", "--as", COORDINATOR): (2, "MARAC-2027-00012"),
    }
    for args, (code, word) in asked.items():
        told = await dalo("meeting", *args)
        assert told.code == code, (args, told.err)
        assert word in told.err, (args, told.err)
