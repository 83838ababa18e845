"""Risk grades and tools (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from enum import StrEnum


class RiskGrade(StrEnum):
    STANDARD = "STANDARD"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class RiskTool(StrEnum):
    DASH_ACPO_27 = "DASH_ACPO_27"
    DASH_SAFELIVES_24 = "DASH_SAFELIVES_24"
    DARA = "DARA"
    SDASH = "SDASH"
    SST = "SST"
    OTHER = "OTHER"
