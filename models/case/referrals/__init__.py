"""The case's side of its referrals (docs/domain.md 5, 6, 8)."""
