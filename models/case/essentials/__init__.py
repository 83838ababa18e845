"""Death, legal hold, threat to life, counter-allegations (docs/domain.md 16a)."""
