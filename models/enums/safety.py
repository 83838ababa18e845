"""Hidden-harm visits, wishes and what puts a case on hold (docs/domain.md 7, 9, 16a)."""

from __future__ import annotations

from enum import StrEnum


class VisitRule(StrEnum):
    """Why a victim is selected for a visit (docs/domain.md 7)."""

    NO_CONTACT_LADDER = "NO_CONTACT_LADDER"
    REPEAT_REPORTS = "REPEAT_REPORTS"
    ORDER_AND_SILENCE = "ORDER_AND_SILENCE"
    SUSPECT_BELIEVED_THERE = "SUSPECT_BELIEVED_THERE"
    FORUM_ACTION = "FORUM_ACTION"
    HARM_INTELLIGENCE = "HARM_INTELLIGENCE"
    PRISON_RELEASE = "PRISON_RELEASE"


class VisitCheck(StrEnum):
    """What is looked at or chosen before a visit (docs/domain.md 7)."""

    SUSPECT = "SUSPECT"
    WARNING_MARKERS = "WARNING_MARKERS"
    CHILDREN = "CHILDREN"
    DOGS = "DOGS"
    ORDERS = "ORDERS"
    BAIL = "BAIL"
    SAFE_CONTACT_PLAN = "SAFE_CONTACT_PLAN"
    COVER_STORY = "COVER_STORY"
    DOUBLE_CREW = "DOUBLE_CREW"
    PLAIN_CLOTHES = "PLAIN_CLOTHES"
    INTERPRETER = "INTERPRETER"
    BWV = "BWV"


class CheckResult(StrEnum):
    """What a check before a visit found, or what was chosen."""

    NOTHING_FOUND = "NOTHING_FOUND"
    RISK_FOUND = "RISK_FOUND"
    ARRANGED = "ARRANGED"
    NOT_NEEDED = "NOT_NEEDED"
    NOT_KNOWN = "NOT_KNOWN"


class SafetyMeasure(StrEnum):
    """The safeguarding menu (docs/domain.md 7)."""

    ALARM = "ALARM"
    ADDRESS_MARKER = "ADDRESS_MARKER"
    TARGET_HARDENING = "TARGET_HARDENING"
    REFUGE = "REFUGE"
    DVPN_DVPO = "DVPN_DVPO"
    CIVIL_ORDER_HELP = "CIVIL_ORDER_HELP"
    BAIL_CONDITIONS_REQUEST = "BAIL_CONDITIONS_REQUEST"
    CLARES_LAW = "CLARES_LAW"
    CHILD_REFERRAL = "CHILD_REFERRAL"
    CARE_ACT_CONCERN = "CARE_ACT_CONCERN"
    DOORBELL_CAMERA = "DOORBELL_CAMERA"
    DEVICE_SECURITY = "DEVICE_SECURITY"
    LICENCE_CONDITIONS = "LICENCE_CONDITIONS"


class LifeConcern(StrEnum):
    """What was done where a victim could not be found and life may be at risk."""

    MISSING_PERSON_REPORT = "MISSING_PERSON_REPORT"
    PACE_S17_ENTRY = "PACE_S17_ENTRY"
    FOUND_SAFE = "FOUND_SAFE"


class NoContactOffer(StrEnum):
    """What was offered to a victim who asks for no contact (docs/domain.md 9.4)."""

    IDVA = "IDVA"
    OTHER_OFFICER = "OTHER_OFFICER"
    THIRD_PARTY = "THIRD_PARTY"


class WithdrawalReason(StrEnum):
    """Why a victim withdraws support for a prosecution (docs/domain.md 9.4)."""

    FEAR = "FEAR"
    CHILDREN = "CHILDREN"
    FINANCE = "FINANCE"
    RECONCILED = "RECONCILED"
    WANT_IT_OVER = "WANT_IT_OVER"
    PRESSURE = "PRESSURE"
    OTHER = "OTHER"


class PressureCheck(StrEnum):
    """Whether the victim was put under pressure, or a witness intimidated."""

    NOT_CHECKED = "NOT_CHECKED"
    NONE_FOUND = "NONE_FOUND"
    SUSPECTED = "SUSPECTED"
    REPORTED = "REPORTED"
    """Recorded as an offence of its own."""


class Party(StrEnum):
    """A party of a case."""

    VICTIM = "VICTIM"
    PERPETRATOR = "PERPETRATOR"
    CHILD = "CHILD"


class GraveHarm(StrEnum):
    """What freezes a case (docs/domain.md 16a)."""

    DEATH = "DEATH"
    SERIOUS_INJURY = "SERIOUS_INJURY"


class ReviewReferral(StrEnum):
    """What follows a death or serious injury (docs/domain.md 16a)."""

    DOMESTIC_HOMICIDE_REVIEW = "DOMESTIC_HOMICIDE_REVIEW"
    COMPLAINTS_REFERRAL = "COMPLAINTS_REFERRAL"


class Aggressor(StrEnum):
    """Who is the primary aggressor where both allege (docs/domain.md 2.6)."""

    SUSPECT = "SUSPECT"
    VICTIM = "VICTIM"
    BOTH = "BOTH"
    NOT_CLEAR = "NOT_CLEAR"
