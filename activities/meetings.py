"""The activity that opens the lists of coming meetings."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.interfaces import OPEN_MEETING
from models import registry
from models.meeting.opening import OpenMeetings
from store import meetings
from store.keys import Keyring


class MeetingActivities:
    """Meetings over one engine."""

    def __init__(self, engine: AsyncEngine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    @activity.defn(name=OPEN_MEETING)
    async def open_meeting(self, asked: OpenMeetings) -> list[str]:
        """Open what should be open, in one transaction; what is open already stays as it is. An
        area without a series in the policy in force has nothing to open. Now is when the engine
        asked for this attempt."""
        return await meetings.open_wanted(
            self._engine,
            self._keyring,
            asked.forum,
            asked.area,
            registry.current_policy(),
            registry.current_calendar(),
            activity.info().current_attempt_scheduled_time,
        )
