"""News from court: hearings fixed, moved, vacated and heard (docs/domain.md 4.3)."""

from __future__ import annotations

from datetime import time

from models.base import Refused
from models.commands import Grant
from models.commands.victims_code import RecordCourtEvent
from models.enums import ClockType
from models.enums.victims_code import CourtEvent
from models.incident.commands import happened
from models.incident.state import IncidentState
from models.incident.suspect.keeping import follow_owner, tell_case
from models.incident.victims_code.offers import crime_only
from models.incident.victims_code.owed import owe, withdraw
from models.incident.victims_code.people import answers, may_tell
from models.incident.victims_code.state import Hearing
from models.instants import at_local, london_date
from models.messages import CourtDated
from models.stream import Context, append, arm, cancel_open, meet, number, open_clock

E = CourtEvent


def check_court(
    state: IncidentState, ctx: Context, command: RecordCourtEvent, grant: Grant
) -> None:
    """A date for a hearing, a result for what was decided; a hearing that is named is known."""
    may_tell(state, grant)
    happened(state, ctx, command.at)
    crime_only(state)
    _check_hearing(state, command)
    dated = command.event is E.COURT_DATE
    if dated and command.court_day is None:
        raise Refused("COURT_DAY_MISSING", "a hearing has its day", "give --court-day", "court_day")
    if dated and command.court_day is not None and command.court_day < london_date(command.at):
        raise Refused(
            "COURT_DAY_PAST",
            "the hearing lies before the news of it",
            "record its outcome instead, with --event COURT_OUTCOME",
            "court_day",
        )
    if command.event in (E.COURT_OUTCOME, E.COURT_BAIL_RESULT) and not command.result:
        raise Refused(
            "RESULT_MISSING", "what the court decided is missing", "give --result", "result"
        )


def _check_hearing(state: IncidentState, command: RecordCourtEvent) -> None:
    known = state.code.hearings
    vacated = command.event is E.COURT_DATE_VACATED
    if (command.hearing_id or vacated) and command.hearing_id not in known:
        listed = ", ".join(f"{h.hearing_id} on {h.court_day.isoformat()}" for h in known.values())
        raise Refused(
            "UNKNOWN_HEARING",
            "no hearing of this id waits",
            f"waiting: {listed or 'none'}",
            "hearing_id",
        )
    hearing = known.get(command.hearing_id)
    same = hearing is not None and hearing.court_day == command.court_day
    if same and command.event is E.COURT_DATE:
        raise Refused(
            "SAME_COURT_DAY", "the hearing is on this day already", "nothing to move", "court_day"
        )


def apply_court(state: IncidentState, ctx: Context, command: RecordCourtEvent) -> tuple[str, ...]:
    """The victim is owed news of it, from when it was received; the case hears of it. Of a day that
    the victim was not told of, nothing is owed once it is vacated."""
    hearing = state.code.hearings.get(command.hearing_id)
    untold = state.code.owed.get(hearing.notification_id) if hearing else None
    untold = untold if command.event in (E.COURT_DATE, E.COURT_DATE_VACATED) else None
    if untold is not None:
        withdraw(state, ctx, untold, command.event.value)
    silent = command.event is E.COURT_DATE_VACATED and untold is not None
    owed = None if silent else owe(state, ctx, command.event.value, command.at)
    notification_id = owed.notification_id if owed else ""
    hearing_id = command.hearing_id
    if command.event is E.COURT_DATE:
        hearing_id = hearing_id or f"HRG-{number(state, 'hearing'):03d}"
    append(
        state,
        ctx,
        "court:vacated" if command.event is E.COURT_DATE_VACATED else "court:received",
        command.at,
        event=command.event,
        hearing_id=hearing_id,
        court_day=command.court_day.isoformat() if command.court_day else "",
        result=command.result,
        notification_id=notification_id,
    )
    _keep(state, ctx, command, hearing_id, notification_id)
    _tell(state, command, hearing_id)
    return tuple(each for each in (notification_id, hearing_id) if each)


def _keep(
    state: IncidentState,
    ctx: Context,
    command: RecordCourtEvent,
    hearing_id: str,
    notification_id: str,
) -> None:
    """Hearings that wait; a result without a hearing is of those whose day has come."""
    hearings = state.code.hearings
    if command.event is E.COURT_DATE and command.court_day is not None:
        hearings[hearing_id] = Hearing(
            hearing_id=hearing_id,
            court_day=command.court_day,
            notification_id=notification_id,
        )
        _end_clock(state, ctx, hearing_id, "COURT_DATE")
        return
    today = london_date(command.at)
    heard = [h for h in hearings if h == hearing_id] or [
        h.hearing_id for h in hearings.values() if not hearing_id and h.court_day <= today
    ]
    for each in heard:
        del hearings[each]
        clock = open_clock(state, ClockType.COURT_RESULT, each)
        if clock is not None and command.event is not E.COURT_DATE_VACATED:
            meet(state, ctx, clock, command.at)
        else:
            _end_clock(state, ctx, each, "COURT_DATE_VACATED")


def _end_clock(state: IncidentState, ctx: Context, hearing_id: str, reason: str) -> None:
    cancel_open(state, ctx, ClockType.COURT_RESULT, reason, hearing_id)


def _tell(state: IncidentState, command: RecordCourtEvent, hearing_id: str) -> None:
    tell_case(
        state,
        lambda message_id: CourtDated(
            message_id=message_id,
            incident_ref=state.incident_ref,
            hearing_id=hearing_id,
            event=command.event,
            court_day=command.court_day.isoformat() if command.court_day else "",
            result=command.result,
            at=command.at,
        ),
    )


def react(state: IncidentState, ctx: Context) -> None:
    """A result is asked for by the end of the working day after each hearing."""
    owner = state.oic_id or answers(state)
    for hearing in state.code.hearings.values():
        clock = open_clock(state, ClockType.COURT_RESULT, hearing.hearing_id)
        if clock is not None:
            follow_owner(state, ctx, clock, owner)
            continue
        arm(
            state,
            ctx,
            ClockType.COURT_RESULT,
            at_local(hearing.court_day, time()),
            "the hearing is",
            subject=hearing.hearing_id,
            owner=owner,
        )
