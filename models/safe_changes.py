"""How one safe-contact plan differs from the one before, and where it allows more (docs/domain.md
9.1): nothing weakens a constraint but a named person with a reason."""

from __future__ import annotations

from datetime import datetime, time

from models.instants import london_date
from models.safe_contact import DoNotContact, Route, SafeContactPlan, SafeWindow
from models.safe_merge import ALLOWED_IF_BOTH, TRUE_IF_EITHER

ALLOWS = (*ALLOWED_IF_BOTH, "sms_allowed")
KEPT = ("code_word_hash", "interpreter_language", "interpreter_sex")
"""What may be given another value, but not taken away, without a reason."""
NOT_COMPARED = ("plan_reviewed_at",)
DAY = 24 * 60


def changed(old: SafeContactPlan | None, new: SafeContactPlan) -> list[str]:
    """The parts that are another than before, by name, never what they hold."""
    before = old or SafeContactPlan(plan_reviewed_at=new.plan_reviewed_at)
    names = [name for name in SafeContactPlan.model_fields if name not in NOT_COMPARED]
    return [name.upper() for name in names if getattr(before, name) != getattr(new, name)]


def weakened(old: SafeContactPlan | None, new: SafeContactPlan, now: datetime) -> list[str]:
    """The parts by which the new plan allows or protects less strictly than the old one, by name.

    A new or newly verified route is no weakening: who verified it and when stands in it.
    """
    if old is None:
        return []
    found = [name for name in ALLOWS if getattr(new, name) and not getattr(old, name)]
    found += [name for name in TRUE_IF_EITHER if getattr(old, name) and not getattr(new, name)]
    found += [name for name in KEPT if getattr(old, name) and not getattr(new, name)]
    found += [
        name
        for name in ("accessibility", "never_to_be_told")
        if not set(getattr(old, name)) <= set(getattr(new, name))
    ]
    if _trusts_more(old, new):
        found.append("device_compromised_at")
    if any(not any(_bars(n, o) for n in new.do_not_contact) for o in _ahead(old, now)):
        found.append("do_not_contact")
    if any(not _opened(day, w, old) for w in new.safe_windows for day in w.weekdays):
        found.append("safe_windows")
    if any(_unmarked(before, new) for before in old.routes):
        found.append("routes")
    return [name.upper() for name in found]


def _trusts_more(old: SafeContactPlan, new: SafeContactPlan) -> bool:
    """Whether an older route is trusted again although the device may be watched."""
    if not (old.device_compromised and new.device_compromised):
        return False
    before, after = old.device_compromised_at, new.device_compromised_at
    return after is not None and (before is None or after < before)


def _ahead(plan: SafeContactPlan, now: datetime) -> list[DoNotContact]:
    """The times to avoid that are not over: one of a single day may run into the next."""
    today = london_date(now)
    return [e for e in plan.do_not_contact if e.day is None or (today - e.day).days < 2]


def _bars(new: DoNotContact, old: DoNotContact) -> bool:
    """Whether one entry bars all that another did."""
    every = new.day is None and not new.weekdays
    if old.day is not None:
        same = new.day == old.day or old.day.weekday() in new.weekdays
    else:
        same = bool(old.weekdays) and set(old.weekdays) <= set(new.weekdays)
    starts, ends = _minutes(new.opens, new.closes)
    began, ended = _minutes(old.opens, old.closes)
    return (every or same) and starts <= began and ends >= ended


def _opened(day: int, window: SafeWindow, old: SafeContactPlan) -> bool:
    """Whether the old plan had this window open on this weekday."""
    starts, ends = _minutes(window.opens, window.closes)
    for before in old.safe_windows:
        began, ended = _minutes(before.opens, before.closes)
        holidays = before.bank_holidays or not window.bank_holidays
        if day in before.weekdays and began <= starts and ended >= ends and holidays:
            return True
    return False


def _minutes(opens: time | None, closes: time | None) -> tuple[int, int]:
    """From when to when, in minutes from the midnight before; the end may lie on the next day."""
    start, end = ((t or time()).hour * 60 + (t or time()).minute for t in (opens, closes))
    return start, end if end > start else end + DAY


def _unmarked(before: Route, new: SafeContactPlan) -> bool:
    """Whether a third party's route stands there as the victim's own."""
    now = [route for route in new.routes if route.route_id == before.route_id]
    return before.third_party and any(not route.third_party for route in now)
