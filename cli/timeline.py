"""Events of the ledger as people read them: one line each, references and codes only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from cli.told import plain, sentence
from models.clocks import Clock
from models.enums import NeedLevel
from models.events import Event, Json
from models.instants import show
from models.report import Report

BOOKKEEPING = frozenset(
    {
        "clock:started",
        "clock:warned",
        "clock:met",
        "clock:cancelled",
        "clock:raw_breached",
        "task:raised",
        "task:settled",
        "stream:renewed",
        "stream:owner:changed",
        "case:wishes:told",
        "case:closing:asked",
        "case:referral:changed",
        "code:wishes:taken",
        "assessment:graded",
    }
)
"""What a screen leaves out of its story: it stands among the open clocks and tasks, or another line
says it. `--json` has it."""
_LEFT_OUT = frozenset(
    {"case_ref", "victim_ref", "incident_ref", "note_ref", "at", "message_id", "policy_version"}
)


def describe(stream: str, event: Event) -> str:
    """One event in one line; an incident's begins with its reference."""
    where = ""
    if stream.startswith("incident/"):
        where = f"[{stream.split('/', 1)[1].rpartition('/')[0]}] "
    special = _SPECIAL.get(event.tag) or _SPECIAL.get(event.tag.partition(":")[0] + ":*")
    text = special(event) if special else sentence(event) or _fallback(event)
    gap = event.recorded_at - event.occurred_at
    happened = f" (at {show(event.occurred_at)})" if gap.total_seconds() >= 60 else ""
    return f"{where}{text}{happened}"


def story(timeline: Sequence[tuple[str, Event]]) -> list[tuple[str, str, str]]:
    """As `digest`, without the bookkeeping."""
    return digest([each for each in timeline if each[1].tag not in BOOKKEEPING])


def digest(timeline: Sequence[tuple[str, Event]]) -> list[tuple[str, str, str]]:
    """When, by whom and what, for a person: events of one kind, stream and minute in a row are
    told as one line with their number."""
    lines: list[tuple[str, str, str]] = []
    for (_, _, minute, _), alike in groupby(timeline, _kind):
        group = list(alike)
        text = describe(*group[0])
        if len(group) > 2:
            group, text = group[:1], f"{text}, and {len(group) - 1} more like it"
        lines.append((minute, group[0][1].actor or "-", text))
        lines += [(minute, e.actor or "-", describe(s, e)) for s, e in group[1:]]
    return lines


def _kind(each: tuple[str, Event]) -> tuple[str, str, str, str]:
    stream, event = each
    kind = event.data.get("clock", {}).get("clock_type", "")
    return stream, event.tag, show(event.recorded_at), kind


def _fallback(event: Event) -> str:
    """A tag that this version has no sentence for, as a newer one may write."""
    facts = [
        f"{name}: {plain(value)}"
        for name, value in event.data.items()
        if name not in _LEFT_OUT and _say(value)
    ]
    return f"{event.tag.replace(':', ' ').replace('_', ' ')}  {', '.join(facts)}".strip()


def _say(value: Any) -> bool:
    return value not in (None, "", [], {}) and not isinstance(value, dict)


def _clock(event: Event) -> str:
    clock = Clock.model_validate(event.data["clock"])
    name = f"{clock.clock_type.value} {clock.subject}".strip()
    verb = event.tag.rpartition(":")[2].replace("_", " ")
    match verb:
        case "started":
            late = f", {plain(clock.late_reason)}" if clock.late_reason else ""
            return f"clock {name} started, due {show(clock.due_at)}{late}"
        case "moved":
            return f"clock {name} moved to {show(clock.due_at)} ({plain(clock.reason)})"
        case "cancelled":
            return f"clock {name} cancelled ({plain(clock.reason)})"
        case "met":
            return f"clock {name} met"
        case "breached":
            return f"clock {name} BREACHED: it was due {show(clock.due_at)}"
    return f"clock {name} {verb}, due {show(clock.due_at)}"


def _task(event: Event) -> str:
    task: Json = event.data["task"]
    return f"task {task['kind']} for {task['owner'] or 'nobody yet'}: {task['why']}"


def _settled(event: Event) -> str:
    return f"task {event.data.get('kind', '')} settled"


def _attempt(event: Event) -> str:
    data = event.data
    counts = "counts as contact" if data.get("satisfied") else "no contact"
    unsafe = "" if data.get("safe") else ", AGAINST THE PLAN"
    route = f" {data['route']}" if data.get("route") else ""
    how = f"{plain(data['channel'])}{route}: {plain(data['result'])}"
    return f"contact attempt, {how} ({counts}{unsafe})"


def _needs(event: Event) -> str:
    levels: Json = event.data.get("needs", {})
    found = [
        f"{level.value}: {', '.join(plain(name) for name in levels if levels[name] == level)}"
        for level in (NeedLevel.HIGH, NeedLevel.LOW)
        if level in levels.values()
    ]
    return f"needs assessed; {'; '.join(found) or 'none found'}"


def _report(event: Event) -> str:
    report = Report.model_validate(event.data["report"])
    verb = event.tag.partition(":")[2].replace(":", " ").replace("_", " ")
    outcome = plain(event.data.get("outcome", ""))
    return f"report {report.incident_ref}, version {report.version}, {verb}: {outcome}"


_SPECIAL: dict[str, Callable[[Event], str]] = {
    "clock:*": _clock,
    "task:raised": _task,
    "task:settled": _settled,
    "contact:attempt:recorded": _attempt,
    "needs:assessment:completed": _needs,
    "report:received": _report,
    "report:updated": _report,
    "report:judged_again": _report,
}


def as_documents(timeline: Iterable[tuple[str, Event]]) -> list[Json]:
    """Events as JSON, each with its stream."""
    return [{"stream": stream, **event.model_dump(mode="json")} for stream, event in timeline]
