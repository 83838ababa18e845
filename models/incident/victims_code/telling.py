"""Telling the victim, and what became of it (docs/domain.md 4.3)."""

from __future__ import annotations

from datetime import datetime

from models.base import Record, Refused
from models.commands import Grant
from models.commands.victims_code import RecordNotification
from models.enums import Channel, ClockType
from models.enums.victims_code import NotificationOutcome
from models.incident.commands import happened
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import tell_case
from models.incident.suspect.release import meet_release
from models.incident.victims_code import period
from models.incident.victims_code.owed import (
    ASK_WISHES,
    RELEASE_PLANNED,
    drop,
    of_the_release,
    owe,
    release_not_told,
    row,
)
from models.incident.victims_code.people import answers, chief, may_tell
from models.incident.victims_code.state import Owed
from models.messages import VictimTold
from models.stream import Context, append, cancel, meet, open_clock, raise_task

SAFE = "SAFE"
OVERRIDES = ("THREAT_TO_LIFE", "SUPERVISOR_AUTHORISED", "ROUTE_AGREED_FOR_NOTICES")
"""Why a named officer told the victim although the case said no; the last where she asked for no
contact but agreed a route for the notices that she still wants."""
UNSAFE = "UNSAFE_NOTIFICATION"


class Telling(Record):
    """One telling, or the attempt at it."""

    at: datetime
    outcome: NotificationOutcome
    channel: Channel
    route: str = ""
    decision_code: str = ""
    safety_override: str = ""
    note_ref: str = ""

    @property
    def safe(self) -> bool:
        """Whether the case's plan allowed it at that moment; no answer is a no."""
        return self.decision_code == SAFE


# --- what became of it ------------------------------------------------------------------------


def check_override(safety_override: str) -> None:
    """An override is one of the known codes."""
    if safety_override and safety_override not in OVERRIDES:
        raise Refused(
            "UNKNOWN_OVERRIDE",
            "telling against the plan has one of three reasons",
            f"give {', '.join(OVERRIDES)}",
            "safety_override",
        )


def check_notification(
    state: IncidentState, ctx: Context, command: RecordNotification, grant: Grant
) -> None:
    """Something owed is named, and it was told after it happened."""
    may_tell(state, grant)
    happened(state, ctx, command.at)
    check_override(command.safety_override)
    if _planned_release(state, command):
        return
    chosen = _chosen(state, command)
    listed = ", ".join(f"{o.notification_id} {o.event_kind}" for o in state.code.owed.values())
    if not chosen:
        raise Refused(
            "UNKNOWN_NOTIFICATION",
            "nothing of this id or kind is owed to the victim",
            f"owed now: {listed or 'nothing; record the change of the suspect or order first'}",
            "notification_id",
        )
    if len(chosen) > 1 and not command.event_kind:
        raise Refused(
            "NOTIFICATION_AMBIGUOUS",
            "several notifications are owed",
            f"name one by --notification-id or a kind by --event-kind: {listed}",
            "notification_id",
        )
    # What a report told happened before it was received, nobody has said when.
    if any(command.at < owed.event_at and not owed.reported for owed in chosen):
        raise Refused(
            "BEFORE_EVENT",
            "the victim cannot have been told before it happened",
            "give when the victim was told, or have the time of the event corrected first",
            "at",
        )


def _chosen(state: IncidentState, command: RecordNotification) -> list[Owed]:
    owed = list(state.code.owed.values())
    if command.notification_id:
        return [o for o in owed if o.notification_id == command.notification_id]
    if command.event_kind:
        return [o for o in owed if o.event_kind == command.event_kind]
    return owed


def _planned_release(state: IncidentState, command: RecordNotification) -> bool:
    """A release still to come is told before it happens: its own clock is what is met."""
    named = command.event_kind == RELEASE_PLANNED and not _chosen(state, command)
    return named and open_clock(state, ClockType.RELEASE_PLANNED) is not None


