"""What makes an attempt at contact safe or not: the plan, what is suspended, a visit's authority,
and the reasons for which a named officer may act against them (docs/domain.md 7, 9.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.calendars import Calendar
from models.case.state import CaseFacts
from models.commands import RecordAttempt
from models.enums import Channel, ContactResult
from models.safe_decision import SafeDecision, decide
from models.stream import Context, raise_task

LIFE = "THREAT_TO_LIFE"
OVERRIDES = (LIFE, "SUPERVISOR_AUTHORISED", "VICTIM_CALLED")
"""Why there was contact against the plan, the last where it came from the victim; the supervisor
looks at each."""
OVERRIDDEN, NEW_ROUTE = "SAFETY_OVERRIDE", "NEW_ROUTE"
SPOKEN = (Channel.CALL, Channel.VIDEO, Channel.IN_PERSON, Channel.THIRD_PARTY)
BY_CHANNEL = {
    ContactResult.SEEN_ALONE: (Channel.IN_PERSON,),
    ContactResult.SUCCESSFUL_TWO_WAY: SPOKEN,
}
"""Results that only some channels can have."""


def by_plan(
    state: CaseFacts, channel: Channel, route: str, at: datetime, calendar: Calendar
) -> SafeDecision:
    """What the plan says of a route at `at`. From the second release a visit outside the windows is
    not safe without a supervisor's authority for that time that says why it is safer."""
    found = decide(
        state.plan,
        channel,
        route,
        at,
        calendar,
        tuple(state.suspended),
        third_party=state.asked.third_party,
        release=state.release,
    )
    if state.release > 1 and found.needs_authority and not _authorised(state, at):
        return refused(found, "OUTSIDE_SAFE_WINDOW")
    return found


def refused(found: SafeDecision, why: str) -> SafeDecision:
    """The same decision as a no, for this reason."""
    update = {"allowed": False, "reason_code": why, "leave_voicemail": False}
    if why != "OUTSIDE_SAFE_WINDOW":
        update["next_window_opens"] = None
    return found.model_copy(update=update | {"wording_ref": ""})


def _authorised(state: CaseFacts, at: datetime) -> bool:
    """Whether an authority for a time outside the windows holds at `at`."""
    given = state.visits.authority
    return given is not None and given.opens_at <= at <= given.until


def check_attempt(state: CaseFacts, command: RecordAttempt) -> None:
    """The result fits the channel; an override is one that is known, and has its ground."""
    channels = BY_CHANNEL.get(command.result)
    if channels is not None and command.channel not in channels:
        raise Refused(
            "RESULT_OF_CHANNEL",
            f"{command.result.value} cannot come of {command.channel.value}",
            f"record it by {', '.join(channels)}, or give the result that there was",
            "result",
        )
    if command.safety_override and command.safety_override not in OVERRIDES:
        raise Refused(
            "UNKNOWN_OVERRIDE",
            "contact against the plan has one of three reasons",
            f"give {', '.join(OVERRIDES)}; words belong in the note (--note)",
            "safety_override",
        )
    if command.safety_override == LIFE and not state.essentials.threats:
        raise Refused(
            "NO_THREAT_RECORDED",
            "no threat to life is on record",
            "record it first (record-threat-to-life), or leave the override out",
            "safety_override",
        )


def overridden(state: CaseFacts, ctx: Context, why: str, override: str) -> tuple[str, ...]:
    """The supervisor looks at every contact against the plan that an officer gave a reason for."""
    raise_task(
        state,
        ctx,
        OVERRIDDEN,
        state.supervisor_id,
        f"contact was made against the safe-contact plan ({why}) for the reason {override}: "
        "confirm or correct it",
        due_at=ctx.now + timedelta(hours=1),
        command=f"dalo do {state.case_ref} review-case",
    )
    return (OVERRIDDEN,)
