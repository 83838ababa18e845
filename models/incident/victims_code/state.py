"""The Victims' Code: what the victim must be told, and offered (docs/domain.md 4).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class CodeFacts(State):
    """The Victims' Code: what the victim must be told, and offered (docs/domain.md 4)."""
