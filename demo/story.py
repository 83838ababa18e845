"""The demonstration's plot: rows arrive, officers work, services do what production does by
schedule, each at its virtual instant."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from temporalio import activity

from casework.notices.round import notifier
from casework.runtime import Runtime
from demo.desk import Act, Cast, Desk
from demo.driver import STEP
from demo.officers import Officers
from demo.people import People
from demo.rare import Rare
from demo.rare_decisions import RareDecisions
from demo.rare_incidents import RareIncidents
from demo.rare_law import RareLaw
from demo.rare_referrals import RareReferrals
from demo.sample import OFF_THE_MINUTE, Arrival, Sample
from demo.unusual import Unusual
from intake.run import HISTORY_BATCH
from models import registry
from models.enums import IntakeOutcome
from models.instants import at_local, london_date
from store.allocation import allocate_in, waiting_areas
from store.intake import IntakeStore, RowResult
from store.intake_plan import Stamp
from store.seal import seal
from store.tables import report

FIRST, LAST = time(6, 5), time(23)
SHIFTS = (time(9, 30), time(14))
NOTICES = (time(8), time(11, 30), time(15), time(19))
DAY_OFF = 5
"""Partners and coordinators do not work from this weekday on."""
Incident = tuple[str, str]
"""Incident and victim reference."""


class VirtualClock:
    """ "Now" outside workflows while time is skipped: the driver sets it at each step."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Story:
    """What happens when. `step` does all that is due and says when to come back."""

    def __init__(
        self,
        runtime: Runtime,
        clock: VirtualClock,
        sample: Sample,
        people: People,
        cast: Cast,
        ends: datetime,
    ) -> None:
        self._runtime = runtime
        self._clock = clock
        self._people = people
        self._intake = IntakeStore(runtime.keyring)
        self._order = itertools.count()
        self._plot: list[tuple[datetime, int, Act]] = []
        desk = Desk(runtime, cast)
        self._officers = Officers(desk, people, self._at)
        self._unusual = Unusual(desk)
        met: set[str] = set()
        self._rare = (
            Rare(desk, self._at, met, people),
            RareIncidents(desk, self._at, met, self._officers.oic),
            RareDecisions(desk, self._at, met),
            RareLaw(desk, self._at, met, self._officers.oic),
            RareReferrals(desk, self._at, met),
        )
        self._on_step: Callable[[datetime], None] = lambda now: None
        self.outcomes: Counter[str] = Counter(
            f"REJECTED:{reject.reason.value}" for reject in sample.rejects
        )
        self.starts, self.ends = clock(), ends
        self.finished = asyncio.Event()
        self.released = asyncio.Event()
        self._write(sample, ends)

    @property
    def officers(self) -> Officers:
        """Who worked the lists, and how often they were refused."""
        return self._officers

    def watched_by(self, on_step: Callable[[datetime], None]) -> None:
        """Call this with the virtual time of every step."""
        self._on_step = on_step

    def _at(self, when: datetime, act: Act) -> None:
        heapq.heappush(self._plot, (when, next(self._order), act))

    def _write(self, sample: Sample, ends: datetime) -> None:
        by_instant: dict[datetime, list[Arrival]] = {}
        for arrival in sample.arrivals:
            by_instant.setdefault(arrival.at, []).append(arrival)
        for when, arrivals in by_instant.items():
            self._at(when, self._arrive(arrivals))
        first = day = london_date(self._clock())
        while at_local(day, FIRST) < ends:
            self._day(day)
            day += timedelta(days=1)
        for after, clock, act in self._once():
            self._at(self._about(first + timedelta(days=after), clock), act)
        self._at(ends, self._finale)

    def _day(self, day: date) -> None:
        """The shifts of one day. Visits are made at weekends too; the offices are closed."""
        officers, at_work = self._officers, day.weekday() < DAY_OFF
        self._at(at_local(day, FIRST) + OFF_THE_MINUTE, self._unusual.open_lists)
        self._at(self._about(day, time(7, 30)), officers.before_school)
        for shift in SHIFTS:
            self._at(self._about(day, shift), officers.work_list)
        self._at(self._about(day, time(10, 30)), officers.supervise)
        if at_work:
            self._at(self._about(day, time(12, 15)), officers.serve)
        self._at(self._about(day, time(17, 30)), officers.evening)
        self._at(self._about(day, time(18, 30)), officers.night)
        for round_at in NOTICES:
            self._at(self._about(day, round_at), self._tell_people)
        self._at(at_local(day, LAST), self._nightly)

    def _once(self) -> Iterator[tuple[int, time, Act]]:
        """What is done on one day, so many days after the first."""
        yield 2, time(8, 30), self._unusual.score
        yield 8, time(9), self._unusual.hand_over
        yield 15, time(8), self._unusual.take_leave
        for scenes in self._rare:
            yield from scenes.scenes()
        for week in range(9, 60):
            yield 7 * week - 3, time(15), self._unusual.ask_closure
        yield 74, time(15), self._unusual.reopen

    def _about(self, day: date, clock: time) -> datetime:
        """Some minutes and seconds past a clock time: nobody starts on the stroke of the hour."""
        rng = self._people.rng("about", day, clock)
        return at_local(day, clock) + timedelta(seconds=rng.randint(1, 1_500), milliseconds=137)

    async def load_history(self, sample: Sample) -> None:
        """The twelve months before the pilot: counted, never started."""
        stamp = self._stamp()
        for first in range(0, len(sample.history), HISTORY_BATCH):
            async with self._runtime.engine.begin() as conn:
                batch = sample.history[first : first + HISTORY_BATCH]
                await self._intake.take_rows(conn, batch, stamp, history=True)

    @activity.defn(name=STEP)
    async def step(self, now: datetime) -> datetime:
        """Do everything that is due; returns the instant of the next thing to do."""
        self._clock.now = now
        self._on_step(now)
        while self._plot and self._plot[0][0] <= now:
            _, _, act = heapq.heappop(self._plot)
            await act(now)
        await self._runtime.relay_once()
        return self._plot[0][0] if self._plot else self.ends + timedelta(seconds=1)

    def _stamp(self) -> Stamp:
        return Stamp(
            now=self._clock(),
            policy=registry.current_policy(),
            calendar_version=registry.current_calendar().version,
            actor="SVC-INTAKE",
            role="SYSTEM",
        )

    def _arrive(self, arrivals: list[Arrival]) -> Act:
        async def act(now: datetime) -> None:
            opened: list[Incident] = []
            for arrival in arrivals:
                async with self._runtime.engine.begin() as conn:
                    (result,) = await self._intake.take_rows(
                        conn, [arrival.row], self._stamp(), history=False
                    )
                self.outcomes[result.outcome.value] += 1
                opened += await self._incidents_of(result)
            if opened:
                await self._allocate(now)
                await self._runtime.relay_once()
            for incident in opened:
                await self._officers.attend(*incident, now)

        return act

    async def _incidents_of(self, result: RowResult) -> list[Incident]:
        """The incidents that somebody must attend to because of a row: its own, or those of the
        case that it opened late."""
        if result.outcome in (IntakeOutcome.CASE_OPENED, IntakeOutcome.LINKED_TO_OPEN_CASE):
            return [(result.incident_ref, result.victim_ref)]
        if not result.case_ref:
            return []
        query = select(report.c.incident_ref, report.c.victim_ref).where(
            report.c.case_ref == result.case_ref
        )
        async with self._runtime.engine.connect() as conn:
            return [(row.incident_ref, row.victim_ref) for row in await conn.execute(query)]

    async def _allocate(self, now: datetime) -> None:
        async with self._runtime.engine.begin() as conn:
            for area in await waiting_areas(conn):
                await allocate_in(conn, area, now, registry.current_policy())

    async def _finale(self, now: datetime) -> None:
        """Hold time still until the report is printed."""
        await self._runtime.relay_once()
        await self._nightly(now)
        self.finished.set()
        await self.released.wait()

    async def _tell_people(self, now: datetime) -> None:
        """A round of notices. There is no mail server here: they are written and wait."""
        await notifier(self._runtime).once()

    async def _nightly(self, now: datetime) -> None:
        await seal(self._runtime.engine, now)
