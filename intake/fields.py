"""The fields of a report and how a value of each is read: what the contract says of every extract,
whatever its columns are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from models.enums import (
    Injury,
    OrderType,
    RecordingType,
    Relationship,
    ResponseGrade,
    ResponseMode,
    RiskGrade,
    RiskTool,
    Sex,
    Source,
    Statement,
    SuspectStatus,
    YesNoUnknown,
)
from models.instants import LONDON

REFERENCE_LENGTH = 200
"""References are keys and stream names; a longer one is a damaged row."""
LARGEST_VERSION = 2_147_483_647


class Kind(StrEnum):
    """How a value is read."""

    REFERENCE = "reference"
    TEXT = "text"
    SECRET = "secret"
    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"
    CODE = "code"
    CODES = "codes"
    WEAPON = "weapon"


@dataclass(frozen=True)
class FieldSpec:
    """One field: its kind, whether it is required, the range of a number, the enumeration that a
    code must lead to (None: the codes stand for themselves)."""

    name: str
    kind: Kind
    required: bool = False
    least: int = 0
    most: int = 0
    enum: type[StrEnum] | None = None


def _number(name: str, least: int, most: int, *, required: bool = False) -> FieldSpec:
    return FieldSpec(name, Kind.NUMBER, required, least, most)


def _code(name: str, enum: type[StrEnum] | None, *, required: bool = False) -> FieldSpec:
    return FieldSpec(name, Kind.CODE, required, enum=enum)


_ALL = (
    FieldSpec("incident_ref", Kind.REFERENCE, required=True),
    _number("version", 1, LARGEST_VERSION, required=True),
    FieldSpec("crime_ref", Kind.REFERENCE),
    _code("recording_type", RecordingType, required=True),
    FieldSpec("ho_class", Kind.CODES),
    FieldSpec("occurred_from", Kind.TIME, required=True),
    FieldSpec("occurred_to", Kind.TIME),
    FieldSpec("reported_at", Kind.TIME, required=True),
    _code("source", Source),
    _code("response_grade", ResponseGrade),
    _code("response_mode", ResponseMode),
    FieldSpec("first_police_contact_at", Kind.TIME),
    FieldSpec("district", Kind.REFERENCE, required=True),
    FieldSpec("shared_home", Kind.FLAG),
    FieldSpec("domestic_abuse", Kind.FLAG, required=True),
    FieldSpec("stalking", Kind.FLAG),
    FieldSpec("honour_based", Kind.FLAG),
    FieldSpec("coercive_control", Kind.FLAG),
    FieldSpec("strangulation", Kind.FLAG),
    FieldSpec("weapon", Kind.WEAPON),
    _code("injury", Injury),
    FieldSpec("victim_ref", Kind.REFERENCE, required=True),
    FieldSpec("victim_name", Kind.SECRET),
    FieldSpec("victim_phone", Kind.SECRET),
    _number("victim_age", 0, 120, required=True),
    _code("victim_sex", Sex),
    _code("victim_ethnicity", None),
    FieldSpec("language", Kind.TEXT),
    _code("relationship", Relationship),
    FieldSpec("perpetrator_ref", Kind.REFERENCE),
    _number("suspect_age", 0, 120),
    _code("suspect_status", SuspectStatus),
    _number("children_resident", 0, 20),
    _number("children_present", 0, 20),
    _code("risk_tool", RiskTool),
    _number("risk_score", 0, 27),
    _code("risk_grade", RiskGrade),
    FieldSpec("risk_refused", Kind.FLAG),
    _code("statement", Statement),
    _code("supports_prosecution", YesNoUnknown),
    FieldSpec("existing_orders", Kind.CODES, enum=OrderType),
    FieldSpec("order_breach", Kind.FLAG),
    FieldSpec("oic_id", Kind.TEXT),
    FieldSpec("attending_id", Kind.TEXT),
    _code("outcome_code", None),
    FieldSpec("narrative", Kind.SECRET),
)
FIELDS = {spec.name: spec for spec in _ALL}
"""Every field that a mapping may name."""
CODED = {spec.name: spec for spec in _ALL if spec.kind in (Kind.CODE, Kind.CODES)}
"""Fields whose codes a mapping lists."""


@lru_cache(maxsize=65_536)
def london_instant(text: str, time_format: str) -> tuple[datetime | None, bool]:
    """The UTC instant of a London wall-clock time, and whether that time occurs twice (then it is
    the first occurrence). None where it is no time, or one that the clocks skip."""
    try:
        naive = datetime.strptime(text, time_format)  # noqa: DTZ007 - London, on the next line
        if naive.strftime(time_format) != text:
            return None, False
        local = naive.replace(tzinfo=LONDON, fold=0)
        instant = local.astimezone(UTC)
        if instant.astimezone(LONDON).replace(tzinfo=None) != naive:
            return None, False
    except (ValueError, OverflowError):
        return None, False
    return instant, local.utcoffset() != local.replace(fold=1).utcoffset()


def whole_number(text: str, least: int, most: int) -> int | None:
    """The number, or None where it is not a whole one in the range."""
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    value = int(text)
    return value if least <= value <= most else None


def sound_reference(text: str) -> bool:
    """Whether a text can be a reference: printable, and not absurdly long."""
    return len(text) <= REFERENCE_LENGTH and text.isprintable()
