"""Safeguarding children and adults (docs/domain.md 10)."""
