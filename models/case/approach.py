"""The one safe approach to a victim who asked for no contact (docs/domain.md 9.4): allowed by a new
incident, on the agreed date, or at a safety event; after it contact waits for renewed wishes."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.state import CaseFacts
from models.enums import CadencePlan, CaseState, ClockType
from models.stream import Context, append, meet, open_clock, raise_task, settle_tasks


def asked_for_none(state: CaseFacts) -> bool:
    """Whether the victim's last word was that they want no contact."""
    return (
        state.state is CaseState.DORMANT_MONITORED or state.cadence_plan is CadencePlan.NO_CONTACT
    )


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
    if asked.approach == "USED":
        raise_task(
            state,
            ctx,
            "RENEW_WISHES",
            state.dalo_id or state.supervisor_id,
            "the one safe approach was made: record what the victim wishes now; until then there "
            "is no further contact",
            command=f"dalo do {state.case_ref} record-wishes",
        )
        raise_task(
            state,
            ctx,
            "APPROACH_MADE",
            state.supervisor_id,
            "the one safe approach was made: where the victim was not reached, decide whether risk "
            "calls for more (set-cadence reviewed, a threat to life recorded, a visit)",
            command=f"dalo do {state.case_ref} review-case",
        )


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
    asked.no_contact_at = asked.recontact_on = asked.approach_at = None
    if asked.approach:
        asked.approach = ""
        asked.approach_for = ""
        append(state, ctx, "contact:wishes:renewed", at)
    for kind in ("RENEW_WISHES", "APPROACH_MADE", "RECONTACT"):
        settle_tasks(state, ctx, kind)


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
    again = open_clock(state, ClockType.RECONTACT)
    if again is not None and again.warned_at is not None and asked_for_none(state):
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
