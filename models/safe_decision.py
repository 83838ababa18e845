"""Whether a route to the victim is safe at an instant (docs/domain.md 9.1, 7).

The answer is no unless the plan says yes. A person may override it only by name and with a reason,
which is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from models.base import Record
from models.cadence import LOOK_AHEAD, NEWEST, do_not_contact_spans, safe_windows_between
from models.calendars import Calendar
from models.enums import Channel
from models.instants import london_date, utc
from models.safe_contact import Route, SafeContactPlan

ELECTRONIC = (Channel.CALL, Channel.SMS, Channel.VOICEMAIL, Channel.EMAIL, Channel.VIDEO)
"""Channels that a tracked or shared device reveals."""
REACHED_BY = {Channel.VOICEMAIL: (Channel.VOICEMAIL, Channel.CALL)}
"""A voicemail goes to a route for calls."""


class SafeDecision(Record):
    """The answer for one channel, route and instant. `reason_code` is `SAFE`, or why not.

    `needs_authority`: a visit outside the windows also needs a named supervisor's time-limited
    authority. `next_window_opens` is None while a window is open, and where none will.
    """

    allowed: bool
    reason_code: str
    route_id: str = ""
    wording_ref: str = ""
    next_window_opens: datetime | None = None
    leave_voicemail: bool = False
    needs_authority: bool = False


def decide(
    plan: SafeContactPlan | None,
    channel: Channel,
    route_id: str,
    at: datetime,
    calendar: Calendar,
    suspended: Sequence[str] = (),
    *,
    third_party: str = "",
    release: int = NEWEST,
) -> SafeDecision:
    """Whether contact by this channel and route is safe at `at`.

    Without a `route_id` the first route of the plan that may be used counts. `suspended` names
    channels (`CALL`) and routes (`CALL:<route_id>`) out of use, `third_party` the route of the one
    person whom the victim named. Visits are bound by do-not-contact times only; all else by windows
    too. A run of the first `release` decides as that did.
    """
    if plan is None:
        return SafeDecision(allowed=False, reason_code="NO_PLAN")
    at = utc(at)
    in_window, opens = _windows(plan, at, calendar, release)
    if release == 1:
        plan = plan.model_copy(update={"never_to_be_told": ()})
    refused, route = _route_reason(plan, channel, route_id, suspended, third_party)
    reason = refused or _time_reason(plan, channel, at, in_window, release)
    visit = channel is Channel.IN_PERSON
    return SafeDecision(
        allowed=reason == "",
        reason_code=reason or "SAFE",
        route_id=route.route_id if route else "",
        wording_ref=plan.sms_wording_ref if channel is Channel.SMS and not reason else "",
        next_window_opens=opens,
        leave_voicemail=not reason and _voicemail(plan, channel),
        needs_authority=visit and not reason and not in_window,
    )


def _voicemail(plan: SafeContactPlan, channel: Channel) -> bool:
    return plan.voicemail_allowed and channel in (Channel.CALL, Channel.VOICEMAIL)


def _windows(
    plan: SafeContactPlan, at: datetime, calendar: Calendar, release: int
) -> tuple[bool, datetime | None]:
    """Whether a window is open at `at`, and when the next one opens if none is."""
    for opens, closes in safe_windows_between(
        plan, at - timedelta(minutes=1), at + LOOK_AHEAD, calendar, release=release
    ):
        if opens <= at <= closes:
            return True, None
        if opens > at:
            return False, opens
    return False, None


def _time_reason(
    plan: SafeContactPlan, channel: Channel, at: datetime, in_window: bool, release: int
) -> str:
    today = london_date(at)
    barred = do_not_contact_spans(plan, today - timedelta(days=1), today, release=release)
    if any(opens <= at < closes for opens, closes in barred):
        return "DO_NOT_CONTACT"
    if channel is Channel.IN_PERSON or in_window:
        return ""
    return "OUTSIDE_SAFE_WINDOW" if plan.safe_windows else "NO_SAFE_WINDOW"


def _route_reason(
    plan: SafeContactPlan,
    channel: Channel,
    route_id: str,
    suspended: Sequence[str],
    third_party: str,
) -> tuple[str, Route | None]:
    """Why no route of the channel may be used ('' if one may), and the route."""
    if channel.value in suspended or (route_id and f"{channel.value}:{route_id}" in suspended):
        return "CHANNEL_SUSPENDED", None
    forbidden = _channel_reason(plan, channel, third_party)
    if forbidden:
        return forbidden, None
    if channel is Channel.IN_PERSON and not route_id:
        return "", None
    kinds = REACHED_BY.get(channel, (channel,))
    routes = [
        route
        for route in plan.routes
        if route.channel in kinds and (not route_id or route.route_id == route_id)
    ]
    if channel is Channel.THIRD_PARTY and not routes:
        routes = [r for r in plan.routes if r.third_party and route_id in ("", r.route_id)]
    reason = "NO_ROUTE"
    for route in routes:
        reason = _one_route(plan, channel, route, suspended, third_party)
        if not reason:
            return "", route
    return reason, None


def _channel_reason(plan: SafeContactPlan, channel: Channel, third_party: str) -> str:
    match channel:
        case Channel.VOICEMAIL if not plan.voicemail_allowed:
            return "VOICEMAIL_NOT_ALLOWED"
        case Channel.SMS if not plan.sms_allowed:
            return "SMS_NOT_ALLOWED"
        case Channel.SMS if not plan.sms_wording_ref:
            return "NO_AGREED_WORDING"
        case Channel.EMAIL if plan.email_shared_device:
            return "EMAIL_SHARED_DEVICE"
        case Channel.LETTER if not plan.letters_allowed:
            return "LETTERS_NOT_ALLOWED"
        case Channel.THIRD_PARTY if not (plan.third_party_allowed or third_party):
            return "THIRD_PARTY_NOT_ALLOWED"
    return ""


def _one_route(
    plan: SafeContactPlan,
    channel: Channel,
    route: Route,
    suspended: Sequence[str],
    third_party: str,
) -> str:
    names = (f"{channel.value}:{route.route_id}", f"{route.channel.value}:{route.route_id}")
    if any(name in suspended for name in names) or route.channel.value in suspended:
        return "CHANNEL_SUSPENDED"
    if route.route_id in plan.never_to_be_told:
        return "NEVER_TO_BE_TOLD"
    third = route.third_party or channel is Channel.THIRD_PARTY
    if third and not plan.third_party_allowed and route.route_id != third_party:
        return "THIRD_PARTY_NOT_ALLOWED"
    if route.verified_at is None:
        return "ROUTE_NOT_VERIFIED"
    if plan.device_compromised and channel in ELECTRONIC:
        found = plan.device_compromised_at
        if found is None or route.verified_at < found:
            return "DEVICE_COMPROMISED"
    return ""
