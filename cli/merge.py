"""`dalo merge`: two victim references prove to be one person."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.text import Text

from cli.options import As, AsJson
from cli.screen import console, print_json
from cli.session import execute, writing
from models import registry
from models.base import Refused
from models.enums import Role
from store.merging import Merge, Merged, merge
from store.roster import RosterEntry, list_roster

app = typer.Typer()
_CODE = r"^[A-Z][A-Z0-9_]*$"


@app.command("merge")
def merge_victims(
    first: Annotated[str, typer.Argument(metavar="VICTIM_A")],
    second: Annotated[str, typer.Argument(metavar="VICTIM_B")],
    keep: Annotated[str, typer.Option("--keep", help="Which of the two stays.")],
    reason: Annotated[
        str, typer.Option("--reason", help="A code: SAME_PERSON_BY_DOB, for example.")
    ],
    approved_by: Annotated[
        str, typer.Option("--approved-by", help="An inspector who agreed.")
    ] = "",
    access_reason: Annotated[
        str, typer.Option("--access-reason", help="Why, where a case is not of your team.")
    ] = "",
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Two victim references are one person: what the other's open case owes is carried into the
    kept one's, the stricter safe-contact rule holds, and later reports join it. This cannot be
    undone."""
    found = execute(_merge((first, second), keep, reason, approved_by, access_reason, actor))
    if as_json:
        print_json({**found.model_dump(mode="json"), "undo": False})
        return
    out = console()
    out.print(Text(f"{found.merged} is {found.kept} from now on. This cannot be undone."))
    if found.closing_case:
        out.print(
            Text(
                f"{found.closing_case} closes as a duplicate; what it owes is carried into"
                f" {found.kept_case}, with {len(found.incidents)} incidents"
            )
        )
    if found.kept_case:
        out.print(Text(f"next: dalo do {found.kept_case} review-merge"))


async def _merge(
    refs: tuple[str, str], keep: str, reason: str, approved_by: str, why: str, actor: str
) -> Merged:

    if keep not in refs:
        raise typer.BadParameter("must be one of the two references", param_hint="--keep")
    if not re.match(_CODE, reason):
        raise typer.BadParameter("must be a code such as SAME_PERSON", param_hint="--reason")
    gone = refs[1] if keep == refs[0] else refs[0]
    async with writing() as runtime:
        for ref in refs:
            grant = await runtime.gate.authorise(actor, "merge-victims", ref, why or None)
        async with runtime.engine.begin() as conn:
            people = {person.officer_id: person for person in await list_roster(conn)}
            if approved_by:
                _second_person(approved_by, grant.actor, people.get(approved_by))
            asked = Merge(
                kept=keep,
                merged=gone,
                reason=reason,
                decided_by=grant.actor,
                role=grant.role.value,
                approved_by=approved_by,
                at=runtime.clock(),
            )
            found = await merge(conn, runtime.keyring, asked, registry.current_policy())
        await runtime.relay_once()
        return found


def _second_person(approved_by: str, actor: str, person: RosterEntry | None) -> None:
    role = person.role if person is not None else None
    if approved_by == actor or role not in (Role.INSPECTOR, Role.SUPERINTENDENT):
        raise Refused(
            "FOUR_EYES",
            "a merge is approved by an inspector who is somebody else",
            "name one of the roster, or leave --approved-by out",
            "approved_by",
        )
