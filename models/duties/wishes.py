"""Policy of wishes and of contact at events."""

from __future__ import annotations

from models.duties.base import DutiesRecord
from models.enums import OrderType, SuspectStatus


class WishPolicy(DutiesRecord):
    """At which events a victim is contacted beside the cadence (docs/domain.md 9.2), and which of
    them are safety events, of which also a victim is told who asked for nothing else."""

    contact_statuses: tuple[SuspectStatus, ...] = (
        SuspectStatus.BAILED_PRECHARGE,
        SuspectStatus.RUI,
        SuspectStatus.CHARGED_BAIL,
        SuspectStatus.NFA,
        SuspectStatus.CONVICTED,
        SuspectStatus.RELEASED,
    )
    safety_statuses: tuple[SuspectStatus, ...] = (SuspectStatus.RELEASED,)
    bail_orders: tuple[OrderType, ...] = (OrderType.BAIL_CONDITIONS,)
    """Orders whose every change is an event; of others their end is."""
    basis: str = "docs/domain.md 9.2, 9.4 [assumed]"
