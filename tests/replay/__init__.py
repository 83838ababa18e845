"""Recorded histories of every released version must replay (docs/upgrades.md)."""
