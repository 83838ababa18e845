"""Every command passes the gate, by name of a known action, before it answers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cli.app import COMMANDS
from models.actions import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
UNGATED = {
    ("up", "up"): "runs the service; shows addresses and the sample's officers",
    ("processes", "worker"): "runs workflows; shows nothing",
    ("processes", "relay"): "carries messages; shows a count",
    ("processes", "codec"): "its endpoint has a gate of its own",
    ("demo", "demo"): "has a store of its own, which it throws away",
    ("policy", "check"): "reads a file of the caller's own",
    ("db", "migrate"): "comes before there can be an account",
    ("db", "db"): "the group itself",
    ("handover", "handover"): "the group itself",
    ("matac", "_matac"): "the group itself",
}
"""Commands without an actor (docs/security.md), each with its reason."""


def _functions(module: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    return {
        node.name: node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _with_imported(module: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """A topic's own functions, and those of the parts of the command line that it imports."""
    found = _functions(module)
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cli."):
            path = ROOT / f"{str(node.module).replace('.', '/')}.py"
            if path.is_file():
                found = _functions(ast.parse(path.read_text(encoding="utf-8"))) | found
    return found


def _is_command(function: ast.AST) -> bool:
    return isinstance(function, ast.FunctionDef) and any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in {"command", "callback"}
        for each in function.decorator_list
    )


def _gate_actions(function: ast.AST) -> list[str | None]:
    """The action of each `authorise` in this function; None where it is computed."""
    found: list[str | None] = []
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "authorise"
        ):
            action = node.args[1]
            found.append(str(action.value) if isinstance(action, ast.Constant) else None)
    return found


def _reached(name: str, functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]) -> set[str]:
    """The functions of the module that this one calls, however far down, itself included."""
    reached, todo = set(), [name]
    while todo:
        now = todo.pop()
        if now in reached:
            continue
        reached.add(now)
        named = {n.id for n in ast.walk(functions[now]) if isinstance(n, ast.Name)}
        todo += sorted(named & functions.keys())
    return reached


def _commands() -> list[tuple[str, str]]:
    found = []
    for name in sorted({place for place, _ in COMMANDS.values()}):
        path = ROOT / f"{name.replace('.', '/')}.py"
        functions = _functions(ast.parse(path.read_text(encoding="utf-8")))
        found += [(path.stem, each) for each, node in functions.items() if _is_command(node)]
    return found


@pytest.mark.parametrize(("topic", "command"), [c for c in _commands() if c not in UNGATED])
def test_a_command_passes_the_gate(topic: str, command: str) -> None:
    path = ROOT / "cli" / f"{topic}.py"
    functions = _with_imported(ast.parse(path.read_text(encoding="utf-8")))
    reached = _reached(command, functions)
    actions = [action for each in reached for action in _gate_actions(functions[each])]
    assert actions, f"{topic}.{command} never asks the gate"
    assert {action for action in actions if action} <= ACTIONS.keys()


def test_the_commands_without_a_gate_exist_and_are_few() -> None:
    assert UNGATED.keys() <= set(_commands())
