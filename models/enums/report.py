"""What a report says (docs/domain.md 2, 15.2)."""

from __future__ import annotations

from enum import StrEnum


class RecordingType(StrEnum):
    CRIME = "CRIME"
    NON_CRIME_DA = "NON_CRIME_DA"


class Source(StrEnum):
    CALL_999 = "CALL_999"
    CALL_101 = "CALL_101"
    ONLINE = "ONLINE"
    FRONT_COUNTER = "FRONT_COUNTER"
    RVR = "RVR"
    THIRD_PARTY = "THIRD_PARTY"
    OFFICER = "OFFICER"


class ResponseGrade(StrEnum):
    IMMEDIATE = "IMMEDIATE"
    PRIORITY = "PRIORITY"
    SCHEDULED = "SCHEDULED"


class ResponseMode(StrEnum):
    ATTENDANCE = "ATTENDANCE"
    RVR = "RVR"
    APPOINTMENT = "APPOINTMENT"
    PHONE = "PHONE"


class Injury(StrEnum):
    NONE = "NONE"
    MINOR = "MINOR"
    SERIOUS = "SERIOUS"


class Sex(StrEnum):
    F = "F"
    M = "M"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Relationship(StrEnum):
    """What the suspect is to the victim."""

    SPOUSE = "SPOUSE"
    EX_SPOUSE = "EX_SPOUSE"
    PARTNER = "PARTNER"
    EX_PARTNER = "EX_PARTNER"
    PARENT = "PARENT"
    CHILD_ADULT = "CHILD_ADULT"
    SIBLING = "SIBLING"
    IN_LAW = "IN_LAW"
    OTHER_FAMILY = "OTHER_FAMILY"


class Statement(StrEnum):
    GIVEN = "GIVEN"
    DECLINED = "DECLINED"
    NOT_SOUGHT = "NOT_SOUGHT"


class YesNoUnknown(StrEnum):
    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class IntakeOutcome(StrEnum):
    """What became of a row (docs/intake.md)."""

    CASE_OPENED = "CASE_OPENED"
    LINKED_TO_OPEN_CASE = "LINKED_TO_OPEN_CASE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    OUT_OF_AREA = "OUT_OF_AREA"
    UNDER_16 = "UNDER_16"
    UPDATED = "UPDATED"
    DUPLICATE = "DUPLICATE"
    STALE = "STALE"
    HISTORY = "HISTORY"


class RejectReason(StrEnum):
    """Why a row was refused (docs/intake.md)."""

    MALFORMED_ROW = "MALFORMED_ROW"
    MISSING_FIELD = "MISSING_FIELD"
    INVALID_TIME = "INVALID_TIME"
    INVALID_NUMBER = "INVALID_NUMBER"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    NOT_DOMESTIC_ABUSE = "NOT_DOMESTIC_ABUSE"
    REPORTED_IN_FUTURE = "REPORTED_IN_FUTURE"
    OCCURRED_AFTER_REPORTED = "OCCURRED_AFTER_REPORTED"
