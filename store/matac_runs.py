"""A scoring run as it is asked for, kept and shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Record, Refused
from models.events import Json
from models.ids import matac_stream
from models.matac_run import Scored, Standing
from models.policy import Policy
from store.ledger import events_of
from store.tables import officer, report

SCORED = "matac:run:scored"
COMPLETED = "matac:run:completed"


class Subject(Record):
    """One line of a run. `referral_ref` is the nomination, `cases` the victims' open cases."""

    perpetrator_ref: str
    rank: int
    score: float
    r: int
    f: int
    g: int
    v: int
    events: int
    victims: int
    last_event_at: datetime | None
    serial: bool
    standing: Standing
    referral_ref: str = ""
    cases: tuple[str, ...] = ()


class MatacRun(Record):
    """A month's run of an area, as stored (or as it would be: `stored` is False then)."""

    area: str
    month: str
    run_on: date
    weights_version: str
    subjects: tuple[Subject, ...]
    stored: bool
    repeated: bool = False
    """It was there already: nothing was done."""


@dataclass(frozen=True)
class Asked:
    """What is run, by whom, when, and by what policy and calendar."""

    area: str
    month: str
    run_on: date
    now: datetime
    actor: str
    role: str
    policy: Policy
    calendar_version: str

    @property
    def stream(self) -> str:
        """The run's stream."""
        return matac_stream(self.area, self.month)


async def known_area(conn: AsyncConnection, area: str) -> str:
    """The area as reports or roster spell it. Raises Refused where neither knows it."""
    wanted = area.strip().casefold()
    for column in (officer.c.area, report.c.district):
        query = select(column).where(func.lower(column) == wanted).limit(1)
        found: str | None = await conn.scalar(query)
        if found is not None and "/" not in found:
            return found
    raise Refused(
        "UNKNOWN_AREA",
        "neither roster nor reports know this area",
        "give --area as a report's district is spelled",
        "area",
    )


async def stored_run(conn: AsyncConnection, area: str, month: str) -> MatacRun | None:
    """A run of the ledger; None where the month was not scored."""
    events = await events_of(conn, matac_stream(area, month))
    ends = [event.data for event in events if event.tag == COMPLETED]
    if not ends:
        return None
    return MatacRun(
        area=area,
        month=month,
        run_on=date.fromisoformat(ends[0]["run_on"]),
        weights_version=ends[0]["weights_version"],
        subjects=tuple(_subject(event.data) for event in events if event.tag == SCORED),
        stored=True,
        repeated=True,
    )


def _subject(data: Json) -> Subject:
    return Subject.model_validate({n: v for n, v in data.items() if n in Subject.model_fields})


def subject_of(place: Scored, referral_ref: str = "", cases: tuple[str, ...] = ()) -> Subject:
    """A line of the run."""
    found = place.score
    return Subject(
        perpetrator_ref=found.perpetrator_ref,
        rank=found.rank,
        score=found.score,
        r=found.r,
        f=found.f,
        g=found.g,
        v=found.v,
        events=found.events,
        victims=found.victims,
        last_event_at=found.last_event_at,
        serial=place.serial,
        standing=place.standing,
        referral_ref=referral_ref,
        cases=cases,
    )


def run_of(asked: Asked, subjects: Iterable[Subject], *, stored: bool) -> MatacRun:
    """The run as it is shown."""
    return MatacRun(
        area=asked.area,
        month=asked.month,
        run_on=asked.run_on,
        weights_version=asked.policy.of_duties.rfgv.weights_version,
        subjects=tuple(subjects),
        stored=stored,
    )
