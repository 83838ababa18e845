"""The golden-hour receipt: what was known, told and captured when, and why late. A page of plain
text of at most 80 columns, London times, and its JSON twin. References and codes only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from textwrap import wrap

from models.enums import EvidenceStatus, GoldenHourResult
from models.events import Json
from models.evidence import CAPTURED, Item
from models.incident.commands import minutes_between
from models.incident.view import IncidentView
from models.instants import london, show

WIDTH = 80
RULE = "-" * WIDTH


def receipt(view: IncidentView) -> str:
    """The receipt as printed."""
    sections = [
        _heading(view),
        _section("Times", _times(view)),
        _section("Known", _known(view)),
        _section("Told", _told(view)),
        _section("Video account", _video(view)),
        _section("Golden-hour set", _items(view, golden=True)),
        _section("Other items", _items(view, golden=False)),
    ]
    return "\n".join(line for section in sections for line in section) + "\n"


def receipt_json(view: IncidentView) -> Json:
    """The same facts for programs; instants as London time with offset."""
    return {
        "incident_ref": view.incident_ref,
        "victim_ref": view.victim_ref,
        "case_ref": view.case_ref,
        "as_of": _iso(view.as_of),
        "version": view.version,
        "times": {label: _iso(at) for label, at in _instants(view).items()},
        "golden_hour": {
            "applicable": view.golden_hour_applicable,
            "result": view.verdict.result.value if view.verdict else None,
            "without_declined": view.verdict.without_declined.value if view.verdict else None,
            "captured_in_time": view.verdict.captured_in_time if view.verdict else None,
            "in_set": view.verdict.in_set if view.verdict else None,
            "verdict_at": _iso(view.verdict_at),
            "amended": view.verdict_amended,
            "received_late": view.received_late,
        },
        "known": [
            {
                "version": known.version,
                "received_at": _iso(known.received_at),
                "items": [code.value for code in known.items],
            }
            for known in view.known
        ],
        "told": [
            {"at": _iso(told.at), "role": told.role, "person": told.person, "what": told.what}
            for told in view.told
        ],
        "video": view.video.model_dump(mode="json") | {"captured_at": _iso(view.video.captured_at)}
        if view.video
        else None,
        "items": [_item_json(view, item) for item in view.items],
    }


def late_reason(view: IncidentView, item: Item) -> str:
    """Why an item was late or is missing, as a code; empty where it is neither."""
    if item.reason is not None:
        return item.reason.value
    overdue = item.due_at is not None and (
        (item.pending and view.as_of > item.due_at) or item.status is EvidenceStatus.CAPTURED_LATE
    )
    if not overdue or item.due_at is None:
        return ""
    if view.received_at is not None and view.received_at > item.due_at:
        return "RECEIVED_LATE"
    if item.known_at > item.due_at:
        return "KNOWN_LATE"
    return "NO_REASON_GIVEN"


def _heading(view: IncidentView) -> list[str]:
    if view.golden_hour_applicable is False:
        result = "NOT_APPLICABLE: reported more than a day after; early evidence"
    elif view.verdict is None:
        result = "not yet decided"
    else:
        result = view.verdict.result.value
        if view.verdict.without_declined is not view.verdict.result:
            result += f" ({view.verdict.without_declined.value} without what was declined)"
    lines = [
        "GOLDEN-HOUR RECEIPT",
        f"Incident {view.incident_ref}  victim {view.victim_ref}  case {view.case_ref}",
        f"As of {show(view.as_of)}, report version {view.version}",
        f"Result: {result}",
    ]
    judged = view.verdict is not None and view.verdict.result is not GoldenHourResult.NOT_APPLICABLE
    if view.verdict is not None and judged:
        count = f"{view.verdict.captured_in_time} of {view.verdict.in_set} captured in time"
        when = ""
        if view.verdict_at is not None:
            when = f", {_decided(view, view.verdict_at)}"
        lines.append(f"  {count}{when}")
        if view.verdict_amended:
            lines.append("  amended: an earlier verdict stands in the record")
    if view.received_late:
        lines.append("  RECEIVED_LATE: the hour was over when the report was received")
    return [part for line in lines for part in wrap(line, WIDTH, subsequent_indent="  ")]


def _decided(view: IncidentView, at: datetime) -> str:
    """When the verdict was given. An hour that was over at receipt is judged as it then stood."""
    if view.received_at is not None and at < view.received_at:
        return (
            f"judged as things stood {show(at)}{_after(view, at)},"
            f" on receipt {show(view.received_at)}"
        )
    return f"decided {show(at)}{_after(view, at)}"


def _section(title: str, rows: Iterable[str]) -> list[str]:
    body = list(rows) or ["none"]
    cut = [
        part
        for row in body
        for part in wrap(row, WIDTH, initial_indent="  ", subsequent_indent=" " * 8)
    ]
    return [RULE, title, *cut]


def _instants(view: IncidentView) -> dict[str, datetime | None]:
    told = [t.at for t in view.told if t.role == "DALO" and t.what == "INCIDENT"]
    return {
        "occurred": view.occurred_at,
        "reported": view.reported_at,
        "received": view.received_at,
        "dalo_told": min(told, default=None),
        "first_police_contact": view.first_police_contact_at,
        "golden_hour_due": view.golden_hour_due_at,
    }


def _times(view: IncidentView) -> list[str]:
    rows = []
    for label, at in _instants(view).items():
        words = label.replace("_", " ")
        rows.append(f"{words:<22}{show(at) + _after(view, at) if at else 'not recorded'}")
    return rows


def _known(view: IncidentView) -> list[str]:
    return [
        f"{show(known.received_at)}  version {known.version}: "
        + (", ".join(code.value for code in known.items) or "nothing new called for")
        for known in view.known
    ]


def _told(view: IncidentView) -> list[str]:
    return [f"{show(told.at)}  {told.role} {told.person}: {told.what}" for told in view.told]


def _video(view: IncidentView) -> list[str]:
    video = view.video
    if video is None:
        return []
    if video.captured_at is None:
        return [video.status.value]
    parts = [f"{video.status.value} {show(video.captured_at)} by {video.medium}"]
    if not video.medium_stated and video.medium != "NOT_STATED":
        parts = [f"{parts[0]} (from the response mode)"]
    if video.minutes_from_report is not None:
        parts.append(f"{video.minutes_from_report} min after the report")
    if video.minutes_from_police_contact is not None:
        parts.append(f"{video.minutes_from_police_contact} min after first police contact")
    return [", ".join(parts)]


def _items(view: IncidentView, *, golden: bool) -> list[str]:
    return [
        _item(view, item) for item in view.items if (item.golden and not item.known_late) is golden
    ]


def _item(view: IncidentView, item: Item) -> str:
    row = f"{item.code.value:<26}{item.status.value}"
    if item.at is not None:
        row += f" {show(item.at)}" if item.status in CAPTURED else f", {show(item.at)}"
    if item.by:
        row += f", by {item.by}"
    if item.recorded_at is not None and item.recorded_at != item.at:
        row += f", recorded {show(item.recorded_at)}"
    if item.reference:
        row += f", ref {item.reference}"
    if item.due_at is not None and item.pending:
        row += f", due {show(item.due_at)}"
    reason = late_reason(view, item)
    return f"{row}, {reason}" if reason else row


def _item_json(view: IncidentView, item: Item) -> Json:
    return {
        "item": item.code.value,
        "status": item.status.value,
        "in_golden_hour_set": item.golden and not item.known_late,
        "called_for_by": item.source,
        "known_at": _iso(item.known_at),
        "due_at": _iso(item.due_at),
        "at": _iso(item.at),
        "captured_at": _iso(item.captured_at),
        "recorded_at": _iso(item.recorded_at),
        "by": item.by,
        "reference": item.reference,
        "reason": late_reason(view, item),
    }


def _after(view: IncidentView, at: datetime) -> str:
    if view.reported_at is None or at == view.reported_at:
        return ""
    minutes = minutes_between(view.reported_at, at)
    return f" ({minutes:+d} min)" if abs(minutes) < 1_440 else ""


def _iso(at: datetime | None) -> str | None:
    return london(at).isoformat() if at else None
