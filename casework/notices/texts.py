"""What a notice says: references, codes, times, the command that settles it. No name, address or
free text: a mail may be read on a lock screen."""

from __future__ import annotations

from datetime import datetime

from casework.documents.model import MARKING
from models.events import Json
from models.instants import show
from models.notices import NoticeKind
from models.urgency import Urgency

_OPENING = {
    NoticeKind.TASK: "There is something for you to do.",
    NoticeKind.REMINDER: "This is due soon.",
    NoticeKind.WARNING: "A clock is about to run out.",
    NoticeKind.ESCALATION: "Nobody has acknowledged an urgent notice. It is now yours too.",
}


def subject_of(kind: NoticeKind, urgency: Urgency, facts: Json) -> str:
    """The subject line: what and about which reference; urgent ones say so."""
    first = "URGENT " if urgency is not Urgency.ROUTINE else ""
    return f"{first}DALO {kind.value.lower()}: {facts['what']} {facts['ref']}"


def text_of(kind: NoticeKind, urgency: Urgency, facts: Json) -> str:
    """The message itself."""
    due = facts.get("due_at")
    lines = [
        MARKING,
        "",
        _OPENING[kind],
        "",
        f"What:      {facts['what']}{_subject(facts)}",
        f"Reference: {facts['ref']}",
        f"Urgency:   {urgency.name}",
    ]
    if due:
        lines.append(f"Due:       {show(datetime.fromisoformat(due))}")
    if facts.get("owner"):
        lines.append(f"Owner:     {facts['owner']}")
    if facts.get("command"):
        lines.append(f"Settle by: {facts['command']}")
    lines += ["", f"Acknowledge: dalo notices ack {facts['notice_id']}", "", MARKING]
    return "\n".join(lines) + "\n"


def _subject(facts: Json) -> str:
    return f" ({facts['subject']})" if facts.get("subject") else ""
