"""Enumerations of docs/domain.md 15.2. Members are never removed or renamed."""

from models.enums.case import (
    CadencePlan,
    CaseState,
    Channel,
    ClosureReason,
    ContactResult,
    EngagementStatus,
    LadderStep,
    NeedDomain,
    NeedLevel,
)
from models.enums.clocks import (
    ClockStatus,
    ClockType,
)
from models.enums.evidence import (
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    GoldenHourResult,
)
from models.enums.forums import (
    ActionStatus,
    ConsentStatus,
    DisclosureBasis,
    Forum,
    MaracCriterion,
    ReferralPathway,
    ReferralState,
    ReferralType,
    VisitOutcome,
)
from models.enums.people import (
    Role,
)
from models.enums.report import (
    Injury,
    IntakeOutcome,
    RecordingType,
    RejectReason,
    Relationship,
    ResponseGrade,
    ResponseMode,
    Sex,
    Source,
    Statement,
    YesNoUnknown,
)
from models.enums.risk import (
    RiskGrade,
    RiskTool,
)
from models.enums.suspect import (
    OrderType,
    SuspectStatus,
)

__all__ = [
    "ActionStatus",
    "CadencePlan",
    "CaseState",
    "Channel",
    "ClockStatus",
    "ClockType",
    "ClosureReason",
    "ConsentStatus",
    "ContactResult",
    "DisclosureBasis",
    "EngagementStatus",
    "EvidenceCode",
    "EvidenceReason",
    "EvidenceStatus",
    "Forum",
    "GoldenHourResult",
    "Injury",
    "IntakeOutcome",
    "LadderStep",
    "MaracCriterion",
    "NeedDomain",
    "NeedLevel",
    "OrderType",
    "RecordingType",
    "ReferralPathway",
    "ReferralState",
    "ReferralType",
    "RejectReason",
    "Relationship",
    "ResponseGrade",
    "ResponseMode",
    "RiskGrade",
    "RiskTool",
    "Role",
    "Sex",
    "Source",
    "Statement",
    "SuspectStatus",
    "VisitOutcome",
    "YesNoUnknown",
]
