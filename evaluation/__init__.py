"""Pilot metrics from the ledger alone: definitions as data, pure functions, one reading pass."""
