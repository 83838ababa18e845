"""Risk: tools by question, grading, review, recommendations (docs/domain.md 2.5, 5).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class RiskFacts(State):
    """Risk: tools by question, grading, review, recommendations (docs/domain.md 2.5, 5)."""
