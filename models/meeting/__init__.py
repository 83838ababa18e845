"""A multi-agency meeting, from the opening of its list to its last action (docs/domain.md 8)."""
