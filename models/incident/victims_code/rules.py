"""The Victims' Code: what the victim must be told, and offered (docs/domain.md 4)."""

from __future__ import annotations

from models.enums import ClockType
from models.escalation import escalate
from models.incident.duty import DutyIncidentCommands
from models.incident.state import IncidentState, name
from models.incident.victims_code import (
    court,
    hearings,
    offers,
    outcome,
    owed,
    period,
    support,
    telling,
    withdrawal,
)
from models.incident.victims_code.people import district, person_of
from models.messages import IncidentMessage, WishesChanged
from models.stream import Context

COMMANDS: DutyIncidentCommands = {
    "record-notification": (telling.check_notification, telling.apply_notification),
    "record-decision-told": (court.check_decision, court.apply_decision),
    "request-review": (court.check_request, court.apply_request),
    "record-court-event": (hearings.check_court, hearings.apply_court),
    "record-decision": (court.check_made, court.apply_made),
    "review-withdrawal": (withdrawal.check, withdrawal.apply),
    "review-telling": (court.check_review, court.apply_review),
    "refer-support": (support.check, support.apply),
    "confirm-in-writing": (offers.check_confirmation, offers.apply_confirmation),
    "record-vps": (offers.check_vps, offers.apply_vps),
    "record-special-measures": (offers.check_measures, offers.apply_measures),
}
SETTLED_BY = {
    ClockType.VICTIM_NOTIFICATION: "record-notification",
    ClockType.SUPPORT_REFERRAL: "refer-support",
    ClockType.COURT_RESULT: "record-court-event",
}
"""Clocks whose breach is somebody's to answer for; the period of a review only lapses."""


def receive(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """Her wishes come from the case, which keeps them."""
    if isinstance(message, WishesChanged):
        owed.hear_wishes(state, ctx, message)


def react(state: IncidentState, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    if state.report is None or state.ended_at is not None:
        return
    owed.react(state, ctx)
    support.react(state, ctx)
    offers.react(state, ctx)
    period.react(state, ctx)
    hearings.react(state, ctx)
    outcome.react(state, ctx)
    withdrawal.react(state, ctx)
    for clock_type, command in SETTLED_BY.items():
        escalate(
            state,
            ctx,
            lambda wanted: person_of(state, wanted),
            district(state),
            f"dalo do {name(state)} {command}",
            but=frozenset(ClockType) - {clock_type},
        )
