"""Data keys: one a stream, wrapped by a master key. Destroying a stream's key erases the stream.

A key is made in the transaction that makes its stream and is cached only once it has been read
back committed, so that nothing is ever encrypted under a key that a rollback took away.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.base import Refused
from store.ciphers import (
    DataKey,
    KeyDestroyed,
    KeyFault,
    KeyUnavailable,
    MasterKeys,
    UnknownScope,
)
from store.holds import is_held
from store.tables import case_key, case_register, incident

__all__ = [
    "SEARCH_SCOPE",
    "SHARED_SCOPE",
    "DataKey",
    "KeyDestroyed",
    "KeyFault",
    "KeyUnavailable",
    "Keyring",
    "MasterKeys",
    "UnknownScope",
    "utc_now",
]

SHARED_SCOPE = "engine/shared"
"""Key of what the engine holds for no stream of its own (tooling workflows)."""
SEARCH_SCOPE = "engine/search"
"""Key from which the keyed hashes of the identity table are derived. It is wrapped like any other,
so that a change of master key leaves every hash as it is."""
_BATCH = 1_000


def utc_now() -> datetime:
    """The machine's time; what a key ring uses unless it is given another clock."""
    return datetime.now(UTC)


class Keyring:
    """Keys by scope and by id, cached in this process."""

    def __init__(
        self, engine: AsyncEngine, master: MasterKeys, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._engine = engine
        self._master = master
        self._clock = clock
        self._by_scope: dict[str, DataKey] = {}
        self._by_id: dict[str, DataKey] = {}

    async def make(self, conn: AsyncConnection, scope: str) -> DataKey:
        """The key of `scope`, made in the caller's transaction if there is none yet.

        Raises `KeyDestroyed` for a scope that was erased: a stream id is never used twice.
        """
        return (await self.make_many(conn, [scope]))[scope]

    async def make_many(self, conn: AsyncConnection, scopes: Iterable[str]) -> dict[str, DataKey]:
        """As `make`, for many scopes in a constant number of round trips."""
        wanted = sorted(set(scopes))
        found = {scope: self._by_scope[scope] for scope in wanted if scope in self._by_scope}
        found |= await self._read(conn, [scope for scope in wanted if scope not in found])
        missing = [scope for scope in wanted if scope not in found]
        if missing:
            # Sorted, so that two transactions that make the same keys wait and do not deadlock;
            # what the other one made first is read.
            made = await conn.execute(
                insert(case_key)
                .on_conflict_do_nothing(index_elements=["scope"])
                .returning(*_COLUMNS.selected_columns),
                [self._new_row(scope) for scope in missing],
            )
            found |= {row.scope: self._open(row) for row in made}
            found |= await self._read(conn, [scope for scope in missing if scope not in found])
        return found

    async def ensure(self, scope: str) -> DataKey:
        """The key of `scope`, made in a transaction of its own if there is none yet."""
        try:
            return await self.get(scope)
        except UnknownScope:
            async with _store_errors(), self._engine.begin() as conn:
                await self.make(conn, scope)
            return await self.get(scope)

    async def get(self, scope: str) -> DataKey:
        """The committed key of `scope`. Raises `KeyUnavailable`, `KeyDestroyed`, `UnknownScope`."""
        if scope not in self._by_scope:
            await self._load(_COLUMNS.where(case_key.c.scope == scope))
        try:
            return self._by_scope[scope]
        except KeyError:
            raise UnknownScope(f"no key was made for {scope}") from None

    async def by_key_id(self, key_id: str) -> DataKey:
        """The committed key with this id, as ciphertext names it; raises as `get` does."""
        if key_id not in self._by_id:
            await self._load(_COLUMNS.where(case_key.c.key_id == key_id))
        try:
            return self._by_id[key_id]
        except KeyError:
            raise UnknownScope(f"no key has the id {key_id}") from None

    async def preload(self, scopes: Iterable[str] | None = None) -> int:
        """Cache the keys of these scopes, or of every stream that may still be at work, so that a
        store that is down holds up no running case. Returns how many are cached now. Destroyed
        keys and scopes without a key are left out."""
        live = case_key.c.wrapped.is_not(None)
        query = _COLUMNS.where(live, _at_work() if scopes is None else _among(scopes))
        await self._load(query)
        return len(self._by_scope)

    async def rotate_master(self) -> int:
        """Wrap every data key by the active master key; returns how many were wrapped anew. May be
        stopped and run again. No data is encrypted anew."""
        done = 0
        query = _COLUMNS.where(
            case_key.c.wrapped.is_not(None), case_key.c.master_key_id != self._master.active_id
        )
        change = (
            update(case_key)
            .where(case_key.c.scope == bindparam("of"))
            .values(wrapped=bindparam("blob"), master_key_id=self._master.active_id)
        )
        while True:
            async with _store_errors(), self._engine.begin() as conn:
                page = query.order_by(case_key.c.scope).limit(_BATCH).with_for_update()
                keys = [self._open(row) for row in await conn.execute(page)]
                if not keys:
                    return done
                await conn.execute(change, [{"of": k.scope, "blob": self._wrap(k)} for k in keys])
                done += len(keys)

    async def destroy(self, scope: str) -> None:
        """Destroy the key of `scope` for ever: its workflow must have been closed first. Other
        processes forget it at their next `forget_destroyed` or restart. Raises `UnknownScope`, and
        `Refused` (`LEGAL_HOLD`) while anybody whom the stream is about is under a legal hold."""
        gone = (
            update(case_key)
            .where(case_key.c.scope == scope)
            .values(wrapped=None, destroyed_at=self._clock())
            .returning(case_key.c.scope)
        )
        async with _store_errors(), self._engine.begin() as conn:
            if await is_held(conn, scope):
                raise Refused(
                    "LEGAL_HOLD",
                    "a case of a person whom this stream is about is under a legal hold",
                    "nothing is erased until an inspector lifts it: lift-legal-hold",
                )
            if (await conn.execute(gone)).first() is None:
                raise UnknownScope(f"no key was made for {scope}")
        self._forget(scope)

    async def forget_destroyed(self) -> None:
        """Drop cached keys that another process has destroyed; long-lived processes call it from
        time to time."""
        query = select(case_key.c.scope).where(case_key.c.destroyed_at.is_not(None))
        async with _store_errors(), self._engine.connect() as conn:
            for scope in (await conn.execute(query)).scalars():
                self._forget(scope)

    def _forget(self, scope: str) -> None:
        key = self._by_scope.pop(scope, None)
        if key is not None:
            self._by_id.pop(key.key_id, None)

    def _new_row(self, scope: str) -> dict[str, Any]:
        key = DataKey(scope, secrets.token_hex(12), secrets.token_bytes(32))
        return {
            "scope": scope,
            "key_id": key.key_id,
            "wrapped": self._wrap(key),
            "master_key_id": self._master.active_id,
            "created_at": self._clock(),
        }

    def _wrap(self, key: DataKey) -> bytes:
        return self._master.wrap(key.scope, key.key_id, key.secret)

    def _open(self, row: Any) -> DataKey:
        if row.wrapped is None:
            raise KeyDestroyed(f"the key of {row.scope} was destroyed")
        secret = self._master.unwrap(row.master_key_id, row.scope, row.key_id, row.wrapped)
        return DataKey(row.scope, row.key_id, secret)

    async def _read(self, conn: AsyncConnection, scopes: Sequence[str]) -> dict[str, DataKey]:
        if not scopes:
            return {}
        rows = await conn.execute(_COLUMNS.where(_among(scopes)))
        return {row.scope: self._open(row) for row in rows}

    async def _load(self, query: Select[Any]) -> None:
        async with _store_errors(), self._engine.connect() as conn:
            rows = (await conn.execute(query)).all()
        for row in rows:
            key = self._open(row)
            self._by_scope[key.scope] = self._by_id[key.key_id] = key


_COLUMNS = select(case_key.c.scope, case_key.c.key_id, case_key.c.wrapped, case_key.c.master_key_id)


def _among(scopes: Iterable[str]) -> ColumnElement[bool]:
    return case_key.c.scope == any_(literal(list(scopes), ARRAY(Text)))


def _at_work() -> ColumnElement[bool]:
    closed = select("case/" + case_register.c.case_ref).where(
        case_register.c.closed_at.is_not(None)
    )
    ended = select("incident/" + incident.c.incident_ref + "/" + incident.c.victim_ref).where(
        incident.c.ended_at.is_not(None)
    )
    scope = case_key.c.scope
    return or_(
        scope == SHARED_SCOPE,
        and_(scope.not_like("victim/%"), scope.not_in(closed), scope.not_in(ended)),
    )


@asynccontextmanager
async def _store_errors() -> AsyncIterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise KeyUnavailable(f"the key store does not answer ({type(error).__name__})") from None
