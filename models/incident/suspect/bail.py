"""Pre-charge bail: how long each rank may give it, its end, the victim's views
(docs/domain.md 11; Police and Criminal Evidence Act 1984 ss47ZA-47ZG)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from models.base import Refused
from models.calendars import due_instant
from models.clocks import CalendarKind, Clock, Limit
from models.commands import ChangeSuspectStatus, Grant, RecordBailViews
from models.enums import (
    ArrestReason,
    BailAuthority,
    ClockType,
    Role,
    SuspectStatus,
    ViewsSought,
)
from models.incident.commands import happened, may
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import (
    Duty,
    follow_owner,
    keep_task,
    notify,
    perpetrator,
    tell_case,
)
from models.incident.suspect.state import Bail, SuspectFacts
from models.incident.suspect.statuses import AT_LARGE
from models.instants import at_local, end_of_day, london_date, show
from models.messages import BailChanged
from models.stream import Context, append, arm, meet, open_clock

B = BailAuthority
IN_TURN = (B.CUSTODY, B.INSPECTOR, B.SUPERINTENDENT, B.MAGISTRATES)


def start_of(bail: Bail) -> datetime:
    """The bail start date's first instant: the day after the arrest (PACE s47ZB(4))."""
    return at_local(london_date(bail.arrested_at) + timedelta(days=1), time())


def last_day(ctx: Context, arrested_at: datetime, authority: BailAuthority) -> date | None:
    """The last day that a rank may give; None for a court, which names its own."""
    if authority is B.MAGISTRATES:
        return None
    rule = ctx.policy.clock_rules[ClockType.BAIL_EXPIRY]
    limit = rule.limit_for(authority.value)
    start = start_of(Bail(arrested_at=arrested_at, authority=authority))
    assert limit is not None
    return london_date(due_instant(limit, start, ctx.calendar, rule.beginning_with))


def interrupt(facts: SuspectFacts, status: SuspectStatus, reason: ArrestReason | None) -> None:
    """Another status ends bail. What an arrest for its breach, or absconding, interrupts may go on:
    then it counts from the arrest that it began with (PACE s47ZB(4))."""
    broken = status is SuspectStatus.ARRESTED and reason is ArrestReason.BREACH_BAIL
    goes_on = broken or status in AT_LARGE
    facts.bail_broken = (facts.bail or facts.bail_broken) if goes_on else None
    facts.bail = None


def given(facts: SuspectFacts, command: ChangeSuspectStatus) -> Bail | None:
    """The bail that a command tells of; None without a known arrest. What goes on after a breach
    keeps its arrest, and the authority where that is the higher."""
    broken = facts.bail_broken
    authority = command.bail_authority or (broken.authority if broken else B.CUSTODY)
    until = command.bail_until
    if broken is not None:
        arrested_at = min(command.arrested_at or broken.arrested_at, broken.arrested_at)
        authority = max(authority, broken.authority, key=IN_TURN.index)
        until = until or (broken.until if authority is broken.authority else None)
    else:
        known = command.arrested_at or facts.arrested_at
        if known is None:
            return None
        arrested_at = known
    views = command.views_sought or ViewsSought.NOT_YET
    return Bail(arrested_at=arrested_at, authority=authority, until=until, views=views)


def give(facts: SuspectFacts, command: ChangeSuspectStatus) -> None:
    """Bail as the command tells, unless it is known already."""
    facts.bail = facts.bail or given(facts, command)
    facts.bail_broken = None


def check_given(state: IncidentState, ctx: Context, command: ChangeSuspectStatus) -> None:
    """The particulars of bail go with bail; its end lies within what the authority may give."""
    told = (command.arrested_at, command.bail_authority, command.bail_until, command.views_sought)
    if command.status is not SuspectStatus.BAILED_PRECHARGE:
        if any(value is not None for value in told):
            raise Refused(
                "BAIL_NOT_APPLICABLE",
                "arrest time, authority, last day and views go with BAILED_PRECHARGE only",
                "leave them out",
                "bail_authority",
            )
        return
    bail = given(state.suspect, command)
    if bail is None:
        raise Refused(
            "ARREST_TIME_MISSING",
            "bail counts from the day after the arrest, whose time is not recorded",
            "give arrested_at",
            "arrested_at",
        )
    if bail.arrested_at > command.at:
        raise Refused(
            "ARREST_AFTER_BAIL", "bail follows the arrest", "give both times anew", "arrested_at"
        )
    check_until(ctx, bail, london_date(command.at), "bail_until")


def check_until(ctx: Context, bail: Bail, first: date, field: str) -> None:
    """The last day lies within what the authority may give, and on `first` or after it."""
    most = last_day(ctx, bail.arrested_at, bail.authority)
    until = bail.until or most
    if until is None:
        raise Refused(
            "BAIL_END_MISSING", "a court names the last day of bail", f"give {field}", field
        )
    if most is not None and until > most:
        raise Refused(
            "BAIL_TOO_LONG",
            f"{bail.authority.value} may give bail until {most.isoformat()}",
            "give no later day",
            field,
        )
    if until < first:
        raise Refused(
            "NOT_LONGER",
            f"the last day, {until.isoformat()}, is over by then",
            "give a later day, or the authority that gave one",
            field,
        )


