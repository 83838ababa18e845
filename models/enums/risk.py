"""Risk grades, tools and answers (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from enum import StrEnum


class RiskGrade(StrEnum):
    STANDARD = "STANDARD"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class RiskTool(StrEnum):
    DASH_ACPO_27 = "DASH_ACPO_27"
    DASH_SAFELIVES_24 = "DASH_SAFELIVES_24"
    DARA = "DARA"
    SDASH = "SDASH"
    SST = "SST"
    OTHER = "OTHER"


class RiskAnswer(StrEnum):
    """Answers to a risk question: of the tools with ticks, then of those by frequency. Refused, not
    asked and not known are answers of every tool."""

    YES = "YES"
    NO = "NO"
    NEVER = "NEVER"
    OCCASIONALLY = "OCCASIONALLY"
    OFTEN = "OFTEN"
    ALL_THE_TIME = "ALL_THE_TIME"
    DONT_KNOW = "DONT_KNOW"
    NOT_ASKED = "NOT_ASKED"
    REFUSED = "REFUSED"


class RiskMark(StrEnum):
    """What a critical question is about: an answer to it is named to whoever decides."""

    STRANGULATION = "STRANGULATION"
    WEAPON = "WEAPON"
    THREAT_TO_KILL = "THREAT_TO_KILL"
    ESCALATION = "ESCALATION"
    STALKING = "STALKING"
    SELF_HARM = "SELF_HARM"
    PERPETRATOR_SUICIDE = "PERPETRATOR_SUICIDE"
    SEXUAL_VIOLENCE = "SEXUAL_VIOLENCE"
    CONTROL = "CONTROL"
    EXTREME_FEAR = "EXTREME_FEAR"
    CHILD_HARM = "CHILD_HARM"
    SEPARATION = "SEPARATION"
    PREGNANCY = "PREGNANCY"
    ORDER_BREACH = "ORDER_BREACH"
    SEVERAL_PERPETRATORS = "SEVERAL_PERPETRATORS"
