"""What a screen says of itself: where it was read, and what its reader may not see."""

from __future__ import annotations

from collections.abc import Collection

from rich.console import Console

from casework.case_reads import READ_MODEL
from cli.screen import note


def behind(out: Console, source: str) -> None:
    """Say where something was read, unless the workflow itself told it."""
    if source == READ_MODEL:
        out.print(note("source: read model - the workflow did not answer; this may be behind"))


def not_shown(out: Console, hidden: Collection[str]) -> None:
    """Say what the role of the reader leaves out."""
    if hidden:
        out.print(note(f"not shown to this role: {', '.join(hidden)}"))
