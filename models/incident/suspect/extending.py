"""Pre-charge bail extended: by each rank in turn, or its day moved within what a rank may give
(docs/domain.md 11; Police and Criminal Evidence Act 1984 ss47ZA-47ZG)."""

from __future__ import annotations

from datetime import timedelta

from models.base import Refused
from models.commands import ExtendBail, Grant
from models.enums import BailAuthority, ClockType, Role, ViewsSought
from models.incident.commands import happened
from models.incident.state import IncidentState
from models.incident.suspect.bail import IN_TURN, B, check_until, end_of, on_bail, tell_changed
from models.incident.suspect.keeping import recorder_only
from models.incident.suspect.state import Bail
from models.instants import london_date, show
from models.stream import Context, append, meet_open

RANKS: dict[BailAuthority, tuple[Role, ...]] = {
    B.INSPECTOR: (Role.INSPECTOR, Role.SUPERINTENDENT),
    B.SUPERINTENDENT: (Role.SUPERINTENDENT,),
}


def check_extend(state: IncidentState, ctx: Context, command: ExtendBail, grant: Grant) -> None:
    """In time, by the next authority in turn, decided by who may."""
    happened(state, ctx, command.at)
    bail = on_bail(state)
    _check_rank(state, command, grant)
    present = end_of(ctx, bail)
    if command.at > present:
        raise Refused(
            "BAIL_OVER",
            f"bail ended {show(present)}, and what has ended is not extended",
            "say what the suspect is now with change-suspect-status",
            "at",
        )
    _check_turn(bail, command)
    again = command.authority is bail.authority
    longer = london_date(present) + timedelta(days=1)
    moved = again and command.authority is not B.MAGISTRATES
    first = london_date(command.at) if moved else longer
    extended = bail.model_copy(update={"authority": command.authority, "until": command.until})
    check_until(ctx, extended, first, "until")
    if moved and end_of(ctx, extended) == present:
        raise Refused("NOT_LONGER", "bail ends on this day already", "nothing to move", "until")


def _check_turn(bail: Bail, command: ExtendBail) -> None:
    """The next authority in turn, for all that law gives it; the one that stands moves its own
    day, a court's always, another's where it gave less than it may."""
    turn = IN_TURN.index(command.authority) - IN_TURN.index(bail.authority)
    own_day = bail.authority is B.MAGISTRATES or bail.until is not None
    if turn == 0 and own_day:
        return
    if turn != 1:
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
    """The old limit is met by the decision; the next counts from the same day. A victim whose views
    were sought when a day was moved need not be asked again."""
    bail = state.suspect.bail
    assert bail is not None
    meet_open(state, ctx, ClockType.BAIL_EXPIRY, command.at)
    asked = bail.views if command.authority is bail.authority else ViewsSought.NOT_YET
    views = asked if command.views_sought is ViewsSought.NOT_YET else command.views_sought
    update = {"authority": command.authority, "until": command.until, "views": views}
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
        views_sought=views,
    )
    tell_changed(state, ctx, state.suspect.bail, command.at)
    return ()
