"""Everything a running incident remembers, and the small questions asked of it everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from models.base import Record
from models.calendars import due_instant
from models.enums import EvidenceCode, RiskGrade
from models.evidence import Item, Verdict
from models.ids import incident_stream
from models.incident.orders.state import OrderFacts
from models.incident.safeguarding.state import SafeguardingFacts
from models.incident.suspect.state import SuspectFacts
from models.incident.victims_code.state import CodeFacts
from models.messages import ReportArrived
from models.report import Report
from models.stream import Context, StreamState

TOLD_KEPT = 60


class Told(Record):
    """Who was told what, and when: kept for the receipt. `what` is a code."""

    at: datetime
    role: str
    person: str
    what: str


class Known(Record):
    """A version of the report, when it was received, and which items it called for."""

    version: int
    received_at: datetime
    items: tuple[EvidenceCode, ...] = ()


class IncidentState(StreamState):
    """State of `IncidentWorkflow`."""

    incident_ref: str
    victim_ref: str
    case_ref: str
    dalo_id: str = ""
    supervisor_id: str = ""
    handed_to: str = ""
    """Who answers for what is open once the case is closed."""
    case_closed: bool = False
    suspect: SuspectFacts = Field(default_factory=SuspectFacts)
    orders: OrderFacts = Field(default_factory=OrderFacts)
    code: CodeFacts = Field(default_factory=CodeFacts)
    safeguarding: SafeguardingFacts = Field(default_factory=SafeguardingFacts)
    latest: ReportArrived | None = None
    """The highest version of the report."""
    case_grade: RiskGrade | None = None
    """The working grade that the case told; None: the report's own holds."""
    case_graded_at: datetime | None = None
    case_grade_told_at: datetime | None = None
    received_at: datetime | None = None
    """When the first version was received."""
    known: list[Known] = Field(default_factory=list)
    told: list[Told] = Field(default_factory=list)
    first_police_contact_at: datetime | None = None
    police_contact_by: str = ""
    """`REPORT`, or the officer who recorded it: an officer's time outlives later versions."""
    items: dict[EvidenceCode, Item] = Field(default_factory=dict)
    applicable: bool | None = None
    golden_due_at: datetime | None = None
    verdict: Verdict | None = None
    verdict_at: datetime | None = None
    judged_due_at: datetime | None = None
    """The end of the hour that the verdict is about; None where there was no golden hour."""
    verdicts: int = 0
    """How many verdicts were given: every one after the first amends it."""
    chased: bool = False
    ended_at: datetime | None = None
    seen_messages: list[str] = Field(default_factory=list)

    @property
    def report(self) -> Report | None:
        """The facts as last reported."""
        return self.latest.report if self.latest else None

    @property
    def grade(self) -> RiskGrade | None:
        """The working grade: the case's where it told one, else the newest report's."""
        return self.case_grade or (self.latest.grade if self.latest else None)

    @property
    def oic_id(self) -> str:
        """The officer in the case, where known."""
        return self.report.oic_id if self.report else ""

    @property
    def received_late(self) -> bool:
        """Whether the golden hour was over before the first report was received."""
        return (
            self.golden_due_at is not None
            and self.received_at is not None
            and self.received_at > self.golden_due_at
        )

    @property
    def lead(self) -> str:
        """Who answers for the incident: the DALO, the person it was handed to, or, while nobody
        has the case, the supervisor."""
        return self.handed_to or self.dalo_id or self.supervisor_id

    @property
    def item_owner(self) -> str:
        """Who owns the evidence items: the OIC if known."""
        return self.oic_id or self.lead


def name(state: IncidentState) -> str:
    """The incident as commands name it."""
    return incident_stream(state.incident_ref, state.victim_ref)


def told(state: IncidentState, ctx: Context, role: str, person: str, what: str) -> None:
    """Note who was told what; nobody is told nothing."""
    if person:
        entry = Told(at=ctx.now, role=role, person=person, what=what)
        state.told = [*state.told, entry][-TOLD_KEPT:]


def followup_start(state: IncidentState) -> datetime | None:
    """When the 72 hours of the follow-up photographs begin: with the initial ones, or with the
    finding that there will be none; None while they wait."""
    initial = state.items.get(EvidenceCode.INJURY_PHOTOS_INITIAL)
    if initial is None:
        return state.report.reported_at if state.report else None
    return initial.captured_at or initial.at


def start_of(state: IncidentState, code: EvidenceCode) -> datetime | None:
    """The instant an item's target counts from; None while that has not come."""
    if code is EvidenceCode.INJURY_PHOTOS_FOLLOWUP:
        return followup_start(state)
    return state.report.reported_at if state.report else None


def golden_due(state: IncidentState, ctx: Context) -> datetime | None:
    """The end of the golden hour, which starts at `reported_at`; None where there is none."""
    if state.report is None or not state.applicable:
        return None
    return state.report.reported_at + timedelta(minutes=ctx.policy.golden_hour.minutes)


def due_of(state: IncidentState, ctx: Context, code: EvidenceCode) -> datetime | None:
    """When an item is due; None while its clock has not started."""
    start = start_of(state, code)
    if start is None:
        return None
    return due_instant(ctx.policy.golden_hour.items[code].target, start, ctx.calendar)
