"""The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class SuspectFacts(State):
    """The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11)."""
