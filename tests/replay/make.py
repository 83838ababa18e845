"""Play the stories and store their histories: `python -m tests.replay.make v0.1`.

Run it once a release, before the tag (docs/upgrades.md). It refuses to touch a folder that is
there: a stored history is what a running case may look like, and never changes.
"""

from __future__ import annotations

import asyncio
import gzip
import sys
from pathlib import Path

from temporalio.client import WorkflowHistory

from casework.postgres import temporary_postgres
from casework.stopping import leave
from models import registry
from store.migrate import upgrade
from tests.replay.acting import first_release
from tests.replay.stories import STORIES
from tests.replay.theatre import Theatre, a_theatre

HISTORIES = Path(__file__).parent / "histories"


def save(history: WorkflowHistory, path: Path) -> None:
    """Compressed, with no time stamp: the same history is the same file."""
    path.write_bytes(gzip.compress(history.to_json().encode(), 9, mtime=0))


def load(path: Path) -> WorkflowHistory:
    """A stored history."""
    return WorkflowHistory.from_json(path.name, gzip.decompress(path.read_bytes()).decode())


async def runs_of(theatre: Theatre, workflow_id: str) -> list[WorkflowHistory]:
    """Every run of a workflow, the first one first."""
    found = [await theatre.history(workflow_id)]
    while True:
        started = found[0].events[0].workflow_execution_started_event_attributes
        if not started.continued_execution_run_id:
            return found
        found.insert(0, await theatre.history(workflow_id, started.continued_execution_run_id))


async def play(name: str, folder: Path, database_url: str) -> None:
    """Play a story, on a server and a database of its own."""
    async with a_theatre(database_url, to_be_stored=True) as theatre:
        handle = await STORIES[name](theatre)
        for number, history in enumerate(await runs_of(theatre, handle.id), 1):
            save(history, folder / f"{name}.{number}.json.gz")


def keep_content(folder: Path) -> None:
    """Store the policies and the calendar that the stories were played under."""
    snapshot = folder / "content"
    snapshot.mkdir()
    calendar = registry.current_calendar()
    policies = {"policy": registry.current_policy().version, "policy-before": first_release()}
    for name, version in policies.items():
        policy = registry.policy(version)
        (snapshot / f"{name}.json").write_text(policy.model_dump_json(indent=1) + "\n")
    (snapshot / "calendar.json").write_text(calendar.model_dump_json(indent=1) + "\n")


def main(version: str) -> int:
    """Make the folder of a version."""
    folder = HISTORIES / version
    if folder.exists():
        print(f"{folder} is there already: histories of a release never change", file=sys.stderr)
        return 1
    folder.mkdir(parents=True)
    registry.load_shipped()
    with temporary_postgres() as server:
        upgrade(server.create_database("template"))
        for number, name in enumerate(STORIES):
            print(name, flush=True)
            url = server.create_database(f"story_{number}", "template")
            asyncio.run(play(name, folder, url))
    keep_content(folder)
    for path in sorted(folder.rglob("*.gz")):
        print(f"{path.relative_to(HISTORIES)}: {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    leave(main(sys.argv[1]))
