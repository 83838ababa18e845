"""What a meeting looks like from outside: the read model's row and the full view. References, codes
and instants only."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record
from models.clocks import Clock
from models.enums import Agency, AgendaState, Forum, MeetingState
from models.events import Json
from models.meeting.schedule import CUT_OFF
from models.meeting.state import AgendaItem, MeetingAction, MeetingFacts
from models.stream import Task, jsonable, open_clock


class MeetingView(Record):
    """One meeting as it stands at `as_of`."""

    as_of: datetime
    stream: str
    forum: Forum
    area: str
    starts_at: datetime
    coordinator: str
    chair: str
    emergency: bool = False
    stage: MeetingState
    frozen_at: datetime | None = None
    held_at: datetime | None = None
    actions_issued_at: datetime | None = None
    minutes_issued_at: datetime | None = None
    agenda: tuple[AgendaItem, ...] = ()
    actions: tuple[MeetingAction, ...] = ()
    present: dict[str, Agency] = Field(default_factory=dict)
    research_asked: dict[Agency, datetime | None] = Field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    tasks: tuple[Task, ...] = ()
    summary: Json
    unrecorded: int = 0


def summary(state: MeetingFacts) -> Json:
    """The columns of the `meeting` read model."""
    closing = open_clock(state, CUT_OFF[state.forum])
    heard = sum(item.state is AgendaState.HEARD for item in state.agenda.values())
    return jsonable(
        {
            "forum": state.forum,
            "area": state.area,
            "date": state.date,
            "number": state.number,
            "state": state.stage,
            "coordinator": state.runs_it,
            "chair": state.in_the_chair,
            "starts_at": state.starts_at,
            "cut_off_at": closing.due_at if closing else state.frozen_at,
            "frozen_at": state.frozen_at,
            "held_at": state.held_at,
            "ended_at": state.ended_at,
            "listed": len(state.listed),
            "heard": heard,
            "actions_open": len(state.actions),
            "emergency": state.emergency,
        }
    )


def view(state: MeetingFacts, now: datetime) -> MeetingView:
    """Everything that a screen of the meeting shows."""
    return MeetingView(
        as_of=now,
        stream=state.stream,
        forum=state.forum,
        area=state.area,
        starts_at=state.starts_at,
        coordinator=state.runs_it,
        chair=state.in_the_chair,
        emergency=state.emergency,
        stage=state.stage,
        frozen_at=state.frozen_at,
        held_at=state.held_at,
        actions_issued_at=state.actions_issued_at,
        minutes_issued_at=state.minutes_issued_at,
        agenda=tuple(sorted(state.agenda.values(), key=lambda item: item.position)),
        actions=tuple(state.actions.values()),
        present=dict(state.present),
        research_asked=dict(state.research_asked),
        clocks=tuple(sorted(state.clocks.values(), key=lambda clock: clock.due_at)),
        tasks=tuple(state.tasks.values()),
        summary=summary(state),
        unrecorded=len(state.unrecorded),
    )
