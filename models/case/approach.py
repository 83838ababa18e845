"""The one safe approach to a victim who asked for no contact (docs/domain.md 9.4): allowed by a new
incident, on the agreed date, at a safety event or by a supervisor; after it contact waits for
renewed wishes, and the wait has a clock."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case import engagement
from models.case.state import CaseFacts
from models.enums import CadencePlan, CaseState, ClockType
from models.instants import end_of_day
from models.stream import Context, append, arm, cancel, meet, open_clock, raise_task, settle_tasks

WAITS = ("RENEW_WISHES", "APPROACH_MADE")
"""What is asked of officer and supervisor while wishes are not renewed."""
FOR_EVENTS = ("SAFETY_EVENT", "SUPERVISOR")
"""Approaches that end with the contact they were allowed for."""


def asked_for_none(state: CaseFacts) -> bool:
    """Whether the victim's last word was that they want no contact."""
    return (
        state.state is CaseState.DORMANT_MONITORED or state.cadence_plan is CadencePlan.NO_CONTACT
    )


def silent(state: CaseFacts) -> bool:
    """Whether nobody may make contact without an approach that is allowed: no contact was asked
    for, or the one approach since then was made and wishes are not renewed."""
    return asked_for_none(state) or state.asked.approach == "USED"


def held_back(state: CaseFacts) -> str:
    """Why nobody may make contact whatever the plan says, as a code; empty where it decides."""
    if not state.live:
        return "CASE_CLOSED"
    if state.release > 1:
        if state.essentials.frozen:
            return "FROZEN"
        if state.essentials.aggressor_reviews:
            return "PRIMARY_AGGRESSOR_REVIEW"
        if state.handover.merge_target is not None:
            return "CASE_MERGING"
        if state.asked.approach == "ALLOWED":
            return ""
        if state.asked.approach == "USED":
            return "WISHES_NOT_RENEWED"
    return "NO_CONTACT_ASKED" if asked_for_none(state) else ""


def allow(state: CaseFacts, ctx: Context, why: str) -> None:
    """Allow one approach; `why` is a code. One that is allowed already stays the one."""
    asked = state.asked
    if asked.approach == "ALLOWED":
        return
    if asked.approach == "USED":
        state.contact_due_from = ctx.now
    asked.approach, asked.approach_for, asked.approach_at = "ALLOWED", why, ctx.now
    append(state, ctx, "contact:approach:allowed", reason=why)


def lapse(state: CaseFacts, ctx: Context) -> None:
    """No event is left that the approach was allowed for: it is not made."""
    asked = state.asked
    if asked.approach != "ALLOWED" or asked.approach_for not in FOR_EVENTS:
        return
    append(state, ctx, "contact:approach:lapsed", reason=asked.approach_for)
    asked.approach = "" if asked_for_none(state) else "USED"


def used(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """The approach was made. A dormant case rests again; a reopened one waits for the victim's
    renewed wishes, or for the supervisor where nobody was reached."""
    asked = state.asked
    if asked.approach != "ALLOWED" or asked.approach_at is None or at < asked.approach_at:
        return
    append(state, ctx, "contact:approach:made", at, reason=asked.approach_for)
    asked.approach = "" if asked_for_none(state) else "USED"
    again = open_clock(state, ClockType.RECONTACT)
    if again is not None and asked.approach_for == "RECONTACT":
        meet(state, ctx, again, max(at, again.started_at))
        settle_tasks(state, ctx, "RECONTACT")
        asked.recontact_on = None
    if asked.approach == "USED":
        _wait(state, ctx, at)


def _wait(state: CaseFacts, ctx: Context, at: datetime, rule_key: str = "") -> None:
    """Until wishes are renewed nobody calls: officer and supervisor answer for the wait."""
    clock = arm(
        state,
        ctx,
        ClockType.WISHES_RENEWAL,
        at,
        "contact:approach:made" if not rule_key else "case:review:held",
        rule_key=rule_key,
        owner=state.supervisor_id or state.dalo_id,
    )
    raise_task(
        state,
        ctx,
        "RENEW_WISHES",
        state.dalo_id or state.supervisor_id,
        "the one safe approach was made: record what the victim wishes now; until then there "
        "is no further contact",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} record-wishes",
    )
    raise_task(
        state,
        ctx,
        "APPROACH_MADE",
        state.supervisor_id,
        "the one safe approach was made: where the victim was not reached, decide whether risk "
        "calls for more (another approach, a visit, a threat to life recorded), or review the "
        "case and wait",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} review-case",
    )


