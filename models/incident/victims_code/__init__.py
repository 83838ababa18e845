"""The Victims' Code: what the victim must be told, and offered (docs/domain.md 4)."""
