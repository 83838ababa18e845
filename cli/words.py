"""Clocks, tasks and decisions in words, the same on every screen."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from cli.screen import due, relative
from models.clocks import Clock
from models.due import started_by
from models.enums import ClockStatus, ClockType
from models.instants import show
from models.safe_decision import SafeDecision
from models.stream import Task

_SETTLED_BY = {
    ClockType.FIRST_CONTACT: "record-attempt",
    ClockType.CONTACT_CADENCE: "record-attempt",
    ClockType.NEEDS_ASSESSMENT: "complete-needs-assessment",
    ClockType.LADDER_STEP: "record-ladder-step",
    ClockType.HHV_DUE: "record-ladder-step",
    ClockType.HHV_AUTHORISE: "record-ladder-step",
    ClockType.CASE_REVIEW: "review-case",
    ClockType.WAITLIST_REVIEW: "reassign",
    ClockType.PAUSE_REVIEW: "resume-contact",
    ClockType.CADENCE_SIGNOFF_REVIEW: "set-cadence",
    ClockType.RISK_REVIEW: "regrade",
    ClockType.RISK_SUPERVISOR_REVIEW: "regrade",
    ClockType.GOLDEN_HOUR: "record-evidence",
}

_NOT_SAFE = {
    "NO_ANSWER": "the case did not answer",
    "NO_PLAN": "no safe-contact plan yet",
    "NO_ROUTE": "the plan has no number to call",
    "ROUTE_NOT_VERIFIED": "no number is verified as safe",
    "CHANNEL_SUSPENDED": "suspended until a supervisor restores it",
    "DEVICE_COMPROMISED": "the device may be watched",
    "THIRD_PARTY_NOT_ALLOWED": "no third party may be asked",
    "NO_CONTACT_ASKED": "the victim asked for no contact",
    "CASE_CLOSED": "the case is closed",
    "DO_NOT_CONTACT": "a time never to make contact in",
    "OUTSIDE_SAFE_WINDOW": "outside the safe windows",
    "NO_SAFE_WINDOW": "the plan has no safe window",
}
"""Why a call is not safe, for people; programs get the code."""


def reference_of(stream: str) -> str:
    """What a person calls a stream: `CASE-2027-00001`, or `46/1/27/VIC-1`."""
    return stream.split("/", 1)[-1]


def what_clock(clock: Clock) -> str:
    """A clock by type and subject; a risk grade behind contact clocks."""
    return f"{clock.clock_type.value} {clock.subject}".strip()


def what_task(task: Task) -> str:
    """A task by kind and subject."""
    return f"{task.kind} {task.subject}".strip()


def command_of(stream: str, task: Task) -> str:
    """The command that settles a task, with the reference in its place."""
    ref = f" {reference_of(stream)} "
    return task.command.replace(f" {stream} ", ref).replace(" REF ", ref)


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


def settled_by(stream: str, clock: Clock) -> str:
    """The command that meets a clock; empty where none does yet."""
    ref = reference_of(stream)
    if clock.clock_type is ClockType.NEED_ACTION:
        return f"dalo do {ref} complete-need-action --action-id {clock.subject}"
    if clock.clock_type is ClockType.EVIDENCE_ITEM:
        return f"dalo do {ref} record-evidence --item {clock.subject}=CAPTURED"
    command = _SETTLED_BY.get(clock.clock_type)
    return f"dalo do {ref} {command}" if command else ""


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
