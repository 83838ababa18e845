"""Many victims' streams in a constant number of statements: lock, read what is known, append."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Text, Update, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import IntakeOutcome
from models.events import Event, Json
from models.ids import victim_stream
from models.judging import KnownReport, VictimFacts
from models.report import Report
from store.bulk import ROWS, insert_new, recordset
from store.ledger import EVENT_COLUMNS, Head, event_row
from store.pairs import Pairs
from store.tables import case_register, ledger_event, report, stream_head


@dataclass(frozen=True)
class OpenCase:
    """A case of the register that is not closed, as far as intake needs it."""

    case_ref: str
    dalo_id: str = ""
    supervisor_id: str = ""


@dataclass
class Victims:
    """What the store knows of the victims of a batch, kept up while the batch is judged."""

    facts: dict[str, VictimFacts]
    rows: dict[tuple[str, str], Json]
    """What each known report keeps of the rows that brought it, by incident and victim: outcome,
    effect, when it was first received, whether as history."""
    open_cases: dict[str, OpenCase]
    """By victim reference; also of people who are a party to a report of the batch."""
    last_case: dict[str, str]
    """The newest closed case of each victim."""
    pairs: Pairs = field(default_factory=Pairs)
    """What is known of victims together with suspects and other victims."""


async def lock_victims(conn: AsyncConnection, victim_refs: Iterable[str]) -> dict[str, Head]:
    """Lock the register of these victims until the transaction ends; heads by stream. Streams are
    locked in order, so that two batches wait for each other and never deadlock."""
    rows = [{"stream": s, "seq": 0, "hash": ""} for s in sorted(map(victim_stream, victim_refs))]
    found = await conn.execute(_lock(), {ROWS: rows})
    return {row.stream: Head(row.seq, row.hash) for row in found}


@cache
def _lock() -> Any:
    names = ("stream", "seq", "hash")
    given = recordset(stream_head, names)
    chosen = select(*(given.c[name] for name in names)).order_by(given.c.stream)
    made = insert(stream_head).from_select(list(names), chosen)
    # Setting the key to itself locks a row that is there already.
    return made.on_conflict_do_update(
        index_elements=[stream_head.c.stream], set_={"stream": made.excluded.stream}
    ).returning(stream_head.c.stream, stream_head.c.seq, stream_head.c.hash)


async def load_victims(
    conn: AsyncConnection, victim_refs: Iterable[str], parties: Iterable[str]
) -> Victims:
    """What is known of these victims, and the open cases of these other parties."""
    refs = sorted(set(victim_refs))
    reports: dict[str, list[KnownReport]] = {ref: [] for ref in refs}
    rows: dict[tuple[str, str], Json] = {}
    for row in await conn.execute(_reports(), {"refs": refs}):
        reports[row.victim_ref].append(
            KnownReport(
                report=Report.model_validate(row.facts),
                standing=IntakeOutcome(row.standing),
                case_ref=row.case_ref or "",
                child_referred=row.child_referred,
                eligible_but_for_area=row.eligible_but_for_area,
                reason=row.eligibility_reason,
            )
        )
        rows[row.incident_ref, row.victim_ref] = {
            "outcome": row.outcome,
            "effect": row.effect,
            "received_at": row.received_at.isoformat(),
            "history": row.history,
        }
    open_cases: dict[str, OpenCase] = {}
    last_case: dict[str, str] = {}
    for row in await conn.execute(_cases(), {"refs": sorted({*refs, *parties})}):
        if row.closed_at is None:
            open_cases[row.victim_ref] = OpenCase(
                row.case_ref, row.dalo_id or "", row.supervisor_id or ""
            )
        else:
            last_case[row.victim_ref] = row.case_ref
    facts = {
        ref: VictimFacts(
            reports=tuple(known),
            open_case=open_cases[ref].case_ref if ref in open_cases else "",
        )
        for ref, known in reports.items()
    }
    return Victims(facts, rows, open_cases, last_case)


@cache
def _reports() -> Any:
    columns = report.c
    return select(
        columns.incident_ref,
        columns.victim_ref,
        columns.standing,
        columns.case_ref,
        columns.child_referred,
        columns.eligible_but_for_area,
        columns.eligibility_reason,
        columns.outcome,
        columns.effect,
        columns.received_at,
        columns.history,
        columns.facts,
    ).where(columns.victim_ref == any_(_refs()))


@cache
def _cases() -> Any:
    columns = case_register.c
    return (
        select(
            columns.case_ref,
            columns.victim_ref,
            columns.dalo_id,
            columns.supervisor_id,
            columns.closed_at,
        )
        .where(columns.victim_ref == any_(_refs()))
        .order_by(columns.opened_at, columns.case_ref)
    )


def _refs() -> Any:
    return bindparam("refs", type_=ARRAY(Text))


async def append_many(
    conn: AsyncConnection, heads: Mapping[str, Head], events: Mapping[str, Sequence[Event]]
) -> None:
    """Append events to streams that `lock_victims` locked, numbered after their heads."""
    rows: list[Json] = []
    ends: list[Json] = []
    for stream, batch in events.items():
        head = heads[stream]
        seq, prev = head.seq, head.hash
        for event in batch:
            seq += 1
            row = event_row(stream, event.model_copy(update={"seq": seq}), prev)
            prev = row["hash"]
            rows.append(row)
        ends.append({"stream": stream, "seq": seq, "hash": prev})
    if rows:
        await conn.execute(insert_new(ledger_event, EVENT_COLUMNS), {ROWS: rows})
        await conn.execute(_advance(), {ROWS: ends})


@cache
def _advance() -> Update:
    given = recordset(stream_head, ("stream", "seq", "hash"))
    return (
        update(stream_head)
        .where(stream_head.c.stream == given.c.stream)
        .values(seq=given.c.seq, hash=given.c.hash)
    )
