"""The series of MARAC and MATAC meetings: who meets when, and what a meeting owes."""

from __future__ import annotations

from datetime import date, time

from pydantic import Field, model_validator

from models.duties.base import DutiesRecord
from models.enums import Agency, Forum


class MeetingSeries(DutiesRecord):
    """One forum's meetings in one area: every `interval_weeks` from `anchor`, at London time. A day
    that is not a working day moves on to the next one; the series itself does not move."""

    forum: Forum
    area: str = Field(min_length=1, pattern=r"^[^/@]+$")
    anchor: date
    time: time
    interval_weeks: int = Field(gt=0)
    chair: str = ""
    """Who chairs, by officer id; an inspector of the area where empty."""
    basis: str = Field(min_length=1)


class MeetingPolicy(DutiesRecord):
    """Every series, and what is asked of agencies (docs/domain.md 8.1, 8.2). How long before a
    meeting its list closes and research is due is among the clock rules."""

    series: tuple[MeetingSeries, ...] = ()
    agencies: dict[Forum, tuple[Agency, ...]] = Field(default_factory=dict)
    """Who is asked for research, by forum."""
    opens_at: time = time(6)
    """When the schedule opens the next list, on the weekday of the series."""
    opens_ahead_days: int = Field(default=8, ge=0)
    """A second list is opened so long before the first one closes."""
    emergency_after_working_days: int = Field(default=1, ge=0, le=2)
    emergency_time: time = time(14)
    """An emergency MARAC is held so soon after it was asked for: within 2 working days."""
    basis: str = Field(default="docs/domain.md 8 [assumed]", min_length=1)

    @model_validator(mode="after")
    def _one_series_each(self) -> MeetingPolicy:
        named = [(each.forum, each.area) for each in self.series]
        if len(set(named)) < len(named):
            raise ValueError("series: one series a forum and area")
        return self

    def series_of(self, forum: Forum, area: str) -> MeetingSeries | None:
        """The series of a forum in an area; None where there is none."""
        return next((s for s in self.series if s.forum is forum and s.area == area), None)