def reviewed(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """A supervisor looked at the wait and lets it go on: it is looked at again (policy: AGAIN)."""
    if _stop_waiting(state, ctx, at):
        _wait(state, ctx, at, "AGAIN")


def _stop_waiting(state: CaseFacts, ctx: Context, met_at: datetime | None) -> bool:
    for kind in WAITS:
        settle_tasks(state, ctx, kind)
    clock = open_clock(state, ClockType.WISHES_RENEWAL)
    if clock is None:
        return False
    if met_at is not None and met_at >= clock.started_at:
        meet(state, ctx, clock, met_at)
    else:
        cancel(state, ctx, clock, "NOT_WAITING")
    return True


def heard_since(state: CaseFacts) -> None:
    """Wishes are renewed in the victim's own words: raises Refused where nobody spoke with them
    since the approach was allowed."""
    since = state.asked.approach_at
    if state.asked.approach == "" or asked_for_none(state) or since is None:
        return
    if state.last_contact_at is None or state.last_contact_at < since:
        raise Refused(
            "NOT_HEARD_SINCE",
            "wishes are renewed in the victim's own words, and there was no contact yet",
            "make the one safe approach and record it (record-attempt)",
        )


def renewed(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """The victim said anew what they want: contact is again what they say it is."""
    asked = state.asked
    if asked.no_contact_at is not None:
        asked.renewed_at = at
    asked.no_contact_at = asked.recontact_on = asked.approach_at = None
    if asked.approach:
        asked.approach = ""
        asked.approach_for = ""
        append(state, ctx, "contact:wishes:renewed", at)
    _stop_waiting(state, ctx, at)
    settle_tasks(state, ctx, "RECONTACT")
    if asked.renewed_at == at:
        engagement.spoken(state)


def react(state: CaseFacts, ctx: Context) -> None:
    """A new incident, and the agreed date, each allow one approach."""
    asked = state.asked
    fresh = len(state.incidents) > asked.incidents_known
    asked.incidents_known = len(state.incidents)
    if state.essentials.frozen or not state.live:
        return
    if asked.no_contact_at is None and asked_for_none(state):
        asked.no_contact_at = ctx.now  # asked for under an earlier release, which kept no date
    reopened = asked.no_contact_at is not None and not asked_for_none(state)
    if reopened and (asked.approach == "" or (asked.approach == "USED" and fresh)):
        allow(state, ctx, "NEW_INCIDENT")
    if asked.approach != "USED":
        _stop_waiting(state, ctx, None)
    elif open_clock(state, ClockType.WISHES_RENEWAL) is None:
        _wait(state, ctx, ctx.now)
    _ask_again(state, ctx)


def _ask_again(state: CaseFacts, ctx: Context) -> None:
    """Keep the one clock to the agreed day, and on that day ask."""
    day, again = state.asked.recontact_on, open_clock(state, ClockType.RECONTACT)
    if again is not None and day is None:
        cancel(state, ctx, again, "WISHES_RENEWED")
        settle_tasks(state, ctx, "RECONTACT")
        again = None
    if again is None and day is not None:
        again = arm(
            state,
            ctx,
            ClockType.RECONTACT,
            state.asked.no_contact_at or ctx.now,
            "contact:none:agreed",
            owner=state.dalo_id or state.supervisor_id,
            due_at=end_of_day(day),
            basis="agreed with the victim",
        )
    if again is not None and again.warned_at is not None and silent(state):
        allow(state, ctx, "RECONTACT")
        raise_task(
            state,
            ctx,
            "RECONTACT",
            state.dalo_id or state.supervisor_id,
            "today is the agreed date to ask the victim again, once and by a safe route",
            due_at=again.due_at,
            command=f"dalo do {state.case_ref} record-attempt",
        )
