"""A meeting played without an engine, clock by clock as the workflow kernel runs it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.clocks import Clock
from models.commands import Grant
from models.commands.meeting import (
    AddAction,
    FreezeList,
    HearReferral,
    IssueActions,
    IssueMinutes,
    RecordAttendance,
)
from models.enums import (
    ActionType,
    Agency,
    ClockType,
    Forum,
    HearingDecision,
    MeetingState,
    Role,
)
from models.events import EffectKind, Event
from models.ids import meeting_stream
from models.instants import london_date, utc
from models.meeting import checks, doing, handle, reactions
from models.messages import ListRequest, MeetingMessage, MeetingStart
from models.stream import Context, Task, fire_due, next_instant
from tests.models.conftest import at
from tests.models.play_incident import shipped

COORDINATOR = Grant(actor="MC-6001", role=Role.MARAC_COORDINATOR, access_log_id="1")
MATAC = Grant(actor="MC-6002", role=Role.MATAC_COORDINATOR, access_log_id="1")
CHAIR = Grant(actor="DI-2001", role=Role.INSPECTOR, access_log_id="1")
DALO = Grant(actor="PC-4011", role=Role.DALO, access_log_id="1")
THURSDAY = at("2027-04-08 09:30")
"""Five working days before: Thu 1 Apr 2027 (Good Friday was 26 Mar)."""


class Play:
    """One meeting. `state.unrecorded` is its whole history, since nothing records it away."""

    def __init__(
        self,
        starts_at: datetime = THURSDAY,
        opened_at: datetime | None = None,
        *,
        forum: Forum = Forum.MARAC,
        emergency: bool = False,
        messages: tuple[MeetingMessage, ...] = (),
    ) -> None:
        self.policy, self.calendar = shipped()
        self.now = utc(opened_at or at("2027-03-25 06:00"))
        day = london_date(starts_at).isoformat()
        start = MeetingStart(
            stream=meeting_stream(forum.value, "Medway", day),
            forum=forum,
            area="Medway",
            date=day,
            starts_at=starts_at,
            coordinator="",
            emergency=emergency,
            opened_at=self.now,
            policy_version=self.policy.version,
            calendar_version=self.calendar.version,
            messages=messages,
        )
        self.grant = COORDINATOR if forum is Forum.MARAC else MATAC
        self.state = handle.new_state(start)
        self.state.release = 2
        handle.begin(self.state, self.context(), start)
        self.settle()

    def context(self, grant: Grant | None = None) -> Context:
        actor = (grant.actor, grant.role.value) if grant else ("SYSTEM", "SYSTEM")
        return Context(self.now, self.policy, self.calendar, actor[0], actor[1])

    def settle(self) -> None:
        """React and fire until nothing more is said."""
        for _ in range(50):
            before = self.state.next_seq
            reactions.react(self.state, self.context())
            fire_due(self.state, self.context())
            if self.state.next_seq == before:
                return
        raise AssertionError("the meeting never comes to rest")

    def to(self, when: datetime) -> Play:
        """Let time pass, waking at each clock as the engine's one timer does."""
        while (wake := next_instant(self.state)) is not None and wake <= when:
            self.now = max(self.now, wake)
            self.settle()
        self.now = max(self.now, utc(when))
        self.settle()
        return self

    def tell(self, message: MeetingMessage) -> None:
        handle.apply_message(self.state, self.context(), message)
        self.settle()

    def ask(self, number: int, **facts: Any) -> str:
        """A referral asks for a place; returns its reference."""
        ref = f"{self.state.forum.value}-2027-{number:05d}"
        request = ListRequest(
            message_id=f"list-{number}-{self.now.isoformat()}",
            referral_ref=ref,
            case_ref=f"CASE-2027-{number:05d}",
            victim_ref=f"VIC-{number:04d}",
            perpetrator_ref=f"PER-{number:04d}",
            dalo_id=DALO.actor,
            at=self.now,
            **facts,
        )
        self.tell(request)
        return ref

    def do(self, command: Any, grant: Grant | None = None) -> tuple[str, ...]:
        """Give a command; raises Refused."""
        who = grant or self.grant
        checks.check(self.state, self.context(who), command, who)
        codes = doing.apply(self.state, self.context(who), command)
        self.settle()
        return codes

    # --- the story ----------------------------------------------------------------------------

    def hold(self) -> None:
        """The list closes by itself, and the meeting is held at its time."""
        self.to(self.state.starts_at)
        self.do(
            RecordAttendance(at=self.now, present={"DI-2001": Agency.POLICE, "IDVA-1": Agency.IDVA})
        )

    def add(self, ref: str, **changes: Any) -> str:
        """An action; returns its id."""
        facts: dict[str, Any] = {
            "at": self.now,
            "referral_ref": ref,
            "action_type": ActionType.HOUSING,
            "action": "SANCTUARY_SCHEME",
            "agency": Agency.HOUSING,
            "owner": "HSG-1",
            **changes,
        }
        codes = self.do(AddAction(**facts))
        return codes[0].removeprefix("ACTION_")

    def hear(self, ref: str, decision: HearingDecision = HearingDecision.ACTIONS_AGREED) -> None:
        self.do(HearReferral(at=self.now, referral_ref=ref, decision=decision))

    def freeze(self) -> None:
        self.do(FreezeList(at=self.now))

    def issue(self) -> tuple[str, ...]:
        return self.do(IssueActions(at=self.now))

    def minutes(self) -> None:
        self.do(IssueMinutes(at=self.now, note_ref="NOTE/abc"))

    # --- what came of it ----------------------------------------------------------------------

    def stage(self) -> MeetingState:
        return self.state.stage

    def events(self, tag: str) -> list[Event]:
        return [event for event in self.state.unrecorded if event.tag == tag]

    def tasks(self) -> dict[str, Task]:
        return {task.kind: task for task in self.state.tasks.values()}

    def clock(self, kind: ClockType, subject: str = "") -> Clock:
        """The open clock of a type."""
        return next(
            clock
            for clock in self.state.clocks.values()
            if clock.clock_type is kind and subject in ("", clock.subject)
        )

    def told(self, ref: str) -> list[dict[str, Any]]:
        """What a referral was told, in order."""
        target = f"referral/{ref}"
        return [e.payload for e in self.state.effects if e.target == target]

    def passed_on(self) -> list[dict[str, Any]]:
        """What asks for the next meeting."""
        return [e.payload for e in self.state.effects if e.kind is EffectKind.LIST]
