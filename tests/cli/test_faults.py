"""A full disk and an engine that is away: one line, an exit code, and nothing changed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from casework.runtime import Runtime
from tests.cli.conftest import Dalo, engine_away

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")

needs_dev_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def one_line(err: str) -> str:
    """The error, which is a single line without a traceback."""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    return lines[0]


@needs_dev_full
def test_output_that_finds_no_room_is_an_error() -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "starter.py", "policy", "check", "policy/kent.yaml"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "disk is full" in one_line(done.stderr)


@needs_dev_full
async def test_rejects_that_find_no_room_stop_the_intake_before_its_first_row(
    dalo: Dalo, cases: list[str], at_home: Runtime, extract: Path, tmp_path: Path
) -> None:
    file = tmp_path / "other.csv"
    file.write_text(extract.read_text("utf-8").replace("VIC-", "VIC-9"), encoding="utf-8")
    before = await _reports(at_home)
    refused = await dalo("intake", str(file), "--as", "PS-4001", "--rejects", str(FULL))
    assert refused.code == 1
    assert "/dev/full cannot be written" in one_line(refused.err)
    assert await _reports(at_home) == before


async def test_metrics_without_a_place_to_write_are_an_error(
    dalo: Dalo, cases: list[str], tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    args = ("metrics", "--from", "2026-01", "--out", str(taken / "out"), "--as", "PS-4001")
    refused = await dalo(*args)
    assert refused.code == 1
    assert str(taken) in one_line(refused.err)


def test_a_home_without_room_is_named_with_what_to_do(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    done = subprocess.run(
        [sys.executable, "starter.py", "up"],
        cwd=ROOT,
        env={**os.environ, "DALO_HOME": str(tmp_path / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=small_files,
        check=False,
    )
    assert done.returncode == 1
    assert "DALO_HOME" in one_line(done.stderr)


async def test_without_the_engine_commands_are_refused_and_reads_say_where_they_come_from(
    dalo: Dalo, cases: list[str], at_home: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_away(at_home, monkeypatch)
    before = await _head(at_home, cases[0])
    refused = await dalo("do", cases[0], "review-case", "--as", "PS-4001")
    assert refused.code == 1
    assert "127.0.0.1:1" in one_line(refused.err)
    assert await _head(at_home, cases[0]) == before
    read = await dalo("case", cases[0], "--as", "PS-4001", "--json")
    assert read.code == 0
    assert read.json["source"] == "read model"
    assert read.json["safe_to_call"]["allowed"] is False


async def _reports(runtime: Runtime) -> int:
    async with runtime.engine.connect() as conn:
        return int((await conn.execute(text("select count(*) from report"))).scalar_one())


async def _head(runtime: Runtime, case_ref: str) -> int:
    query = text("select seq from stream_head where stream = :stream")
    async with runtime.engine.connect() as conn:
        found = await conn.execute(query, {"stream": f"case/{case_ref}"})
        return int(found.scalar_one())
