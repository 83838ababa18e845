"""Repeatable short forms for what has several parts: evidence, needs, actions; contact plans are in
`cli.plan_options`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.options import instant
from cli.plan_options import OPTIONS, code_of, many, read_plan
from models.commands import VideoMedium
from models.enums import (
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    NeedDomain,
    NeedLevel,
)
from models.safe_contact import SafeContactPlan

_ITEM = re.compile(
    r"^(?P<item>\w+)=(?P<status>\w+)(:(?P<reason>\w+))?(@(?P<at>[^#]+))?(#(?P<ref>.+))?$"
)
_ACTION = re.compile(r"^(?P<domain>\w+)=(?P<action>\w+),(?P<owner>[^,]+),(?P<due>.+)$")


STRUCTURED: dict[str, dict[str, tuple[Any, Any]]] = {
    "entries": {
        "item": many(
            "--item",
            "ITEM=STATUS[:REASON][@TIME][#REFERENCE]",
            "Repeatable, for example BWV_ATTENDANCE=CAPTURED@'2027-03-25 22:05'#BWV-1.",
        ),
        "medium": (
            Annotated[
                VideoMedium | None,
                typer.Option(
                    "--medium",
                    case_sensitive=False,
                    show_default=False,
                    help="How the video account (INITIAL_ACCOUNT_VIDEO) was taken.",
                ),
            ],
            None,
        ),
    },
    "needs": {
        "need": many("--need", "DOMAIN=LEVEL", "Repeatable, for example SAFETY=HIGH."),
        "others": (
            Annotated[
                NeedLevel | None,
                typer.Option("--others", case_sensitive=False, help="Level of all other domains."),
            ],
            None,
        ),
    },
    "actions": {
        "need_action": many(
            "--action",
            "DOMAIN=ACTION,OWNER,TIME",
            "Repeatable, for example HOUSING=SANCTUARY,PC12001,'2027-05-20 17:00'.",
        )
    },
    "action": {
        "action": (
            Annotated[
                str | None,
                typer.Option(
                    "--action",
                    metavar="DOMAIN=ACTION,OWNER,TIME",
                    help="For example HOUSING=SANCTUARY,PC12001,'2027-05-20 17:00'.",
                ),
            ],
            None,
        )
    },
    "plan": OPTIONS,
}
"""Options by the model's field that they fill."""


def structured(model: type[Any], name: str) -> bool:
    """Whether a field has short forms of its own. A cadence plan is one code, no contact plan."""
    if name == "plan":
        return model.model_fields[name].annotation is SafeContactPlan
    return name in STRUCTURED


def read_structured(
    model: type[Any],
    values: dict[str, Any],
    fields: dict[str, Any],
    now: datetime,
    plan: SafeContactPlan | None = None,
) -> None:
    """Fill the structured fields of a model from what was typed; `plan` is the safe-contact plan in
    force. Raises typer.BadParameter."""
    known = model.model_fields
    if "entries" in known and values.get("item"):
        fields["entries"] = [_entry(text, now) for text in values["item"]]
    if "entries" in known and values.get("medium"):
        _medium(fields.get("entries") or [], values["medium"])
    if "needs" in known and (values.get("need") or values.get("others")):
        fields["needs"] = _needs(values.get("need") or [], values.get("others"))
    if "actions" in known and values.get("need_action"):
        fields["actions"] = [_action(text) for text in values["need_action"]]
    if model.model_fields["kind"].default == "add-need-action" and values.get("action"):
        fields["action"] = _action(values["action"])
    if "plan" in known and structured(model, "plan"):
        read_plan(values, fields, now, plan)


def _entry(text: str, now: datetime) -> dict[str, Any]:
    found = _match(_ITEM, text, "--item", "ITEM=STATUS[:REASON][@TIME][#REFERENCE]")
    entry: dict[str, Any] = {
        "item": code_of(EvidenceCode, found["item"], "--item"),
        "status": code_of(EvidenceStatus, found["status"], "--item"),
        "at": instant(found["at"]) if found["at"] else now,
        "reference": (found["ref"] or "").strip(),
    }
    if found["reason"]:
        entry["reason"] = code_of(EvidenceReason, found["reason"], "--item")
    return entry


def _medium(entries: list[dict[str, Any]], medium: VideoMedium) -> None:
    """Give the video account among the entries its medium."""
    accounts = [e for e in entries if e.get("item") == EvidenceCode.INITIAL_ACCOUNT_VIDEO.value]
    if not accounts:
        raise typer.BadParameter(
            "only INITIAL_ACCOUNT_VIDEO has a medium; give it as an --item", param_hint="--medium"
        )
    for entry in accounts:
        entry["medium"] = medium.value


def _needs(texts: list[str], others: NeedLevel | None) -> list[dict[str, str]]:
    given: list[dict[str, str]] = []
    for text in texts:
        domain, equals, level = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text}: write DOMAIN=LEVEL", param_hint="--need")
        given.append(
            {
                "domain": code_of(NeedDomain, domain, "--need"),
                "level": code_of(NeedLevel, level, "--need"),
            }
        )
    if others is not None:
        named = {need["domain"] for need in given}
        rest = [domain for domain in NeedDomain if domain.value not in named]
        given += [{"domain": domain.value, "level": others.value} for domain in rest]
    return given


def _action(text: str) -> dict[str, Any]:
    found = _match(_ACTION, text, "--action", "DOMAIN=ACTION,OWNER,TIME")
    return {
        "domain": code_of(NeedDomain, found["domain"], "--action"),
        "action": found["action"].upper(),
        "owner": found["owner"].strip(),
        "due_at": instant(found["due"]),
    }


def _match(pattern: re.Pattern[str], text: str, option: str, form: str) -> re.Match[str]:
    found = pattern.match(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text}: write {form}", param_hint=option)
    return found
