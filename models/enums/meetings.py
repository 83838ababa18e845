"""Multi-agency meetings: their states, agencies, decisions and actions (docs/domain.md 8)."""

from __future__ import annotations

from enum import StrEnum


class MeetingState(StrEnum):
    """From the opening of the list to the last action."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"
    HELD = "HELD"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class AgendaState(StrEnum):
    """What became of a referral on a meeting's list. CARRIED: not heard, on the next list."""

    LISTED = "LISTED"
    HEARD = "HEARD"
    DEFERRED = "DEFERRED"
    CARRIED = "CARRIED"
    WITHDRAWN = "WITHDRAWN"


class Agency(StrEnum):
    """Who is asked, attends and acts (docs/domain.md 8.1). The victim and the perpetrator are not
    among them: neither attends, and neither is ever given an action."""

    POLICE = "POLICE"
    IDVA = "IDVA"
    CHILDREN_SOCIAL_CARE = "CHILDREN_SOCIAL_CARE"
    ADULT_SOCIAL_CARE = "ADULT_SOCIAL_CARE"
    HEALTH = "HEALTH"
    MENTAL_HEALTH = "MENTAL_HEALTH"
    HOUSING = "HOUSING"
    PROBATION = "PROBATION"
    EDUCATION = "EDUCATION"
    SUBSTANCE_MISUSE = "SUBSTANCE_MISUSE"
    SPECIALIST_SERVICE = "SPECIALIST_SERVICE"


class ResearchResult(StrEnum):
    """What an agency answered to a research request; silence is no answer."""

    HELD = "HELD"
    NOTHING_HELD = "NOTHING_HELD"


class HearingDecision(StrEnum):
    """What a meeting decided. MARAC hears a case or puts it off; MATAC selects, or not, or later
    (docs/domain.md 8.1, 8.2)."""

    ACTIONS_AGREED = "ACTIONS_AGREED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"
    SELECTED = "SELECTED"
    NOT_SELECTED = "NOT_SELECTED"
    DEFERRED = "DEFERRED"


class DisruptionStanding(StrEnum):
    """What a meeting knows of a planned disruption (docs/domain.md 8.2): every victim is safe from
    retaliation, one is not, it is planned no more, or it was done."""

    SAFE = "SAFE"
    NOT_SAFE = "NOT_SAFE"
    DROPPED = "DROPPED"
    CARRIED_OUT = "CARRIED_OUT"


class ActionType(StrEnum):
    """What an action is about (docs/domain.md 8.1)."""

    SAFEGUARDING = "SAFEGUARDING"
    HOUSING = "HOUSING"
    HEALTH = "HEALTH"
    CHILDREN = "CHILDREN"
    CRIMINAL_JUSTICE = "CRIMINAL_JUSTICE"
    PERPETRATOR = "PERPETRATOR"
    INFORMATION = "INFORMATION"
    FLAG_FILE = "FLAG_FILE"


class Intervention(StrEnum):
    """How MATAC acts on a perpetrator (docs/domain.md 8.2)."""

    SUPPORT = "SUPPORT"
    PREVENTION = "PREVENTION"
    DIVERSION = "DIVERSION"
    DISRUPTION = "DISRUPTION"
    ENFORCEMENT = "ENFORCEMENT"
