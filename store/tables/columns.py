"""How columns are written: keys, what must and what may be given, instants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    }
)


def key(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def need(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def may(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def flag(name: str, *, default: bool = False) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default="true" if default else "false")


def texts(*names: str) -> list[Column[Any]]:
    return [may(name) for name in names]


def instants(*names: str) -> list[Column[Any]]:
    return [may(name, Instant) for name in names]


Instant = DateTime(timezone=True)
