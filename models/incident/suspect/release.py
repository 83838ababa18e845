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
from models.incident.victims_code.owed import RELEASE_PLANNED, withdraw_all
from models.stream import Context, arm, cancel, meet_open, move, open_clock


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
    if command.release_cancelled and facts.release_to_come is not None:
        _call_off(state, ctx, command.at)
        tell_status(state, command.at, release_cancelled=True)
    elif planned is not None and planned != facts.release_to_come:
        facts.release_planned_at = facts.release_to_come = planned
        facts.release_known_at = command.at
        # One that was moved before the victim heard of it is told once, by when it was due first.
        if all(owed.event_kind != RELEASE_PLANNED for owed in state.code.owed.values()):
            notify(state, RELEASE_PLANNED, command.at)
        tell_status(state, command.at)


def _call_off(state: IncidentState, ctx: Context, at: datetime) -> None:
    """There is no release to come: who was not told of it is told nothing, who was is told that."""
    facts = state.suspect
    facts.release_planned_at = facts.release_to_come = None
    withdraw_all(state, ctx, RELEASE_PLANNED, "RELEASE_CANCELLED")
    if facts.release_told:
        notify(state, "RELEASE_CANCELLED", at)
    facts.release_told = False


def released(
    state: IncidentState,
    ctx: Context,
    old: SuspectStatus | None,
    status: SuspectStatus,
    at: datetime,
) -> bool:
    """Somebody kept after all has no release to come; returns whether that is so. Of somebody
    released, sooner than planned say, the news is the release itself, and what was due before it
    was due by then."""
    facts = state.suspect
    if facts.release_to_come is None:
        return False
    if status in (S.REMANDED, S.IN_PRISON):
        _call_off(state, ctx, at)
        return True
    if old in DETAINED and status not in DETAINED:
        withdraw_all(state, ctx, RELEASE_PLANNED, "RELEASED")
        if facts.release_planned_at is not None:
            facts.release_planned_at = min(facts.release_planned_at, at)
        facts.release_to_come, facts.release_told = None, False
    return False


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
    meet_open(state, ctx, ClockType.RELEASE_PLANNED, at)
