"""A case played without an engine: facts, strands and clocks as the workflow kernel runs them."""

from __future__ import annotations

from datetime import datetime, timedelta

from models import registry
from models.case import cadence_plan, contact, handle, lifecycle, needs
from models.case.duties import DUTIES
from models.case.state import CaseFacts
from models.commands import CaseCommand, Grant
from models.enums import Injury, RecordingType, RiskGrade, Role
from models.events import Event
from models.ids import case_stream
from models.instants import utc
from models.messages import Allocated, CaseMessage, CaseStart, ReportArrived, Waitlisted
from models.report import Report
from models.stream import Context, fire_due, next_instant

STRANDS = (
    contact.react,
    cadence_plan.react,
    needs.react,
    lifecycle.react,
    *(duty.react for duty in DUTIES),
)
DALO = "PC 5001"
OTHER_DALO = "PC 5002"
SERGEANT = "PS 4001"


def a_report(reported_at: datetime, **changes: object) -> Report:
    """A sound Medway report."""
    facts: dict[str, object] = {
        "incident_ref": "46/1/27",
        "victim_ref": "VIC-0001",
        "version": 1,
        "recording_type": RecordingType.CRIME,
        "ho_class": ("8N",),
        "occurred_from": reported_at - timedelta(minutes=20),
        "reported_at": reported_at,
        "district": "Medway",
        "injury": Injury.MINOR,
        "victim_age": 34,
        **changes,
    }
    return Report.model_validate(facts)


class Play:
    """One case. `state.unrecorded` is its whole history, since nothing records it away."""

    def __init__(
        self,
        opened_at: datetime,
        grade: RiskGrade = RiskGrade.MEDIUM,
        *,
        pending: bool = False,
        pilot_area: str = "Medway",
    ) -> None:
        if not registry.policy_versions():
            registry.load_shipped()
        self.now = utc(opened_at)
        self.policy = registry.current_policy()
        self.calendar = registry.current_calendar()
        start = CaseStart(
            case_ref="CASE-2027-00001",
            victim_ref="VIC-0001",
            opened_at=opened_at,
            pilot_area=pilot_area,
            allocation_arm="PILOT",
            policy_version=self.policy.version,
            calendar_version=self.calendar.version,
            messages=(
                ReportArrived(
                    message_id="r1",
                    report=a_report(opened_at),
                    received_at=opened_at,
                    grade=grade,
                    grade_pending_review=pending,
                ),
            ),
        )
        self.state = CaseFacts(
            stream=case_stream(start.case_ref),
            policy_version=self.policy.version,
            calendar_version=self.calendar.version,
            case_ref=start.case_ref,
            victim_ref=start.victim_ref,
            pilot_area=start.pilot_area,
            allocation_arm=start.allocation_arm,
            opened_at=opened_at,
            release=2,
        )
        handle.begin(self.state, self.context(), start)
        self.settle()

    def context(self, actor: str = "SYSTEM", role: str = "SYSTEM", command_id: str = "") -> Context:
        """The context at the play's present instant."""
        return Context(self.now, self.policy, self.calendar, actor, role, command_id)

    def settle(self) -> None:
        """Let every strand react, and clocks that are past speak, until nothing is added."""
        for _ in range(50):
            before = self.state.next_seq
            for react in STRANDS:
                react(self.state, self.context())
            fire_due(self.state, self.context())
            if self.state.next_seq == before:
                return
        raise AssertionError("the strands never come to rest")

    def until(self, when: datetime) -> None:
        """Let time pass, firing every clock on its way."""
        while (wake := next_instant(self.state)) is not None and wake <= when:
            self.now = max(self.now, wake)
            fire_due(self.state, self.context())
            self.settle()
        self.now = utc(when)

    def tell(self, message: CaseMessage) -> None:
        """Deliver a message."""
        handle.receive(self.state, self.context(), message)
        self.settle()

    def allocate(self, dalo_id: str = DALO) -> None:
        """Allocate the case now."""
        self.tell(
            Allocated(
                message_id=f"a:{dalo_id}:{self.now}",
                dalo_id=dalo_id,
                supervisor_id=SERGEANT,
                allocated_at=self.now,
            )
        )

    def wait(self) -> None:
        """Put the case on the waiting list now."""
        self.tell(Waitlisted(message_id=f"w:{self.now}", supervisor_id=SERGEANT, at=self.now))

    def do(
        self, command: CaseCommand, actor: str = DALO, role: Role = Role.DALO
    ) -> tuple[str, ...]:
        """Give a command; raises Refused."""
        grant = Grant(actor=actor, role=role, access_log_id="x")
        ctx = self.context(actor, role.value, f"c{self.state.next_seq}")
        handle.check(self.state, ctx, command, grant)
        codes = handle.apply(self.state, ctx, command)
        self.settle()
        return codes

    def supervise(self, command: CaseCommand, actor: str = SERGEANT) -> tuple[str, ...]:
        """Give a command as the sergeant."""
        return self.do(command, actor, Role.SUPERVISOR)

    def events(self, tag: str) -> list[Event]:
        """What was recorded under a tag."""
        return [event for event in self.state.unrecorded if event.tag == tag]
