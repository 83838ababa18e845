"""A sound report, as a force's extract gives it: references and codes only.

Identity and narrative travel apart (`ReportSecrets`) and only to the restricted tables.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record
from models.enums import (
    Injury,
    OrderType,
    RecordingType,
    Relationship,
    ResponseGrade,
    ResponseMode,
    RiskGrade,
    RiskTool,
    Sex,
    Source,
    Statement,
    SuspectStatus,
    YesNoUnknown,
)


class Report(Record):
    """One victim's part of one reported incident. Instants are UTC; blanks are None (a blank flag
    is False). An incident is known by `incident_ref` and `victim_ref`; a higher `version` replaces
    a lower one."""

    incident_ref: str
    victim_ref: str
    version: int = Field(ge=1)
    source_system: str = ""
    crime_ref: str = ""
    recording_type: RecordingType
    ho_class: tuple[str, ...] = ()
    occurred_from: datetime
    occurred_to: datetime | None = None
    reported_at: datetime
    first_police_contact_at: datetime | None = None
    source: Source | None = None
    response_grade: ResponseGrade | None = None
    response_mode: ResponseMode | None = None
    district: str
    shared_home: bool = False
    stalking: bool = False
    honour_based: bool = False
    coercive_control: bool = False
    strangulation: bool = False
    weapon: bool = False
    injury: Injury | None = None
    victim_age: int
    victim_sex: Sex | None = None
    victim_ethnicity: str = ""
    language: str = ""
    relationship: Relationship | None = None
    perpetrator_ref: str = ""
    suspect_age: int | None = None
    suspect_status: SuspectStatus | None = None
    children_resident: int | None = None
    children_present: int | None = None
    risk_tool: RiskTool | None = None
    risk_score: int | None = None
    risk_grade: RiskGrade | None = None
    risk_refused: bool = False
    statement: Statement | None = None
    supports_prosecution: YesNoUnknown | None = None
    existing_orders: tuple[OrderType, ...] = ()
    order_breach: bool = False
    oic_id: str = ""
    attending_id: str = ""
    outcome_code: int | None = None
    ambiguous_times: tuple[str, ...] = ()
    """Names of the times that occurred twice (clocks back) and took the first occurrence."""


class ReportSecrets(Record):
    """What goes to the restricted tables and nowhere else."""

    victim_name: str = ""
    victim_phone: str = ""
    narrative: str = ""
