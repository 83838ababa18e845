"""`dalo do --list REF`: what can be told to a case, incident, referral or meeting, by topic.

What is asked for now comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from casework.case_commands import named_stream
from casework.case_reads import case_of
from casework.runtime import Runtime
from cli.command_options import Spec
from cli.screen import console, print_json, table
from models.access import Relation, permitted
from models.base import Record
from models.enums import Role
from models.ids import reference_of
from models.settling import command_of, settled_by, typed
from store import reads, referrals

TOPICS = {
    "contact": "Contact and cadence",
    "risk": "Risk and recommendations",
    "visits": "Hidden-harm visits",
    "wishes": "Wishes",
    "needs": "Needs",
    "case_referrals": "Referrals of the case",
    "essentials": "Threat to life, death, holds, allegations",
    "lifecycle": "The case",
    "handover": "Handover, cover, transfer, locks",
    "evidence": "Incident: evidence",
    "suspect": "Incident: suspect, custody, bail",
    "orders": "Incident: orders, Clare's Law",
    "victims_code": "Incident: Victims' Code",
    "safeguarding": "Incident: children and adults",
    "referral": "A referral (dalo do MARAC-2027-00012 ...)",
    "meeting": "A meeting (dalo do MARAC/Medway/2027-05-20/1 ...)",
}
"""Headings by the module that the commands stand in."""
_COMMAND = re.compile(r"dalo do (?:'[^']+'|\S+) ([a-z]+(?:-[a-z]+)*)")


class Asked(Record):
    """A command that a task or an overdue clock asks for, on which reference, and why."""

    kind: str
    ref: str
    why: str


def topic_of(spec: Spec) -> str:
    """The heading under which a command is listed."""
    return TOPICS[spec.model.__module__.rpartition(".")[2]]


async def show_commands(
    runtime: Runtime, specs: Iterable[Spec], ref: str, actor: str, *, as_json: bool
) -> None:
    """The list for this reference and actor."""
    stream = named_stream(ref)
    target = stream.partition("/")[0] if stream else ""
    action = {"referral": "view-referral", "meeting": "view-meeting"}.get(target, "view-clocks")
    grant = await runtime.gate.authorise(actor, action, ref)
    case_ref, asked = await _asked(runtime, ref, stream)
    wanted = (target,) if target else ("case", "incident")
    kinds = [s for s in specs if s.target in wanted and may(grant.role, s.kind)]
    if as_json:
        rows = [
            {
                "command": s.kind,
                "topic": topic_of(s),
                "about": s.help,
                "asked_for": any(each.kind == s.kind for each in asked),
            }
            for s in kinds
        ]
        print_json({"ref": ref, "case_ref": case_ref, "commands": rows})
        return
    _print(ref, kinds, [each for each in asked if any(each.kind == s.kind for s in kinds)])


def may(role: Role, kind: str) -> bool:
    """Whether the role may ever give this command."""
    return permitted(role, kind, Relation.OWN).code != "ROLE_NOT_PERMITTED"


async def _asked(runtime: Runtime, ref: str, stream: str | None) -> tuple[str, list[Asked]]:
    now = runtime.clock()
    async with runtime.engine.connect() as conn:
        if stream:
            case_ref = ""
            tasks = [(stream, each) for each in await referrals.open_tasks(conn, stream)]
            clocks = [(stream, each) for each in await referrals.open_clocks(conn, stream)]
        else:
            case_ref = (await case_of(conn, ref)).case_ref
            tasks = await reads.tasks_of(conn, case_ref)
            clocks = await reads.clocks_of(conn, case_ref)
    found = [
        Asked(kind=kind, ref=reference_of(where), why=task.why)
        for where, task in tasks
        for kind in _COMMAND.findall(command_of(where, task.command))
    ]
    found += [
        Asked(kind=kind, ref=reference_of(where), why=f"{clock.clock_type.value} is overdue")
        for where, clock in clocks
        if clock.due_at < now and not clock.paused
        for kind in _COMMAND.findall(settled_by(typed(where), clock))
    ]
    return case_ref, list({(each.kind, each.ref): each for each in reversed(found)}.values())[::-1]


def _print(ref: str, kinds: list[Spec], asked: list[Asked]) -> None:
    out = console()
    if asked:
        rows: Iterable[tuple[Any, ...]] = ((a.kind, a.ref, a.why) for a in asked)
        out.print(table("Asked for now", ("command", "on", "why"), rows))
        out.print()
    for heading in TOPICS.values():
        cells = [(s.kind, s.help) for s in kinds if topic_of(s) == heading]
        if cells:
            out.print(table(heading, ("command", "about"), cells))
            out.print()
    out.print(f"dalo do {ref} COMMAND --help shows a command's options")
