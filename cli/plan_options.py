"""The safe-contact plan on the command line: what is typed is added to the plan in force, so that
nothing goes because it was not typed again; `--clear` empties a part first."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any

import typer

from cli.options import instant
from models.enums import Channel, Sex
from models.ids import CODE
from models.safe_contact import SafeContactPlan

_ROUTE = re.compile(r"^(?P<id>[\w-]+)=(?P<channel>\w+)(?P<third>\+third)?(@(?P<verified>.+))?$")
_SPAN = re.compile(
    r"^(?P<days>[A-Za-z,-]+) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)(?P<holidays>\+holidays)?$"
)
_AVOID = re.compile(
    r"^(?P<days>\d{4}-\d\d-\d\d|[A-Za-z,-]+)( (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d))?$"
)
_INTERPRETER = re.compile(r"^(?P<language>[A-Za-z]{2,20})(:(?P<sex>\w+))?$")
_REFERENCE = re.compile(r"^([A-Z]{2,5}-[A-Za-z0-9-]{1,40}|[a-z][a-z0-9_-]{0,40})$")
"""Of a person (`PER-0001`), or a route's id."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FLAGS = {
    "voicemail": "voicemail_allowed",
    "sms": "sms_allowed",
    "letters": "letters_allowed",
    "third_party": "third_party_allowed",
    "device_compromised": "device_compromised",
}
PARTS: dict[str, tuple[str, ...]] = {
    "route": ("routes",),
    "window": ("safe_windows",),
    "avoid": ("do_not_contact",),
    "voicemail": ("voicemail_allowed",),
    "sms": ("sms_allowed", "sms_wording_ref"),
    "email": ("email_shared_device",),
    "letters": ("letters_allowed",),
    "third-party": ("third_party_allowed",),
    "device-compromised": ("device_compromised", "device_compromised_at"),
    "code-word": ("code_word_hash", "code_word_prompt_ref"),
    "interpreter": ("interpreter_language", "interpreter_sex"),
    "accessibility": ("accessibility",),
    "never-told": ("never_to_be_told",),
}
"""What `--clear` takes, and the fields that it empties."""


def many(flag: str, metavar: str, about: str) -> tuple[Any, Any]:
    """A repeatable option."""
    return Annotated[list[str] | None, typer.Option(flag, metavar=metavar, help=about)], None


def _flag(flag: str, about: str) -> tuple[Any, Any]:
    return Annotated[bool, typer.Option(flag, help=about)], False


def _text(flag: str, metavar: str, about: str) -> tuple[Any, Any]:
    return Annotated[str, typer.Option(flag, metavar=metavar, help=about)], ""


OPTIONS: dict[str, tuple[Any, Any]] = {
    "safe_route": many(
        "--route",
        "ID=CHANNEL[+third][@VERIFIED]",
        "Repeatable, first is preferred, for example r1=CALL@'2027-05-11 10:30'. One with an id"
        " that the plan has replaces that. The number stays in the identity table.",
    ),
    "drop_route": many("--drop-route", "ID", "Repeatable: takes a route out of the plan."),
    "window": many(
        "--window",
        "'DAYS HH:MM-HH:MM[+holidays]'",
        "Repeatable safe window, for example 'Mon-Fri 09:00-12:00'.",
    ),
    "avoid": many(
        "--avoid",
        "'DAYS|DATE [HH:MM-HH:MM]'",
        "Repeatable time never to make contact in: 'Wed 12:00-20:00', 'Sat,Sun' or"
        " '2027-05-14 18:00-22:00'.",
    ),
    "voicemail": _flag("--voicemail", "Voicemail may be left."),
    "sms": _flag("--sms", "Text messages are safe."),
    "sms_wording": _text("--sms-wording", "REF", "Reference of the agreed wording."),
    "email": _flag("--email", "Email is read on a device that nobody else uses."),
    "letters": _flag("--letters", "Letters are safe."),
    "third_party": _flag("--third-party", "A third party may be asked."),
    "device_compromised": _flag("--device-compromised", "The device may be watched."),
    "device_compromised_at": (
        Annotated[
            datetime | None,
            typer.Option(
                "--device-compromised-at",
                parser=instant,
                metavar="TIME",
                help="When that was found; routes verified since then are on another device.",
            ),
        ],
        None,
    ),
    "code_word": _flag("--code-word", "Asks for the code word, unseen; only its hash is kept."),
    "code_word_prompt": _text(
        "--code-word-prompt",
        "TEXT",
        "The question that the code word answers, stored encrypted; - reads standard input.",
    ),
    "interpreter": _text("--interpreter", "LANGUAGE[:SEX]", "For example PL:F."),
    "accessibility": many("--accessibility", "CODE", "Repeatable, for example HEARING_LOOP."),
    "never_told": many(
        "--never-told",
        "REFERENCE",
        "Repeatable: a person or route that must never learn of contact, by reference.",
    ),
    "clear": many(
        "--clear", "PART", f"Repeatable: empties a part first. One of {', '.join(PARTS)}."
    ),
}


def read_plan(
    values: dict[str, Any], fields: dict[str, Any], now: datetime, current: SafeContactPlan | None
) -> None:
    """Fill `plan`: the plan in force, what `--clear` leaves of it, what JSON gives, what options
    add. Without anything typed there is no plan to set. Raises typer.BadParameter."""
    given: dict[str, Any] = dict(fields.get("plan") or {})
    if not given and not any(values.get(name) for name in OPTIONS):
        raise typer.BadParameter(
            "give at least one --route or --window, or the plan with --from-json",
            param_hint="--route",
        )
    unknown = sorted(set(given) - set(SafeContactPlan.model_fields))
    if unknown:
        raise typer.BadParameter(f"plan has no {', '.join(unknown)}", param_hint="--from-json")
    plan = current.model_dump() if current else {}
    plan.pop("plan_reviewed_at", None)
    for part in values.get("clear") or []:
        for name in _part(part):
            plan.pop(name, None)
    plan.update(given)
    for name, added in _lists(values).items():
        plan[name] = _united(plan.get(name) or [], added)
    _routes(plan, values)
    plan.update(_singles(values))
    plan.setdefault("plan_reviewed_at", fields.get("at", now))
    fields["plan"] = plan


