"""Court orders and notices (docs/domain.md 11)."""