def apply_notification(
    state: IncidentState, ctx: Context, command: RecordNotification
) -> tuple[str, ...]:
    """Record what happened, safe or not; end what was told or refused."""
    telling = Telling.model_validate(command.model_dump())
    chosen = _chosen(state, command)
    if _planned_release(state, command):
        chosen = [owe(state, ctx, RELEASE_PLANNED, command.at)]
    codes = [code for owed in chosen for code in settle(state, ctx, owed, telling)]
    return tuple(dict.fromkeys(codes))


def settle(state: IncidentState, ctx: Context, owed: Owed, telling: Telling) -> tuple[str, ...]:
    """What became of one notification; returns codes worth knowing."""
    told_at = telling.at if telling.outcome is NotificationOutcome.TOLD else None
    append(
        state,
        ctx,
        f"notification:{telling.outcome.value.lower()}",
        telling.at,
        **row(state, owed),
        event_at=min(owed.event_at, telling.at),
        outcome=telling.outcome,
        channel=telling.channel,
        route=telling.route,
        **({"notified_at": told_at} if told_at else {}),
        safe=telling.safe,
        decision_code=telling.decision_code or "NO_ANSWER",
        safety_override=telling.safety_override,
        note_ref=telling.note_ref,
    )
    tell_of_telling(state, telling.outcome.value, telling.at)
    codes = _unsafe(state, ctx, owed, telling)
    clock = open_clock(state, ClockType.VICTIM_NOTIFICATION, owed.notification_id)
    match telling.outcome:
        case NotificationOutcome.TOLD:
            if clock is not None:
                meet(state, ctx, clock, max(telling.at, clock.started_at))
            drop(state, ctx, owed)
            _release_told(state, ctx, owed, telling)
            if owed.event_kind in ctx.policy.of_duties.code.reviewable_events:
                period.begin(state, ctx, owed.notification_id, telling.at)
            return codes
        case NotificationOutcome.SAID_NO_UPDATES:
            if clock is not None:
                cancel(state, ctx, clock, "SAID_NO_UPDATES")
            drop(state, ctx, owed)
            release_not_told(state, ctx, owed, "SAID_NO_UPDATES")
            _ask_wishes(state, ctx)
            return codes
    return ("STILL_OWED", *codes)


def tell_of_telling(state: IncidentState, outcome: str, at: datetime) -> None:
    """The case hears that somebody approached the victim, whatever came of it: of one who asked for
    no contact it was the one safe approach."""
    tell_case(
        state,
        lambda message_id: VictimTold(
            message_id=message_id, incident_ref=state.incident_ref, outcome=outcome, at=at
        ),
    )


def _unsafe(state: IncidentState, ctx: Context, owed: Owed, telling: Telling) -> tuple[str, ...]:
    against = not telling.safe and not telling.safety_override
    if not against and telling.outcome is not NotificationOutcome.UNSAFE_ENDED:
        return ()
    why = telling.decision_code if against else NotificationOutcome.UNSAFE_ENDED.value
    raise_task(
        state,
        ctx,
        UNSAFE,
        chief(state),
        f"the victim was contacted unsafely ({why or 'NO_ANSWER'}): see that no harm came of it",
        command=f"dalo do {name(state)} review-telling --notification-id {owed.notification_id}",
        subject=owed.notification_id,
    )
    return (UNSAFE,)


def _release_told(state: IncidentState, ctx: Context, owed: Owed, telling: Telling) -> None:
    """The victim knows of the release that was planned: told by a safe route, its clock is met."""
    if owed.event_kind == RELEASE_PLANNED:
        state.suspect.release_told = True
    safely = telling.safe or telling.safety_override != ""
    if safely and state.suspect.release_planned_at and of_the_release(state, ctx, owed):
        meet_release(state, ctx, telling.at)


def _ask_wishes(state: IncidentState, ctx: Context) -> None:
    """What she said of this may hold for all: the case keeps wishes, so ask for them there."""
    if state.case_closed:
        return
    raise_task(
        state,
        ctx,
        ASK_WISHES,
        answers(state),
        "the victim said that she wants no updates: record of which notices she said it",
        command=f"dalo do {state.case_ref} record-wishes --notification-opt-out ALL",
    )
