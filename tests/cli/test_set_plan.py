"""A safe-contact plan set on top of the one in force, against running servers."""

from __future__ import annotations

import pytest
import typer
from sqlalchemy import select

from casework.case_reads import ask
from casework.runtime import Runtime
from models.case.view import CaseView
from models.ids import case_stream
from models.safe_contact import SafeContactPlan
from store.tables import ledger_event
from tests.cli.conftest import Dalo

WORD = "Blue Kettle"


async def plan_of(runtime: Runtime, ref: str) -> SafeContactPlan:
    view = await ask(runtime, case_stream(ref), "view", CaseView)
    assert view.plan is not None
    found: SafeContactPlan = view.plan
    return found


async def test_what_is_not_typed_stays_and_less_needs_a_reason(
    dalo: Dalo, cases: list[str], at_home: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = cases[-1]
    found = await dalo("case", ref, "--as", "PS-4001", "--json")
    owner = str(found.json["case"]["dalo_id"])

    async def set_plan(*args: str) -> tuple[int, str]:
        done = await dalo("do", ref, "set-safe-contact-plan", *args, "--as", owner)
        return done.code, done.out + done.err

    monkeypatch.setattr(typer, "prompt", lambda *_, **__: WORD)
    code, said = await set_plan(
        *("--route", "m1=CALL", "--avoid", "Wed", "--device-compromised", "--never-told", "PER-9"),
        *("--code-word", "--code-word-prompt", "Which colour?", "--interpreter", "PL:F"),
        *("--clear", "window", "--window", "Mon 10:00-10:30", "--reason", "PLAN_MADE_ANEW"),
    )
    assert code == 0, said
    first = await plan_of(at_home, ref)
    assert len(first.code_word_hash) == 64
    async with at_home.engine.connect() as conn:
        asked = await at_home.secrets.read_note(conn, first.code_word_prompt_ref)
        assert asked == "Which colour?"

    code, said = await set_plan("--window", "Mon 10:00-11:00")
    assert code == 1 and "less strict" in said and "--reason" in said
    code, said = await set_plan("--window", "Mon 10:00-11:00", "--reason", "VICTIM_SAYS_SO")
    assert code == 0 and "PLAN_LESS_STRICT" in said, said
    second = await plan_of(at_home, ref)
    later = {"safe_windows": second.safe_windows, "plan_reviewed_at": second.plan_reviewed_at}
    assert second == first.model_copy(update=later)

    async with at_home.engine.connect() as conn:
        query = select(ledger_event).where(ledger_event.c.stream == case_stream(ref))
        stored = str([tuple(row) for row in await conn.execute(query)])
    assert WORD not in stored
    assert first.code_word_hash not in stored
