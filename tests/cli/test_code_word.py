"""The code word is asked on the telephone: the officer types what was said, and learns whether it
is the word, and nothing else."""

from __future__ import annotations

import pytest
import typer

from casework.runtime import Runtime
from cli.code_word import is_word
from store.tables import victim_alias
from tests.cli.conftest import Dalo


async def test_what_was_said_is_compared_with_what_was_agreed(
    dalo: Dalo, cases: list[str], at_home: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = cases[0]
    found = await dalo("case", ref, "--as", "PS-4001", "--json")
    owner = str(found.json["case"]["dalo_id"])
    said = {"word": "Copper Lantern"}
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: said["word"])

    none = await dalo("code-word", ref, "--as", owner, "--json")
    assert none.code == 1
    assert "NO_CODE_WORD" in none.err
    agreed = ("--code-word", "--code-word-prompt", "Which light?", "--route", "cw1=CALL")
    assert (await dalo("do", ref, "set-safe-contact-plan", *agreed, "--as", owner)).code == 0

    said["word"] = "  copper   LANTERN "
    right = await dalo("code-word", ref, "--as", owner)
    assert (right.code, "Which light?" in right.out) == (0, True), right.err
    assert "It is the word agreed." in right.out

    said["word"] = "copper lamp"
    wrong = await dalo("code-word", ref, "--as", owner)
    assert wrong.code == 3
    assert "NOT the word agreed" in wrong.out
    assert "record-attempt" in wrong.out
    as_json = await dalo("code-word", ref, "--as", owner, "--json")
    assert (as_json.code, as_json.json) == (3, {"agreed": False})
    for each in (right, wrong, as_json):
        assert "lantern" not in (each.out + each.err).lower()

    stranger = await dalo("code-word", ref, "--as", "IDVA-4601", "--json")
    assert stranger.code == 1
    assert '"code": "NOT_YOUR_CASE"' in stranger.err


async def test_a_word_agreed_under_a_merged_reference_is_still_hers(at_home: Runtime) -> None:
    row = {"merged_ref": "VIC-8002", "kept_ref": "VIC-8001", "merged_at": at_home.clock()}
    row |= {"merged_by": "PS-4001", "reason_code": "SAME_PERSON"}
    async with at_home.engine.begin() as conn:
        await conn.execute(victim_alias.insert().values(row))
        agreed = await at_home.secrets.code_word_hash(conn, "VIC-8002", "Copper Lantern")
    assert await is_word(at_home, "VIC-8001", agreed, "copper lantern")
    assert not await is_word(at_home, "VIC-8001", agreed, "copper lamp")
    assert not await is_word(at_home, "VIC-8003", agreed, "copper lantern")


async def test_no_word_is_taken_on_trust_where_the_case_does_not_answer(
    dalo: Dalo, unstarted: str
) -> None:
    found = await dalo("code-word", unstarted, "--as", "PS-4001", "--json")
    assert found.code == 1
    assert '"code": "NO_ANSWER"' in found.err
