"""Custody as a mirror of the custody record: 24 hours from arrival, extensions, time that does not
count (docs/domain.md 11). A breach only alerts; custody officers own the clock itself."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.clocks import CalendarKind, Clock, Limit, Pause
from models.commands import (
    ExtendCustody,
    Grant,
    RecordCustodyArrival,
    ResumeCustodyClock,
    StopCustodyClock,
)
from models.due import recompute
from models.enums import ClockType, CustodyAuthority, CustodyStop, Role, SuspectStatus
from models.incident.commands import happened
from models.incident.state import IncidentState
from models.incident.suspect.keeping import follow_owner, recorder_only
from models.incident.suspect.state import Custody
from models.instants import utc
from models.stream import Context, append, arm, meet, move, open_clock, settle_tasks

ARRIVED = "the suspect arrived in custody"


def held(state: IncidentState) -> bool:
    """Whether the suspect is in police custody now, as far as recorded."""
    return state.suspect.custody is not None and state.suspect.custody.released_at is None


def left(state: IncidentState, at: datetime, status: SuspectStatus) -> None:
    """Any other status than ARRESTED ends a stay in custody."""
    custody = state.suspect.custody
    if custody is not None and custody.released_at is None and status != SuspectStatus.ARRESTED:
        state.suspect.custody = custody.model_copy(update={"released_at": at})


def check_arrival(
    state: IncidentState, ctx: Context, command: RecordCustodyArrival, grant: Grant
) -> None:
    """Only somebody arrested arrives, once; somebody bailed may come back."""
    recorder_only(state, grant)
    happened(state, ctx, command.at)
    facts = state.suspect
    if held(state):
        raise Refused(
            "IN_CUSTODY_ALREADY", "the suspect is in custody", "nothing to record until release"
        )
    if command.answering_bail:
        if facts.custody is None or facts.status is not SuspectStatus.BAILED_PRECHARGE:
            raise Refused(
                "NO_EARLIER_CUSTODY",
                "no earlier stay in custody ended on bail",
                "leave answering_bail out",
                "answering_bail",
            )
        if command.at < (facts.custody.released_at or command.at):
            raise _before("the release on bail")
    elif facts.status is not SuspectStatus.ARRESTED:
        raise Refused(
            "NOT_ARRESTED",
            "nobody is in custody for this incident without an arrest",
            "record the arrest first with change-suspect-status ARRESTED",
        )
    elif facts.arrested_at is not None and command.at < facts.arrested_at:
        raise _before("the arrest")


def _before(what: str) -> Refused:
    return Refused(
        "BEFORE_ARREST",
        f"the time given is earlier than {what}",
        "give when the suspect arrived at the custody suite",
        "at",
    )


def apply_arrival(
    state: IncidentState, ctx: Context, command: RecordCustodyArrival
) -> tuple[str, ...]:
    """Mirror the stay. Back on bail, the clock goes on where it stood."""
    before = state.suspect.custody
    custody = Custody(arrived_at=command.at)
    if command.answering_bail and before is not None:
        bailed = Pause(
            started_at=utc(before.released_at or command.at),
            ended_at=utc(command.at),
            reason=CustodyStop.ON_BAIL.value,
        )
        custody = Custody(arrived_at=before.arrived_at, pauses=(*before.pauses, bailed))
    state.suspect.custody = custody
    append(
        state,
        ctx,
        "custody:arrived",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        answering_bail=command.answering_bail,
    )
    return ()


def _open(state: IncidentState) -> Clock:
    clock = open_clock(state, ClockType.CUSTODY)
    if clock is None or not held(state):
        raise Refused(
            "NOT_IN_CUSTODY",
            "no custody is recorded",
            "record the arrival with record-custody-arrival",
        )
    return clock


def check_extend(state: IncidentState, ctx: Context, command: ExtendCustody, grant: Grant) -> None:
    """An indictable offence, in time, longer than now, by who may: the superintendent who decided,
    or the OIC who names them."""
    happened(state, ctx, command.at)
    clock = _open(state)
    if command.authority is CustodyAuthority.SUPERINTENDENT and grant.role in (
        Role.SUPERVISOR,
        Role.INSPECTOR,
    ):
        raise Refused(
            "RANK_TOO_LOW",
            "custody to 36 hours is a superintendent's to authorise",
            "ask a superintendent",
            "actor",
        )
    if grant.role is not Role.SUPERINTENDENT:
        recorder_only(state, grant)
        if command.authority is CustodyAuthority.SUPERINTENDENT and command.authorised_by in (
            "",
            grant.actor,
        ):
            raise Refused(
                "AUTHORISER_MISSING",
                "a superintendent authorises custody to 36 hours",
                "name them with authorised_by",
                "authorised_by",
            )
    if not command.indictable:
        raise Refused(
            "NOT_INDICTABLE",
            "custody beyond 24 hours needs an indictable offence (common assault is none)",
            "charge or release, or say that the offence is indictable",
            "indictable",
        )
    if not clock.paused and command.at > clock.due_at:
        raise Refused(
            "CUSTODY_OVER", "the time was over before this decision", "give when it was decided"
        )
    most = _most(ctx, command.authority)
    hours = command.hours or most
    if hours > most:
        raise Refused(
            "CUSTODY_TOO_LONG",
            f"{command.authority.value} may give {most} hours in all",
            "give no more",
            "hours",
        )
    if hours <= clock.limit.amount:
        raise Refused(
            "NOT_LONGER",
            f"custody may last {clock.limit.amount} hours already",
            "nothing to extend",
            "hours",
        )


def _most(ctx: Context, authority: CustodyAuthority) -> int:
    limit = ctx.policy.clock_rules[ClockType.CUSTODY].limit_for(authority.value)
    return limit.amount if limit else 0


def apply_extend(state: IncidentState, ctx: Context, command: ExtendCustody) -> tuple[str, ...]:
    """The first limit is met by the decision; the next runs from the same arrival."""
    clock = _open(state)
    hours = command.hours or _most(ctx, command.authority)
    append(
        state,
        ctx,
        "custody:extended",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        authority=command.authority,
        hours=hours,
        authorised_by=command.authorised_by or ctx.actor,
    )
    meet(state, ctx, clock, command.at)
    limit = Limit(kind=CalendarKind.ELAPSED, amount=hours, unit="h")
    _start(state, ctx, clock.started_at, clock.pauses, limit, command.authority.value)
    return ()


def _start(
    state: IncidentState,
    ctx: Context,
    arrived_at: datetime,
    pauses: tuple[Pause, ...],
    limit: Limit | None,
    key: str,
) -> None:
    """Start the mirror clock with the stretches that do not count."""
    clock = arm(
        state,
        ctx,
        ClockType.CUSTODY,
        arrived_at,
        ARRIVED,
        rule_key=key,
        owner=state.item_owner,
        limit=limit,
    )
    if pauses:
        _again(state, ctx, clock.model_copy(update={"pauses": pauses}), "TIME_NOT_COUNTED")


def _again(state: IncidentState, ctx: Context, clock: Clock, reason: str) -> None:
    """Give the clock the due instant that its pauses leave; a breach that they undo is undone."""
    running = recompute(clock, ctx.policy, ctx.calendar)
    undone = running.due_at > ctx.now or running.paused
    if undone and clock.breached_at is not None:
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    if undone:
        running = running.model_copy(update={"breached_at": None, "late_reason": ""})
    move(state, ctx, running, running.due_at, reason)


def check_stop(state: IncidentState, ctx: Context, command: StopCustodyClock, grant: Grant) -> None:
    """Only a running clock stops, within the time that counts."""
    recorder_only(state, grant)
    happened(state, ctx, command.at)
    clock = _open(state)
    if clock.paused:
        raise Refused("CLOCK_STOPPED_ALREADY", "the clock stands still", "nothing to stop")
    since = max((pause.ended_at or pause.started_at for pause in clock.pauses), default=None)
    if command.at < (since or clock.started_at) or command.at > clock.due_at:
        raise Refused(
            "OUTSIDE_CUSTODY",
            "the time given lies outside the time in custody that counts",
            "give when questioning stopped for the hospital",
            "at",
        )


def apply_stop(state: IncidentState, ctx: Context, command: StopCustodyClock) -> tuple[str, ...]:
    """Stop the mirror clock."""
    clock = _open(state)
    stop = Pause(started_at=utc(command.at), reason=CustodyStop.HOSPITAL.value)
    append(state, ctx, "custody:clock:stopped", command.at, reason=CustodyStop.HOSPITAL)
    _again(state, ctx, clock.model_copy(update={"pauses": (*clock.pauses, stop)}), "STOPPED")
    return ()


def check_resume(
    state: IncidentState, ctx: Context, command: ResumeCustodyClock, grant: Grant
) -> None:
    """Only a clock that stands still runs on, after it stopped."""
    recorder_only(state, grant)
    happened(state, ctx, command.at)
    clock = _open(state)
    if not clock.paused:
        raise Refused("CLOCK_RUNNING", "the custody clock runs", "nothing to resume")
    if command.at < clock.pauses[-1].started_at:
        raise Refused(
            "OUTSIDE_CUSTODY",
            "the time given is earlier than the stop",
            "give when questioning could go on",
            "at",
        )


def apply_resume(
    state: IncidentState, ctx: Context, command: ResumeCustodyClock
) -> tuple[str, ...]:
    """Let the mirror clock run on, later by the time in hospital."""
    clock = _open(state)
    ended = clock.pauses[-1].model_copy(update={"ended_at": utc(command.at)})
    append(state, ctx, "custody:clock:resumed", command.at)
    running = clock.model_copy(update={"pauses": (*clock.pauses[:-1], ended)})
    _again(state, ctx, running, "RESUMED")
    return ()


def react(state: IncidentState, ctx: Context) -> None:
    """Keep the mirror clock while somebody is in custody."""
    custody = state.suspect.custody
    clock = open_clock(state, ClockType.CUSTODY)
    if custody is not None and clock is not None and custody.released_at is not None:
        pauses = tuple(
            pause.model_copy(update={"ended_at": pause.ended_at or utc(custody.released_at)})
            for pause in clock.pauses
        )
        state.suspect.custody = custody.model_copy(update={"pauses": pauses})
        meet(state, ctx, clock, custody.released_at)
    elif custody is not None and clock is None and custody.released_at is None:
        _start(state, ctx, custody.arrived_at, custody.pauses, None, "")
    elif clock is not None:
        follow_owner(state, ctx, clock, state.item_owner)
