"""Every command line that a task or a clock proposes to a person exists, with its options and all
that it cannot do without."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_group

from cli.app import COMMANDS
from cli.do import SPECS, do_app
from models.settling import BY_KEY, SETTLED_BY, command_of

ROOT = Path(__file__).resolve().parent.parent
DO = get_group(do_app)
OPTION_OF = {"entries": "item"}
"""Fields whose option has a name of its own."""
FILLED_IN = "FILLED_IN"
"""What stands for a part that is known only when the line is made."""


def _texts(folder: str) -> Iterator[str]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else FILLED_IN for p in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _proposed() -> Iterator[str]:
    """Whole command lines in the source, and those that settle a clock."""
    for folder in ("models", "casework", "store"):
        for text in _texts(folder):
            words = text.split()
            if words[:1] == ["dalo"] and len(words) > 1 and FILLED_IN not in words[3:4]:
                yield text
    for command in [*SETTLED_BY.values(), *BY_KEY.values()]:
        if command:
            yield command if command.startswith("dalo ") else f"dalo do {FILLED_IN} {command}"


@pytest.mark.parametrize("line", sorted(set(_proposed())))
def test_what_is_proposed_can_be_typed(line: str) -> None:
    _, topic, *rest = shlex.split(command_of(f"case/{FILLED_IN}", line))
    assert topic in COMMANDS
    if topic != "do" or len(rest) < 2:
        return
    kind, *options = rest[1:]
    assert kind in SPECS
    given = {word for word in options if word.startswith("--")}
    params = DO.commands[kind].params
    assert given <= {name for each in params for name in (*each.opts, *each.secondary_opts)}
    # When it happened is now where nobody says otherwise; yes or no has no word to stand for it.
    needed = {
        f"--{OPTION_OF.get(name, name).replace('_', '-')}"
        for name, field in SPECS[kind].model.model_fields.items()
        if field.is_required() and field.annotation is not bool and name != "at"
    }
    assert needed <= given


@pytest.mark.parametrize(
    ("stream", "proposed", "shown"),
    [
        (
            "case/CASE-1",
            "dalo do CASE-1 approve-wait",
            "dalo do CASE-1 approve-wait --reason REASON",
        ),
        (
            "case/CASE-1",
            "dalo do CASE-1 hand-over --reason CONFLICT",
            "dalo do CASE-1 hand-over --reason CONFLICT --dalo-id DALO_ID",
        ),
        (
            "incident/46/1/27/VIC-1",
            "dalo do incident/46/1/27/VIC-1 record-evidence",
            "dalo do 46/1/27/VIC-1 record-evidence --item ITEM=CAPTURED",
        ),
        ("case/CASE-1", "dalo do REF review-case", "dalo do CASE-1 review-case"),
        ("case/CASE-1", "dalo clocks CASE-1 --explain", "dalo clocks CASE-1 --explain"),
        (
            "meeting/MARAC/Tunbridge Wells/2027-04-08/1",
            "dalo do MARAC/Tunbridge Wells/2027-04-08/1 complete-action --action-id 1",
            "dalo do 'MARAC/Tunbridge Wells/2027-04-08/1' complete-action --action-id 1",
        ),
        ("case/CASE-1", "", ""),
    ],
)
def test_a_task_is_shown_with_a_line_that_can_be_typed(
    stream: str, proposed: str, shown: str
) -> None:
    assert command_of(stream, proposed) == shown
    assert command_of(stream, shown) == shown
