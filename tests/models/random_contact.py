"""Whether contact is safe, as a careful colleague would read the plan (docs/domain.md 9.1, 9.4,
16a): apart from the code that decides."""

from __future__ import annotations

from datetime import datetime

from models.calendars import Calendar
from models.case.state import CaseFacts
from models.enums import CadencePlan, CaseState, Channel
from models.instants import london
from models.safe_contact import DoNotContact, SafeContactPlan

LOOKS = ((Channel.CALL, "mobile"), (Channel.SMS, "m"), (Channel.CALL, ""))


def dangers(
    state: CaseFacts, channel: Channel, route: str, at: datetime, calendar: Calendar
) -> list[str]:
    """Everything that speaks against contact by this channel and route at `at`."""
    plan = state.plan
    if plan is None:
        return ["no plan"]
    return [*_held(state), *_route(state, plan, channel, route), *_time(plan, at, calendar)]


def _held(state: CaseFacts) -> list[str]:
    none_wished = (
        state.cadence_plan is CadencePlan.NO_CONTACT or state.state is CaseState.DORMANT_MONITORED
    )
    said = {
        "closed": not state.live,
        "frozen": bool(state.essentials.freezes),
        "who the aggressor is": bool(state.essentials.aggressor_reviews),
        "the one approach was made": state.asked.approach == "USED",
        "no contact was wished": none_wished and state.asked.approach != "ALLOWED",
    }
    return [what for what, so in said.items() if so]


def _route(state: CaseFacts, plan: SafeContactPlan, channel: Channel, route: str) -> list[str]:
    fit = [
        each
        for each in plan.routes
        if each.verified_at is not None
        and (not route or each.route_id == route)
        and (not each.third_party or plan.third_party_allowed)
        and not {f"{c.value}:{each.route_id}" for c in (channel, each.channel)}
        & set(state.suspended)
        and not (
            plan.device_compromised
            and (
                plan.device_compromised_at is None or each.verified_at < plan.device_compromised_at
            )
        )
    ]
    said = {
        "no route is fit": not fit,
        "the channel is suspended": channel.value in state.suspended,
        "no text was agreed": channel is Channel.SMS
        and not (plan.sms_allowed and plan.sms_wording_ref),
        "no voicemail": channel is Channel.VOICEMAIL and not plan.voicemail_allowed,
    }
    return [what for what, so in said.items() if so]


def _time(plan: SafeContactPlan, at: datetime, calendar: Calendar) -> list[str]:
    local = london(at)
    holiday = local.date() in calendar.bank_holidays
    safe = any(
        local.weekday() in window.weekdays
        and window.opens <= local.time() <= window.closes
        and (window.bank_holidays or not holiday)
        for window in plan.safe_windows
    )
    found = [] if safe else ["outside the safe windows"]
    return found + ["do not contact" for span in plan.do_not_contact if _covers(span, local)]


def _covers(span: DoNotContact, local: datetime) -> bool:
    if span.opens is None or span.closes is None:
        return False
    return local.weekday() in span.weekdays and span.opens <= local.time() < span.closes
