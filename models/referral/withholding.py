"""Consent that is withdrawn while the service has the referral (docs/domain.md 6, 13): without
another basis nothing more is asked of the service, and service and DALO are told."""

from __future__ import annotations

from datetime import datetime

from models.enums import ConsentStatus, ReferralPathway, ReferralState
from models.referral.guards import unsent
from models.referral.running import WITHHELD
from models.referral.state import ReferralFacts
from models.stream import Context, append, raise_task, settle_tasks

CHANGED = "CONSENT_CHANGED"


def withhold(state: ReferralFacts, ctx: Context, at: datetime) -> None:
    """Note whether the service may go on; clocks and tasks follow it."""
    sent = state.state is not ReferralState.DRAFT
    stopped = sent and unsent(state) is not None
    if stopped and state.withheld_at is None:
        state.withheld_at = at
        append(state, ctx, "referral:withheld", at, referral_ref=state.referral_ref)
    elif not stopped and state.withheld_at is not None:
        state.withheld_at, state.resumed_at = None, at
        append(state, ctx, "referral:resumed", at, referral_ref=state.referral_ref)


def react(state: ReferralFacts, ctx: Context) -> None:
    """Service and DALO have a task each while the service may not go on."""
    if state.withheld_at is None:
        settle_tasks(state, ctx, WITHHELD)
        if state.consent_status is ConsentStatus.GIVEN:
            settle_tasks(state, ctx, CHANGED)
        return
    settle_tasks(state, ctx, CHANGED)
    raise_task(
        state,
        ctx,
        WITHHELD,
        state.service,
        "the victim no longer agrees and no other basis is on record: do not contact them until the"
        " DALO says that you may",
        due_at=state.withheld_at,
        command=f"dalo referral {state.referral_ref}",
        subject="SERVICE",
    )
    raise_task(
        state,
        ctx,
        WITHHELD,
        state.lead,
        "the victim no longer agrees: tell the service to stop, then record consent, another basis"
        " with its reason, or let the service close the referral",
        due_at=state.withheld_at,
        command=f"dalo do {state.referral_ref} amend-referral --consent-status CONSENT",
        subject="DALO",
    )


def say_withdrawn(state: ReferralFacts, ctx: Context) -> None:
    """The victim no longer agrees, and the referral goes on upon another basis: the service knows
    before it calls. Its next step settles it."""
    if state.pathway is not ReferralPathway.IDVA or state.disclosure_basis is None:
        return
    raise_task(
        state,
        ctx,
        CHANGED,
        state.service,
        f"the victim no longer agrees: the referral goes on upon {state.disclosure_basis.value}",
        command=f"dalo referral {state.referral_ref}",
    )
