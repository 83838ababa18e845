"""Handover, absence, transfer, conflict, merge (docs/domain.md 16a)."""
