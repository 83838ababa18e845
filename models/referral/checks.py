"""Who may tell a referral what, and what it refuses whatever the pathway."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.checks import not_later
from models.commands import Grant
from models.enums import SUPERVISORY, Role
from models.referral.state import ReferralFacts


def open_only(state: ReferralFacts) -> None:
    """Nothing more is said to a referral that has ended."""
    if state.closed:
        raise Refused(
            "REFERRAL_ENDED",
            f"{state.referral_ref} ended as {state.outcome}",
            "refer again on the case: a new referral names this one",
        )


def happened(state: ReferralFacts, at: datetime, now: datetime) -> None:
    """`at` must not be in the future, nor before the referral was made."""
    not_later(now, at)
    if at < state.created_at:
        raise Refused(
            "BEFORE_REFERRAL",
            "the time given is earlier than the referral",
            "give when it happened; what came before belongs to the case",
            "at",
        )


def in_order(state: ReferralFacts, at: datetime) -> None:
    """A state cannot be left before it was entered."""
    if at < state.entered_at:
        raise Refused(
            "BEFORE_LAST_STATE",
            f"the time given is earlier than the referral's last step, {state.state.value}",
            "give when it happened",
            "at",
        )


def is_dalo(state: ReferralFacts, grant: Grant) -> bool:
    """The DALO of the referral's case, an officer who covers, or one with break-glass access."""
    holders = {state.dalo_id, state.handed_to} - {""}
    mine = grant.actor in holders or (bool(grant.covering) and grant.covering in holders)
    return grant.role is Role.DALO and (mine or grant.break_glass)


def by(state: ReferralFacts, grant: Grant, roles: tuple[Role, ...]) -> None:
    """One of these roles: partners for their own pathway, the DALO for their own cases, and a
    supervisor wherever the DALO may."""
    if grant.role in roles and grant.role is not Role.DALO:
        return
    dalo = Role.DALO in roles
    if dalo and (grant.role in SUPERVISORY or is_dalo(state, grant)):
        return
    if dalo and grant.role is Role.DALO:
        raise Refused(
            "NOT_YOUR_CASE",
            f"{state.referral_ref} belongs to a case of {state.dalo_id or 'nobody yet'}",
            "ask them or the supervisor, or give a reason for break-glass access",
            "actor",
        )
    raise Refused(
        "NOT_YOUR_STEP",
        f"this step is for {' or '.join(role.value for role in roles)}",
        "ask them to record it",
        "actor",
    )


def reason_given(reason: str | None, what: str) -> None:
    """Some decisions are not taken without a reason."""
    if not reason:
        raise Refused("REASON_NEEDED", f"{what} needs a reason", "give --reason", "reason")
