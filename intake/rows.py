"""A raw row becomes a sound report, or is refused for the first reason that applies.

A refusal holds line, column and reason code, never content.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.errors import FileError
from intake.fields import FIELDS, FieldSpec, Kind, london_instant, sound_reference, whole_number
from intake.mapping import Mapping
from models.enums import RecordingType, RejectReason
from models.report import Report, ReportSecrets


@dataclass(frozen=True)
class Reject:
    """A refused row: the first physical line of its record, counted from 1, and why."""

    line: int
    reason: RejectReason
    column: str = ""


@dataclass(frozen=True)
class SoundRow:
    """A row that passed: what may travel, and what goes to the restricted tables."""

    line: int
    report: Report
    secrets: ReportSecrets


_RANK = {reason: rank for rank, reason in enumerate(RejectReason)}
_SECRETS = tuple(name for name, spec in FIELDS.items() if spec.kind is Kind.SECRET)
Parser = Callable[[str], Any]


class _Unreadable(Exception):
    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class RowReader:
    """Reads rows of one file, whose columns stand in the order `columns` (as the file has them)."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], now: datetime) -> None:
        self._mapping = mapping
        self._now = now
        place = {column.strip().casefold(): index for index, column in enumerate(columns)}
        names = {name: place[column.strip().casefold()] for name, column in mapping.columns.items()}
        order = sorted(names, key=names.__getitem__)
        self._plan = [(names[n], FIELDS[n], self._parser(FIELDS[n])) for n in order]
        self._recorded_as = names["recording_type"]

    def read(self, line: int, values: Sequence[str]) -> SoundRow | Reject:
        """The sound row, or the first reason for refusing it that applies."""
        facts: dict[str, Any] = {}
        worst: tuple[int, RejectReason, str] | None = None
        for index, spec, parse in self._plan:
            text = values[index].strip()
            try:
                facts[spec.name] = self._value(spec, parse, text, values)
            except _Unreadable as fault:
                rank = _RANK[fault.reason]
                if worst is None or rank < worst[0]:
                    worst = (rank, fault.reason, self._mapping.columns[spec.name])
        if worst is not None:
            return Reject(line, worst[1], worst[2])
        return self._judged(line, facts)

    def _value(self, spec: FieldSpec, parse: Parser, text: str, values: Sequence[str]) -> Any:
        if not _storable(text):
            raise _Unreadable(RejectReason.MALFORMED_ROW)
        if text:
            return parse(text)
        if spec.required or (spec.name == "ho_class" and not self._is_non_crime(values)):
            raise _Unreadable(RejectReason.MISSING_FIELD)
        return None

    def _is_non_crime(self, values: Sequence[str]) -> bool:
        code = values[self._recorded_as].strip().casefold()
        recorded_as = self._mapping.tables["recording_type"].get(code)
        return bool(recorded_as == RecordingType.NON_CRIME_DA)

    def _judged(self, line: int, facts: dict[str, Any]) -> SoundRow | Reject:
        column = self._mapping.columns
        if not facts.pop("domestic_abuse"):
            return Reject(line, RejectReason.NOT_DOMESTIC_ABUSE, column["domestic_abuse"])
        ambiguous = []
        for name, spec in FIELDS.items():
            if spec.kind is Kind.TIME and facts.get(name) is not None:
                facts[name], twice = facts[name]
                if twice:
                    ambiguous.append(name)
        if facts["reported_at"] > self._now:
            return Reject(line, RejectReason.REPORTED_IN_FUTURE, column["reported_at"])
        if facts["occurred_from"] > facts["reported_at"]:
            return Reject(line, RejectReason.OCCURRED_AFTER_REPORTED, column["occurred_from"])
        secrets = {name: facts.pop(name) for name in _SECRETS if name in facts}
        given = {name: value for name, value in facts.items() if value is not None}
        return SoundRow(
            line,
            Report(
                **given,
                source_system=self._mapping.source_system,
                ambiguous_times=tuple(ambiguous),
            ),
            ReportSecrets(**{name: value for name, value in secrets.items() if value}),
        )

    def _parser(self, spec: FieldSpec) -> Parser:
        tables = self._mapping.tables
        match spec.kind:
            case Kind.REFERENCE:
                return _reference
            case Kind.NUMBER:
                return lambda text: _number(text, spec.least, spec.most)
            case Kind.TIME:
                return lambda text: _time(text, self._mapping.time_format)
            case Kind.FLAG:
                return lambda text: _code(text, tables["flag"])
            case Kind.CODE:
                return lambda text: _code(text, tables[spec.name])
            case Kind.CODES:
                return lambda text: tuple(
                    _code(part, tables[spec.name])
                    for part in map(str.strip, text.split(self._mapping.separator))
                    if part
                )
            case Kind.WEAPON:
                return lambda text: text.casefold() not in self._mapping.no_weapon_words
            case Kind.TEXT | Kind.SECRET:
                return lambda text: text


def _storable(text: str) -> bool:
    """Whether PostgreSQL can keep the text: it knows neither NUL nor half a character."""
    return "\x00" not in text and (
        text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
    )


def _reference(text: str) -> str:
    if not sound_reference(text):
        raise _Unreadable(RejectReason.MALFORMED_ROW)
    return text


def _number(text: str, least: int, most: int) -> int:
    value = whole_number(text, least, most)
    if value is None:
        raise _Unreadable(RejectReason.INVALID_NUMBER)
    return value


def _time(text: str, time_format: str) -> tuple[datetime, bool]:
    instant, twice = london_instant(text, time_format)
    if instant is None:
        raise _Unreadable(RejectReason.INVALID_TIME)
    return instant, twice


def _code(text: str, table: dict[str, Any]) -> Any:
    try:
        return table[text.casefold()]
    except KeyError:
        raise _Unreadable(RejectReason.UNKNOWN_CODE) from None


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write the reject report: line, column, reason. Raises `FileError` if it cannot be written."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "column", "reason"))
            writer.writerows((r.line, r.column, r.reason.value) for r in rejects)
    except OSError as error:
        raise FileError(
            f"the reject file {path} cannot be written ({error.strerror})",
            "free some space or name another place",
        ) from None
