"""Every refusal of the product is raised by some test (docs/commands/): a code that stands in a
test's text proves nothing. It is counted over a whole run, which names what nobody tried and fails.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.base import Refused

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("models", "workflows", "casework", "store", "access", "intake", "cli", "evaluation")
CHOSEN = (
    *("keyword", "markexpr", "lf", "stepwise", "ignore", "ignore_glob", "deselect"),
    *("collectonly", "setuponly", "setupplan"),
)
"""Options by which a run is of some tests only, or of none."""
Line = tuple[str, int]
_raised: set[Line] = set()
_plain_init = Refused.__init__


def _counted(self: Refused, *args: str, **named: str) -> None:
    caller = sys._getframe(1)
    _raised.add((caller.f_code.co_filename, caller.f_lineno))
    _plain_init(self, *args, **named)


def pytest_configure() -> None:
    """Count from here on."""
    Refused.__init__ = _counted  # type: ignore[method-assign]


def sites() -> Iterator[tuple[Path, ast.Call]]:
    """Every place that makes a refusal."""
    for path in sorted(p for part in PARTS for p in (ROOT / part).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                yield path, node


def untried(raised: set[Line]) -> list[str]:
    """The places of which no refusal came."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.args[0])}"
        for path, node in sites()
        if not any(
            (str(path), line) in raised
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        )
    ]


def _whole(config: pytest.Config) -> bool:
    some = any(getattr(config.option, name, None) for name in CHOSEN)
    return not some and config.args == config.getini("testpaths")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Another process hands over what it counted."""
    _raised.update(map(tuple, getattr(node, "workeroutput", {}).get("raised", [])))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over, or look what is missing: then a run that would have passed has failed."""
    handed_over = getattr(session.config, "workeroutput", None)
    if handed_over is not None:
        handed_over["raised"] = sorted(_raised)
    elif _whole(session.config):
        missing = session.config.stash[MISSING] = untried(_raised)
        if missing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


MISSING = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name what nobody tried."""
    missing = config.stash.get(MISSING, [])
    if missing:
        terminalreporter.section("refusals that no test raised", red=True)
        terminalreporter.write_line("\n".join(missing))
