"""An incident with a named suspect and its OIC, for the duties of suspect and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from models.base import Refused
from models.clocks import Clock
from models.commands import ChangeSuspectStatus, Grant, IncidentCommand
from models.enums import ArrestReason, ClockType, OrderType, RiskGrade, Role, SuspectStatus
from models.messages import ReportArrived
from models.stream import Task
from tests.models.conftest import at
from tests.models.play_incident import OIC, REPORTED, SERGEANT, Play, report

INSPECTOR, SUPERINTENDENT = "DI 3001", "SUPT 2001"
OFFICER = Grant(actor=OIC, role=Role.OIC, access_log_id="1")
STRANGER = Grant(actor="DC 7999", role=Role.OIC, access_log_id="1")
CARE = Grant(actor="WCU 1", role=Role.WITNESS_CARE, access_log_id="1")
SUPERVISOR = Grant(actor=SERGEANT, role=Role.SUPERVISOR, access_log_id="1")
DI = Grant(actor=INSPECTOR, role=Role.INSPECTOR, access_log_id="1")
SUPER = Grant(actor=SUPERINTENDENT, role=Role.SUPERINTENDENT, access_log_id="1")


class Case(Play):
    """Plays with London times as text; the OIC acts where nobody else is named."""

    def __init__(
        self,
        reported: datetime = REPORTED,
        grade: RiskGrade = RiskGrade.MEDIUM,
        **changes: Any,
    ) -> None:
        facts = {"perpetrator_ref": "PER-0001", "oic_id": OIC, **changes}
        super().__init__(report(reported, **facts))
        self.facts, self.grade = facts, grade
        if grade is not RiskGrade.MEDIUM:
            self.update(reported)

    def update(self, reported: datetime = REPORTED, **changes: Any) -> None:
        """The next version of the report, received now."""
        version = self.state.report.version + 1 if self.state.report else 1
        self.facts |= changes
        given = report(reported, **{**self.facts, "version": version})
        message = ReportArrived(
            message_id=f"report-{version}", report=given, received_at=self.now, grade=self.grade
        )
        self.tell(message)

    def by(self, command: IncidentCommand, grant: Grant = OFFICER) -> tuple[str, ...]:
        return self.do(command, grant)

    def on(self, when: str) -> Case:
        self.to(at(when))
        return self

    def status(self, status: SuspectStatus, when: str = "", **more: Any) -> tuple[str, ...]:
        """The suspect's new status, recorded when it came about."""
        if when:
            self.on(when)
        if status is SuspectStatus.ARRESTED:
            more = {"arrest_reason": ArrestReason.SUBSTANTIVE_OFFENCE, **more}
        return self.by(ChangeSuspectStatus(at=self.now, status=status, **more))

    def clock(self, clock_type: ClockType, subject: str = "") -> Clock:
        found = [
            c
            for c in self.state.clocks.values()
            if c.clock_type is clock_type and (not subject or c.subject == subject)
        ]
        assert len(found) == 1, f"{len(found)} open clocks of {clock_type.value}"
        return found[0]

    def none_open(self, clock_type: ClockType) -> bool:
        return all(c.clock_type is not clock_type for c in self.state.clocks.values())

    def ended(self, clock_type: ClockType) -> list[Clock]:
        """The clocks of this type that were met or cancelled, in order."""
        events = [*self.events("clock:met"), *self.events("clock:cancelled")]
        events.sort(key=lambda event: event.seq)
        clocks = [Clock.model_validate(event.data["clock"]) for event in events]
        return [clock for clock in clocks if clock.clock_type is clock_type]

    def task(self, kind: str) -> Task | None:
        return next((t for t in self.state.tasks.values() if t.kind == kind), None)

    def breach(self, clock_type: ClockType) -> Task | None:
        """Who was told that a clock of this type passed its due time."""
        name = clock_type.value
        told = (t for t in self.state.tasks.values() if t.kind == "BREACH")
        return next((t for t in told if t.subject.partition(":")[0] == name), None)

    def news(self) -> list[tuple[str, datetime]]:
        """What the victim is owed news of, in order."""
        return [
            (str(event.data["event_kind"]), datetime.fromisoformat(event.data["event_at"]))
            for event in self.events("notification:due")
        ]

    def to_case(self, kind: str) -> list[dict[str, Any]]:
        """Messages of a kind left for the case."""
        return [e.payload for e in self.state.effects if e.payload.get("kind") == kind]

    def orders(self) -> dict[str, OrderType]:
        return {key: order.order_type for key, order in self.state.orders.orders.items()}


def refused(case: Case, command: IncidentCommand, grant: Grant = OFFICER) -> str:
    """The code of the refusal, which must have changed nothing."""
    before = case.state.model_dump_json()
    with pytest.raises(Refused) as refusal:
        case.do(command, grant)
    assert case.state.model_dump_json() == before
    assert refusal.value.message and refusal.value.remedy
    return refusal.value.code
