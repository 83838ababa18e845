"""`dalo code-word`: whether what was said on the telephone is the word that was agreed."""

from __future__ import annotations

import hmac

import typer
from sqlalchemy import select

from casework.case_commands import target_stream
from casework.case_reads import ask
from casework.runtime import Runtime
from cli.options import As, AsJson, Reason, Ref
from cli.screen import console, print_json
from cli.session import execute, reading
from models.base import Refused
from models.case.view import CaseView
from models.safe_contact import SafeContactPlan
from store.tables import victim_alias

app = typer.Typer()


@app.command("code-word")
def code_word(ref: Ref, actor: As = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """Ask for the code word: shows its question, takes what was said unseen, and says whether it is
    the word agreed. The word itself is kept nowhere. Exit code 3: it is another."""
    agreed = execute(_agreed(ref, actor, reason, as_json=as_json))
    if as_json:
        print_json({"agreed": agreed})
    elif agreed:
        console().print("It is the word agreed.")
    else:
        console().print(
            "It is NOT the word agreed: end the call neutrally, then record it"
            f" (dalo do {ref} record-attempt --channel CALL --result UNSAFE_ENDED)."
        )
    if not agreed:
        raise typer.Exit(3)


async def _agreed(ref: str, actor: str, reason: str, *, as_json: bool) -> bool:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "check-code-word", ref, reason)
        view = await ask(runtime, await target_stream(runtime, ref, "case"), "view", CaseView)
        if view is None:
            raise Refused(
                "NO_ANSWER",
                "the case did not answer, and a word is never taken on trust",
                "end the call neutrally; check that a worker runs, then try again",
            )
        plan: SafeContactPlan | None = view.plan
        if plan is None or not plan.code_word_hash:
            raise Refused(
                "NO_CODE_WORD",
                "no code word was agreed",
                "agree one (set-safe-contact-plan --code-word) when it is safe to",
            )
        if not as_json:
            await _show_question(runtime, plan)
        said = typer.prompt("Code word", hide_input=True, err=True)
        return await is_word(runtime, view.victim_ref, plan.code_word_hash, said)


async def _show_question(runtime: Runtime, plan: SafeContactPlan) -> None:
    if not plan.code_word_prompt_ref:
        return
    async with runtime.engine.begin() as conn:
        question = await runtime.secrets.read_note(conn, plan.code_word_prompt_ref)
    console().print(question, markup=False)


async def is_word(runtime: Runtime, victim_ref: str, agreed: str, said: str) -> bool:
    """Whether `agreed` is the hash of what was said. The word may have been agreed under a
    reference that was merged into this one."""
    merged = select(victim_alias.c.merged_ref).where(victim_alias.c.kept_ref == victim_ref)
    async with runtime.engine.begin() as conn:
        refs = [victim_ref, *(await conn.execute(merged)).scalars()]
        hashes = [await runtime.secrets.code_word_hash(conn, each, said) for each in refs]
    return any(hmac.compare_digest(each, agreed) for each in hashes)
