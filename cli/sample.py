"""The sample extract, moved by whole weeks so that it ends now."""

from __future__ import annotations

import gzip
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.runtime import Runtime
from cli.intake import take
from intake.run import IntakeOptions, IntakeSummary
from models.enums import Role
from models.instants import london
from store.roster import RosterEntry, load_roster, read_roster
from store.tables import report

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "medway"
FILES = (("history.csv.gz", True), ("feed.csv", False), ("feed-late.csv", False))
_ENDS = date(2026, 11, 22)
"""The last day of the sample's feed."""
_TIME = re.compile(rb"(\d\d)/(\d\d)/(\d{4})(?= \d\d:\d\d)")
LOADER = "SVC-INTAKE"


def weeks_to(now: datetime) -> int:
    """By how many whole weeks the sample moves so that nothing in it lies in the future."""
    return (london(now).date() - timedelta(days=1) - _ENDS).days // 7


def moved(content: bytes, weeks: int) -> bytes:
    """An extract with every `DD/MM/YYYY HH:MM` moved by whole weeks; weekdays and clock times stay.
    What is no date stays, to be refused as before."""

    def move(found: re.Match[bytes]) -> bytes:
        day, month, year = (int(part) for part in found.groups())
        try:
            later = date(year, month, day) + timedelta(weeks=weeks)
        except ValueError:
            return found.group(0)
        return later.strftime("%d/%m/%Y").encode()

    return _TIME.sub(move, content)


async def load_sample(runtime: Runtime) -> list[IntakeSummary]:
    """Load the sample's roster and files, and an account for every officer in the case whom its
    cases name. Doing it again changes nothing."""
    async with runtime.engine.begin() as conn:
        await load_roster(conn, read_roster(FOLDER / "roster.csv"))
    weeks = weeks_to(runtime.clock())
    summaries = []
    for name, history in FILES:
        raw = (FOLDER / name).read_bytes()
        content = gzip.decompress(raw) if name.endswith(".gz") else raw
        options = IntakeOptions(actor=LOADER, role=Role.SYSTEM.value, history=history)
        stream = io.BytesIO(moved(content, weeks))
        await runtime.gate.authorise(LOADER, "intake")
        summaries.append(await take(runtime, stream, name, options))
    async with runtime.engine.begin() as conn:
        await load_roster(conn, await _officers_in_the_case(conn))
    return summaries


async def _officers_in_the_case(conn: AsyncConnection) -> list[RosterEntry]:
    oic = report.c.facts["oic_id"].astext
    named = select(oic, report.c.district).where(report.c.case_ref.is_not(None), oic.is_not(None))
    return [
        RosterEntry(officer_id=officer_id, role=Role.OIC, area=district)
        for officer_id, district in await conn.execute(named.distinct())
    ]
