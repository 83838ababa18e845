"""Referrals, visits and multi-agency forums (docs/domain.md 6 to 8, 15.2)."""

from __future__ import annotations

from enum import StrEnum


class ReferralPathway(StrEnum):
    """The four pathways of a referral; also the first part of a referral's reference."""

    IDVA = "IDVA"
    MARAC = "MARAC"
    MATAC = "MATAC"
    MASIP = "MASIP"


class ReferralType(StrEnum):
    """Whether a MARAC referral is the pair's first within the repeat window."""

    FIRST = "FIRST"
    REPEAT = "REPEAT"


class ReferralState(StrEnum):
    """Every state of every pathway; which of them a pathway has is data
    (`models.referral.pathways`)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    # IDVA
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ATTEMPTING = "ATTEMPTING"
    WAITLISTED = "WAITLISTED"
    ENGAGED = "ENGAGED"
    # MARAC
    SCREENING = "SCREENING"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    NOT_MET = "NOT_MET"
    LISTED = "LISTED"
    RESEARCH = "RESEARCH"
    HEARD = "HEARD"
    ACTIONS_OPEN = "ACTIONS_OPEN"
    ACTIONS_COMPLETE = "ACTIONS_COMPLETE"
    FLAGGED_12M = "FLAGGED_12M"
    FLAG_EXPIRED = "FLAG_EXPIRED"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"
    WITHDRAWN_IN_ERROR = "WITHDRAWN_IN_ERROR"
    # MATAC
    SCORED = "SCORED"
    NOMINATED = "NOMINATED"
    SELECTED = "SELECTED"
    NOT_SELECTED = "NOT_SELECTED"
    DEFERRED = "DEFERRED"
    PROFILED = "PROFILED"
    ACTIVE = "ACTIVE"
    DISCHARGED = "DISCHARGED"
    # MASIP
    REFERRED = "REFERRED"
    TRIAGED = "TRIAGED"
    CONSULTATION_ONLY = "CONSULTATION_ONLY"
    NOT_SUITABLE = "NOT_SUITABLE"
    FORMULATION = "FORMULATION"
    MANAGEMENT = "MANAGEMENT"
    INTERVENTION = "INTERVENTION"
    # MATAC and MASIP
    REVIEW = "REVIEW"
    # IDVA and MASIP
    CLOSED = "CLOSED"


class ConsentStatus(StrEnum):
    """What the victim said to a referral: a practice preference, never the lawful basis."""

    GIVEN = "GIVEN"
    REFUSED = "REFUSED"
    NOT_ASKED_UNSAFE = "NOT_ASKED_UNSAFE"
    UNABLE = "UNABLE"
    WITHDRAWN = "WITHDRAWN"


class DisclosureBasis(StrEnum):
    """On what basis data leaves the police (docs/domain.md 13)."""

    CONSENT_PRACTICE = "CONSENT_PRACTICE"
    SERIOUS_HARM_HIGH_RISK = "SERIOUS_HARM_HIGH_RISK"
    SAFEGUARDING_CHILD = "SAFEGUARDING_CHILD"
    SAFEGUARDING_ADULT = "SAFEGUARDING_ADULT"
    CDA1998_S115 = "CDA1998_S115"
    COURT_ORDER = "COURT_ORDER"
    DVDS = "DVDS"


class MaracCriterion(StrEnum):
    """Why a case is referred to MARAC (docs/domain.md 5)."""

    VISIBLE_HIGH_RISK = "VISIBLE_HIGH_RISK"
    PROFESSIONAL_JUDGEMENT = "PROFESSIONAL_JUDGEMENT"
    POTENTIAL_ESCALATION = "POTENTIAL_ESCALATION"
    REPEAT = "REPEAT"
    SUICIDE_SELF_HARM = "SUICIDE_SELF_HARM"


class Forum(StrEnum):
    """A multi-agency meeting of which the product runs the list."""

    MARAC = "MARAC"
    MATAC = "MATAC"


class VisitOutcome(StrEnum):
    """Outcome of an attempt at a hidden-harm visit; several may apply (docs/domain.md 7)."""

    SEEN_ALONE = "SEEN_ALONE"
    SEEN_NOT_ALONE = "SEEN_NOT_ALONE"
    NO_REPLY = "NO_REPLY"
    REFUSED_ENTRY = "REFUSED_ENTRY"
    MOVED_AWAY = "MOVED_AWAY"
    ABORTED_UNSAFE = "ABORTED_UNSAFE"
    SUSPECT_ARRESTED = "SUSPECT_ARRESTED"
    SUSPECT_PRESENT_NO_GROUNDS = "SUSPECT_PRESENT_NO_GROUNDS"


class ActionStatus(StrEnum):
    """Status of a forum's action (docs/domain.md 8.1)."""

    OPEN = "OPEN"
    DONE = "DONE"
    OVERDUE = "OVERDUE"
    CANCELLED = "CANCELLED"
    NOT_ACHIEVABLE = "NOT_ACHIEVABLE"
