"""The Victims' Code: what the victim must be told, and offered (docs/domain.md 4)."""

from __future__ import annotations

from models.enums import ClockType
from models.incident.duty import DutyIncidentCommands, escalate_own
from models.incident.state import IncidentState
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
from models.incident.victims_code.people import person_of
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
    escalate_own(state, ctx, person_of, SETTLED_BY)