def end_of(ctx: Context, bail: Bail) -> datetime:
    """The end of the last day of bail."""
    until = bail.until or last_day(ctx, bail.arrested_at, bail.authority)
    assert until is not None
    return end_of_day(until)


def tell_changed(state: IncidentState, ctx: Context, bail: Bail, at: datetime) -> None:
    """Victim and case hear that bail lasts to another day, or no longer."""
    notify(state, "BAIL_CHANGED", at)
    tell_case(
        state,
        lambda message_id: BailChanged(
            message_id=message_id,
            incident_ref=state.incident_ref,
            perpetrator_ref=perpetrator(state),
            in_force=not bail.expired,
            last_day=london_date(end_of(ctx, bail)).isoformat(),
            at=at,
        ),
    )


def on_bail(state: IncidentState) -> Bail:
    """The bail that runs. Raises Refused."""
    if state.suspect.bail is None:
        raise Refused(
            "NOT_ON_BAIL",
            "no pre-charge bail is recorded",
            "record it with change-suspect-status BAILED_PRECHARGE",
        )
    return state.suspect.bail


def check_views(state: IncidentState, ctx: Context, command: RecordBailViews, grant: Grant) -> None:
    """Whoever speaks with the victim may record it, while there is bail."""
    if grant.role is not Role.WITNESS_CARE:
        may(state, grant)
    happened(state, ctx, command.at)
    bail = on_bail(state)
    if bail.views is ViewsSought.SOUGHT:
        raise Refused("ALREADY_RECORDED", "her views were sought already", "nothing to do")


def apply_views(state: IncidentState, ctx: Context, command: RecordBailViews) -> tuple[str, ...]:
    """Her views were sought, or could not be."""
    assert state.suspect.bail is not None
    views = ViewsSought(command.outcome)
    state.suspect.bail = state.suspect.bail.model_copy(update={"views": views})
    append(
        state,
        ctx,
        "bail:views:recorded",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        outcome=views,
        note_ref=command.note_ref,
    )
    return ()


def react(state: IncidentState, ctx: Context) -> None:
    """Keep the clock to the end of bail, the warning before it, and the duty to ask the victim."""
    facts = state.suspect
    bail = facts.bail
    clock = open_clock(state, ClockType.BAIL_EXPIRY)
    if bail is None and clock is not None:
        meet(state, ctx, clock, facts.status_at or ctx.now)
        clock = None
    elif bail is not None and clock is None:
        clock = _start(state, ctx, bail)
    elif clock is not None:
        follow_owner(state, ctx, clock, state.item_owner)
        clock = state.clocks[clock.clock_id]
    if bail is not None and clock is not None and clock.breached_at and not bail.expired:
        facts.bail = bail = bail.model_copy(update={"expired": True})
        append(
            state,
            ctx,
            "bail:ended",
            clock.due_at,
            incident_ref=state.incident_ref,
            victim_ref=state.victim_ref,
        )
        tell_changed(state, ctx, bail, clock.due_at)
    _tasks(state, ctx, bail, clock)


def _start(state: IncidentState, ctx: Context, bail: Bail) -> Clock:
    given = bail.until is not None
    return arm(
        state,
        ctx,
        ClockType.BAIL_EXPIRY,
        start_of(bail),
        "bail began to count",
        rule_key=bail.authority.value,
        owner=state.item_owner,
        due_at=end_of(ctx, bail) if given else None,
        limit=Limit(kind=CalendarKind.FIXED) if given else None,
        basis=f"the last day that {bail.authority.value} gave" if given else "",
    )


def _tasks(state: IncidentState, ctx: Context, bail: Bail | None, clock: Clock | None) -> None:
    warned = clock is not None and clock.warned_at is not None and clock.breached_at is None
    ending = Duty(
        kind="BAIL_ENDING",
        role="OIC",
        person=state.item_owner,
        why=f"bail ends {show(clock.due_at)}: extend it in time, or say what follows"
        if clock
        else "",
        due_at=clock.due_at if clock else None,
        command=f"dalo do {name(state)} extend-bail",
        subject="BAIL",
    )
    keep_task(state, ctx, ending, wanted=warned)
    views = Duty(
        kind="SEEK_BAIL_VIEWS",
        role="OIC",
        person=state.item_owner,
        why="the victim's views on conditions of bail must be sought where practicable",
        command=f"dalo do {name(state)} record-bail-views",
        subject="BAIL",
    )
    unasked = bail is not None and bail.views is ViewsSought.NOT_YET and not bail.expired
    keep_task(state, ctx, views, wanted=unasked)
