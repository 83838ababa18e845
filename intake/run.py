"""One reading of an extract: rows in the order in which they take effect, then allocation.

The relay, which starts and tells the workflows, is the caller's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from intake.mapping import DEFAULT_MAPPING, load_mapping
from intake.reader import Extract, open_extract
from intake.rows import Reject, RowReader, SoundRow, write_rejects
from models.enums import IntakeOutcome, Role
from models.policy import Policy
from store.allocation import AllocationResult, allocate_in, waiting_areas
from store.intake import IntakeStore, RowResult
from store.intake_plan import Stamp
from store.keys import Keyring

HISTORY_BATCH = 500
Progress = Callable[[int, int], None]
"""Called with rows done and rows to do."""
Begin = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class IntakeOptions(BaseModel):
    """How to read. `actor` and `role` are who reads, for the ledger."""

    model_config = ConfigDict(frozen=True)

    actor: str
    role: str = Role.SYSTEM.value
    history: bool = False
    dry_run: bool = False
    mapping: str = DEFAULT_MAPPING
    rejects: Path | None = None


class IntakeSummary(BaseModel):
    """What a reading did. `outcomes` has the keys of the intake contract, refusals as
    `REJECTED:<REASON>`; `effects_case_opened` counts rows of another outcome that opened a case."""

    file: str
    history: bool = False
    dry_run: bool = False
    rows: int = 0
    outcomes: dict[str, int] = Field(default_factory=dict)
    effects_case_opened: int = 0
    allocated: int = 0
    over_capacity: int = 0
    waitlisted: int = 0
    waiting: int = 0
    child_referrals: int = 0
    blank_lines: int = 0
    repeated_headers: int = 0
    areas_without_dalo: tuple[str, ...] = ()
    """Areas where cases wait because the roster has no DALO: add one (`dalo roster`)."""
    results: tuple[RowResult, ...] = Field(default=(), exclude=True, repr=False)
    """What became of each sound row, in the order of effect; not printed."""
    rejects: tuple[Reject, ...] = Field(default=(), exclude=True, repr=False)


class Intake:
    """Reads extracts into one store under one policy and calendar."""

    def __init__(
        self,
        engine: AsyncEngine,
        keyring: Keyring,
        policy: Policy,
        calendar_version: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._store = IntakeStore(keyring)
        self._policy = policy
        self._calendar_version = calendar_version
        self._clock = clock

    async def run(
        self,
        stream: IO[bytes],
        filename: str,
        options: IntakeOptions,
        progress: Progress | None = None,
    ) -> IntakeSummary:
        """Read a file. May be killed at any point and run again: nothing is started twice and
        nothing is lost. A dry run changes nothing. Raises `FileError`, before anything is written,
        for a file or mapping that is unusable as a whole."""
        stamp = Stamp(
            now=self._clock(),
            policy=self._policy,
            calendar_version=self._calendar_version,
            actor=options.actor,
            role=options.role,
        )
        extract, rows, rejects = read_rows(stream, options.mapping, stamp.now)
        if options.rejects is not None:
            write_rejects(options.rejects, rejects)
        async with self._transactions(dry_run=options.dry_run) as begin:
            results = await self._take(begin, rows, stamp, options, progress or _silent)
            async with begin() as conn:
                areas = await waiting_areas(conn)
            allocated = []
            for area in areas:
                async with begin() as conn:
                    allocated.append(await allocate_in(conn, area, stamp.now, self._policy))
        return _summary(filename, options, extract, results, rejects, allocated)

    async def _take(
        self,
        begin: Begin,
        rows: Sequence[SoundRow],
        stamp: Stamp,
        options: IntakeOptions,
        progress: Progress,
    ) -> list[RowResult]:
        results: list[RowResult] = []
        size = HISTORY_BATCH if options.history else 1
        for start in range(0, len(rows), size):
            async with begin() as conn:
                batch = rows[start : start + size]
                results += await self._store.take_rows(conn, batch, stamp, history=options.history)
            progress(len(results), len(rows))
        return results

    @asynccontextmanager
    async def _transactions(self, *, dry_run: bool) -> AsyncIterator[Begin]:
        """How a step gets its transaction, on one connection for the whole reading: one of its
        own, or in a dry run the one that is rolled back at the end."""
        async with self._engine.connect() as conn:

            @asynccontextmanager
            async def step() -> AsyncIterator[AsyncConnection]:
                if dry_run:
                    yield conn
                else:
                    async with conn.begin():
                        yield conn

            try:
                yield step
            finally:
                await conn.rollback()


def read_rows(
    stream: IO[bytes], mapping_name: str, now: datetime
) -> tuple[Extract, list[SoundRow], list[Reject]]:
    """The sound rows of a file in the order in which they take effect, and the refused ones in the
    order of their lines."""
    mapping = load_mapping(mapping_name)
    extract = open_extract(stream, mapping)
    reader = RowReader(mapping, extract.columns, now)
    rows: list[SoundRow] = []
    rejects: list[Reject] = []
    for record in extract.records:
        row = record if isinstance(record, Reject) else reader.read(record.line, record.values)
        if isinstance(row, Reject):
            rejects.append(row)
        else:
            rows.append(row)
    rows.sort(key=_effect_order)
    return extract, rows, rejects


def _effect_order(row: SoundRow) -> tuple[datetime, str, str, int]:
    report = row.report
    return report.reported_at, report.incident_ref, report.victim_ref, report.version


def _summary(
    filename: str,
    options: IntakeOptions,
    extract: Extract,
    results: Sequence[RowResult],
    rejects: Sequence[Reject],
    allocated: Sequence[AllocationResult],
) -> IntakeSummary:
    outcomes = Counter(result.outcome.value for result in results)
    outcomes.update(f"REJECTED:{reject.reason.value}" for reject in rejects)
    own = IntakeOutcome.CASE_OPENED
    return IntakeSummary(
        file=filename,
        history=options.history,
        dry_run=options.dry_run,
        rows=len(results) + len(rejects),
        outcomes=dict(sorted(outcomes.items())),
        effects_case_opened=sum(bool(r.effect) and r.outcome is not own for r in results),
        allocated=sum(len(area.allocated) for area in allocated),
        over_capacity=sum(len(area.over_capacity) for area in allocated),
        waitlisted=sum(len(area.waitlisted) for area in allocated),
        waiting=sum(area.waiting for area in allocated),
        child_referrals=sum(result.child_referred for result in results),
        blank_lines=extract.counts.blank_lines,
        repeated_headers=extract.counts.repeated_headers,
        areas_without_dalo=tuple(area.area for area in allocated if area.no_roster),
        results=tuple(results),
        rejects=tuple(rejects),
    )


def _silent(done: int, to_do: int) -> None:
    """No progress is shown."""
