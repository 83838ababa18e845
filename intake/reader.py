"""From bytes to raw rows: compression, encoding, dialect, line numbers, damaged records.

UTF-8 and Windows-1252 are told apart line by line, so that nobody has to say which, and a file
stitched together from both is read as well.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, cast

from intake.errors import FileError
from intake.mapping import Mapping
from intake.rows import Reject
from models.enums import RejectReason

_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (",", ";", "\t", "|")


@dataclass
class RawRow:
    """The values of one record, by position, and its first physical line."""

    line: int
    values: Sequence[str]


@dataclass
class Extract:
    """A file being read: its columns, its records in order, and what was passed over."""

    columns: list[str]
    records: Iterator[RawRow | Reject]
    counts: Counts


@dataclass
class Counts:
    """What reading passed over."""

    blank_lines: int = 0
    repeated_headers: int = 0


@dataclass
class _Lines:
    """Physical lines, numbered from 1, that can be given back."""

    source: Iterator[str]
    waiting: deque[tuple[int, str]] = field(default_factory=deque)
    taken: list[tuple[int, str]] = field(default_factory=list)
    number: int = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.waiting:
            item = self.waiting.popleft()
        else:
            text = next(self.source)
            self.number += 1
            item = (self.number, text)
        self.taken.append(item)
        return item[1]

    def give_back(self, items: Sequence[tuple[int, str]]) -> None:
        self.waiting.extendleft(reversed(items))


def open_extract(stream: IO[bytes], mapping: Mapping) -> Extract:
    """Begin to read CSV or NDJSON, compressed or not. Raises `FileError` where the file as a whole
    is unusable: no header, a column that the mapping needs is missing, not text."""
    lines = _Lines(_text_lines(stream))
    counts = Counts()
    first = _first_line(lines, counts)
    if first.lstrip().startswith("{"):
        columns = list(mapping.columns.values())
        return Extract(columns, _json_records(lines, columns, counts, mapping), counts)
    delimiter, header = _header(lines, mapping)
    return Extract(header, _csv_records(lines, header, delimiter, mapping, counts), counts)


def _text_lines(stream: IO[bytes]) -> Iterator[str]:
    buffered = cast("io.BufferedReader", stream)
    if not hasattr(stream, "peek"):
        buffered = io.BufferedReader(cast("io.RawIOBase", stream))
    if buffered.peek(2)[:2] == _GZIP:
        buffered = cast("io.BufferedReader", gzip.GzipFile(fileobj=buffered))
    try:
        for number, raw in enumerate(buffered):
            line = raw
            if number == 0:
                if line.startswith(_UTF16):
                    raise FileError("the file is UTF-16", "save it as UTF-8 or Windows-1252")
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                yield line.decode("cp1252", "replace")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FileError(
            "the compressed file is damaged or cut short", "get the file again"
        ) from None


def _first_line(lines: _Lines, counts: Counts) -> str:
    for text in lines:
        if text.strip():
            lines.give_back(lines.taken[-1:])
            lines.taken.clear()
            return text
        counts.blank_lines += 1
    raise FileError("the file is empty", "an extract begins with a header row")


def _header(lines: _Lines, mapping: Mapping) -> tuple[str, list[str]]:
    text = next(lines)
    best: tuple[list[str], str, list[str]] | None = None
    for delimiter in _DELIMITERS:
        header = [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter))]
        folded = [cell.casefold() for cell in header]
        missing = [c for c in mapping.columns.values() if c.strip().casefold() not in folded]
        if best is None or len(missing) < len(best[0]):
            best = (missing, delimiter, header)
    missing, delimiter, header = best or ([], ",", [])
    if missing:
        raise FileError(
            f"the header has no column {', '.join(missing[:5])}"
            + (f" and {len(missing) - 5} more" if len(missing) > 5 else ""),
            f"mapping {mapping.name} needs it; correct the extract or name another mapping",
        )
    folded = [cell.casefold() for cell in header]
    for column in mapping.columns.values():
        if folded.count(column.strip().casefold()) > 1:
            raise FileError(f"the header names column {column} twice", "correct the extract")
    return delimiter, header


def _csv_records(
    lines: _Lines, header: list[str], delimiter: str, mapping: Mapping, counts: Counts
) -> Iterator[RawRow | Reject]:
    starts = re.compile(mapping.record_start)
    folded = [cell.casefold() for cell in header]
    while True:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for values in _until_damaged(reader, lines):
            taken, first = lines.taken, lines.taken[0][0]
            if values is not None and len(values) == len(header):
                if folded[0] == values[0].strip().casefold() and folded == [
                    value.strip().casefold() for value in values
                ]:
                    counts.repeated_headers += 1
                else:
                    yield RawRow(first, values)
            elif values is not None and len(values) <= 1 and not "".join(values).strip():
                counts.blank_lines += 1
            else:
                yield Reject(first, RejectReason.MALFORMED_ROW)
                _resume(lines, starts, seek=values is None)
                if values is None or len(taken) > 1:
                    break
            taken.clear()
        else:
            return


def _until_damaged(reader: Any, lines: _Lines) -> Iterator[list[str] | None]:
    """Records as lists; None, as the last one, for a record whose quoting is broken."""
    lines.taken.clear()
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None
            return


def _resume(lines: _Lines, starts: re.Pattern[str], *, seek: bool) -> None:
    """Go on at the next line that begins a record: one that the damaged record had swallowed, or,
    with `seek`, one still to come."""
    swallowed = list(lines.taken[1:])
    lines.taken.clear()
    for index, (_, text) in enumerate(swallowed):
        if starts.match(text):
            lines.give_back(swallowed[index:])
            return
    if seek:
        for text in lines:
            if starts.match(text):
                lines.give_back(lines.taken[-1:])
                break
    lines.taken.clear()


def _json_records(
    lines: _Lines, columns: list[str], counts: Counts, mapping: Mapping
) -> Iterator[RawRow | Reject]:
    for text in lines:
        number = lines.taken.pop()[0]
        if not text.strip():
            counts.blank_lines += 1
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            yield Reject(number, RejectReason.MALFORMED_ROW)
            continue
        by_name = {str(key).strip().casefold(): value for key, value in found.items()}
        yield RawRow(
            number,
            [_as_text(by_name.get(c.strip().casefold()), mapping.separator) for c in columns],
        )


def _as_text(value: Any, separator: str) -> str:
    """A JSON value as the same extract would have it in CSV."""
    match value:
        case None:
            return ""
        case bool():
            return "Y" if value else "N"
        case list():
            return separator.join(_as_text(item, separator) for item in value)
        case _:
            return str(value)
