"""What comes first when duties collide: threat to life, child, HIGH, order breach, then due time
(docs/domain.md 11)."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from models.enums import ClockType, RiskGrade


class Urgency(IntEnum):
    """Why an item comes before another; the lower, the sooner."""

    THREAT_TO_LIFE = 0
    CHILD = 1
    HIGH = 2
    ORDER_BREACH = 3
    ROUTINE = 4


LIFE = ("THREAT_TO_LIFE", "MISSING_PERSON", "DVDS_IMMINENT", "CONCERN_FOR_LIFE")
CHILD = ("CHILD", "ENCOMPASS", "UNDER_16", "POLICE_PROTECTION")
ORDER = ("ORDER_BREACH", "BREACH_HEARING", ClockType.DVPN_HEARING.value)


def urgency_of(kind: str, subject: str = "", risk_grade: str = "") -> Urgency:
    """The urgency of a task of this kind or a clock of this type. A breach's subject is its clock,
    whose type counts; `risk_grade` is the case's."""
    names = (kind, subject.partition(":")[0])
    for marks, urgency in ((LIFE, Urgency.THREAT_TO_LIFE), (CHILD, Urgency.CHILD)):
        if any(mark in name for name in names for mark in marks):
            return urgency
    if risk_grade == RiskGrade.HIGH.value:
        return Urgency.HIGH
    if any(mark in name for name in names for mark in ORDER):
        return Urgency.ORDER_BREACH
    return Urgency.ROUTINE


def rank(urgency: Urgency, due_at: datetime | None) -> tuple[int, float]:
    """What a worklist is sorted by: urgency, then the due time; what has none comes last."""
    return int(urgency), due_at.timestamp() if due_at is not None else float("inf")
