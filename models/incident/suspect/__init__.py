"""The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11)."""
