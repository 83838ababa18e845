"""What may be told to a meeting (docs/domain.md 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from models.base import Record
from models.commands.base import Code
from models.data_classes import DataClass, write_of


class CancelMeeting(Record):
    """The meeting will not be held; what was on its list waits for the next."""

    kind: Literal["cancel-meeting"] = "cancel-meeting"
    at: datetime
    reason: Code


MeetingCommandKinds = CancelMeeting

NEEDS = {"cancel-meeting": write_of(DataClass.MARAC_MINUTES)}
"""What each command needs of the access matrix."""
