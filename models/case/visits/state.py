"""Hidden-harm visits (docs/domain.md 7).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class VisitFacts(State):
    """Hidden-harm visits (docs/domain.md 7)."""
