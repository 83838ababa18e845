"""What stands beside the cases on the supervisor's board."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console

from cli.screen import due, note, table, when, words
from cli.told import plain
from store.overview import Overview

CASES = 3
"""So many cases are named behind a waiting decision."""
_NOTICES = {
    "WAITING": "have not left: dalo watchdog says why",
    "NO_ADDRESS": "have no address: give the officers one with dalo roster load",
    "NOT_ACKNOWLEDGED": "were sent and not acknowledged in time",
}


def show_overview(out: Console, found: Overview, now: datetime) -> None:
    """Breaches, decisions, meetings, referrals, notices; each only where there is something."""
    for title, columns, rows in (
        ("Open breaches", ("clock", "count", "first due"), _breaches(found, now)),
        ("Waiting for a decision", _DECISION, _decisions(found, now)),
        ("Meetings", _MEETING, _meetings(found, now)),
        ("Referrals without an answer", _REFERRAL, _unanswered(found)),
    ):
        if rows:
            out.print(table(title, columns, rows))
            out.print()
    for each in found.notices:
        told = f"{each.count} {_NOTICES[each.what]}, the oldest of {when(each.oldest_at)}"
        out.print(note(f"notices: {told}"))
    if found.notices:
        out.print()


_DECISION = ("for", "what", "count", "first due", "cases")
_MEETING = ("meeting", "starts", "state", "list closes", "listed", "actions open")
_REFERRAL = ("referral", "state", "since", "with", "case", "")
Rows = list[tuple[Any, ...]]


def _breaches(found: Overview, now: datetime) -> Rows:
    return [(b.clock_type, b.count, due(b.first_due_at, now)) for b in found.breaches]


def _decisions(found: Overview, now: datetime) -> Rows:
    return [
        (
            words(w.owner),
            plain(w.what),
            w.count,
            due(w.first_due_at, now),
            ", ".join(w.cases[:CASES]) + (" ..." if len(w.cases) > CASES else ""),
        )
        for w in found.approvals
    ]


def _meetings(found: Overview, now: datetime) -> Rows:
    return [
        (
            f"{m.forum} {m.area}" + (" EMERGENCY" if m.emergency else ""),
            due(m.starts_at, now) if m.state in ("OPEN", "FROZEN") else when(m.starts_at),
            m.state,
            when(m.cut_off_at),
            m.listed,
            m.actions_open,
        )
        for m in found.meetings
    ]


def _unanswered(found: Overview) -> Rows:
    return [
        (
            u.referral_ref,
            u.state,
            when(u.submitted_at),
            plain(u.service) if u.area in u.service else f"{plain(u.service)} {u.area}".strip(),
            words(u.case_ref),
            "chased" if u.chased else "",
        )
        for u in found.unanswered
    ]
