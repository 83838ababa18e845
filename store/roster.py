"""The roster: who works where, with room for how many cases."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Refused
from models.enums import Role
from models.instants import LONDON
from store.tables import case_register, officer

REQUIRED = ("officer_id", "role")
COLUMNS = (
    *REQUIRED,
    "area",
    "capacity",
    "supervisor_id",
    "active",
    "absent_from",
    "absent_until",
    "covers",
    "email",
    "known_as",
)
_TIME_FORMAT = "%d/%m/%Y %H:%M"


class RosterError(Exception):
    """A roster file cannot be taken; nothing was changed. `problems` names line and field each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
        self.remedy = f"Correct the file; its columns are {', '.join(COLUMNS)}."


class RosterEntry(BaseModel):
    """One person. `capacity` is the number of cases a DALO has room for; `covers` the officer whose
    cases this one looks after; times are London local as `DD/MM/YYYY HH:MM` in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    officer_id: str = Field(min_length=1, max_length=60)
    role: Role
    area: str = ""
    capacity: int | None = Field(default=None, ge=0, le=1_000)
    supervisor_id: str = ""
    active: bool = True
    absent_from: datetime | None = None
    absent_until: datetime | None = None
    covers: str = ""
    email: EmailStr | Literal[""] = ""
    """Where notices go: a work address, never a private one."""
    known_as: str = Field(default="", max_length=60)
    """The name or number by which an extract calls this person, where that is not the id."""

    @field_validator("role", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.strip().upper() if isinstance(value, str) else value

    @field_validator("absent_from", "absent_until", mode="before")
    @classmethod
    def _london(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            local = datetime.strptime(value.strip(), _TIME_FORMAT)  # noqa: DTZ007 - London, below
        except ValueError:
            raise ValueError("is not a time like 31/12/2026 09:00") from None
        return local.replace(tzinfo=LONDON).astimezone(UTC)

    @model_validator(mode="after")
    def _a_dalo_has_a_place(self) -> RosterEntry:
        if self.role is Role.DALO and not self.area:
            raise ValueError("area: a DALO needs one")
        if self.role is Role.DALO and self.capacity is None:
            raise ValueError("capacity: a DALO needs one")
        if self.absent_from and self.absent_until and self.absent_until <= self.absent_from:
            raise ValueError("absent_until: is not after absent_from")
        return self


def read_roster(path: Path) -> list[RosterEntry]:
    """The people of a roster file. Raises `RosterError` naming every line and field that is wrong;
    values are not repeated."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RosterError([f"{path} cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise RosterError([f"{path} is not UTF-8 text"]) from None
    reader = csv.DictReader(text.splitlines())
    header = [name.strip() for name in reader.fieldnames or []]
    problems = [f"line 1: column {name} is missing" for name in REQUIRED if name not in header]
    problems += [f"line 1: column {name} is unknown" for name in header if name not in COLUMNS]
    if problems:
        raise RosterError(problems)
    reader.fieldnames = header
    found: dict[str, RosterEntry] = {}
    for raw in reader:
        where = f"line {reader.line_num}"
        if None in raw or None in raw.values():
            problems.append(f"{where}: has not {len(header)} fields")
            continue
        try:
            entry = RosterEntry.model_validate({k: v for k, v in raw.items() if v.strip()})
        except ValidationError as error:
            problems += [f"{where}: {_said(item)}" for item in error.errors()]
            continue
        if entry.officer_id in found:
            problems.append(f"{where}: officer_id: is there twice")
        found[entry.officer_id] = entry
    if problems:
        raise RosterError(problems)
    return list(found.values())


