"""Codes that are the same in every force: the Home Office outcomes, 1 to 22."""

from __future__ import annotations

OUTCOME_CODES = {str(code): code for code in range(1, 23)}
