"""Repeatable short forms for what has several parts: evidence, needs, actions, contact plans."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Annotated, Any

import typer

from cli.options import instant
from models.commands import VideoMedium
from models.enums import (
    Channel,
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
_ROUTE = re.compile(r"^(?P<id>[\w-]+)=(?P<channel>\w+)(?P<third>\+third)?(@(?P<verified>.+))?$")
_SPAN = re.compile(
    r"^(?P<days>[A-Za-z,-]+) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)(?P<holidays>\+holidays)?$"
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FLAGS = {
    "voicemail_allowed": "voicemail",
    "sms_allowed": "sms",
    "letters_allowed": "letters",
    "third_party_allowed": "third_party",
    "device_compromised": "device_compromised",
}


def _many(flag: str, metavar: str, about: str) -> tuple[Any, Any]:
    return Annotated[list[str] | None, typer.Option(flag, metavar=metavar, help=about)], None


def _flag(flag: str, about: str) -> tuple[Any, Any]:
    return Annotated[bool, typer.Option(flag, help=about)], False


STRUCTURED: dict[str, dict[str, tuple[Any, Any]]] = {
    "entries": {
        "item": _many(
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
        "need": _many("--need", "DOMAIN=LEVEL", "Repeatable, for example SAFETY=HIGH."),
        "others": (
            Annotated[
                NeedLevel | None,
                typer.Option("--others", case_sensitive=False, help="Level of all other domains."),
            ],
            None,
        ),
    },
    "actions": {
        "need_action": _many(
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
    "plan": {
        "safe_route": _many(
            "--route",
            "ID=CHANNEL[@VERIFIED]",
            "Repeatable, first is preferred, for example r1=CALL@'2027-05-11 10:30'. The number"
            " stays in the identity table.",
        ),
        "window": _many(
            "--window",
            "'DAYS HH:MM-HH:MM'",
            "Repeatable safe window, for example 'Mon-Fri 09:00-12:00'.",
        ),
        "avoid": _many(
            "--avoid", "'DAYS HH:MM-HH:MM'", "Repeatable time never to make contact in."
        ),
        "voicemail": _flag("--voicemail", "Voicemail may be left."),
        "sms": _flag("--sms", "Text messages are safe."),
        "sms_wording": (
            Annotated[str, typer.Option("--sms-wording", help="Reference of the agreed wording.")],
            "",
        ),
        "letters": _flag("--letters", "Letters are safe."),
        "third_party": _flag("--third-party", "A third party may be asked."),
        "device_compromised": _flag("--device-compromised", "The device may be watched."),
    },
}
"""Options by the model's field that they fill."""


def structured(model: type[Any], name: str) -> bool:
    """Whether a field has short forms of its own. A cadence plan is one code, no contact plan."""
    if name == "plan":
        return model.model_fields[name].annotation is SafeContactPlan
    return name in STRUCTURED


def read_structured(
    model: type[Any], values: dict[str, Any], fields: dict[str, Any], now: datetime
) -> None:
    """Fill the structured fields of a model from what was typed. Raises typer.BadParameter."""
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
        _plan(values, fields, now)


def _entry(text: str, now: datetime) -> dict[str, Any]:
    found = _match(_ITEM, text, "--item", "ITEM=STATUS[:REASON][@TIME][#REFERENCE]")
    entry: dict[str, Any] = {
        "item": _code(EvidenceCode, found["item"], "--item"),
        "status": _code(EvidenceStatus, found["status"], "--item"),
        "at": instant(found["at"]) if found["at"] else now,
        "reference": (found["ref"] or "").strip(),
    }
    if found["reason"]:
        entry["reason"] = _code(EvidenceReason, found["reason"], "--item")
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
                "domain": _code(NeedDomain, domain, "--need"),
                "level": _code(NeedLevel, level, "--need"),
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
        "domain": _code(NeedDomain, found["domain"], "--action"),
        "action": found["action"].upper(),
        "owner": found["owner"].strip(),
        "due_at": instant(found["due"]),
    }


def _plan(values: dict[str, Any], fields: dict[str, Any], now: datetime) -> None:
    """Options add to a plan given as JSON; without any of either there is no plan to set."""
    plan: dict[str, Any] = dict(fields.get("plan") or {})
    if values.get("safe_route"):
        plan["routes"] = [_route(text) for text in values["safe_route"]]
    if values.get("window"):
        plan["safe_windows"] = [_span(text, "--window") for text in values["window"]]
    if values.get("avoid"):
        spans = [_span(text, "--avoid") for text in values["avoid"]]
        plan["do_not_contact"] = [
            {key: span[key] for key in ("weekdays", "opens", "closes")} for span in spans
        ]
    plan.update({field: True for field, flag in _FLAGS.items() if values.get(flag)})
    if values.get("sms_wording"):
        plan["sms_wording_ref"] = values["sms_wording"]
    if not plan:
        raise typer.BadParameter(
            "give at least one --route or --window, or the plan with --from-json",
            param_hint="--route",
        )
    unknown = sorted(set(plan) - set(SafeContactPlan.model_fields))
    if unknown:
        raise typer.BadParameter(f"plan has no {', '.join(unknown)}", param_hint="--from-json")
    plan.setdefault("plan_reviewed_at", fields.get("at", now))
    fields["plan"] = plan


def _route(text: str) -> dict[str, Any]:
    found = _match(_ROUTE, text, "--route", "ID=CHANNEL[@VERIFIED]")
    return {
        "route_id": found["id"],
        "channel": _code(Channel, found["channel"], "--route"),
        "verified_at": instant(found["verified"]) if found["verified"] else None,
        "third_party": bool(found["third"]),
    }


def _span(text: str, option: str) -> dict[str, Any]:
    found = _match(_SPAN, text, option, "'Mon-Fri 09:00-12:00' or 'Mon,Wed 18:00-20:00'")
    try:
        opens, closes = time.fromisoformat(found["opens"]), time.fromisoformat(found["closes"])
    except ValueError:
        raise typer.BadParameter(f"{text}: no such time of day", param_hint=option) from None
    return {
        "weekdays": _weekdays(found["days"], option),
        "opens": opens,
        "closes": closes,
        "bank_holidays": bool(found["holidays"]),
    }


def _weekdays(text: str, option: str) -> list[int]:
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        try:
            start = _DAYS.index(first[:3])
            end = _DAYS.index(last[:3]) if last else start
        except ValueError:
            raise typer.BadParameter(
                f"{part}: write Mon ... Sun, Mon-Fri or Mon,Wed", param_hint=option
            ) from None
        length = (end - start) % 7
        days.update((start + step) % 7 for step in range(length + 1))
    return sorted(days)


def _match(pattern: re.Pattern[str], text: str, option: str, form: str) -> re.Match[str]:
    found = pattern.match(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text}: write {form}", param_hint=option)
    return found


def _code(kind: Any, text: str, option: str) -> str:
    """A code in any case. Raises typer.BadParameter listing the codes there are."""
    try:
        return str(kind(text.strip().upper()).value)
    except ValueError:
        codes = ", ".join(member.value for member in kind)
        raise typer.BadParameter(f"{text}: use one of {codes}", param_hint=option) from None
