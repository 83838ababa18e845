"""What a referral's form may hold: codes, references, numbers and dates, never free text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from models.base import Refused
from models.enums import ConsentStatus, DisclosureBasis, ReferralPathway
from models.ids import CODE
from models.referral.pathway import FieldKind, FieldOf, Pathway
from models.referral.state import ReferralFacts

_REFERENCE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_./:@-]{0,99}$")
_MOST = 40
NONE = "NONE"


def tidy(field: FieldOf, value: Any) -> Any:
    """A value as it is kept. Raises ValueError for one that the field may not hold; the message
    says what it may, and never repeats the value."""
    match field.kind:
        case FieldKind.NUMBER:
            number = float(value)
            if not 0 <= number < 1_000_000:
                raise ValueError("must be a number from 0")
            return int(number) if number == int(number) else number
        case FieldKind.LIST | FieldKind.DATES:
            given = value.split(",") if isinstance(value, str) else list(value)
            each = FieldKind.REFERENCE if field.kind is FieldKind.LIST else FieldKind.DATES
            if len(given) > _MOST:
                raise ValueError(f"may hold at most {_MOST}")
            return [_one(each, str(part).strip()) for part in given]
        case _:
            found = _one(field.kind, "YES" if value is True else str(value).strip())
    if field.choices and found not in field.choices:
        raise ValueError(f"must be one of {', '.join(field.choices)}")
    return found


def _one(kind: FieldKind, text: str) -> str:
    match kind:
        case FieldKind.CODE if not CODE.match(text):
            raise ValueError("must be a code such as LIVES_WITH_SUSPECT; words go into --note")
        case FieldKind.REFERENCE if not _REFERENCE.match(text):
            raise ValueError("must be references, or NONE; words go into --note")
        case FieldKind.YES_NO if text not in ("YES", "NO", "UNKNOWN"):
            raise ValueError("must be YES, NO or UNKNOWN")
        case FieldKind.DATES if text != NONE:
            date.fromisoformat(text)
    return text


def accept(path: Pathway, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields given, as they are kept. Raises Refused for a field that the pathway does not
    have, and for a value that it may not hold."""
    kept = {}
    for name, value in given.items():
        field = path.field(name)
        if field is None:
            raise Refused(
                "UNKNOWN_FIELD",
                f"{path.pathway.value} has no such field",
                f"it has {', '.join(each.name for each in path.fields)}",
                "facts",
            )
        try:
            kept[name] = tidy(field, value)
        except (ValueError, TypeError) as error:
            why = str(error) if "must" in str(error) or "may" in str(error) else "is not understood"
            raise Refused(
                "FIELD_VALUE",
                f"{name} ({field.about}) {why}",
                "give a code, reference, number or date",
                "facts",
            ) from None
    return kept


def sound(path: Pathway, given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of a start that can be kept, and the names of those that cannot."""
    kept: dict[str, Any] = {}
    left: list[str] = []
    for name, value in given.items():
        try:
            kept |= accept(path, {name: value})
        except Refused:
            left.append(name if path.field(name) else "UNKNOWN_FIELD")
    return kept, tuple(left)


def missing(state: ReferralFacts, facts: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Fields of the form that are still empty, with what is given now."""
    have = {**state.facts, **(facts or {})}
    empty = [name for name in state.path.form if have.get(name) in (None, "", [])]
    agreed = state.consent_status is ConsentStatus.GIVEN
    none = state.disclosure_basis in (None, DisclosureBasis.CONSENT_PRACTICE)
    if state.pathway is ReferralPathway.MARAC and not agreed and none:
        # Consent is no condition of a MARAC; where there is none, another basis is on record.
        empty.append("disclosure_basis")
    return tuple(empty)
