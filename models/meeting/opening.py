"""What a schedule asks for."""

from __future__ import annotations

from models.base import Record
from models.enums import Forum


class OpenMeetings(Record):
    """Open the lists of this forum and area that should be open now."""

    forum: Forum
    area: str
