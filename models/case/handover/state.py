"""Handover, absence, transfer, conflict, merge (docs/domain.md 16a).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class HandoverFacts(State):
    """Handover, absence, transfer, conflict, merge (docs/domain.md 16a)."""
