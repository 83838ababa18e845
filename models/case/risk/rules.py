"""Risk: tools by question, grading, review, recommendations (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from models.case.duty import DutyCaseCommands
from models.case.risk import assessing, choosing, reassessing, reviewing, stalking
from models.case.state import CaseFacts
from models.commands import CloseCase
from models.enums import ClockType, ClosureReason
from models.messages import (
    BailChanged,
    CaseMessage,
    OrderBreached,
    OrderChanged,
    ReportArrived,
    SuspectChanged,
)
from models.stream import Context, open_clock

COMMANDS: DutyCaseCommands = {
    "assess-risk": (assessing.check_assess, assessing.apply_assess),
    "professional-judgement": (assessing.check_judgement, assessing.apply_judgement),
    "record-unwanted-act": (stalking.check_act, stalking.apply_act),
    "screen-stalking": (stalking.check_screen, stalking.apply_screen),
    "review-grade": (reviewing.check_review_grade, reviewing.apply_review_grade),
    "decline-recommendation": (reviewing.check_decline, reviewing.apply_decline),
    "review-recommendation": (reviewing.check_review, reviewing.apply_review),
}
RISK_IS_ELSEWHERE = (ClosureReason.DIED, ClosureReason.DUPLICATE, ClosureReason.TRANSFERRED)
"""Closures after which nobody assesses risk here any more."""


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Reports, the suspect and orders change what the risk is."""
    match message:
        case ReportArrived():
            known = reassessing.on_report(state, ctx, message)
            stalking.on_report(state, ctx, message, known)
        case SuspectChanged():
            reassessing.on_suspect(state, ctx, message)
        case OrderChanged():
            reassessing.on_order(state, ctx, message)
        case BailChanged():
            reassessing.on_bail(state, ctx, message)
        case OrderBreached():
            reassessing.on_breach(state, ctx, message)


def react(state: CaseFacts, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    reassessing.react(state, ctx)
    stalking.react(state, ctx)
    choosing.ask_supervisor(state, ctx)


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """What of this keeps the case from closing, each named with its subject."""
    if command.reason in RISK_IS_ELSEWHERE:
        return []
    found = [
        f"recommendation {ref} ({r.rule}) waits for a decision"
        for ref, r in state.recommendations.items()
    ]
    found += [f"declined recommendation {ref} waits for review" for ref in state.risk.declined]
    if state.risk.reassess_since is not None:
        found.append(f"risk is not assessed since {state.risk.reassess_why} (assess-risk)")
    if open_clock(state, ClockType.STALKING_SCREEN) is not None:
        found.append("the stalking screen is due (screen-stalking)")
    return found
