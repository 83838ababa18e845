"""Bring a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, pool, text

from store.engine import from_url

_LOCK = 4_150_001
"""Advisory lock number: two processes that migrate at once take turns."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(url: str | URL, revision: str = "head") -> None:
    """Apply the migrations that are missing, in one transaction. Doing it again changes nothing."""
    engine = create_engine(from_url(url), poolclass=pool.NullPool)
    config = _config()
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_current(url: str | URL) -> bool:
    """Whether the database has the schema this code needs."""
    engine = create_engine(from_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    return present == set(ScriptDirectory.from_config(_config()).get_heads())
