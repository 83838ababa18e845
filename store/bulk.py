"""Many rows in one statement: rows travel as one JSON parameter and PostgreSQL types them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, TableValuedAlias, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import ReturningInsert

ROWS = "rows"
"""Name of the parameter: a list of objects keyed by column name, instants in ISO 8601."""

MERGED = frozenset({"details"})


def recordset(table: Table, names: tuple[str, ...]) -> TableValuedAlias:
    """The rows of the parameter as a table with the types of `table`'s columns."""
    columns = [column(name, table.c[name].type) for name in names]
    rows: TableValuedAlias = (
        func.jsonb_to_recordset(bindparam(ROWS, type_=JSONB))
        .table_valued(*columns, name="given")
        .render_derived(with_types=True)
    )
    return rows


@cache
def insert_new(table: Table, names: tuple[str, ...]) -> Insert:
    """Insert the rows; a row whose key is there already stays as it was."""
    rows = recordset(table, names)
    return (
        insert(table)
        .from_select(list(names), select(*(rows.c[name] for name in names)))
        .on_conflict_do_nothing(index_elements=[key.name for key in table.primary_key])
    )


def upsert_from(table: Table, names: tuple[str, ...], rows: Any) -> Insert | ReturningInsert[Any]:
    """Insert what `rows` selects, or set the named columns where the key is there already. Of
    `MERGED` columns, which hold JSON objects, only the members given are set."""
    keys = [key.name for key in table.primary_key]
    statement = insert(table).from_select(list(names), rows)
    updates: dict[str, Any] = {n: statement.excluded[n] for n in names if n not in keys}
    for name in MERGED.intersection(updates):
        before = func.coalesce(table.c[name], func.jsonb_build_object())
        updates[name] = before.op("||")(updates[name])
    if not updates:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=updates)
