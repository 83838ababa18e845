"""Durable workflows: they own time and decisions, and make no I/O of their own."""
