"""Engines for PostgreSQL through psycopg."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DRIVER = "postgresql+psycopg"


def from_url(url: str | URL) -> URL:
    """The URL with our driver, whatever PostgreSQL spelling was given (`postgres://`,
    `postgresql://` ...). Raises ValueError for another kind of database."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError("database URL: must name PostgreSQL, for example postgresql://host/name")
    return parsed.set(drivername=DRIVER)


def make_engine(url: str | URL, pool_size: int = 5, max_overflow: int = 5) -> AsyncEngine:
    """An engine whose sessions keep UTC. At most `pool_size + max_overflow` connections; a
    connection that died with the server is noticed before it is used."""
    return create_async_engine(
        from_url(url),
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 10},
    )
