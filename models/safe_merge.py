"""The stricter of two safe-contact plans, for two references that prove to be one person
(docs/domain.md 9.1, 16a). Nothing that one of them forbids is allowed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from models.safe_contact import Route, SafeContactPlan, SafeWindow

ALLOWED_IF_BOTH = ("voicemail_allowed", "letters_allowed", "third_party_allowed")
TRUE_IF_EITHER = ("caller_id_withheld", "email_shared_device", "device_compromised")
MINE_FIRST = ("code_word_hash", "interpreter_language", "interpreter_sex")
"""What says how to speak, not whether: the kept reference's, else the other's."""


def stricter(mine: SafeContactPlan | None, other: SafeContactPlan | None) -> SafeContactPlan | None:
    """What both plans allow. `mine` belongs to the kept reference; the other's routes name another
    identity record and are never taken over, but a channel that it does not have is not used.

    A reference without a plan forbids nothing of its own: the other's rules hold, and where only
    the other has a plan, no route is left until an officer sets one.
    """
    if other is None:
        return mine
    if mine is None:
        return other.model_copy(update={"routes": (), "sms_allowed": False, "sms_wording_ref": ""})
    same_wording = mine.sms_wording_ref == other.sms_wording_ref
    sms = mine.sms_allowed and other.sms_allowed and same_wording
    changed = {name: getattr(mine, name) and getattr(other, name) for name in ALLOWED_IF_BOTH}
    changed |= {name: getattr(mine, name) or getattr(other, name) for name in TRUE_IF_EITHER}
    changed |= {name: getattr(mine, name) or getattr(other, name) for name in MINE_FIRST}
    changed |= _lists(mine, other)
    return mine.model_copy(
        update={
            **changed,
            "routes": _routes(mine, other),
            "safe_windows": tuple(_windows(mine.safe_windows, other.safe_windows)),
            "sms_allowed": sms,
            "sms_wording_ref": mine.sms_wording_ref if sms else "",
            "device_compromised_at": _found_at(mine, other),
            "plan_reviewed_at": min(mine.plan_reviewed_at, other.plan_reviewed_at),
        }
    )


def _lists(mine: SafeContactPlan, other: SafeContactPlan) -> dict[str, object]:
    """Lists of what must not happen (times, people never to be told) hold together."""
    treated = {"routes", "safe_windows"}
    return {
        name: tuple(dict.fromkeys((*getattr(mine, name), *getattr(other, name))))
        for name in SafeContactPlan.model_fields
        if name not in treated and isinstance(getattr(mine, name), tuple)
    }


def _routes(mine: SafeContactPlan, other: SafeContactPlan) -> tuple[Route, ...]:
    """My routes by channels that the other plan has too; verified only where both are."""
    theirs = {route.channel for route in other.routes}
    verified = {route.channel for route in other.routes if route.verified_at is not None}
    return tuple(
        route if route.channel in verified else route.model_copy(update={"verified_at": None})
        for route in mine.routes
        if route.channel in theirs
    )


def _windows(mine: tuple[SafeWindow, ...], other: tuple[SafeWindow, ...]) -> Iterator[SafeWindow]:
    """The times that lie in a window of both, windows that begin on one day compared; a plan
    without a window has no safe time."""
    for a in mine:
        for b in other:
            days = tuple(sorted(set(a.weekdays) & set(b.weekdays)))
            opens = max(a.opens, b.opens)
            closes = min(_end(a), _end(b))
            if days and _minutes(opens) < closes:
                yield SafeWindow(
                    weekdays=days,
                    opens=opens,
                    closes=time(closes // 60 % 24, closes % 60),
                    bank_holidays=a.bank_holidays and b.bank_holidays,
                )


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _end(window: SafeWindow) -> int:
    """The window's end in minutes from the midnight before it opens; it may lie on the next day."""
    over = 24 * 60 if window.closes <= window.opens else 0
    return _minutes(window.closes) + over


def _found_at(mine: SafeContactPlan, other: SafeContactPlan) -> datetime | None:
    """From when a route must have been verified to be on another device; None trusts none."""
    found = [plan.device_compromised_at for plan in (mine, other) if plan.device_compromised]
    if not found or any(at is None for at in found):
        return None
    return max(at for at in found if at is not None)
