"""The monthly scoring run of an area, for every face of the product; the service does it by itself.
A person has passed the gate with `matac-run`."""

from __future__ import annotations

from datetime import timedelta

from casework.runtime import Runtime
from models import registry
from models.commands import Grant
from models.enums import Forum, Role
from models.instants import london_date
from models.matac_run import due_from, run_day
from store.matac import reported_before, score_month, work_out
from store.matac_runs import Asked, MatacRun, known_area, run_of, stored_run, subject_of

FIRST_REPORTS = timedelta(days=1)
"""How long an area's first report has been there before it is scored: a month is scored once, and
not on half a history."""


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


async def run_due(runtime: Runtime) -> list[MatacRun]:
    """Score the month that runs in every area whose MATAC the policy in force has, from its first
    working day on; returns what was scored now. Asked any number of times, by any number of
    services, it scores a month once: one that was down on the day makes up for it. An area whose
    first reports have only just come is left until its history is in."""
    policy, now = registry.current_policy(), runtime.clock()
    if policy.duties is None:
        return []
    section = policy.duties.meetings
    if now < due_from(now, registry.current_calendar(), section.opens_at):
        return []
    made = []
    for series in section.series:
        if series.forum is not Forum.MATAC:
            continue
        async with runtime.engine.connect() as conn:
            known = await reported_before(conn, series.area, now - FIRST_REPORTS)
        if not known:
            continue
        found = await run(runtime, series.area)
        if not found.repeated:
            made.append(found)
    return made
