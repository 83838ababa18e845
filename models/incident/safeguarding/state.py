"""Safeguarding children and adults (docs/domain.md 10).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class SafeguardingFacts(State):
    """Safeguarding children and adults (docs/domain.md 10)."""
