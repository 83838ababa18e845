"""Limits as people write them in a policy: `E 60 min`, `W 5`, `D 12 months`, `X 48 h`, `F`."""

from __future__ import annotations

import re
from typing import Any, Literal

from models.clocks import CalendarKind, Limit

LIMIT = re.compile(r"^(?P<kind>[EWDXCF])(?: (?P<amount>-?\d+)(?: (?P<unit>min|h|d|months))?)?$")
Unit = Literal["min", "h", "d", "months", ""]
UNITS: dict[CalendarKind, tuple[Unit, ...]] = {
    CalendarKind.ELAPSED: ("min", "h", "d"),
    CalendarKind.WORKING_DAYS: ("d",),
    CalendarKind.CALENDAR_DAYS: ("d", "months"),
    CalendarKind.DVPN: ("h",),
    CalendarKind.CADENCE: ("d",),
    CalendarKind.FIXED: ("",),
}


def parse_limit(value: Any) -> Any:
    """`E 60 min`, `W 5`, `D 28`, `D 12 months`, `X 48 h`, `C 7`, `F` as a Limit. Raises ValueError
    for anything else that is text; what is no text is left for validation."""
    if not isinstance(value, str):
        return value
    found = LIMIT.match(value.strip())
    if found is None:
        raise ValueError(f"{value!r} is no limit: write E 60 min, W 5, D 12 months, X 48 h, C 7, F")
    kind = CalendarKind(found["kind"])
    given = found["unit"] or UNITS[kind][0]
    if kind is CalendarKind.ELAPSED and not found["unit"]:
        raise ValueError(f"{value!r} needs a unit: min, h or d")
    unit = next((each for each in UNITS[kind] if each == given), None)
    if unit is None:
        raise ValueError(f"{value!r}: {kind.value} is counted in {' or '.join(UNITS[kind])}")
    if (kind is CalendarKind.FIXED) != (found["amount"] is None):
        raise ValueError(f"{value!r}: an amount is needed, except for F, which takes none")
    return Limit(kind=kind, amount=int(found["amount"] or 0), unit=unit)
