"""Clocks, tasks and decisions in words, the same on every screen."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from cli.screen import due, relative
from models.clocks import Clock
from models.due import started_by
from models.enums import ClockStatus
from models.ids import reference_of
from models.instants import show
from models.safe_decision import SafeDecision
from models.stream import Task

_NOT_SAFE = {
    "NO_ANSWER": "the case did not answer",
    "NO_PLAN": "no safe-contact plan yet",
    "NO_ROUTE": "the plan has no number to call",
    "ROUTE_NOT_VERIFIED": "no number is verified as safe",
    "CHANNEL_SUSPENDED": "suspended until a supervisor restores it",
    "DEVICE_COMPROMISED": "the device may be watched",
    "THIRD_PARTY_NOT_ALLOWED": "no third party may be asked",
    "SMS_NOT_ALLOWED": "the plan allows no text messages",
    "LETTERS_NOT_ALLOWED": "the plan allows no letters",
    "VOICEMAIL_NOT_ALLOWED": "the plan allows no voicemail",
    "EMAIL_SHARED_DEVICE": "the e-mail is read on a shared device",
    "NO_AGREED_WORDING": "no wording was agreed with the victim",
    "NO_CONTACT_ASKED": "the victim asked for no contact",
    "CASE_CLOSED": "the case is closed",
    "DO_NOT_CONTACT": "a time never to make contact in",
    "OUTSIDE_SAFE_WINDOW": "outside the safe windows",
    "NO_SAFE_WINDOW": "the plan has no safe window",
    "FROZEN": "a party died or was gravely hurt",
    "PRIMARY_AGGRESSOR_REVIEW": "both parties allege; the review comes first",
    "CASE_MERGING": "the case is being merged into another of the same person",
    "WISHES_NOT_RENEWED": "the one safe approach was made; the victim's wishes come first",
}
"""Why a call is not safe, for people; programs get the code."""


def what_clock(clock: Clock) -> str:
    """A clock by type and subject; a risk grade behind contact clocks."""
    return f"{clock.clock_type.value} {clock.subject}".strip()


def what_task(task: Task) -> str:
    """A task by kind and subject."""
    return f"{task.kind} {task.subject}".strip()


def clock_row(stream: str, clock: Clock, now: datetime) -> tuple[str | Text, ...]:
    """One line of a table of clocks: clock, due, owner, start event, state."""
    return (
        what_clock(clock),
        due(clock.due_at if _runs(clock) else None, now) if _runs(clock) else _ended(clock),
        clock.owner or "-",
        f"{started_by(clock)} ({reference_of(stream)})",
        state_of(clock, now),
    )


def _runs(clock: Clock) -> bool:
    return clock.status is ClockStatus.OPEN and not clock.paused


def _ended(clock: Clock) -> Text:
    return Text(show(clock.due_at), style="dim")


def state_of(clock: Clock, now: datetime) -> str:
    """What stands out about a clock: breached, late from the start, paused, ended."""
    if clock.status is not ClockStatus.OPEN:
        return f"{clock.status.value} {clock.reason}".strip()
    if clock.paused:
        return f"PAUSED {clock.pauses[-1].reason}"
    marks = [clock.late_reason] if clock.late_reason else []
    if clock.due_at < now:
        marks.append("BREACHED" if clock.breached_at else "OVERDUE")
    elif clock.warned_at is not None:
        marks.append("WARNED")
    return " ".join(marks)


def safe_line(decision: SafeDecision, now: datetime) -> Text:
    """Whether to call now, in one line."""
    if decision.allowed:
        route = f" by {decision.route_id}" if decision.route_id else ""
        voicemail = "" if decision.leave_voicemail else "; leave no voicemail"
        return Text(f"safe to call now: YES{route}{voicemail}", style="green")
    return Text(f"safe to call now: NO ({no_because(decision, now)})", style="bold red")


def no_because(decision: SafeDecision, now: datetime) -> str:
    """Why a route is not safe now, and when it will be."""
    why = _NOT_SAFE.get(decision.reason_code, decision.reason_code)
    if decision.next_window_opens is None:
        return why
    opens = decision.next_window_opens
    return f"{why}; window opens {show(opens)}, {relative(opens, now)}"
