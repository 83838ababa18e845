"""Death, legal hold, threat to life, counter-allegations (docs/domain.md 16a).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class EssentialFacts(State):
    """Death, legal hold, threat to life, counter-allegations (docs/domain.md 16a)."""
