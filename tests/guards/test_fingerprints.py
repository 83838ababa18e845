"""A change to what workflows ask of the engine is noticed here, before a running case notices.

To accept a change after following docs/upgrades.md: `python -m tests.guards.update`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from casework.postgres import Postgres
from tests.guards.fingerprint import commands, fingerprint
from tests.replay.make import runs_of
from tests.replay.stories import CONTINUED, STORIES
from tests.replay.theatre import a_theatre

STORED = Path(__file__).parent / "fingerprints.json"
GUARDED = sorted(STORIES.keys() - CONTINUED.keys())
"""How many commands fit into a run before it continues as new is the server's to say."""
LESSON = """
The commands of story {story!r} changed: {before} became {after}.

Why it matters: a running case replays its whole history on every restart and upgrade. Where
today's code asks for another timer, activity, search attribute or ending at the same point of the
story, the engine refuses to go on with that case, and its clocks stop.

What to do:
  1. If you meant no change: find it. First difference, at command {at}:
       stored:  {old}
       now:     {new}
  2. If you meant it, and a release is out: put the new behaviour behind workflow.patched("<id>")
     with the id in workflows/patches.py, so that running cases keep the old one; store a history
     of the version before (python -m tests.replay.make VERSION, on the released code).
  3. make replay must pass.
  4. Then accept the new fingerprint: python -m tests.guards.update
docs/upgrades.md explains each step.
"""


@pytest.mark.parametrize("story", GUARDED)
@pytest.mark.slow
async def test_the_commands_of_a_story_have_not_changed(
    story: str, postgres_server: Postgres, database_template: str
) -> None:
    name = f"dalo_story_{story.replace('-', '_')}"
    url = postgres_server.create_database(name, database_template)
    try:
        lines = await played(story, url)
    finally:
        postgres_server.drop_database(name)
    stored = json.loads(STORED.read_text())[story]
    if fingerprint(lines) != stored["fingerprint"]:
        pytest.fail(lesson(story, stored, lines), pytrace=False)


async def played(story: str, url: str) -> list[str]:
    """The commands of every run of a story, in order."""
    async with a_theatre(url) as theatre:
        handle = await STORIES[story](theatre)
        runs = await runs_of(theatre, handle.id)
        return [line for run in runs for line in commands(run)]


def lesson(story: str, stored: dict[str, object], lines: list[str]) -> str:
    """What a developer reads when the guard speaks."""
    before = list(stored["commands"]) if isinstance(stored["commands"], list) else []
    at = next(
        (n for n, (a, b) in enumerate(zip(before, lines, strict=False)) if a != b),
        min(len(before), len(lines)),
    )
    return LESSON.format(
        story=story,
        before=stored["fingerprint"],
        after=fingerprint(lines),
        at=at + 1,
        old=before[at] if at < len(before) else "(the end)",
        new=lines[at] if at < len(lines) else "(the end)",
    )


def test_the_guard_says_what_changed_and_what_to_do() -> None:
    stored: dict[str, object] = {"fingerprint": "0", "commands": ["timer: a", "activity record"]}
    told = lesson("case-worked", stored, ["timer: a", "activity other"])
    assert "at command 2" in told
    assert "activity other" in told
    assert "workflow.patched" in told
    assert "python -m tests.guards.update" in told
