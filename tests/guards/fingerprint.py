"""What a workflow asked of the engine in one run, in order, without what may vary freely."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory


def commands(history: WorkflowHistory) -> list[str]:
    """Types of commands, with names of activities, summaries of timers, names of search attributes
    and ids of patches. What an event or batch contains is not among them: it may change freely."""
    told = (_command(event) for event in history.events)
    return [command for command in told if command]


def fingerprint(lines: list[str]) -> str:
    """A hash of the commands."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


_FIXED = {
    EventType.EVENT_TYPE_TIMER_CANCELED: "timer cancelled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: "update completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "continue as new",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "complete",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "fail",
}


def _command(event: HistoryEvent) -> str:
    match event.event_type:
        case EventType.EVENT_TYPE_TIMER_STARTED:
            return f"timer: {_summary(event)}"
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            return f"activity {event.activity_task_scheduled_event_attributes.activity_type.name}"
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            return f"marker {event.marker_recorded_event_attributes.marker_name}"
        case EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
            found = event.upsert_workflow_search_attributes_event_attributes.search_attributes
            return f"search attributes {', '.join(sorted(found.indexed_fields))}"
    return _FIXED.get(event.event_type, "")


def _summary(event: HistoryEvent) -> str:
    raw = event.user_metadata.summary.data
    summary: Any = json.loads(raw) if raw else ""
    return str(summary)
