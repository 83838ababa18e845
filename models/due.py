"""Starting, recomputing and explaining clocks: the one place where due instants come from.

A clock's due instant is a function of its limit, start, pauses, policy and calendar alone, so that
the explanation recomputes to the same instant (docs/domain.md 11).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from models.calendars import Calendar, due_instant, elapsed
from models.clocks import CalendarKind, Clock, Limit
from models.content import PolicyError
from models.enums import ClockType
from models.instants import add_local_days, end_of_day, london_date, show, utc
from models.policy import ClockRule, Policy

STOPPABLE = (CalendarKind.ELAPSED, CalendarKind.WORKING_DAYS, CalendarKind.CADENCE)
"""Limits that a pause extends; legal days, notices and agreed instants run on."""
WORDS = {
    CalendarKind.ELAPSED: "of elapsed time",
    CalendarKind.DVPN: "without Sundays, bank holidays, Good Friday and Christmas Day",
    CalendarKind.CADENCE: "at the same local time",
}
STARTED = {
    "assessment:recorded": "the risk was assessed",
    "case:allocated": "the case was allocated",
    "case:counter_allegation:known": "a counter-allegation became known",
    "case:legal_hold:placed": "the legal hold was placed or last reviewed",
    "case:opened": "the case was opened",
    "case:review:held": "the case was reviewed",
    "case:reopened": "the case was reopened",
    "event known": "the event became known to the case",
    "handover:begun": "the case was handed over",
    "transfer:offered": "the case was offered to another area",
    "merge:received": "two references proved to be one person",
    "case:risk:graded": "the risk was graded",
    "case:threat_to_life:recorded": "the threat to life was recorded or last reviewed",
    "case:waitlisted": "the case was put on the waiting list",
    "contact:approach:made": "the one safe approach was made",
    "contact:attempt:recorded": "the victim was reached",
    "contact:cadence:approved": "the cadence was signed off",
    "contact:cadence:set": "the cadence was put in force",
    "contact:ladder:entered": "this step was entered",
    "contact:none:agreed": "no contact was agreed with the victim",
    "contact:owed": "contact became due again",
    "contact:paused": "contact was paused",
    "contact:wishes:renewed": "the victim's wishes were renewed",
    "evidence:item:recorded INJURY_PHOTOS_INITIAL": "the initial injury photos were recorded",
    "incident reported": "the incident was reported",
    "needs:action:added": "the action was agreed",
    "order:in_force": "an order or bail was in force without contact since then",
    "stalking:acts:recorded": "a second unwanted act was known",
    "stream:renewed": "the case was taken over by this release",
    "visit:attempted": "nobody answered at the visit",
    "visit:authorised": "the visit was authorised",
    "visit:selected": "a visit was selected",
}
"""What started a clock, in words; a start event without any stands as it is."""
UNIT_WORDS = {"min": "minute", "h": "hour", "d": "day", "months": "month"}


def start_clock(  # noqa: PLR0913 - what a clock is made of, each by name
    policy: Policy,
    calendar: Calendar,
    clock_type: ClockType,
    *,
    clock_id: str,
    subject: str,
    rule_key: str,
    start_event: str,
    started_at: datetime,
    limit: Limit | None = None,
    due_at: datetime | None = None,
) -> Clock:
    """A new open clock with its due and warning instants.

    `limit` overrides the policy's (an order's own length, say); `due_at` overrides the computed
    instant (a safe window, an agreed date). An agreed date that policy has no limit for makes the
    limit F. Raises PolicyError where nothing says when it is due.
    """
    rule = policy.clock_rules[clock_type]
    found = limit or rule.limit_for(rule_key)
    if found is None and due_at is not None:
        found = Limit(kind=CalendarKind.FIXED)
    if found is None or (found.kind is CalendarKind.FIXED and due_at is None):
        raise PolicyError(
            policy.version,
            f"clock_rules.{clock_type.value}.limits.{rule_key}",
            "gives no limit to start this clock with",
            "add the limit, or start the clock with an agreed due instant",
        )
    due = utc(due_at) if due_at is not None else _due(policy, rule, found, started_at, calendar)
    return Clock(
        clock_id=clock_id,
        clock_type=clock_type,
        subject=subject,
        rule_key=rule_key,
        limit=found,
        policy_version=policy.version,
        calendar_version=calendar.version,
        start_event=start_event,
        started_at=utc(started_at),
        due_at=due,
        warn_at=warn_instant(rule, due, started_at),
    )


def warn_instant(rule: ClockRule, due_at: datetime, started_at: datetime) -> datetime | None:
    """When to warn: `warn_before` ahead of the due instant, but never before the start."""
    before = rule.warn_before
    if before is None:
        return None
    if before.kind is CalendarKind.ELAPSED:
        warn = utc(due_at) - elapsed(before)
    else:
        warn = add_local_days(due_at, -before.amount)
    # What is due before its start (a list closes before its meeting) is warned of before it too.
    return warn if started_at > due_at else max(warn, utc(started_at))


def _due(
    policy: Policy, rule: ClockRule, limit: Limit, started_at: datetime, calendar: Calendar
) -> datetime:
    due = due_instant(limit, started_at, calendar, rule.beginning_with)
    if rule.next_working_day and limit.kind is CalendarKind.CALENDAR_DAYS:
        return end_of_day(calendar.working_day_from(london_date(due)))
    if rule.school_day_first:
        opens = policy.duties.safeguarding.school_day_starts if policy.duties else time()
        school = calendar.next_school_start(started_at, opens)
        return min(due, school) if school else due
    return due


def paused_for(clock: Clock) -> timedelta:
    """How long finished pauses held the clock."""
    return sum(
        (pause.ended_at - pause.started_at for pause in clock.pauses if pause.ended_at is not None),
        timedelta(),
    )


def computed_due(clock: Clock, policy: Policy, calendar: Calendar) -> datetime | None:
    """The due instant that limit, start and pauses give, before safe windows; None where it was
    agreed and not computed."""
    if clock.limit.kind is CalendarKind.FIXED or clock.basis:
        return None
    rule = policy.clock_rules[clock.clock_type]
    due = _due(policy, rule, clock.limit, clock.started_at, calendar)
    return due + paused_for(clock) if clock.limit.kind in STOPPABLE else due


def recompute(clock: Clock, policy: Policy, calendar: Calendar) -> Clock:
    """The clock on this calendar, with its pauses.

    An agreed instant stays. Of a contact clock whose due instant a safe window moved, only the raw
    one is computed here: the plan is not the clock's, and the contact rules move it.
    """
    due = computed_due(clock, policy, calendar)
    changes: dict[str, object] = {"calendar_version": calendar.version}
    if due is None:
        return clock.model_copy(update=changes)
    if clock.due_raw is not None:
        changes["due_raw"] = due
        if clock.due_at != clock.due_raw:
            return clock.model_copy(update=changes)
    changes["due_at"] = due
    changes["warn_at"] = warn_instant(policy.clock_rules[clock.clock_type], due, clock.started_at)
    return clock.model_copy(update=changes)


def explain(clock: Clock, policy: Policy, calendar: Calendar) -> str:
    """One sentence: when the clock is due and why. Its parts recompute to the same instant."""
    rule = policy.clock_rules[clock.clock_type]
    what = f"{clock.clock_type.value} {clock.subject}".strip()
    happened = started_by(clock) or f"its start ({rule.starts}) was"
    opening = (
        f"{what} is due on {show(clock.due_at)} because {happened} on {show(clock.started_at)}"
    )
    source = f"({rule.source}, {rule.basis})"
    due = computed_due(clock, policy, calendar)
    if due is None:
        by = clock.basis or clock.reason or f"under {clock.policy_version}"
        return f"{opening}, which fixed this instant: {by} {source}."
    usual = rule.limit_for(clock.rule_key)
    if usual is None or usual == clock.limit:
        given = f"{_limit(clock.limit, rule)}{_for(clock)}"
        parts = [f"{opening} and policy {clock.policy_version} gives {given}"]
    else:
        given = f"{_limit(usual, rule)} that policy {clock.policy_version} gives{_for(clock)}"
        parts = [f"{opening} and {_limit(clock.limit, rule)} were agreed, not the {given}"]
    parts.append(f" on calendar {clock.calendar_version}" if _needs_days(clock.limit) else "")
    held = paused_for(clock)
    if held >= timedelta(minutes=1) and clock.limit.kind in STOPPABLE:
        why = "; ".join(pause.reason for pause in clock.pauses if pause.ended_at is not None)
        parts.append(f", extended by {_length(held)} of pause ({why})")
    if clock.paused:
        parts.append(f", standing still since {show(clock.pauses[-1].started_at)}")
    if clock.due_at != due:
        parts.append(f" (that is {show(due)}), {_moved(clock, due)}")
    return f"{''.join(parts)} {source}."


def started_by(clock: Clock) -> str:
    """What started a clock, in words."""
    return STARTED.get(clock.start_event, clock.start_event)


def _moved(clock: Clock, due: datetime) -> str:
    if clock.due_raw is None:
        return f"moved: {clock.reason or 'agreed'}"
    if clock.due_at < due:
        return "moved to the end of the last safe window before it"
    return "moved to the end of the first safe window after it"


def _needs_days(limit: Limit) -> bool:
    return limit.kind in (CalendarKind.WORKING_DAYS, CalendarKind.DVPN)


def _limit(limit: Limit, rule: ClockRule) -> str:
    if limit.kind is CalendarKind.WORKING_DAYS:
        unit = "working day"
    else:
        unit = UNIT_WORDS.get(limit.unit, "day")
    amount = abs(limit.amount)
    text = f"{amount} {unit}{'' if amount == 1 else 's'}"
    if limit.kind is CalendarKind.WORKING_DAYS and limit.amount < 0:
        text += " before"
    text += f" {WORDS[limit.kind]}" if limit.kind in WORDS else ""
    if limit.kind is CalendarKind.CALENDAR_DAYS:
        text += " beginning with that day" if rule.beginning_with else ""
        text += " or the next working day" if rule.next_working_day else ""
    return text


def _for(clock: Clock) -> str:
    named = clock.rule_key and clock.rule_key != clock.subject
    return f" for {clock.rule_key}" if named else ""


def _length(held: timedelta) -> str:
    hours, seconds = divmod(int(held.total_seconds()), 3600)
    return f"{hours} h {seconds // 60} min"
