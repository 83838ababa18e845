"""Codes of safeguarding (docs/domain.md 10)."""

from __future__ import annotations

from enum import StrEnum


class ChildAge(StrEnum):
    """A child's age as far as any rule asks for it; never the date of birth."""

    UNBORN = "UNBORN"
    UNDER_18_MONTHS = "UNDER_18_MONTHS"
    PRE_SCHOOL = "PRE_SCHOOL"
    SCHOOL_AGE = "SCHOOL_AGE"
    """Reception to 17."""


class Schooling(StrEnum):
    """Who answers for a child's schooling."""

    SCHOOL = "SCHOOL"
    HOME_EDUCATED = "HOME_EDUCATED"
    NOT_ENROLLED = "NOT_ENROLLED"
    NOT_KNOWN = "NOT_KNOWN"


class ChildPresence(StrEnum):
    """Where a child was when it happened; Operation Encompass asks for it, and applies either
    way."""

    PRESENT = "PRESENT"
    NOT_PRESENT = "NOT_PRESENT"
    NOT_KNOWN = "NOT_KNOWN"


class EncompassRecipient(StrEnum):
    """Who is told under Operation Encompass."""

    SCHOOL = "SCHOOL"
    COUNCIL = "COUNCIL"


class NoEncompass(StrEnum):
    """Why no school is told."""

    NOT_SCHOOL_AGE = "NOT_SCHOOL_AGE"
    NO_SUCH_CHILD = "NO_SUCH_CHILD"
    TOLD_ALREADY = "TOLD_ALREADY"


class ChildReferralKind(StrEnum):
    """What goes to children's social care."""

    REFERRAL = "REFERRAL"
    NOTIFICATION = "NOTIFICATION"
    POLICE_PROTECTION = "POLICE_PROTECTION"
    """Children Act 1989 s46: at most 72 hours."""


class NoChildReferral(StrEnum):
    """Why no referral is made; a parent's wish is no reason."""

    NO_SUCH_CHILD = "NO_SUCH_CHILD"
    MADE_BY_PARTNER = "MADE_BY_PARTNER"
    CHILD_LIVES_ELSEWHERE = "CHILD_LIVES_ELSEWHERE"


class ChildGround(StrEnum):
    """Why children's social care is told."""

    HIGH_CHILD_RESIDENT = "HIGH_CHILD_RESIDENT"
    VICTIM_16_OR_17 = "VICTIM_16_OR_17"
    INFANT_OR_UNBORN = "INFANT_OR_UNBORN"
    SEVERAL_INCIDENTS = "SEVERAL_INCIDENTS"
    POLICE_PROTECTION = "POLICE_PROTECTION"
    MEDIUM_CHILD_PRESENT = "MEDIUM_CHILD_PRESENT"
    AGREED_AT_VISIT = "AGREED_AT_VISIT"
    """Officers at a hidden-harm visit agreed on it."""


class ProtectionEnd(StrEnum):
    """How police protection ended."""

    RETURNED_HOME = "RETURNED_HOME"
    EMERGENCY_PROTECTION_ORDER = "EMERGENCY_PROTECTION_ORDER"
    ACCOMMODATED_BY_COUNCIL = "ACCOMMODATED_BY_COUNCIL"
    WITH_FAMILY = "WITH_FAMILY"


class CareNeed(StrEnum):
    """What gives an adult needs for care and support (Care Act 2014)."""

    PHYSICAL_DISABILITY = "PHYSICAL_DISABILITY"
    LEARNING_DISABILITY = "LEARNING_DISABILITY"
    MENTAL_HEALTH = "MENTAL_HEALTH"
    COGNITIVE_IMPAIRMENT = "COGNITIVE_IMPAIRMENT"
    SENSORY_IMPAIRMENT = "SENSORY_IMPAIRMENT"
    LONG_TERM_ILLNESS = "LONG_TERM_ILLNESS"
    FRAILTY = "FRAILTY"
    SUBSTANCE_DEPENDENCE = "SUBSTANCE_DEPENDENCE"


class NoCareActConcern(StrEnum):
    """Why no concern is raised with adult social care; refused consent alone is none."""

    CRITERIA_NOT_MET = "CRITERIA_NOT_MET"
    RAISED_BY_PARTNER = "RAISED_BY_PARTNER"
    NO_RISK_TO_OTHERS_AND_CAPACITY_TO_DECLINE = "NO_RISK_TO_OTHERS_AND_CAPACITY_TO_DECLINE"
