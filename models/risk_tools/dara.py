"""The College of Policing's tool for first responders: answered by how often, so that ticks are
never counted (docs/domain.md 5)."""

from __future__ import annotations

from models.enums import RiskMark, RiskTool
from models.risk_tools.tool import Tool, questions

DARA = Tool(
    tool=RiskTool.DARA,
    version="2022.1",
    frequency=True,
    source="docs/domain.md 5 [S41]; number and order of the topics [assumed], confirm",
    questions=questions(
        ("fear of what may happen next", RiskMark.EXTREME_FEAR),
        "belittling and humiliation",
        ("watching, checking, jealousy", RiskMark.CONTROL),
        "keeping away from family and friends",
        "control of money",
        ("control of daily life", RiskMark.CONTROL),
        "threats",
        ("threats to kill", RiskMark.THREAT_TO_KILL),
        "physical violence",
        ("strangulation or suffocation", RiskMark.STRANGULATION),
        ("weapons or objects used", RiskMark.WEAPON),
        ("sexual coercion", RiskMark.SEXUAL_VIOLENCE),
        ("following, unwanted contact, tracking", RiskMark.STALKING),
        ("harm or threats to children", RiskMark.CHILD_HARM),
        ("self-harm or suicide threatened by the abuser", RiskMark.PERPETRATOR_SUICIDE),
        ("thoughts of self-harm of the victim", RiskMark.SELF_HARM),
        ("abuse growing worse or more frequent", RiskMark.ESCALATION),
        ("bail, order or agreement broken", RiskMark.ORDER_BREACH),
    ),
)
