"""The safe-contact plan that a command sets: typed options on top of the plan in force, a code word
as its hash, its question as a note."""

from __future__ import annotations

from typing import NamedTuple

import typer
from sqlalchemy import select

from casework.case_reads import ask
from casework.runtime import Runtime
from cli.command_options import Given, Spec, command_from, note_text
from models.case.view import CaseView
from models.commands import SetSafeContactPlan
from store.tables import case_register


class CodeWord(NamedTuple):
    """The word, typed unseen and twice, and the question that it answers; empty where not given."""

    word: str
    question: str


def code_word(given: Given) -> CodeWord:
    """What was given of them."""
    word = ""
    if given.values.get("code_word"):
        word = typer.prompt("Code word", hide_input=True, confirmation_prompt=True, err=True)
    return CodeWord(word.strip(), note_text(given.values.get("code_word_prompt") or ""))


async def plan_in_force(
    runtime: Runtime, spec: Spec, stream: str, given: Given, typed: CodeWord
) -> SetSafeContactPlan:
    """The command with everything of the plan in force that was not typed anew. A case that does
    not answer has none to start from; it refuses what would be less strict without a reason."""
    view = await ask(runtime, stream, "view", CaseView)
    given.plan = view.plan if view is not None else None
    command: SetSafeContactPlan = command_from(spec, given, note_ref="")
    plan = command.plan.model_copy(update=await _kept(runtime, stream, typed))
    return command.model_copy(update={"plan": plan})


async def _kept(runtime: Runtime, stream: str, typed: CodeWord) -> dict[str, str]:
    """The fields of the plan that stand for them."""
    word, question = typed
    found: dict[str, str] = {}
    if not word and not question:
        return found
    async with runtime.engine.begin() as conn:
        if word:
            query = select(case_register.c.victim_ref).where(
                case_register.c.case_ref == stream.split("/", 1)[1]
            )
            victim = (await conn.execute(query)).scalar_one()
            found["code_word_hash"] = await runtime.secrets.code_word_hash(conn, victim, word)
        if question:
            found["code_word_prompt_ref"] = await runtime.secrets.save_note(
                conn, stream, question, runtime.clock()
            )
    return found
