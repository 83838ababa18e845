"""Every stored history replays with today's code: what `make replay` runs under two hash seeds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, WorkflowReplayResult
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from activities.interfaces import CLOSE_CASE
from casework.service import WORKFLOWS
from models import registry
from models.calendars import Calendar
from models.policy import Policy
from tests.replay.make import HISTORIES, load
from tests.replay.recorded import Listener
from tests.workflows.world import STRICT

STORED = sorted(HISTORIES.glob("*/*.json.gz"))
STREAMS = frozenset({"CaseWorkflow", "IncidentWorkflow", "ReferralWorkflow", "MeetingWorkflow"})
"""What writes a stream, and goes on in a new run when its history is too long."""
RELEASED = {"v0.1": frozenset({"CaseWorkflow", "IncidentWorkflow"})}
"""The workflows that an older release had; a newer one has all that the worker runs."""
ALL = frozenset(STREAMS | {"MeetingOpeningWorkflow"})


@pytest.fixture(scope="module", autouse=True)
def _content_of_every_version() -> None:
    """The policies and calendars that the histories used, kept beside them."""
    registry.load_shipped()
    for path in sorted(HISTORIES.glob("*/content/policy*.json")):
        registry.register_policy(Policy.model_validate_json(path.read_bytes()))
    for path in sorted(HISTORIES.glob("*/content/calendar.json")):
        registry.register_calendar(Calendar.model_validate_json(path.read_bytes()))


async def replayed(path: Path, *listeners: Listener) -> WorkflowReplayResult:
    """Replay in the strict sandbox: our own modules are loaded anew for the run."""
    replayer = Replayer(
        interceptors=list(listeners),
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=SandboxedWorkflowRunner(restrictions=STRICT),
    )
    return await replayer.replay_workflow(load(path), raise_on_replay_failure=False)


@pytest.mark.parametrize("path", STORED, ids=lambda p: f"{p.parent.name}/{p.name}")
async def test_a_stored_history_replays(path: Path) -> None:
    result = await replayed(path)
    assert result.replay_failure is None, (
        f"{path.name} of {path.parent.name} no longer replays: running cases of that release would"
        f" stop. Put the change behind workflow.patched (docs/upgrades.md). {result.replay_failure}"
    )


@pytest.mark.parametrize("path", STORED, ids=lambda p: f"{p.parent.name}/{p.name}")
async def test_a_replayed_run_appends_exactly_what_its_history_recorded(path: Path) -> None:
    """A run's state comes from replay: one event more or other than then, and the next batch would
    contradict the ledger."""
    listener = Listener()
    assert (await replayed(path, listener)).replay_failure is None
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in load(path).events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert scheduled
    for then, (name, now) in zip(scheduled, listener.heard, strict=True):
        assert then.activity_type.name == name
        recorded = json.loads(then.input.payloads[0].data)
        repeated = json.loads(now)
        if name == CLOSE_CASE:
            # The state kept at closure may have gained fields; the event may not.
            recorded, repeated = recorded["event"], repeated["event"]
        assert repeated == recorded


def kinds_in(release: Path) -> tuple[set[str], set[str]]:
    """The workflows of which a release has histories, and those with a run that was continued."""
    kinds, continued = set(), set()
    for path in sorted(release.glob("*.json.gz")):
        started = load(path).events[0].workflow_execution_started_event_attributes
        kinds.add(started.workflow_type.name)
        if started.continued_execution_run_id:
            continued.add(started.workflow_type.name)
    return kinds, continued


def test_each_workflow_of_each_release_has_a_history() -> None:
    releases = {path.parent for path in STORED}
    assert releases, "tests/replay/histories is empty: python -m tests.replay.make VERSION"
    assert {each.__name__ for each in WORKFLOWS} == ALL, "say here which release has the new one"
    for release in releases:
        wanted = RELEASED.get(release.name, ALL)
        kinds, continued = kinds_in(release)
        assert wanted <= kinds, f"{release.name} has no history of {wanted - kinds}"
        assert continued, f"{release.name} has no run that was continued as new"
        if release.name not in RELEASED:
            left = STREAMS - continued
            assert not left, f"{release.name} has no run of {left} that was continued as new"


def test_a_later_release_has_work_that_an_earlier_one_began_and_that_was_renewed() -> None:
    for release in {path.parent for path in STORED} - {HISTORIES / name for name in RELEASED}:
        names = {path.name.partition(".")[0] for path in release.glob("*.2.json.gz")}
        assert {"case-renewed", "incident-renewed"} <= names, f"{release.name} has none renewed"


async def test_a_history_that_the_code_would_not_have_made_fails(tmp_path: Path) -> None:
    """The replay sees a changed order of commands: otherwise it would guard nothing."""
    history = load(next(p for p in STORED if p.name.startswith("incident-worked")))
    content = json.loads(history.to_json())
    kind = EventType.Name(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    first = next(event for event in content["events"] if event["eventType"] == kind)
    first["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "another"
    from temporalio.client import WorkflowHistory

    from tests.replay.make import save

    path = tmp_path / "changed.json.gz"
    save(WorkflowHistory.from_json("changed", content), path)
    assert isinstance((await replayed(path)).replay_failure, NondeterminismError)
