"""Hidden-harm visits (docs/domain.md 7)."""
