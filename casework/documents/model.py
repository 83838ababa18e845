"""What a document consists of, whatever it is printed as."""

from __future__ import annotations

from datetime import datetime

from models.base import Record

MARKING = "OFFICIAL-SENSITIVE"
HANDLING = (
    "Handle under the meeting's information-sharing agreement. Never send to a home address."
    " The perpetrator must not learn of this."
)


class Section(Record):
    """A heading with facts, a table, or plain paragraphs, in that order."""

    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    paragraphs: tuple[str, ...] = ()


class Document(Record):
    """A whole document. `recipient` is whom it was made for and stands on it."""

    title: str
    reference: str
    recipient: str
    made_at: datetime
    made_by: str
    sections: tuple[Section, ...]
    marking: str = MARKING
    handling: str = HANDLING
