"""Migrations and tables say the same."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, pool, text
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.postgres import Postgres
from store.engine import from_url, make_engine
from store.migrate import is_current, upgrade
from store.tables import metadata


def test_migrations_make_the_tables_and_may_run_again(postgres_server: Postgres) -> None:
    url = postgres_server.create_database("dalo_migrations")
    assert not is_current(url)
    upgrade(url)
    upgrade(url)
    assert is_current(url)
    with create_engine(from_url(url), poolclass=pool.NullPool).connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


async def test_sessions_keep_utc(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        assert await conn.scalar(text("SHOW timezone")) == "UTC"


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_urls_get_our_driver(url: str) -> None:
    assert from_url(url).render_as_string() == "postgresql+psycopg://u@h/d"


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        make_engine("sqlite:///x")
