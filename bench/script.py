"""Twelve weeks of one medium-risk case and its incident, as one DALO works it.

The script fixes the floor: two starts, one update a command, one wake a clock that speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Generic, TypeVar

from models.commands import (
    CaseCommand,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    EvidenceEntry,
    IncidentCommand,
    NeedActionEntry,
    NeedEntry,
    RecordAttempt,
    RecordEvidence,
    ReviewCase,
    SetSafeContactPlan,
)
from models.enums import (
    Channel,
    ContactResult,
    EvidenceCode,
    EvidenceStatus,
    NeedDomain,
    NeedLevel,
)
from models.safe_contact import Route, SafeContactPlan, SafeWindow

DAY = 24.0


Command = TypeVar("Command", CaseCommand, IncidentCommand)


@dataclass(frozen=True)
class Step(Generic[Command]):
    """A command, `hours` after the start, made at the instant it is given."""

    hours: float
    command: Callable[[datetime], Command]


def _plan(at: datetime) -> CaseCommand:
    every_day = SafeWindow(weekdays=(0, 1, 2, 3, 4, 5, 6), opens=time(8), closes=time(20))
    route = Route(route_id="m", channel=Channel.CALL, verified_at=at)
    plan = SafeContactPlan(routes=(route,), safe_windows=(every_day,), plan_reviewed_at=at)
    return SetSafeContactPlan(at=at, plan=plan)


def _call(result: ContactResult) -> Callable[[datetime], CaseCommand]:
    return lambda at: RecordAttempt(at=at, channel=Channel.CALL, result=result, route="m")


def _needs(at: datetime) -> CaseCommand:
    needs = dict.fromkeys(NeedDomain, NeedLevel.NONE)
    needs |= {NeedDomain.HOUSING: NeedLevel.HIGH, NeedDomain.LEGAL: NeedLevel.LOW}
    return CompleteNeedsAssessment(
        at=at,
        needs=tuple(NeedEntry(domain=domain, level=level) for domain, level in needs.items()),
        actions=tuple(
            NeedActionEntry(
                domain=domain, action="REFER", owner="PC-5001", due_at=at + timedelta(days=14)
            )
            for domain in (NeedDomain.HOUSING, NeedDomain.LEGAL)
        ),
    )


def _action(number: int) -> Callable[[datetime], CaseCommand]:
    return lambda at: CompleteNeedAction(at=at, action_id=f"ACT-{number:03d}")


def _review(at: datetime) -> CaseCommand:
    return ReviewCase(at=at)


def _evidence(*items: EvidenceCode) -> Callable[[datetime], IncidentCommand]:
    def command(at: datetime) -> IncidentCommand:
        status = EvidenceStatus.CAPTURED
        return RecordEvidence(
            entries=tuple(EvidenceEntry(item=item, status=status, at=at) for item in items)
        )

    return command


ANSWERED, UNANSWERED = ContactResult.SUCCESSFUL_TWO_WAY, ContactResult.NO_ANSWER
CASE: tuple[Step[CaseCommand], ...] = (
    Step(1, _plan),
    Step(2, _call(UNANSWERED)),
    Step(20, _call(ANSWERED)),
    Step(3 * DAY, _needs),
    Step(6 * DAY, _action(1)),
    Step(9 * DAY, _action(2)),
    *(Step(day * DAY, _call(ANSWERED)) for day in (12, 24)),
    Step(26 * DAY, _review),
    Step(36 * DAY, _call(UNANSWERED)),
    Step(37 * DAY, _call(ANSWERED)),
    Step(51.9 * DAY, _call(ANSWERED)),
    Step(52 * DAY, _review),
    *(Step(day * DAY, _call(ANSWERED)) for day in (60, 72)),
    Step(78 * DAY, _review),
    Step(84 * DAY, _call(ANSWERED)),
)
INCIDENT: tuple[Step[IncidentCommand], ...] = (
    Step(
        0.3,
        _evidence(
            EvidenceCode.INITIAL_ACCOUNT_VIDEO,
            EvidenceCode.RISK_ASSESSMENT,
            EvidenceCode.INJURY_PHOTOS_INITIAL,
        ),
    ),
    Step(1.5, _evidence(EvidenceCode.WITNESS_ACCOUNTS, EvidenceCode.RES_GESTAE_NOTE)),
)
WEEKS = 13
CASE_WAKES = (51 * DAY,)
"""The call due on day 51 came late: one clock spoke."""
INCIDENT_WAKES = (0.67, 0.92, 1.92, 2.92, 23.92, 72.0, 7 * DAY)
"""Warning, verdict, and the targets of items that nobody recorded."""