def _said(item: Any) -> str:
    text = str(item["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in item["loc"])
    return f"{where}: {text}" if where else text


async def load_roster(
    conn: AsyncConnection, entries: Sequence[RosterEntry], now: datetime | None = None
) -> None:
    """Add these people or bring them up to date; others stay as they are. Raises `RosterError` for
    a supervisor or a covered officer whom neither the file nor the roster has, for two people whom
    an extract would call the same, for an officer made inactive who still has open cases, and for a
    DALO's absence that nobody covers; with `now`, not for one that is over."""
    before = {entry.officer_id: entry for entry in await list_roster(conn)}
    after = before | {entry.officer_id: entry for entry in entries}
    named = set(after)
    problems = [
        f"{entry.officer_id}: {field}: is not on the roster"
        for entry in entries
        for field in ("supervisor_id", "covers")
        if getattr(entry, field) and getattr(entry, field) not in named
    ]
    problems += [
        f"{entry.officer_id}: absent_from: nobody at work covers (column covers of another person)"
        for entry in entries
        if _uncovered(entry, after, now)
    ]
    problems += _called_alike(entries, after)
    problems += await _with_open_cases(conn, entries)
    if problems:
        raise RosterError(problems)
    if not entries:
        return
    rows = [
        {name: value if value != "" else None for name, value in entry.model_dump().items()}
        for entry in sorted(entries, key=lambda e: e.officer_id)
    ]
    statement = insert(officer)
    changed = {name: statement.excluded[name] for name in COLUMNS if name != "officer_id"}
    await conn.execute(
        statement.on_conflict_do_update(index_elements=["officer_id"], set_=changed), rows
    )


def _called_alike(entries: Sequence[RosterEntry], roster: Mapping[str, RosterEntry]) -> list[str]:
    """Problems of those whom an extract calls as it calls somebody else."""
    return [
        f"{entry.officer_id}: known_as: means {other.officer_id} too"
        for entry in entries
        for other in roster.values()
        if other.officer_id != entry.officer_id
        and {entry.officer_id, entry.known_as} & {other.officer_id, other.known_as} - {""}
    ]


async def _with_open_cases(conn: AsyncConnection, entries: Sequence[RosterEntry]) -> list[str]:
    """Problems of those who leave while they still answer for open cases."""
    leaving = sorted(entry.officer_id for entry in entries if not entry.active)
    if not leaving:
        return []
    r = case_register.c
    problems = []
    for column, remedy in (
        (r.dalo_id, "is the DALO of {} open cases: dalo do CASE hand-over, or reassign, first"),
        (r.outgoing_dalo_id, "hands over {} open cases: they are to be accepted first"),
        (r.supervisor_id, "supervises {} open cases: dalo do CASE name-supervisor first"),
    ):
        query = select(column, func.count()).where(column.in_(leaving), r.closed_at.is_(None))
        for officer_id, number in await conn.execute(query.group_by(column).order_by(column)):
            problems.append(f"{officer_id}: active: {remedy.format(number)}")
    return problems


def _uncovered(entry: RosterEntry, roster: Mapping[str, RosterEntry], now: datetime | None) -> bool:
    """Whether a DALO is away and nobody who is at work then covers."""
    if entry.role is not Role.DALO or not entry.active or entry.absent_from is None:
        return False
    if now is not None and entry.absent_until is not None and entry.absent_until <= now:
        return False
    covers = (p for p in roster.values() if p.covers == entry.officer_id and p.active)
    return not any(not _both_away(entry, person) for person in covers)


def _both_away(one: RosterEntry, other: RosterEntry) -> bool:
    if one.absent_from is None or other.absent_from is None:
        return False
    ends_first = one.absent_until is not None and one.absent_until <= other.absent_from
    begins_after = other.absent_until is not None and other.absent_until <= one.absent_from
    return not (ends_first or begins_after)


async def set_absence(
    conn: AsyncConnection,
    officer_id: str,
    absent_from: datetime,
    absent_until: datetime,
    cover_id: str,
) -> None:
    """Put an absence and who covers it on the roster. Raises `Refused` (`UNKNOWN_OFFICER`,
    `COVERS_ANOTHER`, `OFFICER_AWAY`)."""
    roster = {entry.officer_id: entry for entry in await list_roster(conn)}
    away, cover = roster.get(officer_id), roster.get(cover_id)
    if away is None or cover is None or not cover.active or officer_id == cover_id:
        raise Refused(
            "UNKNOWN_OFFICER",
            "officer and cover are two people of the roster",
            "see dalo roster list",
            "cover" if away is not None else "officer",
        )
    other = roster.get(cover.covers)
    if other is not None and other.officer_id != officer_id and _still_away(other, absent_from):
        raise Refused(
            "COVERS_ANOTHER",
            f"{cover_id} covers {other.officer_id} then",
            "name another officer",
            "cover",
        )
    planned = away.model_copy(update={"absent_from": absent_from, "absent_until": absent_until})
    if _both_away(planned, cover):
        raise Refused("OFFICER_AWAY", f"{cover_id} is away then too", "name another", "cover")
    o = officer.c
    times = {"absent_from": absent_from, "absent_until": absent_until}
    await conn.execute(update(officer).where(o.officer_id == officer_id).values(**times))
    others = update(officer).where(o.covers == officer_id, o.officer_id != cover_id)
    await conn.execute(others.values(covers=None))
    await conn.execute(update(officer).where(o.officer_id == cover_id).values(covers=officer_id))


def _still_away(person: RosterEntry, at: datetime) -> bool:
    return person.absent_until is None or person.absent_until > at


async def list_roster(conn: AsyncConnection) -> list[RosterEntry]:
    """Everybody on the roster, by area, role and id."""
    columns = [officer.c[name] for name in COLUMNS]
    query = select(*columns).order_by(officer.c.area, officer.c.role, officer.c.officer_id)
    return [
        RosterEntry.model_validate({k: v for k, v in row.items() if v is not None})
        for row in (await conn.execute(query)).mappings()
    ]
