"""`dalo policy`: what the limits are, and on what basis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.options import As, AsJson
from cli.screen import console, print_json, table
from cli.session import execute, store_only
from models import registry
from models.policy import Policy, load_policy

app = typer.Typer()
policy_app = typer.Typer(no_args_is_help=True)
app.add_typer(policy_app, name="policy", help="Thresholds, cadences and limits, with their basis.")


@policy_app.command("list")
def versions(actor: As = "", as_json: AsJson = False) -> None:
    """The policies and calendars that this installation has; * is what new cases take."""
    execute(_authorise(actor))
    current = registry.current_policy().version
    rows = [
        {"version": v, "title": registry.policy(v).title, "current": v == current}
        for v in registry.policy_versions()
    ]
    calendars = [
        {"version": v, "current": v == registry.current_calendar().version}
        for v in registry.calendar_versions()
    ]
    if as_json:
        print_json({"policies": rows, "calendars": calendars})
        return
    out = console()
    lines = (("*" if r["current"] else "", r["version"], r["title"]) for r in rows)
    out.print(table("Policies", ("", "version", "title"), lines))
    days = (("*" if c["current"] else "", c["version"]) for c in calendars)
    out.print(table("Calendars", ("", "version"), days))


@policy_app.command("show")
def show(
    version: Annotated[
        str, typer.Argument(metavar="[VERSION]", help="The current one where left out.")
    ] = "",
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """One policy: contact, evidence and clocks with their basis; --json prints all of it."""
    execute(_authorise(actor))
    policy = registry.policy(version) if version else registry.current_policy()
    if as_json:
        print_json(policy.model_dump(mode="json"))
    else:
        _show(policy)


@policy_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file (YAML).")],
    as_json: AsJson = False,
) -> None:
    """Check a policy file: every key, value and basis. Changes nothing and needs no service."""
    policy = load_policy(file)
    if as_json:
        print_json({"file": file.name, "version": policy.version, "title": policy.title})
    else:
        console().print(f"{file.name} is sound: {policy.version}, {policy.title}")


async def _authorise(actor: str) -> None:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "view-policy")


def _show(policy: Policy) -> None:
    out = console()
    out.print(Text(f"{policy.version}  {policy.title}", style="bold"))
    out.print(f"pilot areas: {', '.join(policy.intake.pilot_areas)} ({policy.intake.basis})")
    contact = (
        (
            *(grade.value, c.first_contact_limit, c.interval_days),
            *(c.attempts, c.attempts_within_hours, c.basis),
        )
        for grade, c in policy.contact.items()
    )
    columns = ("grade", "first contact", "interval days", "attempts", "within hours", "basis")
    out.print(table("Contact", columns, contact))
    items = (
        (code.value, item.target, item.title, item.basis)
        for code, item in policy.golden_hour.items.items()
    )
    out.print(table("Golden hour", ("item", "target", "title", "basis"), items))
    clocks = (
        (
            kind.value,
            ", ".join(f"{key} {limit}".strip() for key, limit in rule.limits.items()) or "agreed",
            rule.title,
            rule.breach_to,
            rule.basis,
            rule.source,
        )
        for kind, rule in policy.clock_rules.items()
    )
    heads = ("clock", "limit", "title", "breach to", "basis", "source")
    out.print(table("Clocks", heads, clocks))
