"""Everything a running meeting remembers: what is listed, asked for, decided and still open."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record
from models.enums import (
    ActionType,
    Agency,
    AgendaState,
    DisruptionStanding,
    Forum,
    HearingDecision,
    Intervention,
    MeetingState,
    ResearchResult,
    Role,
)
from models.ids import role_address
from models.stream import StreamState

COORDINATORS = {Forum.MARAC: Role.MARAC_COORDINATOR, Forum.MATAC: Role.MATAC_COORDINATOR}


class Returned(Record):
    """What one agency answered on one referral; the words are in the note."""

    result: ResearchResult
    at: datetime
    note_ref: str = ""


class AgendaItem(Record):
    """One referral on the list. `late_reason` is the chair's, for an item after the list closed."""

    referral_ref: str
    case_ref: str = ""
    victim_ref: str = ""
    perpetrator_ref: str = ""
    dalo_id: str = ""
    repeat: bool = False
    emergency: bool = False
    score: float | None = None
    position: int
    state: AgendaState = AgendaState.LISTED
    listed_at: datetime
    late_reason: str = ""
    research: dict[Agency, Returned] = Field(default_factory=dict)
    heard_at: datetime | None = None
    decision: HearingDecision | None = None


class MeetingAction(Record):
    """An agreed action that is not settled yet. `due_at` is None until the action is issued, unless
    one was agreed. A disruption is the one that was planned on the referral."""

    action_id: str
    referral_ref: str
    case_ref: str = ""
    action_type: ActionType
    action: str
    agency: Agency
    owner: str
    due_at: datetime | None = None
    immediate: bool = False
    intervention: Intervention | None = None
    disruption_id: str = ""
    asks_visit: bool = False
    added_at: datetime
    issued_at: datetime | None = None
    overdue: bool = False
    note_ref: str = ""


class MeetingFacts(StreamState):
    """State of `MeetingWorkflow`."""

    forum: Forum
    area: str
    date: str
    """The London date, as ISO 8601."""
    number: int = 1
    starts_at: datetime
    coordinator: str = ""
    chair: str = ""
    emergency: bool = False
    opened_at: datetime
    stage: MeetingState = MeetingState.OPEN
    agenda: dict[str, AgendaItem] = Field(default_factory=dict)
    """By referral reference; in the order of listing."""
    actions: dict[str, MeetingAction] = Field(default_factory=dict)
    """Open actions by id."""
    frozen_at: datetime | None = None
    research_asked: dict[Agency, datetime | None] = Field(default_factory=dict)
    """Who is asked, and when the request went out; None while it has not."""
    held_at: datetime | None = None
    present: dict[str, Agency] = Field(default_factory=dict)
    apologies: list[Agency] = Field(default_factory=list)
    actions_issued_at: datetime | None = None
    minutes_issued_at: datetime | None = None
    disruptions: dict[str, dict[str, DisruptionStanding]] = Field(default_factory=dict)
    """How planned disruptions stand: by referral, then by disruption."""
    settled_told: dict[str, int] = Field(default_factory=dict)
    """How many open actions each referral was last told of."""
    ended_at: datetime | None = None
    seen_messages: list[str] = Field(default_factory=list)

    @property
    def runs_it(self) -> str:
        """The coordinator: a named person, or whoever holds the role in the area."""
        return self.coordinator or role_address(COORDINATORS[self.forum].value, self.area)

    @property
    def in_the_chair(self) -> str:
        """Who chairs: usually an inspector of the area."""
        return self.chair or role_address(Role.INSPECTOR.value, self.area)

    @property
    def ref(self) -> str:
        """The meeting as commands name it."""
        return self.stream.removeprefix("meeting/")

    @property
    def listed(self) -> list[AgendaItem]:
        """What waits to be heard, in order."""
        return [item for item in self.agenda.values() if item.state is AgendaState.LISTED]

    def open_actions(self, referral_ref: str) -> list[MeetingAction]:
        """What is still to be done for one referral."""
        return [each for each in self.actions.values() if each.referral_ref == referral_ref]
