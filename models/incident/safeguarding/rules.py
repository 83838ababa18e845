"""Safeguarding children and adults (docs/domain.md 10)."""

from __future__ import annotations

from models.enums import ClockType, SafetyMeasure
from models.incident.duty import DutyIncidentCommands, escalate_own
from models.incident.safeguarding import adults, children, encompass
from models.incident.state import IncidentState
from models.incident.victims_code.people import person_of
from models.messages import IncidentMessage, MeasureAgreed
from models.stream import Context, append

COMMANDS: DutyIncidentCommands = {
    "record-child": (encompass.check_child, encompass.apply_child),
    "send-encompass": (encompass.check_send, encompass.apply_send),
    "no-encompass": (encompass.check_skip, encompass.apply_skip),
    "refer-child": (children.check_refer, children.apply_refer),
    "no-child-referral": (children.check_skip, children.apply_skip),
    "end-police-protection": (children.check_end, children.apply_end),
    "record-care-needs": (adults.check_needs, adults.apply_needs),
    "send-care-act-concern": (adults.check_send, adults.apply_send),
    "no-care-act-concern": (adults.check_skip, adults.apply_skip),
}
SETTLED_BY = {
    ClockType.ENCOMPASS: "send-encompass",
    ClockType.CHILD_REFERRAL: "refer-child --referral REFERRAL",
    ClockType.POLICE_PROTECTION: "end-police-protection",
    ClockType.CARE_ACT_CONCERN: "send-care-act-concern",
}


def receive(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """What was agreed at a visit is owed. Nothing else that a message says changes this duty but
    the report itself: neither wishes nor a freeze nor a closed case switches safeguarding off."""
    if not isinstance(message, MeasureAgreed):
        return
    append(
        state,
        ctx,
        "safeguarding:measure:agreed",
        message.at,
        measure=message.measure,
        visit_id=message.visit_id,
    )
    if message.measure is SafetyMeasure.CHILD_REFERRAL:
        children.agreed(state, ctx, message.at)
    elif message.measure is SafetyMeasure.CARE_ACT_CONCERN:
        adults.agreed(state, ctx, message.at)


def react(state: IncidentState, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    if state.report is None or state.ended_at is not None:
        return
    encompass.react(state, ctx)
    children.react(state, ctx)
    adults.react(state, ctx)
    escalate_own(state, ctx, person_of, SETTLED_BY)
