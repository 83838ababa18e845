"""Pre-charge bail: how long each rank may give it, extensions in turn, the victim's views
(docs/domain.md 11; Police and Criminal Evidence Act 1984 ss47ZA-47ZG)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from models.base import Refused
from models.calendars import due_instant
from models.clocks import CalendarKind, Clock, Limit
from models.commands import ChangeSuspectStatus, ExtendBail, Grant, RecordBailViews
from models.enums import BailAuthority, ClockType, Role, SuspectStatus, ViewsSought
from models.incident.commands import happened, may
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import (
    Duty,
    follow_owner,
    keep_task,
    notify,
    recorder_only,
)
from models.incident.suspect.state import Bail
from models.instants import at_local, end_of_day, london_date, show
from models.stream import Context, append, arm, meet, open_clock

B = BailAuthority
IN_TURN = (B.CUSTODY, B.INSPECTOR, B.SUPERINTENDENT, B.MAGISTRATES)
RANKS = {
    B.INSPECTOR: (Role.INSPECTOR, Role.SUPERINTENDENT),
    B.SUPERINTENDENT: (Role.SUPERINTENDENT,),
}


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


def check_given(state: IncidentState, ctx: Context, command: ChangeSuspectStatus) -> None:
    """The particulars of bail go with bail; its end lies within what the authority may give."""
    given = (command.arrested_at, command.bail_authority, command.bail_until, command.views_sought)
    if command.status is not SuspectStatus.BAILED_PRECHARGE:
        if any(value is not None for value in given):
            raise Refused(
                "BAIL_NOT_APPLICABLE",
                "arrest time, authority, last day and views go with BAILED_PRECHARGE only",
                "leave them out",
                "bail_authority",
            )
        return
    arrested = command.arrested_at or state.suspect.arrested_at
    if arrested is None:
        raise Refused(
            "ARREST_TIME_MISSING",
            "bail counts from the day after the arrest, whose time is not recorded",
            "give arrested_at",
            "arrested_at",
        )
    if arrested > command.at:
        raise Refused(
            "ARREST_AFTER_BAIL", "bail follows the arrest", "give both times anew", "arrested_at"
        )
    authority = command.bail_authority or B.CUSTODY
    _check_until(
        ctx, arrested, authority, command.bail_until, london_date(command.at), "bail_until"
    )


def _check_until(
    ctx: Context,
    arrested_at: datetime,
    authority: BailAuthority,
    until: date | None,
    after: date,
    field: str,
) -> None:
    if until is None:
        if authority is B.MAGISTRATES:
            raise Refused(
                "BAIL_END_MISSING", "a court names the last day of bail", f"give {field}", field
            )
        return
    most = last_day(ctx, arrested_at, authority)
    if most is not None and until > most:
        raise Refused(
            "BAIL_TOO_LONG",
            f"{authority.value} may give bail until {most.isoformat()}",
            "give no later day",
            field,
        )
    if until < after:
        raise Refused("NOT_LONGER", "the last day given is over by then", "give a later", field)


def end_of(ctx: Context, bail: Bail) -> datetime:
    """The end of the last day of bail."""
    until = bail.until or last_day(ctx, bail.arrested_at, bail.authority)
    assert until is not None
    return end_of_day(until)


def check_extend(state: IncidentState, ctx: Context, command: ExtendBail, grant: Grant) -> None:
    """In time, by the next authority in turn, decided by who may."""
    happened(state, ctx, command.at)
    bail = state.suspect.bail
    if bail is None:
        raise Refused(
            "NOT_ON_BAIL",
            "no pre-charge bail is recorded",
            "record it with change-suspect-status BAILED_PRECHARGE",
        )
    _check_rank(state, command, grant)
    present = end_of(ctx, bail)
    if command.at > present:
        raise Refused(
            "BAIL_OVER",
            f"bail ended {show(present)}, and what has ended is not extended",
            "say what the suspect is now with change-suspect-status",
            "at",
        )
    turn = IN_TURN.index(command.authority) - IN_TURN.index(bail.authority)
    again = command.authority is B.MAGISTRATES and bail.authority is B.MAGISTRATES
    if turn != 1 and not again:
        raise Refused(
            "OUT_OF_TURN",
            "bail goes from custody officer to inspector, superintendent and magistrates' court "
            f"in turn; it stands at {bail.authority.value}",
            "give the next authority",
            "authority",
        )
    if command.until is not None and command.authority is not B.MAGISTRATES:
        raise Refused(
            "BAIL_END_NOT_APPLICABLE",
            "a rank extends by what law gives it",
            "leave the last day out",
            "until",
        )
    after = london_date(present) + timedelta(days=1)
    _check_until(ctx, bail.arrested_at, command.authority, command.until, after, "until")


def _check_rank(state: IncidentState, command: ExtendBail, grant: Grant) -> None:
    ranks = RANKS.get(command.authority)
    if ranks is not None and grant.role in ranks:
        return
    if grant.role in (Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT):
        raise Refused(
            "RANK_TOO_LOW",
            f"{command.authority.value} decides on this, and the OIC records it",
            "ask them",
            "actor",
        )
    recorder_only(state, grant)
    if ranks is not None and command.authorised_by in ("", grant.actor):
        raise Refused(
            "AUTHORISER_MISSING",
            f"{ranks[0].value} (or higher) decides on this",
            "name who decided with authorised_by",
            "authorised_by",
        )


def apply_extend(state: IncidentState, ctx: Context, command: ExtendBail) -> tuple[str, ...]:
    """The old limit is met by the decision; the next counts from the same day."""
    bail = state.suspect.bail
    assert bail is not None
    clock = open_clock(state, ClockType.BAIL_EXPIRY)
    if clock is not None:
        meet(state, ctx, clock, command.at)
    update = {"authority": command.authority, "until": command.until, "views": command.views_sought}
    state.suspect.bail = bail.model_copy(update=update | {"expired": False})
    append(
        state,
        ctx,
        "bail:extended",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        authority=command.authority,
        until=end_of(ctx, state.suspect.bail),
        authorised_by=command.authorised_by or ctx.actor,
        views_sought=command.views_sought,
    )
    notify(state, "BAIL_CHANGED", command.at)
    return ()


def check_views(state: IncidentState, ctx: Context, command: RecordBailViews, grant: Grant) -> None:
    """Whoever speaks with the victim may record it, while there is bail."""
    if grant.role is not Role.WITNESS_CARE:
        may(state, grant)
    happened(state, ctx, command.at)
    bail = state.suspect.bail
    if bail is None:
        raise Refused(
            "NOT_ON_BAIL",
            "no pre-charge bail is recorded",
            "record it with change-suspect-status BAILED_PRECHARGE",
        )
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
        notify(state, "BAIL_CHANGED", clock.due_at)
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
