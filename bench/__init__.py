"""The product measured against the bare floor of its engine (docs/performance.md)."""
