"""Read models from events: what an event changes is pure, applying it is the same for a recorded
batch and for a rebuild, however the events are cut into batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.clocks import Limit
from models.enums import ClockStatus
from models.events import Event, Json
from store.bulk import MERGED, ROWS, recordset, upsert_from
from store.tables import (
    READ_MODELS,
    action,
    agenda_item,
    assessment,
    case,
    clock,
    contact,
    court_order,
    evidence_item,
    incident,
    meeting,
    recommendation,
    referral,
    task,
    victim_notification,
    visit,
)

_TABLES = {table.name: table for table in READ_MODELS}
_JOINED = (clock.name, task.name)
"""Rows that take their case from their incident or referral."""


@dataclass(frozen=True)
class Upsert:
    """Set these columns of one row, made if it is not there. `values` includes the key; instants
    are ISO 8601."""

    table: str
    values: Json


@dataclass(frozen=True)
class NewOwner:
    """Every open clock and task of a stream passes from one owner to another."""

    stream: str
    old: str
    new: str


RowChange = Upsert | NewOwner


def changes(stream: str, event: Event) -> list[RowChange]:
    """What an event changes in the read models. Unknown tags and fields change nothing, so that
    an older service can record what a newer workflow appends."""
    build = _BY_TAG.get(event.tag)
    if build is not None:
        return build(stream, event)
    table = _BY_THING.get(event.tag.partition(":")[0])
    return _thing(table, stream, event) if table is not None else []


async def apply(
    conn: AsyncConnection, row_changes: Iterable[RowChange], schema: str | None = None
) -> None:
    """Apply changes in order, one statement a table and set of columns; a change of owner divides
    them. `schema` names another copy of the read models."""
    conn_options = {"schema_translate_map": {None: schema}} if schema else {}
    pending: list[Upsert] = []
    for change in row_changes:
        if isinstance(change, Upsert):
            pending.append(change)
            continue
        await _upsert(conn, pending, conn_options)
        pending = []
        for statement in _new_owner():
            given = {"of": change.stream, "old": change.old, "to": change.new}
            await conn.execute(statement, given, execution_options=conn_options)
    await _upsert(conn, pending, conn_options)


async def _upsert(
    conn: AsyncConnection, upserts: Sequence[Upsert], options: dict[str, Any]
) -> None:
    merged: dict[str, dict[tuple[Any, ...], Json]] = {}
    for change in upserts:
        keys = tuple(change.values[key.name] for key in _TABLES[change.table].primary_key)
        row = merged.setdefault(change.table, {}).setdefault(keys, {})
        parts = {
            n: {**row[n], **change.values[n]} for n in MERGED & row.keys() & change.values.keys()
        }
        row.update({**change.values, **parts})
    for table in READ_MODELS:
        groups: dict[tuple[str, ...], list[Json]] = {}
        for values in merged.get(table.name, {}).values():
            groups.setdefault(tuple(sorted(values)), []).append(values)
        for names, rows in groups.items():
            await conn.execute(_statement(table, names), {ROWS: rows}, execution_options=options)
    linked = [
        {"stream": stream_of(row), "case_ref": row["case_ref"]}
        for name, stream_of in (("incident", _incident_stream), ("referral", _own_stream))
        for row in merged.get(name, {}).values()
        if row.get("case_ref")
    ]
    if linked:
        await conn.execute(_link_case(), {ROWS: linked}, execution_options=options)


@cache
def _statement(table: Table, names: tuple[str, ...]) -> Any:
    rows = recordset(table, names)
    chosen = {name: rows.c[name] for name in names}
    if table.name not in _JOINED or "incident_ref" not in names:
        return upsert_from(table, names, select(*chosen.values()))
    of_row = and_(
        incident.c.incident_ref == rows.c.incident_ref, incident.c.victim_ref == rows.c.victim_ref
    )
    chosen["case_ref"] = func.coalesce(
        rows.c.case_ref, incident.c.case_ref, referral.c.case_ref
    ).label("case_ref")
    joined = rows.outerjoin(incident, of_row).outerjoin(
        referral, referral.c.stream == rows.c.stream
    )
    return upsert_from(table, names, select(*chosen.values()).select_from(joined))


@cache
def _link_case() -> Update:
    """Clocks and tasks recorded before their incident or referral told its case."""
    rows = recordset(task, ("stream", "case_ref"))

    def linked(table: Table) -> Update:
        return (
            update(table)
            .where(
                table.c.stream == rows.c.stream, table.c.case_ref.is_distinct_from(rows.c.case_ref)
            )
            .values(case_ref=rows.c.case_ref)
        )

    return linked(task).add_cte(linked(clock).cte("clocks"))


@cache
def _new_owner() -> tuple[Update, Update]:
    def owned(table: Table, still_open: Any) -> Update:
        return (
            update(table)
            .where(table.c.stream == bindparam("of"), table.c.owner == bindparam("old"), still_open)
            .values(owner=bindparam("to"))
        )

    return (
        owned(clock, clock.c.status == ClockStatus.OPEN.value),
        owned(task, task.c.settled_at.is_(None)),
    )


# --- what each tag changes --------------------------------------------------------------------


def _place(stream: str) -> Json:
    """Which case or incident a stream belongs to, as columns."""
    kind, _, rest = stream.partition("/")
    if kind == "case":
        return {"case_ref": rest, "incident_ref": None, "victim_ref": None}
    if kind == "incident":
        incident_ref, _, victim_ref = rest.rpartition("/")
        return {"case_ref": None, "incident_ref": incident_ref, "victim_ref": victim_ref}
    return {"case_ref": None, "incident_ref": None, "victim_ref": None}


def _incident_stream(row: Json) -> str:
    return f"incident/{row['incident_ref']}/{row['victim_ref']}"


def _own_stream(row: Json) -> str:
    return str(row["stream"])


def _columns(table: Table, data: Json) -> Json:
    return {name: value for name, value in data.items() if name in table.c}


def _case(stream: str, event: Event) -> list[RowChange]:
    key = {"case_ref": _place(stream)["case_ref"]}
    return [Upsert(case.name, _columns(case, event.data) | key)]


def _case_closed(stream: str, event: Event) -> list[RowChange]:
    closed = {
        "case_ref": _place(stream)["case_ref"],
        "state": "CLOSED",
        "closed_at": event.data.get("closed_at") or event.recorded_at.isoformat(),
        "closure_reason": event.data.get("closure_reason") or event.data.get("reason"),
    }
    return [Upsert(case.name, closed)]


def _incident(stream: str, event: Event) -> list[RowChange]:
    place = _place(stream)
    key = {name: place[name] for name in ("incident_ref", "victim_ref")}
    return [Upsert(incident.name, _columns(incident, event.data) | key)]


def _clock(stream: str, event: Event) -> list[RowChange]:
    values = _columns(clock, event.data["clock"])
    values["limit"] = str(Limit.model_validate(values["limit"]))
    return [Upsert(clock.name, values | _place(stream) | {"stream": stream})]


def _task(stream: str, event: Event) -> list[RowChange]:
    values = _columns(task, event.data["task"])
    return [Upsert(task.name, values | _place(stream) | {"stream": stream})]


def _task_settled(stream: str, event: Event) -> list[RowChange]:
    settled = {"settled_at": event.recorded_at.isoformat()}
    return [Upsert(task.name, {"stream": stream, "task_id": event.data["task_id"]} | settled)]


def _owner(stream: str, event: Event) -> list[RowChange]:
    return [NewOwner(stream, event.data["old"], event.data["new"])]


def _contact(stream: str, event: Event) -> list[RowChange]:
    values = {
        "at": event.occurred_at.isoformat(),
        **_columns(contact, event.data),
        "case_ref": _place(stream)["case_ref"],
        "stream": stream,
        "seq": event.seq,
        "recorded_at": event.recorded_at.isoformat(),
        "actor": event.actor,
    }
    return [Upsert(contact.name, values)]


def _evidence(stream: str, event: Event) -> list[RowChange]:
    place = _place(stream)
    values = _columns(evidence_item, event.data) | {
        "stream": stream,
        "incident_ref": place["incident_ref"],
        "victim_ref": place["victim_ref"],
    }
    details = {k: v for k, v in event.data.items() if k not in evidence_item.c}
    return [Upsert(evidence_item.name, values | ({"details": details} if details else {}))]


def _action_added(stream: str, event: Event) -> list[RowChange]:
    values = {"added_at": event.occurred_at.isoformat(), **_columns(action, event.data)}
    return [Upsert(action.name, values | _action_key(stream))]


def _action_ended(stream: str, event: Event) -> list[RowChange]:
    values = {"ended_at": event.occurred_at.isoformat(), **_columns(action, event.data)}
    return [Upsert(action.name, values | _action_key(stream))]


def _thing(table: Table, stream: str, event: Event) -> list[RowChange]:
    """A row of its own kind: an event `<thing>:<what>` sets the columns that it names. An event
    without the row's key says nothing about a row."""
    place = {name: value for name, value in _place(stream).items() if value is not None}
    known = {"stream": stream, "recorded_at": event.recorded_at.isoformat(), **place}
    values = _columns(table, {**known, **event.data})
    if any(values.get(key.name) is None for key in table.primary_key):
        return []
    return [Upsert(table.name, values)]


def _action_key(stream: str) -> Json:
    return {"stream": stream, "case_ref": _place(stream)["case_ref"]}


_BY_THING: dict[str, Table] = {
    "action": action,
    "agenda": agenda_item,
    "assessment": assessment,
    "meeting": meeting,
    "notification": victim_notification,
    "order": court_order,
    "recommendation": recommendation,
    "referral": referral,
    "visit": visit,
}
"""By the first part of the tag: `visit:authorised` sets columns of `visit`."""
_BY_TAG: dict[str, Callable[[str, Event], list[RowChange]]] = {
    "case:changed": _case,
    "case:closed": _case_closed,
    "incident:changed": _incident,
    **{
        f"clock:{what}": _clock
        for what in ("started", "warned", "breached", "raw_breached", "met", "cancelled", "moved")
    },
    "task:raised": _task,
    "task:settled": _task_settled,
    "stream:owner:changed": _owner,
    "contact:attempt:recorded": _contact,
    "evidence:item:required": _evidence,
    "evidence:item:recorded": _evidence,
    "needs:action:added": _action_added,
    "needs:action:ended": _action_ended,
}
