"""A report under 16 with no case: no workflow has it, so the task of the district's supervisors is
an event of the victim's own stream (docs/domain.md 10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import registry
from models.base import Refused
from models.calendars import due_instant
from models.enums import ClockType, Role
from models.events import Event
from models.ids import role_address, victim_stream
from models.report import Report
from models.stream import Task
from store.intake_plan import Plan, Stamp
from store.projections import apply, changes
from store.recording import record
from store.tables import task as task_table


def _task_id(incident_ref: str) -> str:
    return f"UNDER_16:{incident_ref}"


def ask_supervisors(plan: Plan, stamp: Stamp, report: Report) -> None:
    """The supervisors of the district see that child safeguarding has it; settled by
    `dalo child-referral-sent`."""
    limit = stamp.policy.clock_rules[ClockType.CHILD_REFERRAL].limit_for("")
    calendar = registry.calendar(stamp.calendar_version)
    task = Task(
        task_id=_task_id(report.incident_ref),
        kind="UNDER_16",
        owner=role_address(Role.SUPERVISOR.value, report.district),
        raised_at=stamp.now,
        due_at=due_instant(limit, stamp.now, calendar) if limit else None,
        why="a report under 16 and no case: see that child safeguarding has it",
        command=f"dalo child-referral-sent {report.incident_ref}/{report.victim_ref}",
        subject=report.incident_ref,
    )
    data = {"task": task.model_dump(mode="json")}
    plan.event(stamp, report.victim_ref, "task:raised", stamp.now, data)


async def project(conn: AsyncConnection, plan: Plan) -> None:
    """Tasks that no workflow keeps stand on the worklists by their events alone."""
    tasks = [
        change
        for stream, events in plan.events.items()
        for event in events
        if event.tag.startswith("task:")
        for change in changes(stream, event)
    ]
    if tasks:
        await apply(conn, tasks)


async def sent(
    conn: AsyncConnection,
    incident_ref: str,
    victim_ref: str,
    at: datetime,
    now: datetime,
    actor: str,
    role: str,
) -> None:
    """Child safeguarding has the referral: say so and settle the task. Raises `Refused`
    (`NO_CHILD_TASK`, `IN_FUTURE`, `BEFORE_OCCURRENCE`)."""
    stream = victim_stream(victim_ref)
    query = select(task_table).where(
        task_table.c.stream == stream,
        task_table.c.task_id == _task_id(incident_ref),
        task_table.c.settled_at.is_(None),
    )
    found = (await conn.execute(query)).one_or_none()
    if found is None:
        raise Refused(
            "NO_CHILD_TASK",
            "no referral of a child without a case waits under this reference",
            "name it as the worklist does: INCIDENT/VICTIM; a child of a case has its own task",
            "ref",
        )
    if at > now:
        raise Refused("IN_FUTURE", "the time given is later than now", "give when it was", "at")
    if at < found.raised_at:
        raise Refused(
            "BEFORE_OCCURRENCE",
            "the time given is earlier than the report's receipt",
            "give when it was sent",
            "at",
        )
    data = {"incident_ref": incident_ref, "victim_ref": victim_ref}
    settled = {"task_id": found.task_id, "kind": found.kind}
    events = [
        Event(
            seq=0,
            tag=tag,
            occurred_at=at,
            recorded_at=now,
            actor=actor,
            role=role,
            data=what,
        )
        for tag, what in (
            ("report:child_safeguarding:sent", data),
            ("task:settled", settled),
        )
    ]
    await record(conn, stream, None, events, [], now)
