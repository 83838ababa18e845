"""Errors: one line that says what is wrong and what to do, an exit code, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from cli.app import COMMANDS, run
from cli.faults import problem_of
from cli.problem import Problem, sentence
from models.base import Refused
from tests.cli.conftest import Dalo

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("case",),
        ("board", "--risk", "purple"),
        ("metrics", "--from", "soon"),
        ("do", "CASE-2027-00001", "record-attempt", "--channel", "pigeon"),
        ("do", "CASE-2027-00001", "regrade", "--command-id", "x", "--grade", "HIGH"),
        ("do", "CASE-2027-00001", "record-attempt", "--channel", "CALL"),
    ],
)
async def test_malformed_options_are_usage_errors_on_one_line(
    dalo: Dalo, args: tuple[str, ...]
) -> None:
    found = await dalo(*args)
    assert found.code == 2
    assert found.err.startswith("error: ")
    assert found.err.count("\n") == 1
    assert found.out == ""


async def test_without_a_service_the_way_to_start_it_is_told(
    dalo: Dalo, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("DALO_HOME", str(home))
    found = await dalo("board", "--as", "PS-4001", "--json")
    assert found.code == 1
    error = json.loads(found.err)["error"]
    assert set(error) == {"code", "message", "remedy", "field"}
    assert "dalo up" in error["remedy"]


async def test_an_unreachable_database_is_told_without_its_password(
    dalo: Dalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DALO_DATABASE_URL", "postgresql://dalo:s3cret@127.0.0.1:1/dalo")
    monkeypatch.setenv("DALO_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("DALO_MASTER_KEYS", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
    found = await dalo("policy", "list", "--as", "PS-4001")
    assert found.code == 1
    assert found.err.count("\n") == 1
    assert "s3cret" not in found.err


async def test_a_policy_with_a_mistake_is_named_by_file_key_and_rule(
    dalo: Dalo, tmp_path: Path
) -> None:
    shipped = (ROOT / "policy" / "kent.yaml").read_text(encoding="utf-8")
    bad = tmp_path / "bad.yaml"
    bad.write_text(shipped + "\nno_such_key: 1\n", encoding="utf-8")
    found = await dalo("policy", "check", str(bad))
    assert found.code == 1
    assert "bad.yaml: no_such_key" in found.err
    assert (await dalo("policy", "check", str(tmp_path / "none.yaml"))).code == 1
    assert (await dalo("policy", "check", str(ROOT / "policy" / "kent.yaml"))).code == 0


async def test_a_missing_file_and_a_broken_roster_are_told(dalo: Dalo, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("officer_id,role\nPC-1,KING\n")
    found = await dalo("roster", "load", str(roster), "--as", "PS-4001")
    assert found.code == 1
    assert "Line 2: role" in found.err
    missing = await dalo("intake", str(tmp_path / "none.csv"), "--as", "PS-4001")
    assert missing.code == 1
    assert missing.err.count("\n") == 1


async def test_json_commands_with_unknown_fields_are_refused(dalo: Dalo, tmp_path: Path) -> None:
    file = tmp_path / "command.json"
    file.write_text('{"channel": "CALL", "resutl": "NO_ANSWER"}')
    found = await dalo("do", "CASE-2027-00001", "record-attempt", "--from-json", str(file))
    assert found.code == 2
    assert "resutl" in found.err
    file.write_text("{")
    assert (
        await dalo("do", "CASE-2027-00001", "record-attempt", "--from-json", str(file))
    ).code == 2


def _database_error(kind: type[OperationalError | ProgrammingError], state: str) -> Exception:
    original = SimpleNamespace(sqlstate=state)
    return kind("select 'Zephyrine'", {}, original)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "full"), "DISK_FULL"),
        (_database_error(OperationalError, "53100"), "DISK_FULL"),
        (_database_error(OperationalError, "08006"), "DATABASE"),
        (_database_error(ProgrammingError, "42P01"), "NO_SCHEMA"),
        (RPCError("x", RPCStatusCode.UNAVAILABLE, b""), "ENGINE"),
        (RPCError("x", RPCStatusCode.DEADLINE_EXCEEDED, b""), "NO_ANSWER"),
        (ApplicationError("no", "do this", "at", type="IN_FUTURE"), "IN_FUTURE"),
        (Refused("CODE", "no", "do this", "at"), "CODE"),
        (RuntimeError("about Zephyrine"), "UNFORESEEN"),
    ],
)
def test_every_failure_has_a_code_and_a_remedy_and_quotes_nothing(
    error: Exception, code: str
) -> None:
    problem = problem_of(error)
    assert problem.code == code
    assert problem.remedy
    assert "Zephyrine" not in sentence(problem)


def test_a_problem_is_two_sentences_on_one_line() -> None:
    assert sentence(Problem("X", "it\nbroke", "mend it")) == "It broke. Mend it."
    assert sentence(Problem("X", "kent.yaml: wrong")) == "kent.yaml: wrong."


def test_help_imports_neither_engine_nor_store() -> None:
    script = (
        "import sys\nfrom cli.app import run\nassert run(['--help']) == 0\n"
        "assert not {'temporalio', 'sqlalchemy', 'pydantic'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "demo"])
def test_every_command_has_help(
    command: str, own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out
