"""The case: its state, and the pure rules that change it (docs/domain.md 2, 9)."""
