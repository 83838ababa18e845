"""The roster: who works where, with room for how many cases."""

from __future__ import annotations

import csv
from collections.abc import Sequence
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
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import Role
from models.instants import LONDON
from store.tables import officer

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


async def load_roster(conn: AsyncConnection, entries: Sequence[RosterEntry]) -> None:
    """Add these people or bring them up to date; others stay as they are. Raises `RosterError` for
    a supervisor or a covered officer whom neither the file nor the roster has."""
    known = {entry.officer_id for entry in await list_roster(conn)}
    named = known | {entry.officer_id for entry in entries}
    problems = [
        f"{entry.officer_id}: {field}: is not on the roster"
        for entry in entries
        for field in ("supervisor_id", "covers")
        if getattr(entry, field) and getattr(entry, field) not in named
    ]
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


async def list_roster(conn: AsyncConnection) -> list[RosterEntry]:
    """Everybody on the roster, by area, role and id."""
    columns = [officer.c[name] for name in COLUMNS]
    query = select(*columns).order_by(officer.c.area, officer.c.role, officer.c.officer_id)
    return [
        RosterEntry.model_validate({k: v for k, v in row.items() if v is not None})
        for row in (await conn.execute(query)).mappings()
    ]
