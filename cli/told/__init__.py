"""What the ledger's events say, as sentences: a table from tag to template, and how one is filled.

A template names fields of the event in braces. A part in brackets is left out where a field in it
has nothing to say; `[field? ...]` is told where the field is true, `[field! ...]` where it is not.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from cli.told import case, forums, incident, risk
from models.events import Event, Json
from models.instants import show

SENTENCES: dict[str, str] = {
    **case.SENTENCES,
    **risk.SENTENCES,
    **incident.SENTENCES,
    **forums.SENTENCES,
}
"""Every tag that has a sentence; clocks, tasks and reports are told in `cli.timeline`."""

_PART = re.compile(r"\[(?:(\w+)([?!]))?([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$")
_ADDRESS = re.compile(r"^([A-Z][A-Z_]+)@(\w.*)$")
FEW = 3
"""So many answers are told one by one."""
_KEPT = frozenset(
    {
        *("ACPO", "BWV", "CPS", "DALO", "DAPN", "DAPO", "DARA", "DASH", "DVDS", "DVPN", "DVPO"),
        *("HHV", "HIGH", "IDVA", "ISVA", "MAPPA", "MARAC", "MASH", "MASIP", "MATAC", "MEDIUM"),
        *("NFA", "OIC", "RUI", "SDASH", "SMS", "SPO", "SST", "STANDARD", "VPS"),
    }
)
"""Short names and grades that stay in capitals."""


def sentence(event: Event) -> str | None:
    """What the event says; None where its tag has no sentence."""
    template = SENTENCES.get(event.tag)
    return None if template is None else fill(template, event.data)


def fill(template: str, data: Json) -> str:
    """A template with the fields of an event in their places."""

    def part(found: re.Match[str]) -> str:
        name, mark, text = found.groups()
        if name and bool(data.get(name)) is (mark == "!"):
            return ""
        if any(_blank(data.get(field)) for field in _FIELD.findall(text)):
            return ""
        return str(text)

    chosen = _PART.sub(part, template)
    filled = _FIELD.sub(lambda found: plain(data.get(found[1])), chosen)
    return " ".join(filled.split())


def _blank(value: Any) -> bool:
    return value in (None, "", [], {}, ())


def plain(value: Any) -> str:
    """A value as people say it: codes as words, instants and days in London's form, lists and
    answers one after the other."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return _answers(value)
    if isinstance(value, list | tuple):
        return ", ".join(plain(each) for each in value) or "-"
    if isinstance(value, datetime):
        return show(value)
    return _text(str(value))


def _answers(value: Json) -> str:
    """Several questions with one answer are told together."""
    if len(value) <= FEW or not all(isinstance(each, str) for each in value.values()):
        return ", ".join(f"{plain(name)} {plain(each)}" for name, each in value.items())
    by_answer: dict[str, list[str]] = {}
    for name, each in value.items():
        by_answer.setdefault(each, []).append(plain(name))
    return "; ".join(f"{plain(each)}: {', '.join(names)}" for each, names in by_answer.items())


def _text(text: str) -> str:
    if _CODE.match(text):
        return " ".join(_word(word) for word in text.split("_"))
    address = _ADDRESS.match(text)
    if address:
        return f"{plain(address[1])} of {address[2]}"
    if "," in text and " " not in text:
        return ", ".join(_text(each) for each in text.split(","))
    if text[:4].isdigit() and text[4:5] == "-":
        return _day_or_instant(text)
    return text


def _word(word: str) -> str:
    return word if word in _KEPT or any(each.isdigit() for each in word) else word.lower()


def _day_or_instant(text: str) -> str:
    try:
        if "T" in text:
            return show(datetime.fromisoformat(text))
        return date.fromisoformat(text).strftime("%a %-d %b %Y")
    except ValueError:
        return text
