"""Stalking screens: the 11 further questions of S-DASH, and the front-line screening tool
(docs/domain.md 5)."""

from __future__ import annotations

from models.enums import RiskMark, RiskTool
from models.risk_tools.tool import Tool, questions

SDASH = Tool(
    tool=RiskTool.SDASH,
    version="2009.1",
    stalking=True,
    source="docs/domain.md 5; topics in our own words, confirm against the form in use",
    questions=questions(
        ("fear of the stalker", RiskMark.EXTREME_FEAR),
        "earlier abuse or harassment of this victim or others",
        "damage to property",
        ("unannounced visits more than three times a week", RiskMark.STALKING),
        ("loitering near home or work", RiskMark.STALKING),
        ("threats of physical or sexual violence", RiskMark.THREAT_TO_KILL),
        "harassment of third parties",
        "violence to others during the stalking",
        "others drawn into helping",
        "drugs or alcohol of the stalker",
        "violence in the past",
    ),
)

SST = Tool(
    tool=RiskTool.SST,
    version="2023.1",
    stalking=True,
    source="docs/domain.md 5 [known~]; number and order of the topics [assumed], confirm",
    questions=questions(
        ("fixated behaviour", RiskMark.STALKING),
        ("obsessive behaviour", RiskMark.STALKING),
        "unwanted behaviour",
        "repeated behaviour",
        ("fear of the stalker", RiskMark.EXTREME_FEAR),
        ("threats", RiskMark.THREAT_TO_KILL),
        ("behaviour growing worse or more frequent", RiskMark.ESCALATION),
        "former intimate relationship",
        "tracking or misuse of devices and accounts",
        ("bail, order or warning ignored", RiskMark.ORDER_BREACH),
    ),
)
