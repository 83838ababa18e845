"""Every refusal is in the manual and says what to do (that it is tried: tests/tried.py); every
command refuses what no command may do: a role without the right, a time in the future or before it
all began."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from cli.do import SPECS
from models.access import Relation, cell, permitted
from models.actions import ACTIONS
from models.enums import Role
from tests.models.conftest import at
from tests.models.random_kernel import Stream
from tests.models.random_streams import MAKERS, step
from tests.tried import ROOT, sites


def raised() -> Iterator[tuple[str, str, bool]]:
    """Each refusal in the source: its code, where it is, and whether it has a remedy."""
    for path, node in sites():
        remedy = len(node.args) > 2 or any(k.arg == "remedy" for k in node.keywords)
        where = f"{path.relative_to(ROOT)}:{node.lineno}"
        for found in ast.walk(node.args[0]):
            if isinstance(found, ast.Constant) and str(found.value).isupper():
                yield str(found.value), where, remedy


REFUSALS = sorted(set(raised()))
CODES = sorted({code for code, _, _ in REFUSALS})


@pytest.fixture(scope="module")
def manual() -> str:
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return "".join(page.read_text("utf-8") for page in pages)


def test_the_source_is_read() -> None:
    assert len(CODES) > 200


@pytest.mark.parametrize("code", CODES)
def test_the_manual_lists_a_refusal(code: str, manual: str) -> None:
    assert f"`{code}`" in manual


@pytest.fixture(scope="module")
def tried() -> str:
    files = sorted((ROOT / "tests").rglob("*.py"))
    return "".join(f.read_text("utf-8") for f in files if f.name != Path(__file__).name)


BY_WORDS = {"REFUSED", "BAD_PERIOD", "NOT_RECORDED_YET"}
"""Tested by what they say, without their code."""


@pytest.mark.parametrize("code", sorted(set(CODES) - BY_WORDS))
def test_a_refusal_is_tried(code: str, tried: str) -> None:
    assert re.search(rf"\b{code}\b", tried)


@pytest.mark.parametrize(("code", "where", "remedy"), REFUSALS)
def test_a_refusal_says_what_to_do(code: str, where: str, remedy: bool) -> None:
    assert remedy


# --- the gate ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(SPECS))
@pytest.mark.parametrize("role", sorted(Role))
def test_only_a_role_with_the_right_may_give_a_command(kind: str, role: Role) -> None:
    rights = [cell(role, data) for data, _ in ACTIONS[kind].any_of]
    found = permitted(role, kind, Relation.OWN)
    if any(right.write for right in rights):
        assert found.code != "ROLE_NOT_PERMITTED"
    else:
        assert (found.allowed, found.code) == (False, "ROLE_NOT_PERMITTED")


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_who_only_looks_on_gives_no_command(kind: str) -> None:
    for role in (Role.EVALUATOR, Role.AUDITOR, Role.OVERSIGHT_AGG, Role.SYSTEM):
        assert permitted(role, kind, Relation.OWN).code == "ROLE_NOT_PERMITTED"


# --- times ---------------------------------------------------------------------------------------

ELSEWHERE = {
    "reopen-case": "a closed case has no workflow: casework.reopening checks the time",
    "record-evidence": "each entry has its own time, which tests of the incident try",
}
OLDER = {
    "record-order": "an order can be older than the incident that it is recorded on",
    "apply-dvds": "somebody can have asked before the incident",
    **dict.fromkeys(
        (
            "serve-order",
            "vary-order",
            "end-order",
            "record-hearing",
            "record-breach",
            "record-spo-notification",
            "record-order-contact",
            "discount-order",
            "record-dvds",
        ),
        "what follows an order or a disclosure is measured by that, not by the incident",
    ),
}
BEGUN = {
    "case": "BEFORE_CASE",
    "incident": "BEFORE_OCCURRENCE",
    "referral": "BEFORE_REFERRAL",
    "meeting": "BEFORE_MEETING_OPENED",
}
ROUNDS, STEPS = 60, 20


def refused_with(
    target: str, wanted: str, when: Callable[[Stream], datetime], leave_out: set[str]
) -> tuple[set[str], set[str]]:
    """Random histories until each command was refused with a code; the commands that never were,
    and those that were accepted at that time."""
    accepted: set[str] = set()
    missing = set(MAKERS[target](0).kinds) - leave_out
    for seed in range(ROUNDS):
        stream, random = MAKERS[target](seed), Random(seed)
        for _ in range(STEPS):
            for kind in sorted(missing):
                for grant in dict.fromkeys(stream.grants):
                    command = stream.make(kind, random.randrange(2**32), at=when(stream))
                    if command is None:
                        continue
                    refused = stream.try_check(command, grant)
                    if refused is None:
                        accepted.add(kind)
                    elif refused.code == wanted:
                        missing.discard(kind)
            if not missing:
                return missing, accepted
            step(stream, random.randrange(2**32))
    return missing, accepted


@pytest.mark.parametrize("target", sorted(MAKERS))
def test_no_command_is_taken_from_the_future(target: str) -> None:
    def later(stream: Stream) -> datetime:
        return stream.play.now + timedelta(hours=1)  # type: ignore[no-any-return]

    assert refused_with(target, "IN_FUTURE", later, set(ELSEWHERE)) == (set(), set())


@pytest.mark.parametrize("target", sorted(MAKERS))
def test_no_command_is_taken_from_before_it_all_began(target: str) -> None:
    def earlier(stream: Stream) -> datetime:
        return at("2025-01-01 09:00")

    exceptions = {*ELSEWHERE, *OLDER}
    assert refused_with(target, BEGUN[target], earlier, exceptions) == (set(), set())
