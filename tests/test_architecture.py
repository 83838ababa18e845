"""The structure that keeps the product changeable: imports one way, small units, and nothing in
workflows or rules that a replay could not repeat."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FUNCTION_LINES, FILE_LINES = 60, 400
PACKAGES = (
    "access",
    "activities",
    "bench",
    "casework",
    "cli",
    "demo",
    "evaluation",
    "intake",
    "models",
    "store",
    "tests",
    "workflows",
)
ALLOWED = {
    "models": {"models"},
    "workflows": {"workflows", "models", "activities.interfaces"},
    "activities": {"activities", "models", "store"},
    "store": {"store", "models"},
    "access": {"access", "store", "models"},
    "intake": {"intake", "store", "models"},
    "evaluation": {"evaluation", "store", "models"},
}
"""What each package may import of ours; casework, cli, worker and starter put things together."""
FOREIGN = {
    "models": {"temporalio", "sqlalchemy", "psycopg", "alembic", "starlette", "typer", "structlog"},
    "workflows": {
        "sqlalchemy",
        "psycopg",
        "alembic",
        "starlette",
        "typer",
        "structlog",
        "pydantic",
    },
    "activities": {"starlette", "typer"},
    "store": {"temporalio", "starlette", "typer"},
    "intake": {"temporalio", "starlette", "typer"},
    "evaluation": {"temporalio", "starlette"},
}
READS_FILES = {
    "models/content.py": "reads policy and calendar files, before anything polls",
    "models/registry.py": "names the folder of shipped content, and lists it at start-up",
}
"""The only rule modules that may touch files, and why. Workflows look content up by version."""
UNREPEATABLE = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("uuid", "uuid1"),
    ("uuid", "uuid4"),
    ("os", "environ"),
    ("os", "getenv"),
    ("os", "urandom"),
    ("socket", "gethostname"),
    ("asyncio", "TaskGroup"),
    ("asyncio", "wait"),
    ("asyncio", "as_completed"),
}
FORBIDDEN_MODULES = {
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "logging",
    "requests",
}
FORBIDDEN_NAMES = {"open", "uuid4", "uuid1", "input", "print", "TaskGroup", "environ", "getenv"}
READING = {"read_text", "read_bytes", "write_text", "write_bytes", "glob", "iterdir", "open"}


@cache
def sources(*packages: str) -> tuple[Path, ...]:
    found = [p for name in packages for p in sorted((ROOT / name).rglob("*.py"))]
    if packages == PACKAGES:
        found += [ROOT / "worker.py", ROOT / "starter.py"]
    return tuple(path for path in found if "__pycache__" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    line = getattr(node, "lineno", None)
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{name}:{line}" if line else str(name)


def imported(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every module (and module.name) that a file imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def _within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_point_one_way(package: str) -> None:
    wrong = [
        f"{place(path, node)} imports {name}"
        for path in sources(package)
        for node, name in imported(path)
        if name.split(".")[0] in (*PACKAGES, "worker", "starter")
        and not _within(name, ALLOWED[package])
    ]
    wrong += [
        f"{place(path, node)} imports {name}"
        for path in sources(package)
        for node, name in imported(path)
        if name.split(".")[0] in FOREIGN.get(package, set())
    ]
    assert not wrong, "\n".join(wrong)


def test_files_stay_small() -> None:
    wrong = [
        f"{place(path)} has {lines} lines"
        for path in sources(*PACKAGES)
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    ]
    assert not wrong, f"at most {FILE_LINES} lines a file:\n" + "\n".join(wrong)


def test_functions_stay_small() -> None:
    wrong = [
        f"{place(path, node)} {node.name} has {lines} lines"
        for path in sources(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not wrong, f"at most {FUNCTION_LINES} lines a function:\n" + "\n".join(wrong)


@pytest.mark.parametrize("path", sources("workflows", "models"), ids=place)
def test_nothing_that_a_replay_could_not_repeat(path: Path) -> None:
    wrong = list(unrepeatable(path))
    assert not wrong, (
        "a replay must see the same: take times from the context or workflow.now(), ids from state,"
        " content from the registry\n" + "\n".join(wrong)
    )


def unrepeatable(path: Path) -> Iterator[str]:
    """Clocks, random numbers, files, environment, foreign logging, and loops over sets."""
    in_workflows = "workflows" in path.parts
    may_read = path.is_relative_to(ROOT) and place(path) in READS_FILES
    for node, name in imported(path):
        if name.split(".")[0] in FORBIDDEN_MODULES or _within(name, {"casework"}):
            yield f"{place(path, node)} imports {name}"
    for node in ast.walk(tree(path)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=attr) if (
                owner,
                attr,
            ) in UNREPEATABLE:
                yield f"{place(path, node)} uses {owner}.{attr}"
            case ast.Attribute(value=ast.Attribute(attr=owner), attr=attr) if (
                owner,
                attr,
            ) in UNREPEATABLE:
                yield f"{place(path, node)} uses {owner}.{attr}"
            case ast.Attribute(attr=attr) if attr in READING and not may_read:
                yield f"{place(path, node)} reads or writes a file ({attr})"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_NAMES and not may_read:
                yield f"{place(path, node)} calls {name}"
            case ast.keyword(arg="default_factory", value=ast.Name(id=name)) if name in {
                "now",
                "uuid4",
                "utc_now",
            }:
                yield f"{place(path, node)} makes a default of {name}"
            case ast.For(iter=over) | ast.AsyncFor(iter=over) | ast.comprehension(iter=over):
                if _is_set(over):
                    yield f"{place(path, over)} goes through a set in no fixed order: sort it"
            case _ if in_workflows and isinstance(node, ast.Set | ast.SetComp):
                yield f"{place(path, node)} makes a set: its order is not the same in a replay"


def _is_set(node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.Call(func=ast.Name(id="list" | "tuple" | "enumerate" | "iter"), args=[inner, *_]):
            return _is_set(inner)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub(), right=right):
            return _is_set(left) or _is_set(right)
    return False


@pytest.mark.parametrize(
    "line",
    [
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import datetime\nx = datetime.now()",
        "import time\nx = time.time()",
        "from uuid import uuid4\nx = uuid4()",
        "import random",
        "import logging",
        "from casework.settings import Settings",
        "import os\nx = os.environ['A']",
        "x = open('a')",
        "from pathlib import Path\nx = Path('a').read_text()",
        "for x in {1, 2}: pass",
        "y = [x for x in set('ab')]",
        "for x in list(set('ab')): pass",
        "import asyncio\nx = asyncio.TaskGroup()",
    ],
)
def test_the_check_sees_what_a_replay_could_not_repeat(line: str, tmp_path: Path) -> None:
    path = tmp_path / "workflows" / "wrong.py"
    path.parent.mkdir()
    path.write_text(line)
    assert list(unrepeatable(path))


def test_every_ignored_type_error_names_its_code_and_no_file_is_exempt() -> None:
    blanket = ("# type: " + "ignore", "# no" + "qa", "# ruff: no" + "qa", "# mypy: " + "ignore-")
    wrong = []
    for path in sources(*PACKAGES):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            named = line.replace(f"{blanket[0]}[", "").replace(f"{blanket[1]}: ", "")
            if any(mark in named for mark in blanket):
                wrong.append(f"{place(path)}:{number}")
    assert not wrong, "name the code and the reason:\n" + "\n".join(wrong)


def test_no_top_level_name_hides_a_standard_module() -> None:
    names = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in _packages()}
    assert not names & set(sys.stdlib_module_names)


def _packages() -> Iterator[Path]:
    return (path for path in ROOT.glob("*/__init__.py") if not path.parent.name.startswith("."))


def test_everything_public_in_rules_and_workflows_says_what_it_means() -> None:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    wrong = []
    for path in sources("models", "workflows"):
        if ast.get_docstring(tree(path)) is None:
            wrong.append(place(path))
        for node in tree(path).body:
            inner = node.body if isinstance(node, ast.ClassDef) and _is_public(node) else []
            wrong += [
                f"{place(path, each)} {each.name}"
                for each in (node, *inner)
                if isinstance(each, kinds) and _is_public(each) and ast.get_docstring(each) is None
            ]
    assert not wrong, "\n".join(wrong)


def _is_public(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """A code list needs no docstring: its name and its members are the domain's own terms."""
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    is_code_list = any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in bases)
    return not node.name.startswith("_") and not is_code_list
