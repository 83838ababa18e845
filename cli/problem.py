"""How an error is said: what is wrong, what to do, and nothing else."""

from __future__ import annotations

import json
import sys
from typing import NamedTuple


class Problem(NamedTuple):
    """One error as people and programs get it. `code` is fixed; none holds personal data."""

    code: str
    message: str
    remedy: str = ""
    field: str = ""
    exit_code: int = 1


def show(problem: Problem, *, as_json: bool) -> None:
    """Write it to standard error: one line, or one JSON object."""
    if as_json:
        keys = ("code", "message", "remedy", "field")
        body = {key: getattr(problem, key) for key in keys}
        sys.stderr.write(json.dumps({"error": body}) + "\n")
        return
    sys.stderr.write(f"error: {sentence(problem)}\n")


def sentence(problem: Problem) -> str:
    """`what. remedy.` on one line."""
    parts = [_closed(problem.message)]
    if problem.remedy:
        parts.append(_closed(problem.remedy))
    return " ".join(parts)


def _closed(text: str) -> str:
    line = " ".join(text.split())
    # A first word that is a name (a file, an option, a field) stays as it is.
    if line.partition(" ")[0].isalpha():
        line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?")) else f"{line}."
