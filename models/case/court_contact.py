"""Contact at court (docs/domain.md 9.2): on the working day before a hearing, and after it."""

from __future__ import annotations

from datetime import date, time

from models.case import approach, event_contact
from models.case.people import officer_of
from models.case.state import CaseFacts
from models.case.wish_facts import KnownHearing
from models.commands import NotificationOptOut
from models.enums import ClockType
from models.enums.victims_code import CourtEvent
from models.instants import at_local, london_date
from models.messages import CaseMessage, CourtDated
from models.stream import Context, arm, cancel, cancel_open, meet, open_clock


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Keep the days of hearings; what a court decided calls for contact at once."""
    if not isinstance(message, CourtDated):
        return
    hearings, key = state.asked.hearings, f"{message.incident_ref}:{message.hearing_id}"
    match message.event:
        case CourtEvent.COURT_DATE:
            _forget(state, ctx, key, "COURT_DATE")
            hearings[key] = KnownHearing(
                incident_ref=message.incident_ref,
                court_day=date.fromisoformat(message.court_day),
            )
        case CourtEvent.COURT_DATE_VACATED:
            _forget(state, ctx, key, "COURT_DATE_VACATED")
        case CourtEvent.COURT_OUTCOME | CourtEvent.COURT_BAIL_RESULT:
            today = london_date(message.at)
            for each in [k for k, h in hearings.items() if _heard(message, k, h, today)]:
                _forget(state, ctx, each, "HEARD")
            subject = f"{message.incident_ref}:{message.event.value}"
            release = message.event.value in ctx.policy.of_duties.code.release_events
            event = (subject, "the court has decided", release)
            event_contact.ask(state, ctx, event, release=release)


def _heard(message: CourtDated, key: str, hearing: KnownHearing, today: date) -> bool:
    """Whether the result is of this hearing; without one it is of those whose day has come."""
    if message.hearing_id:
        return key == f"{message.incident_ref}:{message.hearing_id}"
    return hearing.incident_ref == message.incident_ref and hearing.court_day <= today


def _subject(key: str) -> str:
    return f"{key}:BEFORE_COURT"


def _forget(state: CaseFacts, ctx: Context, key: str, reason: str) -> None:
    """The hearing was held, vacated, or is on another day."""
    state.asked.hearings.pop(key, None)
    _end(state, ctx, key, reason)


def _end(state: CaseFacts, ctx: Context, key: str, reason: str) -> None:
    cancel_open(state, ctx, ClockType.COURT_CONTACT, reason, _subject(key))
    event_contact.over(state, ctx, _subject(key))


def _wanted(state: CaseFacts) -> bool:
    """A hearing is no event of safety: who opted out of notices, or asked for no contact, is not
    called about it."""
    opted_out = state.wishes.notification_opt_out is not NotificationOptOut.NONE
    held = approach.silent(state) or state.essentials.frozen
    return state.live and not opted_out and not held


def react(state: CaseFacts, ctx: Context) -> None:
    """One clock a hearing: it asks for contact a day before it is due, and contact from then on, or
    the word that none is needed, meets it."""
    for key, hearing in list(state.asked.hearings.items()):
        if hearing.done:
            continue
        if not _wanted(state):
            _end(state, ctx, key, "NOT_WANTED")
            state.asked.hearings[key] = hearing.model_copy(update={"asked": False})
            continue
        subject = _subject(key)
        clock = open_clock(state, ClockType.COURT_CONTACT, subject)
        if clock is None:
            clock = arm(
                state,
                ctx,
                ClockType.COURT_CONTACT,
                at_local(hearing.court_day, time()),
                "the hearing is",
                subject=subject,
                owner=officer_of(state),
            )
        near = clock.warned_at is not None or clock.breached_at is not None
        if near and not hearing.asked:
            day = hearing.court_day.strftime("%d %b %Y")
            event_contact.ask(state, ctx, (subject, f"the case is in court on {day}", False))
            asked = event_contact.waits(state, subject)
            if not asked:
                cancel(state, ctx, clock, "NOT_WANTED")
            state.asked.hearings[key] = hearing.model_copy(
                update={"asked": asked, "done": not asked}
            )
        elif hearing.asked and not event_contact.waits(state, subject):
            meet(state, ctx, clock, ctx.now)
            state.asked.hearings[key] = hearing.model_copy(update={"done": True})
