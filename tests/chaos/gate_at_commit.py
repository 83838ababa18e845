"""Hold a recording at the moment of its commit, so that a test knows when that moment is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from casework.postgres import Postgres
from tests.chaos.plant import DATABASE

LOCK = 8_112_026
SETUP = f"""
CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared({LOCK}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT ON ledger_event
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit();
"""
TEARDOWN = "DROP TRIGGER hold_commit ON ledger_event; DROP FUNCTION hold_commit()"
WAITING = f"SELECT count(*) FROM pg_locks WHERE objid = {LOCK} AND NOT granted"


class Commits:
    """Recordings that wait at their commit, and their release."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def until_one_waits(self) -> None:
        """A deferred trigger runs once COMMIT was asked for: nothing but the commit is left."""
        _until(lambda: self._count(WAITING) > 0, "no recording came to its commit")

    def let_go_until_stored(self, command_id: str) -> None:
        """Let the commit happen, and wait until a command's events can be read."""
        self._connection.execute("SELECT pg_advisory_unlock_all()")
        query = f"SELECT count(*) FROM ledger_event WHERE command_id = '{command_id}'"
        _until(lambda: self._count(query) > 0, "nothing was committed")

    def _count(self, query: str) -> int:
        row = self._connection.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def held_commits(postgres: Postgres) -> Iterator[Commits]:
    """Every transaction that writes events waits at its commit until it is let go."""
    with postgres.connect(DATABASE) as connection:
        connection.execute(SETUP.encode())
        connection.execute(f"SELECT pg_advisory_lock({LOCK})".encode())
        try:
            yield Commits(connection)
        finally:
            connection.execute("SELECT pg_advisory_unlock_all()")
            connection.execute(TEARDOWN.encode())


def _until(true: object, otherwise: str) -> None:
    assert callable(true)
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)
