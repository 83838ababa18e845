"""An incident played without an engine, minute by minute as the workflow kernel runs it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from models import incident as rules
from models import registry
from models.calendars import Calendar
from models.clocks import Clock
from models.commands import (
    ConfirmInWriting,
    EvidenceEntry,
    Grant,
    IncidentCommand,
    RecordEvidence,
    ReferSupport,
)
from models.enums import (
    Channel,
    ClockType,
    ConsentStatus,
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    RecordingType,
    RiskGrade,
    Role,
)
from models.enums.victims_code import ConfirmationOutcome, SupportOutcome, UpdateFrequency
from models.events import Event
from models.incident.duties import DUTIES
from models.instants import utc
from models.messages import IncidentMessage, IncidentStart, ReportArrived
from models.policy import Policy
from models.report import Report
from models.stream import Context, fire_due, next_instant
from tests.models.conftest import at

DALO, OIC, SERGEANT = "PC 5001", "DC 7001", "PS 4001"
GOLDEN_TASKS = (
    "GOLDEN_HOUR_WARNING",
    "GOLDEN_HOUR_BREACHED",
    "CHASE_EVIDENCE",
    "EVIDENCE_UNRECORDED",
)
MY_GRANT = Grant(actor=DALO, role=Role.DALO, access_log_id="1")


@cache
def shipped() -> tuple[Policy, Calendar]:
    """The policy and calendar that new work takes, read once."""
    return registry.load_shipped()


def report(reported_at: datetime, **changes: object) -> Report:
    """A sound report: a crime, told by the victim at a counter."""
    facts: dict[str, object] = {
        "incident_ref": "46/1/27",
        "victim_ref": "VIC-0001",
        "version": 1,
        "recording_type": RecordingType.CRIME,
        "occurred_from": reported_at - timedelta(minutes=20),
        "reported_at": reported_at,
        "district": "Medway",
        "victim_age": 34,
        **changes,
    }
    return Report.model_validate(facts)


def arrived(given: Report, received_at: datetime) -> ReportArrived:
    """The message that carries a report."""
    return ReportArrived(
        message_id=f"report-{given.version}",
        report=given,
        received_at=received_at,
        grade=RiskGrade.MEDIUM,
    )


class Play:
    """One incident. `state.unrecorded` is its whole history, since nothing records it away."""

    def __init__(
        self,
        given: Report,
        received_at: datetime | None = None,
        *,
        dalo_id: str = DALO,
        policy: Callable[[Play], Policy] | None = None,
    ) -> None:
        self.policy, self.calendar = shipped()
        self.policy = policy(self) if policy else self.policy
        self.now = utc(received_at or given.reported_at)
        start = IncidentStart(
            incident_ref=given.incident_ref,
            victim_ref=given.victim_ref,
            case_ref="CASE-2027-00001",
            policy_version=self.policy.version,
            calendar_version=self.calendar.version,
            dalo_id=dalo_id,
            supervisor_id=SERGEANT,
            messages=(arrived(given, self.now),),
        )
        self.state = rules.new_state(start)
        self.state.release = 2
        rules.begin(self.state, self.context(), start)
        self.settle()

    def context(self, grant: Grant | None = None) -> Context:
        actor = (grant.actor, grant.role.value) if grant else ("SYSTEM", "SYSTEM")
        return Context(self.now, self.policy, self.calendar, actor[0], actor[1])

    def settle(self) -> None:
        """React and fire until nothing more is said; a second reaction changes nothing."""
        while True:
            before = self.state.next_seq
            rules.react(self.state, self.context())
            for duty in DUTIES:
                duty.react(self.state, self.context())
            fire_due(self.state, self.context())
            if self.state.next_seq == before:
                return

    def to(self, when: datetime) -> Play:
        """Let time pass, waking at each clock as the engine's one timer does."""
        while (wake := next_instant(self.state)) is not None and wake <= when:
            self.now = max(self.now, wake)
            self.settle()
        self.now = max(self.now, utc(when))
        self.settle()
        return self

    def tell(self, message: IncidentMessage) -> None:
        rules.apply_message(self.state, self.context(), message)
        self.settle()

    def do(self, command: IncidentCommand, grant: Grant = MY_GRANT) -> tuple[str, ...]:
        ctx = self.context(grant)
        rules.check(self.state, ctx, command, grant)
        codes = rules.apply(self.state, ctx, command)
        self.settle()
        return codes

    def capture(self, at: datetime, *codes: EvidenceCode) -> tuple[str, ...]:
        return self.do(RecordEvidence(entries=tuple(entry(code, at) for code in codes)))

    def events(self, tag: str) -> list[Event]:
        return [event for event in self.state.unrecorded if event.tag == tag]

    def verdicts(self) -> list[str]:
        return [str(event.data["result"]) for event in self.events("golden_hour:verdict")]

    def open_tasks(self) -> set[tuple[str, str]]:
        return {(task.kind, task.owner) for task in self.state.tasks.values()}

    def golden_tasks(self) -> set[tuple[str, str]]:
        """The open tasks of the golden hour and its items alone."""
        return {(kind, owner) for kind, owner in self.open_tasks() if kind in GOLDEN_TASKS}

    def keep_the_code(self, grant: Grant = MY_GRANT) -> None:
        """What every incident owes the victim beside its evidence: support and a confirmation."""
        self.do(
            ReferSupport(
                at=self.now, outcome=SupportOutcome.DECLINED, consent_status=ConsentStatus.REFUSED
            ),
            grant,
        )
        confirmed = ConfirmInWriting(
            at=self.now,
            outcome=ConfirmationOutcome.DECLINED,
            update_channel=Channel.CALL,
            update_frequency=UpdateFrequency.EVERY_EVENT,
        )
        self.do(confirmed, grant)


def entry(
    code: EvidenceCode,
    at: datetime,
    status: EvidenceStatus = EvidenceStatus.CAPTURED,
    reason: EvidenceReason | None = None,
    reference: str = "",
) -> EvidenceEntry:
    """What became of one item."""
    return EvidenceEntry(item=code, status=status, at=at, reason=reason, reference=reference)


REPORTED = at("2027-03-25 21:40")
SET_OF_BARE_CRIME = (
    EvidenceCode.INITIAL_ACCOUNT_VIDEO,
    EvidenceCode.RES_GESTAE_NOTE,
    EvidenceCode.SUSPECT_ARREST_OR_PLAN,
)


def minute(number: int) -> datetime:
    """So many minutes after the report."""
    return REPORTED + timedelta(minutes=number)


def ended_clock(play: Play, tag: str, clock_type: ClockType) -> Clock:
    """The first clock of a type that an event of this tag tells of."""
    clocks = [Clock.model_validate(event.data["clock"]) for event in play.events(tag)]
    return next(clock for clock in clocks if clock.clock_type is clock_type)