def _part(text: str) -> tuple[str, ...]:
    found = PARTS.get(text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"use one of {', '.join(PARTS)}", param_hint="--clear")
    return found


def _lists(values: dict[str, Any]) -> dict[str, list[Any]]:
    """What options add to the plan's lists, but routes."""
    return {
        "safe_windows": [_window(text) for text in values.get("window") or []],
        "do_not_contact": [_avoid(text) for text in values.get("avoid") or []],
        "accessibility": [
            _checked(CODE, text.upper(), "--accessibility", "a code such as HEARING_LOOP")
            for text in values.get("accessibility") or []
        ],
        "never_to_be_told": [
            _checked(
                _REFERENCE,
                text,
                "--never-told",
                "a reference such as PER-0001, or a route's id, never a name",
            )
            for text in values.get("never_told") or []
        ],
    }


def _united(before: Any, added: list[Any]) -> list[Any]:
    """What was there and what is new, each once."""
    found = list(before)
    return found + [each for each in added if not any(_same(each, old) for old in found)]


def _same(one: Any, other: Any) -> bool:
    """Whether two entries say the same, whatever they leave out."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    names = [name for name in {*one, *other} if name != "reason"]
    return all(_plain(one.get(name)) == _plain(other.get(name)) for name in names)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(value) or None
    return value or None


def _routes(plan: dict[str, Any], values: dict[str, Any]) -> None:
    """Routes that are typed come first, in their order; one of the same id gives way."""
    typed = [_route(text) for text in values.get("safe_route") or []]
    gone = {route["route_id"] for route in typed} | set(values.get("drop_route") or [])
    kept = [route for route in plan.get("routes") or [] if route.get("route_id") not in gone]
    if typed or values.get("drop_route"):
        plan["routes"] = [*typed, *kept]


def _singles(values: dict[str, Any]) -> dict[str, Any]:
    plan: dict[str, Any] = {field: True for flag, field in _FLAGS.items() if values.get(flag)}
    if values.get("email"):
        plan["email_shared_device"] = False
    if values.get("sms_wording"):
        plan["sms_wording_ref"] = values["sms_wording"]
    if values.get("device_compromised_at"):
        plan |= {
            "device_compromised": True,
            "device_compromised_at": values["device_compromised_at"],
        }
    if values.get("interpreter"):
        found = _match(_INTERPRETER, values["interpreter"], "--interpreter", "LANGUAGE or PL:F")
        plan["interpreter_language"] = found["language"].upper()
        plan["interpreter_sex"] = (
            code_of(Sex, found["sex"], "--interpreter") if found["sex"] else ""
        )
    return plan


def _route(text: str) -> dict[str, Any]:
    found = _match(_ROUTE, text, "--route", "ID=CHANNEL[+third][@VERIFIED]")
    return {
        "route_id": found["id"],
        "channel": code_of(Channel, found["channel"], "--route"),
        "verified_at": instant(found["verified"]) if found["verified"] else None,
        "third_party": bool(found["third"]),
    }


def _window(text: str) -> dict[str, Any]:
    found = _match(_SPAN, text, "--window", "'Mon-Fri 09:00-12:00' or 'Mon,Wed 18:00-20:00'")
    return {
        "weekdays": _weekdays(found["days"], "--window"),
        **_hours(found, text, "--window"),
        "bank_holidays": bool(found["holidays"]),
    }


def _avoid(text: str) -> dict[str, Any]:
    form = "'Wed 12:00-20:00', 'Sat,Sun' or '2027-05-14 18:00-22:00'"
    found = _match(_AVOID, text, "--avoid", form)
    hours = _hours(found, text, "--avoid") if found["opens"] else {}
    if not found["days"][0].isdigit():
        return {"weekdays": _weekdays(found["days"], "--avoid"), **hours}
    try:
        return {"day": date.fromisoformat(found["days"]), **hours}
    except ValueError:
        raise typer.BadParameter(f"{text}: no such day", param_hint="--avoid") from None


def _hours(found: re.Match[str], text: str, option: str) -> dict[str, time]:
    try:
        opens, closes = time.fromisoformat(found["opens"]), time.fromisoformat(found["closes"])
    except ValueError:
        raise typer.BadParameter(f"{text}: no such time of day", param_hint=option) from None
    return {"opens": opens, "closes": closes}


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


def _checked(pattern: re.Pattern[str], text: str, option: str, form: str) -> str:
    return _match(pattern, text, option, form).group()


def _match(pattern: re.Pattern[str], text: str, option: str, form: str) -> re.Match[str]:
    found = pattern.match(text.strip())
    if found is None:
        # What was typed may be a name or a number: it is not repeated.
        raise typer.BadParameter(f"write {form}", param_hint=option)
    return found


def code_of(kind: Any, text: str, option: str) -> str:
    """A code in any case. Raises typer.BadParameter listing the codes there are."""
    try:
        return str(kind(text.strip().upper()).value)
    except ValueError:
        codes = ", ".join(member.value for member in kind)
        raise typer.BadParameter(f"{text}: use one of {codes}", param_hint=option) from None
