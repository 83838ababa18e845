"""The monthly scoring run of an area, for every face of the product and for a schedule. The caller
has passed the gate with `matac-run`."""

from __future__ import annotations

from casework.runtime import Runtime
from models import registry
from models.commands import Grant
from models.enums import Role
from models.instants import london_date
from models.matac_run import run_day
from store.matac import score_month, work_out
from store.matac_runs import Asked, MatacRun, known_area, run_of, stored_run, subject_of


async def run(
    runtime: Runtime,
    area: str,
    month: str = "",
    actor: Grant | str = "SYSTEM",
    *,
    dry_run: bool = False,
) -> MatacRun:
    """Score the month (the one that runs, where none is named) and start the nominations; a month
    that was scored is given as it was. `dry_run` writes nothing. Raises Refused."""
    now = runtime.clock()
    month = month or london_date(now).isoformat()[:7]
    who, role = (actor, Role.SYSTEM) if isinstance(actor, str) else (actor.actor, actor.role)
    async with runtime.engine.begin() as conn:
        area = await known_area(conn, area)
        found = None if dry_run else await stored_run(conn, area, month)
        if found is not None:
            return found
        asked = Asked(
            area=area,
            month=month,
            run_on=run_day(month, now, dry_run=dry_run),
            now=now,
            actor=who,
            role=role.value,
            policy=registry.current_policy(),
            calendar_version=registry.current_calendar().version,
        )
        if dry_run:
            places = await work_out(conn, asked)
            return run_of(asked, map(subject_of, places), stored=False)
        made = await score_month(conn, runtime.keyring, asked)
    if runtime.connected is not None:
        await runtime.relay_once()
    return made
