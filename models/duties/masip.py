"""The stalking programme (docs/domain.md 8.3)."""

from __future__ import annotations

from models.duties.base import DutiesRecord


class MasipDuty(DutiesRecord):
    """Whether direct work may go on with somebody under active police investigation."""

    intervention_during_investigation: bool = False
    basis: str = "docs/domain.md 8.3: no direct work then, advice yes [S63]; Kent [assumed]"
