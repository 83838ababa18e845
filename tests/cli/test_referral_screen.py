"""`dalo referral`: where a referral stands, what is next and by whom; made on the case."""

from __future__ import annotations

import asyncio

from sqlalchemy import insert

from casework.runtime import Runtime
from store.tables import referral_register
from tests.cli.conftest import Dalo, Result


async def owner_of(dalo: Dalo, case_ref: str) -> str:
    """The case's DALO."""
    board = await dalo("board", "--json", "--as", "PS-4001")
    return str(next(c["dalo_id"] for c in board.json["cases"] if c["case_ref"] == case_ref))


async def shown(dalo: Dalo, ref: str, actor: str, *options: str) -> Result:
    """The screen, once anything of the referral is recorded."""
    for _ in range(100):
        found = await dalo("referral", ref, "--as", actor, *options)
        if found.code == 0:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found.err)


async def test_a_referral_made_on_the_case_shows_what_is_next_and_by_whom(
    cases: list[str], at_home: Runtime, dalo: Dalo
) -> None:
    actor = await owner_of(dalo, cases[0])
    options = ("--pathway", "IDVA", "--consent-status", "GIVEN", "--as", actor)
    referred = await dalo("do", cases[0], "refer", *options)
    assert referred.code == 0, referred.err
    year = at_home.clock().year
    ref = f"IDVA-{year}-00001"
    found = await shown(dalo, ref, actor, "--json")
    assert (found.json["state"], found.json["case_ref"]) == ("SUBMITTED", cases[0])
    assert found.json["referral"]["consent_status"] == "GIVEN"
    assert {clock["clock_type"] for clock in found.json["clocks"]} == {
        "IDVA_ACK",
        "IDVA_FIRST_ATTEMPT",
        "IDVA_ATTEMPTS",
    }
    assert all(clock["owner"] == "IDVA_PARTNER@Medway" for clock in found.json["clocks"])
    screen = (await shown(dalo, ref, actor)).out
    assert f"dalo do {ref} move-referral --to ACKNOWLEDGED" in screen
    assert "IDVA_PARTNER or ISVA_PARTNER" in screen


async def test_what_is_no_referral_is_refused(cases: list[str], dalo: Dalo) -> None:
    actor = await owner_of(dalo, cases[0])
    wrong = await dalo("referral", cases[0], "--as", actor)
    assert wrong.code == 1
    assert "not a referral's reference" in wrong.err
    unknown = await dalo("referral", "IDVA-2020-00001", "--as", actor)
    assert unknown.code == 1


async def test_a_referral_of_which_nothing_is_on_record_yet_says_so(
    cases: list[str], at_home: Runtime, dalo: Dalo
) -> None:
    row = {
        "referral_ref": "MARAC-2026-09999",
        "pathway": "MARAC",
        "case_ref": cases[0],
        "victim_ref": "VIC-1",
        "area": "Medway",
        "asked_by": "test",
        "created_at": at_home.clock(),
    }
    async with at_home.engine.begin() as conn:
        await conn.execute(insert(referral_register), row)
    found = await dalo("referral", "MARAC-2026-09999", "--as", "PS-4001")
    assert found.code == 1
    assert "nothing of it is recorded yet" in found.err
