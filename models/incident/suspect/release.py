"""A planned release: the risky moment, of which the victim hears before it (docs/domain.md 3.4)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.clocks import CalendarKind, Limit
from models.commands import ChangeSuspectStatus
from models.enums import ClockType, SuspectStatus
from models.incident.state import IncidentState
from models.incident.suspect.keeping import follow_owner, notify, tell_status
from models.incident.suspect.statuses import DETAINED, S
from models.stream import Context, arm, cancel, meet, move, open_clock


def check_release(command: ChangeSuspectStatus) -> None:
    """A release to come goes with somebody who is held, and lies ahead of the news of it."""
    planned = command.release_planned_at
    if planned is None:
        return
    if command.status not in DETAINED:
        raise Refused(
            "RELEASE_NOT_APPLICABLE",
            f"nobody {command.status.value} has a release to come",
            "give it with ARRESTED, REMANDED, CONVICTED or IN_PRISON",
            "release_planned_at",
        )
    if planned <= command.at or command.release_cancelled:
        raise Refused(
            "RELEASE_NOT_TO_COME",
            "a planned release lies after the time of this news, and is not cancelled with it",
            "give the instant of the release, or record RELEASED once it has happened",
            "release_planned_at",
        )


def plan_release(state: IncidentState, ctx: Context, command: ChangeSuspectStatus) -> None:
    """A release is planned, moved or called off: the victim and the case hear of it before."""
    facts = state.suspect
    planned = command.release_planned_at
    if command.release_cancelled and facts.release_planned_at is not None:
        facts.release_planned_at = None
        tell_status(state, command.at)
    elif planned is not None and planned != facts.release_planned_at:
        facts.release_planned_at, facts.release_known_at = planned, command.at
        notify(state, "RELEASE_PLANNED", command.at)
        tell_status(state, command.at)


def released(
    state: IncidentState, old: SuspectStatus | None, status: SuspectStatus, at: datetime
) -> None:
    """Somebody released sooner than planned was to be spoken of by then; somebody kept after all
    has no release to come."""
    facts = state.suspect
    if facts.release_planned_at is None:
        return
    if status in (S.REMANDED, S.IN_PRISON):
        facts.release_planned_at = None
    elif old in DETAINED and status not in DETAINED:
        # Out sooner than planned: what was due before the release was due by then.
        facts.release_planned_at = min(facts.release_planned_at, at)


def react(state: IncidentState, ctx: Context) -> None:
    """Keep one clock to the planned release, with whoever answers for the victim."""
    facts = state.suspect
    planned = facts.release_planned_at
    clock = open_clock(state, ClockType.RELEASE_PLANNED)
    if clock is not None and planned is None:
        cancel(state, ctx, clock, "NO_LONGER_PLANNED")
    elif clock is not None and planned is not None and planned < clock.due_at:
        move(state, ctx, clock, planned, "RELEASE_SOONER")
    elif clock is not None and planned is not None and planned > clock.due_at:
        cancel(state, ctx, clock, "RELEASE_LATER")
        clock = None
    elif clock is not None:
        follow_owner(state, ctx, clock, state.lead)
    if clock is None and planned is not None:
        arm(
            state,
            ctx,
            ClockType.RELEASE_PLANNED,
            facts.release_known_at or ctx.now,
            "the release became known",
            owner=state.lead,
            due_at=planned,
            limit=Limit(kind=CalendarKind.FIXED),
            basis="the release is planned for this time",
        )


def meet_release(state: IncidentState, ctx: Context, at: datetime) -> None:
    """The victim was told by a safe route, or is not to be: what was due before the release is
    done. Called by the Victims' Code."""
    state.suspect.release_planned_at = None
    clock = open_clock(state, ClockType.RELEASE_PLANNED)
    if clock is not None:
        meet(state, ctx, clock, at)
