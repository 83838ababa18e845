"""A referral enters a state: what is recorded, which clocks run, who is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.enums import ConsentStatus, IdvaOutcome, ReferralPathway, ReferralState
from models.referral.running import CANCELS, WITHDRAWN, clocks
from models.referral.state import ReferralFacts
from models.referral.telling import ask_to_list, leave_list, tell_case
from models.stream import Context, append

TELL_VICTIM = "TELL_VICTIM"
"""A draft was sent without the victim's agreement: its case has them told, if that is safe."""
_BEFORE_HEARING = frozenset(
    {
        ReferralState.ACCEPTED,
        ReferralState.LISTED,
        ReferralState.RESEARCH,
        ReferralState.NOMINATED,
        ReferralState.DEFERRED,
    }
)


def enter(
    state: ReferralFacts,
    ctx: Context,
    to: ReferralState,
    at: datetime,
    *,
    listing: bool = True,
    **data: Any,
) -> None:
    """Go into a state at `at`: record it, note its instants, turn the clocks, tell the case. With
    `listing` off nothing is asked of the meetings, as one of them already has."""
    was, state.state, state.entered_at = state.state, to, at
    _note(state, to, at)
    if to in (*state.path.ends, WITHDRAWN):
        state.ended_at = at
        state.outcome = state.outcome or to.value
    append(
        state,
        ctx,
        f"referral:{to.value.lower()}",
        at,
        referral_ref=state.referral_ref,
        state=to,
        was=was,
        outcome=state.outcome,
        **data,
    )
    if was in _BEFORE_HEARING and to in CANCELS:
        leave_list(state, to, at)
    clocks(state, ctx)
    if listing and to in state.path.listed_in:
        ask_to_list(state, ctx, at)
    unable = IdvaOutcome.UNABLE_TO_CONTACT.value
    codes = [unable] if state.outcome == unable else []
    agreed = state.consent_status is ConsentStatus.GIVEN
    if was is ReferralState.DRAFT and to is ReferralState.SUBMITTED and not agreed:
        codes.append(TELL_VICTIM)
    tell_case(state, ctx, at, tuple(codes))


def _note(state: ReferralFacts, to: ReferralState, at: datetime) -> None:
    """The instants that read models and clocks go by; a second time changes only some."""
    s = ReferralState
    if state.submitted_at is None and to in (s.SUBMITTED, s.NOMINATED, s.REFERRED):
        state.submitted_at = at
    sent = to not in (s.DRAFT, s.SUBMITTED, WITHDRAWN)
    if state.pathway is ReferralPathway.IDVA and sent:
        state.acknowledged_at = state.acknowledged_at or at
    match to:
        case s.ACCEPTED | s.SELECTED:
            state.accepted_at = state.accepted_at or at
        case s.ENGAGED:
            state.engaged_at = at
            state.outcome = to.value
        case s.WAITLISTED:
            state.outcome = to.value
            state.tries_from, state.attempted_at = at, None
        case s.TRANSFERRED_OUT:
            state.outcome = to.value
        case s.HEARD:
            state.heard_at = at
        case s.ACTIVE | s.MANAGEMENT if state.review_from is None:
            state.review_from = at
        case s.NOT_MET | s.WITHDRAWN_IN_ERROR:
            # What was no referral leaves no flag.
            state.flag_until = None
