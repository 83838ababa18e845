"""Handover, absence, transfer, conflict, merge (docs/domain.md 16a).

What is kept: open items only."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record, State
from models.enums import ClosureReason


class PendingHandover(Record):
    """A case that has passed to `new` and that `old` still answers for until it is accepted."""

    handover_id: str
    old: str
    new: str
    begun_at: datetime
    asked_by: str


class Cover(Record):
    """Who looks after the case while its DALO is away."""

    officer_id: str
    cover_id: str
    away_from: datetime
    away_until: datetime
    reason: str


class PendingTransfer(Record):
    """A case offered to another area or force."""

    transfer_id: str
    to_area: str
    out_of_force: bool
    offered_by: str
    offered_at: datetime
    victim_informed: bool


class AskedClosure(Record):
    """A closure that somebody asked for and that a supervisor has not decided."""

    asked_by: str
    asked_at: datetime
    reason: ClosureReason
    victim_told: bool = False


class MergeTarget(Record):
    """The case into which this one is merged."""

    case_ref: str
    victim_ref: str
    decided_by: str
    role: str
    at: datetime
    asked_with: int = -1
    """How many incidents the case had when it last asked the register to close it; -1: never."""


class StandingOrder(Record):
    """An order in force against a suspect of the case; `last_day` empty: until further order."""

    incident_ref: str
    order_id: str = ""
    order_type: str
    last_day: str = ""


class HandoverFacts(State):
    """Handover, absence, transfer, conflict, merge (docs/domain.md 16a)."""

    pending: PendingHandover | None = None
    cover: Cover | None = None
    transfer: PendingTransfer | None = None
    transferred_to: str = ""
    """The force that has taken the case: it closes as transferred."""
    conflicts: list[str] = Field(default_factory=list)
    """Officers and partners who are related to a party."""
    restricted: bool = False
    asked: AskedClosure | None = None
    merge_target: MergeTarget | None = None
    carried: dict[str, list[str]] = Field(default_factory=dict)
    """Incidents that a merge brought, with the victim references of their streams."""
    merge_reviews: list[str] = Field(default_factory=list)
    """Cases merged into this one that a supervisor has not looked through."""
    merge_victims: dict[str, str] = Field(default_factory=dict)
    """The victim references of `merge_reviews`."""
    orders: dict[str, StandingOrder] = Field(default_factory=dict)
    """Orders in force, by incident and order id."""
    grade_seen: str = ""
    incidents_seen: int | None = None
    """How many incidents the case had; None: not counted yet."""
    unsettled_at: datetime | None = None
    """When the grade last rose or a new incident joined: stable since then."""
