"""The safe-contact plan that a command sets: typed options on top of the plan in force, a code word
as its hash, its question as a note."""

from __future__ import annotations

import typer
from sqlalchemy import select

from casework.case_reads import ask
from casework.runtime import Runtime
from cli.command_options import Given, Spec, command_from, note_text
from models.case.view import CaseView
from models.commands import SetSafeContactPlan
from store.tables import case_register


def ask_code_word(given: Given) -> str:
    """The code word, typed unseen and twice; empty where none was asked for."""
    if not given.values.get("code_word"):
        return ""
    word: str = typer.prompt("Code word", hide_input=True, confirmation_prompt=True, err=True)
    return word.strip()


async def plan_in_force(
    runtime: Runtime, spec: Spec, stream: str, given: Given, word: str
) -> SetSafeContactPlan:
    """The command with everything of the plan in force that was not typed anew. A case that does
    not answer has none to start from; it refuses what would be less strict without a reason."""
    view = await ask(runtime, stream, "view", CaseView)
    given.plan = view.plan if view is not None else None
    command: SetSafeContactPlan = command_from(spec, given, note_ref="")
    secret = await _secret(
        runtime, stream, word, note_text(given.values.get("code_word_prompt", ""))
    )
    plan = command.plan.model_copy(update=secret)
    return command.model_copy(update={"plan": plan})


async def _secret(runtime: Runtime, stream: str, word: str, question: str) -> dict[str, str]:
    if not word and not question:
        return {}
    found: dict[str, str] = {}
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
