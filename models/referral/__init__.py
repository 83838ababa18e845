"""A referral from draft to outcome: four pathways as data, one set of rules (docs/domain.md 6,
8)."""
