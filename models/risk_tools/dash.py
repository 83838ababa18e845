"""The two Dash checklists: 27 questions of the police, 24 of the partners. They are not
interchangeable (docs/domain.md 5)."""

from __future__ import annotations

from models.enums import RiskMark, RiskTool
from models.risk_tools.tool import Tool, questions

DASH_ACPO_27 = Tool(
    tool=RiskTool.DASH_ACPO_27,
    version="2009.1",
    source="docs/domain.md 5 [S39]; topics in our own words, confirm against the form in use",
    questions=questions(
        "injury this time",
        ("fear of the abuser", RiskMark.EXTREME_FEAR),
        "what is feared, and for whom",
        "isolation from others",
        ("low mood or thoughts of suicide", RiskMark.SELF_HARM),
        ("separation in the last year", RiskMark.SEPARATION),
        "dispute over contact with children",
        ("stalking, harassment, constant contact", RiskMark.STALKING),
        ("pregnancy or a baby under 18 months", RiskMark.PREGNANCY),
        "stepchildren or dependants in the home",
        ("harm to children or dependants", RiskMark.CHILD_HARM),
        ("threats to children or dependants", RiskMark.CHILD_HARM),
        ("abuse more often", RiskMark.ESCALATION),
        ("abuse more severe", RiskMark.ESCALATION),
        ("control and jealousy", RiskMark.CONTROL),
        ("weapons or objects used", RiskMark.WEAPON),
        ("threats to kill that were believed", RiskMark.THREAT_TO_KILL),
        ("strangulation, suffocation, drowning", RiskMark.STRANGULATION),
        ("sexual abuse", RiskMark.SEXUAL_VIOLENCE),
        ("threats by somebody else, family or community", RiskMark.SEVERAL_PERPETRATORS),
        "violence to other people",
        "cruelty to animals",
        "money trouble or dependence",
        "drugs, alcohol or mental health of the abuser",
        ("suicide threatened or tried by the abuser", RiskMark.PERPETRATOR_SUICIDE),
        ("bail, order or agreement broken", RiskMark.ORDER_BREACH),
        "the abuser known to police",
    ),
)

DASH_SAFELIVES_24 = Tool(
    tool=RiskTool.DASH_SAFELIVES_24,
    version="2014.1",
    source="docs/domain.md 5 [S40]; topics in our own words, confirm against the form in use",
    questions=questions(
        "injury this time",
        ("fear of the abuser", RiskMark.EXTREME_FEAR),
        "what is feared",
        "isolation from others",
        ("low mood or thoughts of suicide", RiskMark.SELF_HARM),
        ("separation in the last year", RiskMark.SEPARATION),
        "dispute over contact with children",
        ("stalking, harassment, constant contact", RiskMark.STALKING),
        ("pregnancy or a baby under 18 months", RiskMark.PREGNANCY),
        ("abuse more often", RiskMark.ESCALATION),
        ("abuse more severe", RiskMark.ESCALATION),
        ("control and jealousy", RiskMark.CONTROL),
        ("weapons or objects used", RiskMark.WEAPON),
        ("threats to kill that were believed", RiskMark.THREAT_TO_KILL),
        ("strangulation, suffocation, drowning", RiskMark.STRANGULATION),
        ("sexual abuse", RiskMark.SEXUAL_VIOLENCE),
        ("threats by somebody else, family or community", RiskMark.SEVERAL_PERPETRATORS),
        "violence to other people",
        "cruelty to animals",
        "money trouble or dependence",
        "drugs, alcohol or mental health of the abuser",
        ("suicide threatened or tried by the abuser", RiskMark.PERPETRATOR_SUICIDE),
        ("bail, order or agreement broken", RiskMark.ORDER_BREACH),
        "the abuser known to police",
    ),
)
