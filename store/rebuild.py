"""Remake the read models from the ledger alone, and tell where they differ from that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import MetaData, Table, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.ledger import PAGE, decode_event, pages
from store.projections import RowChange, apply, changes
from store.tables import READ_MODELS, ledger_event

_TEMPORARY = "pg_temp"
_SHOWN = 1_000

Progress = Callable[[int, int], None]
"""Called with the events done and the events in all."""


@dataclass(frozen=True)
class Difference:
    """A row of a read model that a rebuild would change. `columns` is empty where the row is
    `MISSING` from the read model or `SURPLUS` in it; values are not shown."""

    table: str
    key: tuple[str, ...]
    what: str
    columns: tuple[str, ...] = ()


async def rebuild(engine: AsyncEngine, progress: Progress | None = None) -> int:
    """Empty the read models and make them again, in one transaction; the number of events read.

    Recorders wait meanwhile at their first read model: what they have not committed is not read
    here, and is applied on top afterwards."""
    names = ", ".join(f'"{table.name}"' for table in READ_MODELS)
    async with engine.begin() as conn:
        await conn.execute(text(f"TRUNCATE {names}"))
        return await _project(conn, None, progress)


async def compare(engine: AsyncEngine, progress: Progress | None = None) -> list[Difference]:
    """Where the read models differ from a rebuild; at most 1,000 rows a table. Changes nothing and
    stops nobody: the rebuild goes to temporary tables, and both are read from one snapshot."""
    async with engine.connect() as connection:
        conn = await connection.execution_options(isolation_level="REPEATABLE READ")
        try:
            schema = str(await conn.scalar(select(func.current_schema())))
            for table in READ_MODELS:
                await conn.execute(
                    text(
                        f'CREATE TEMPORARY TABLE "{table.name}" '
                        f'(LIKE "{schema}"."{table.name}" INCLUDING ALL)'
                    )
                )
            await _project(conn, _TEMPORARY, progress)
            found = []
            for table in READ_MODELS:
                found += await _differences(conn, table, schema)
            return found
        finally:
            await conn.rollback()


async def _project(conn: AsyncConnection, schema: str | None, progress: Progress | None) -> int:
    total = int(await conn.scalar(select(func.count()).select_from(ledger_event)) or 0)
    query = select(ledger_event.c.stream, ledger_event.c.seq, ledger_event.c.header)
    pending: list[RowChange] = []
    done = 0
    async for row in pages(conn, query):
        pending += changes(row.stream, decode_event(row.header))
        done += 1
        if done % PAGE == 0:
            await apply(conn, pending, schema)
            pending = []
            if progress:
                progress(done, total)
    await apply(conn, pending, schema)
    if progress:
        progress(done, total)
    return done


async def _differences(conn: AsyncConnection, table: Table, schema: str) -> list[Difference]:
    live = table.to_metadata(MetaData(), schema=schema).alias("live")
    made = table.to_metadata(MetaData(), schema=_TEMPORARY).alias("made")
    keys = [key.name for key in table.primary_key]
    names = [column.name for column in table.columns if column.name not in keys]
    differs = {name: live.c[name].is_distinct_from(made.c[name]) for name in names}
    is_live, is_made = live.c[keys[0]].is_not(None), made.c[keys[0]].is_not(None)
    same_key = and_(*(live.c[key] == made.c[key] for key in keys))
    query = (
        select(
            *(func.coalesce(live.c[key], made.c[key]).label(f"key_{key}") for key in keys),
            is_live.label("is_live"),
            is_made.label("is_made"),
            *(differ.label(f"differs_{name}") for name, differ in differs.items()),
        )
        .select_from(live.outerjoin(made, same_key, full=True))
        .where(or_(~is_live, ~is_made, *differs.values()))
        .limit(_SHOWN)
    )
    found = []
    for row in (await conn.execute(query)).mappings():
        at = tuple(str(row[f"key_{name}"]) for name in keys)
        if not row["is_live"] or not row["is_made"]:
            what = "SURPLUS" if row["is_live"] else "MISSING"
            found.append(Difference(table.name, at, what))
        else:
            columns = tuple(name for name in names if row[f"differs_{name}"])
            found.append(Difference(table.name, at, "DIFFERS", columns))
    return found
