"""Who a report is about, where references were merged: new reports of a merged reference become the
kept one's; a new version of one that a running case has goes on under the reference it began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import victim_stream
from models.report import Report, ReportSecrets
from store.ledger import Head
from store.merging import aliases
from store.tables import report, victim_alias
from store.victims import Victims, lock_victims


class Incoming(Protocol):
    """A sound row: what may travel, and what goes to the restricted tables."""

    @property
    def report(self) -> Report:
        """References and codes."""

    @property
    def secrets(self) -> ReportSecrets:
        """Identity and narrative."""


@dataclass(frozen=True)
class Renamed:
    """A row as the kept reference's."""

    report: Report
    secrets: ReportSecrets


async def lock_persons(
    conn: AsyncConnection, refs: set[str]
) -> tuple[dict[str, Head], dict[str, str]]:
    """Lock these victims and those that they were merged into, in order; heads by stream, and the
    kept reference of each that was merged. A merge takes the same locks, so that one that was
    committed meanwhile is seen by asking again."""
    merged = await aliases(conn, refs)
    while True:
        heads = await lock_victims(conn, refs | set(merged.values()))
        again = await aliases(conn, refs)
        if all(victim_stream(kept) in heads for kept in again.values()):
            return heads, again
        merged = again


async def join_facts(conn: AsyncConnection, known: Victims, merged: Mapping[str, str]) -> None:
    """What is known under the references of one person, put together."""
    for ref, kept in merged.items():
        case = known.open_cases.get(kept)
        if case is not None:
            known.open_cases[ref] = case
        known.facts[ref] = known.facts[ref].model_copy(
            update={"open_case": case.case_ref if case else ""}
        )
    keepers = sorted(set(known.facts))
    query = (
        select(victim_alias.c.kept_ref, report.c.facts)
        .join(report, report.c.victim_ref == victim_alias.c.merged_ref)
        .where(victim_alias.c.kept_ref.in_(keepers))
    )
    elsewhere: dict[str, list[Report]] = {}
    for row in await conn.execute(query):
        elsewhere.setdefault(row.kept_ref, []).append(Report.model_validate(row.facts))
    for kept, reports in elsewhere.items():
        facts = known.facts[kept]
        known.facts[kept] = facts.model_copy(update={"elsewhere": tuple(reports)})


def joined(row: Incoming, known: Victims, merged: Mapping[str, str]) -> Incoming:
    """The row under the reference that it goes by."""
    ref = row.report.victim_ref
    kept = merged.get(ref)
    if kept is None:
        return row
    stored = known.facts[ref].known(row.report.incident_ref)
    running = known.facts[ref].open_case
    if stored is not None and running and stored.case_ref == running:
        return row
    return Renamed(row.report.model_copy(update={"victim_ref": kept}), row.secrets)
