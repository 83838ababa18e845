"""The case's side of its referrals (docs/domain.md 5, 6, 8).

What is kept: open items only."""

from __future__ import annotations

from models.base import State


class ReferralFacts(State):
    """The case's side of its referrals (docs/domain.md 5, 6, 8)."""
