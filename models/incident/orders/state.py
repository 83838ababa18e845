"""Court orders and notices (docs/domain.md 11).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class OrderFacts(State):
    """Court orders and notices (docs/domain.md 11)."""
