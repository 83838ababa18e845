"""Cases opened as intake opens them: register, ledger, keys and outbox in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.runtime import Runtime
from models import registry
from models.enums import Role
from models.report import Report, ReportSecrets
from store.intake import IntakeStore, RowResult
from store.intake_plan import Stamp
from store.roster import RosterEntry, load_roster

AREA = "Medway"


@dataclass(frozen=True)
class Row:
    """One sound row of an extract."""

    report: Report
    secrets: ReportSecrets


async def staff(runtime: Runtime, dalo: str, sergeant: str, capacity: int) -> None:
    """A DALO with so much room, and the sergeant."""
    entries = (
        RosterEntry(officer_id=sergeant, role=Role.SUPERVISOR, area=AREA),
        RosterEntry(
            officer_id=dalo,
            role=Role.DALO,
            area=AREA,
            capacity=capacity,
            supervisor_id=sergeant,
        ),
    )
    async with runtime.engine.begin() as conn:
        await load_roster(conn, entries)


async def take_in(
    runtime: Runtime, report: Report, now: datetime, *, history: bool = False
) -> RowResult:
    """One row at this instant of the intake's clock."""
    stamp = Stamp(
        now=now,
        policy=registry.current_policy(),
        calendar_version=registry.current_calendar().version,
        actor="SVC-INTAKE",
        role="SYSTEM",
    )
    row = Row(report, ReportSecrets(victim_name="Fictional Person", victim_phone="07700 900000"))
    async with runtime.engine.begin() as conn:
        taken = await IntakeStore(runtime.keyring).take_rows(conn, [row], stamp, history=history)
    return taken[0]


async def open_case(runtime: Runtime, report: Report, now: datetime) -> str:
    """Take a report of somebody who had reported before; returns the case's reference. Starting
    the workflows is the relay's, giving it an officer the allocation's."""
    at = report.reported_at - timedelta(days=30)
    changed = {"incident_ref": f"{report.incident_ref}0", "reported_at": at, "occurred_from": at}
    await take_in(runtime, report.model_copy(update=changed), now, history=True)
    taken = await take_in(runtime, report, now)
    assert taken.case_ref, taken.outcome
    return taken.case_ref
