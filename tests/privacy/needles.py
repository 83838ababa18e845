"""Looks for the sample's names and telephone numbers where they must not be."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_PREFIX = 6


def needles(*extracts: Path) -> frozenset[bytes]:
    """Every name and telephone number of these extracts, in lower case and several spellings."""
    found: set[str] = set()
    for path in extracts:
        for row in _rows(path):
            found.update(_names(row["Victim Name"] or ""))
            found.update(_phones(row["Victim Phone"] or ""))
    return frozenset(word.lower().encode() for word in found)


def _rows(path: Path) -> Iterator[dict[str, str | None]]:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = raw.decode("cp1252")
    for row in csv.DictReader(io.StringIO(content, newline="")):
        if row["Victim Name"] != "Victim Name":
            yield row


def _names(name: str) -> set[str]:
    parts = name.split()
    if len(parts) < 2:
        return set()
    joined = {" ".join(parts), ", ".join(reversed(parts)), "".join(parts), "_".join(parts)}
    return joined | {part for part in parts if len(part) > 9}


def _phones(phone: str) -> set[str]:
    digits = re.sub(r"\D", "", phone)
    if len(digits) != 11 or not digits.startswith("07"):
        return set()
    short = digits[1:]
    # The last ten digits are in every spelling that has no gaps, +44 included.
    spaced = {f"{short[:4]} {short[4:]}", f"{short[:4]} {short[4:7]} {short[7:]}"}
    return {short, *spaced, *(each.replace(" ", "-") for each in spaced)}


class Scanner:
    """Finds needles in bytes, files and tables; reports where, and how many, never which."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._by_prefix: dict[bytes, list[bytes]] = defaultdict(list)
        for word in sorted(words):
            self._by_prefix[word[:_PREFIX]].append(word)

    def count(self, data: bytes) -> int:
        """How many places of `data` hold a needle, in any case."""
        lower = data.lower()
        return sum(
            any(lower.startswith(word, hit.start()) for word in words)
            for prefix, words in self._by_prefix.items()
            for hit in re.finditer(re.escape(prefix), lower)
        )

    def files(self, *places: Path) -> dict[str, int]:
        """Needles by file, in these files and everything below these folders."""
        found = {}
        for place in places:
            for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
                if path.is_file() and (hits := self.count(path.read_bytes())):
                    found[str(path)] = hits
        return found

    async def tables(self, conn: AsyncConnection) -> dict[str, int]:
        """Needles by table, in every table and view of the product, also where a file would hold
        the value compressed."""
        listed = await conn.execute(
            text(
                "SELECT table_schema, table_name FROM information_schema.tables"
                " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
        )
        found = {}
        for schema, name in listed.all():
            table = f'"{schema}"."{name}"'
            rows = await conn.execute(text(f"SELECT t::text FROM {table} AS t"))
            if hits := self.count("\n".join(rows.scalars()).encode()):
                found[name] = hits
        return found
