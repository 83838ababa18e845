"""The long-running side of the product: worker, relay, sealer and watchdog in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import structlog
from sqlalchemy import null, select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from temporalio.worker import Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.ledger import LedgerActivities
from activities.meetings import MeetingActivities
from casework import matac, schedules, watchdog
from casework.errors import ServerError
from casework.notices.round import messenger, notifier
from casework.renewal import renew
from casework.runtime import Runtime
from models import registry
from models.commands import (
    CaseEnvelope,
    IncidentEnvelope,
    MeetingEnvelope,
    ReferralEnvelope,
)
from models.content import PolicyError
from store.keys import KeyUnavailable
from store.seal import seal
from store.tables import case, referral
from workflows.case import CaseInput, CaseWorkflow
from workflows.incident import IncidentInput, IncidentWorkflow
from workflows.meeting import MeetingInput, MeetingWorkflow
from workflows.opening import MeetingOpeningWorkflow
from workflows.referral import ReferralInput, ReferralWorkflow

log = structlog.get_logger(__name__)

PASSED_THROUGH = ("pydantic", "pydantic_core", "models", "activities", "workflows", "structlog")
WORKFLOWS = (
    CaseWorkflow,
    IncidentWorkflow,
    ReferralWorkflow,
    MeetingWorkflow,
    MeetingOpeningWorkflow,
)
CACHED_WORKFLOWS = 5_000
WORKFLOW_TASKS_AT_ONCE = 4
"""Two a core: a restart brings every case back at once, and each task has two seconds to answer."""
OTHERS_TAKE_OVER_AFTER = timedelta(seconds=5)
"""How long the engine waits for the worker that has a case in its cache before it asks another: a
killed worker's cases answer again within the time that a command waits for its answer."""
SEAL_EVERY = timedelta(minutes=1)
NOTIFY_EVERY = timedelta(seconds=15)
MESSAGE_EVERY = timedelta(seconds=5)
WATCH_EVERY = timedelta(minutes=1)
FORGET_KEYS_EVERY = timedelta(seconds=30)
MEASURE_EVERY = timedelta(seconds=30)
SCHEDULE_EVERY = timedelta(hours=1)
SCORE_EVERY = timedelta(hours=1)


def workflow_runner() -> WorkflowRunner:
    """How the product runs workflows: in the sandbox, models and workflows passed through it."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def build_worker(runtime: Runtime, runner: WorkflowRunner | None = None) -> Worker:
    """The worker of the product: its workflows and the recording activities. Another runner is for
    those who play workflows at another time than the engine's."""
    recording = LedgerActivities(runtime.engine, runtime.keyring)
    opening = MeetingActivities(runtime.engine, runtime.keyring)
    return Worker(
        runtime.client,
        task_queue=runtime.settings.task_queue,
        workflows=WORKFLOWS,
        activities=[recording.record, recording.close_case, opening.open_meeting],
        workflow_runner=runner or workflow_runner(),
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS_AT_ONCE,
        sticky_queue_schedule_to_start_timeout=OTHERS_TAKE_OVER_AFTER,
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


def warm() -> None:
    """Build what the first workflow task would otherwise build while the engine waits for it."""
    for model in (
        CaseInput,
        IncidentInput,
        ReferralInput,
        MeetingInput,
        CaseEnvelope,
        IncidentEnvelope,
        ReferralEnvelope,
        MeetingEnvelope,
    ):
        model.model_json_schema()


async def check_versions(runtime: Runtime) -> None:
    """Refuse to work without a policy or calendar that an open case uses, or a policy that an open
    referral does: a flag may run a year beyond its case."""
    query = select(case.c.policy_version, case.c.calendar_version).where(case.c.closed_at.is_(None))
    beside = select(referral.c.policy_version, null()).where(
        referral.c.ended_at.is_(None), referral.c.policy_version.is_not(None)
    )
    async with runtime.engine.connect() as conn:
        used = (await conn.execute(query.union(beside))).all()
    for policy_version, calendar_version in used:
        try:
            registry.policy(policy_version)
            if calendar_version is not None:
                registry.calendar(calendar_version)
        except (KeyError, PolicyError):
            raise ServerError(
                f"open work uses policy {policy_version} and calendar {calendar_version or 'any'},"
                " which this worker does not have",
                "install the release or policy file that has them; never remove a version in use",
            ) from None


async def ready(runtime: Runtime) -> None:
    """Everything that must hold before the worker polls. Raises ServerError where the database does
    not answer: without the streams' keys a worker could serve no case."""
    try:
        await check_versions(runtime)
        await runtime.keyring.preload()
    except (OperationalError, InterfaceError, KeyUnavailable) as error:
        raise ServerError(
            f"The database does not answer ({type(error).__name__}).",
            "Start it or check DALO_DATABASE_URL; running workers go on meanwhile.",
        ) from None
    warm()


async def run_worker(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Worker, relay and sealer until told to stop."""
    await ready(runtime)
    await renew(runtime)
    async with build_worker(runtime):
        log.info("worker.started", task_queue=runtime.settings.task_queue)
        await together(
            stopping,
            [
                runtime.relay.run(stopping),
                every(stopping, NOTIFY_EVERY, notifier(runtime).once, "notifier"),
                every(stopping, MESSAGE_EVERY, messenger(runtime).once, "victim messages"),
                every(stopping, SEAL_EVERY, lambda: _seal(runtime), "sealer"),
                every(stopping, FORGET_KEYS_EVERY, runtime.keyring.forget_destroyed, "keys"),
                every(stopping, SCHEDULE_EVERY, lambda: schedules.ensure(runtime), "schedules"),
                every(stopping, SCORE_EVERY, lambda: matac.run_due(runtime), "scoring"),
                every(stopping, MEASURE_EVERY, lambda: watchdog.measure_outbox(runtime), "metrics"),
            ],
        )
    log.info("worker.stopped")


async def run_service(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Everything on one machine: the worker's side, and the watchdog beside it."""
    await together(
        stopping,
        [run_worker(runtime, stopping), run_watchdog(runtime, stopping)],
    )


async def run_watchdog(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Compare store and engine once a minute until told to stop."""
    await every(stopping, WATCH_EVERY, lambda: watchdog.round_of(runtime), "watchdog")


async def together(stopping: asyncio.Event, jobs: Iterable[Awaitable[None]]) -> None:
    """Run jobs side by side; the first that fails stops the others and is raised."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        stopping.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


async def every(
    stopping: asyncio.Event, pause: timedelta, job: Callable[[], Awaitable[object]], name: str
) -> None:
    """Do a job, then wait; a job that fails is logged by its error's type and tried again."""
    while not stopping.is_set():
        try:
            await job()
        except Exception as error:
            log.warning("service.job_failed", job=name, error=type(error).__name__)
        try:
            await asyncio.wait_for(stopping.wait(), pause.total_seconds())
        except TimeoutError:
            continue


async def _seal(runtime: Runtime) -> None:
    await seal(runtime.engine, runtime.clock())
    async with runtime.engine.begin() as conn:
        await conn.execute(
            text(
                "insert into run_mark (name, at) values ('sealer', :at)"
                " on conflict (name) do update set at = excluded.at"
            ),
            {"at": runtime.clock()},
        )
