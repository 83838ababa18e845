"""Folding the ledger into facts: one pass, in any order of streams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from evaluation import fold_contact, fold_duties
from evaluation.facts import Facts
from models.events import Event

_BY_TAG = {**fold_contact.BY_TAG, **fold_duties.BY_TAG}
ALWAYS = frozenset({*fold_contact.REPORT_TAGS, "case:opened", fold_duties.SUSPECT_CHANGED})
"""Taken also after the cut-off: which reports there are, on which of them a case was opened, and
what became of their crimes (an extract does not date that)."""
TAGS = tuple(_BY_TAG)
"""The events that the metrics use."""


class UnreadableEvent(Exception):
    """An event lacks what its tag promises; the message names stream, number and tag only."""

    def __init__(self, stream: str, event: Event) -> None:
        super().__init__(
            f"UNREADABLE_EVENT: {stream} at {event.seq}: {event.tag} lacks a field that the "
            "metrics need. Run dalo ledger verify."
        )


def take(facts: Facts, stream: str, event: Event) -> None:
    """Take one event into the facts. Raises UnreadableEvent."""
    if event.tag not in ALWAYS and event.occurred_at > facts.cutoff:
        return
    of_tag = _BY_TAG.get(event.tag)
    if of_tag is not None:
        try:
            of_tag(facts, stream, event)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableEvent(stream, event) from error


def fold(events: Iterable[tuple[str, Event]], cutoff: datetime) -> Facts:
    """The facts of these events, each with its stream."""
    facts = Facts(cutoff)
    for stream, event in events:
        take(facts, stream, event)
    return facts
