"""Cases played by the rules, as ledgers."""

from __future__ import annotations

from datetime import time
from typing import Any

from models.commands import (
    AuthoriseVisit,
    CheckVisit,
    RecordVisit,
    Regrade,
    SelectVisit,
    SetSafeContactPlan,
)
from models.enums import (
    ArrestReason,
    CheckResult,
    ContactResult,
    RiskGrade,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)
from tests.evaluation.history import CASE, History, at
from tests.models.play import Play
from tests.models.test_case_contact import a_plan, call

REPORTED = "2027-05-10 19:10"


def served(*plays: Any, **facts: Any) -> History:
    """A reticent victim's case, and what was played of it."""
    history = History()
    history.report(REPORTED, case=CASE, judged={"reticent": True}, facts=facts)
    history.opened(REPORTED)
    for play in plays:
        history.streams[play.state.stream] = list(play.state.unrecorded)
    return history


def called_in_vain() -> Play:
    """Allocated at 20:00, three attempts in vain: the ladder asks for a visit."""
    play = Play(at(REPORTED), RiskGrade.MEDIUM, pending=True)
    play.until(at("2027-05-10 20:00"))
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(10), time(14), play.now)))
    for when, result, route in (
        ("2027-05-11 10:30", ContactResult.NO_ANSWER, "mobile"),
        ("2027-05-12 13:10", ContactResult.WRONG_PERSON, "mobile"),
        ("2027-05-13 11:00", ContactResult.NO_ANSWER, "work"),
    ):
        play.until(at(when))
        play.do(call(play.now, result, route))
    return play


def visited(play: Play) -> None:
    """Friday: authorised at 9:00, made at 18:30, the suspect arrested, regraded at 19:05."""
    play.until(at("2027-05-14 08:45"))
    checked = dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.NO_CONTACT_LADDER,)))
    play.do(CheckVisit(at=play.now, checks=checked))
    play.until(at("2027-05-14 09:00"))
    play.supervise(
        AuthoriseVisit(
            at=play.now,
            opens_at=at("2027-05-14 18:00"),
            until=at("2027-05-14 20:00"),
            safer_because="SUSPECT_AT_WORK",
        )
    )
    play.until(at("2027-05-14 18:30"))
    play.do(
        RecordVisit(
            at=play.now,
            outcomes=(VisitOutcome.SUSPECT_ARRESTED, VisitOutcome.SEEN_ALONE),
            primary=VisitOutcome.SUSPECT_ARRESTED,
            arrest_reason=ArrestReason.BREACH_NON_MOLESTATION,
            grade_hint=RiskGrade.HIGH,
        )
    )
    play.until(at("2027-05-14 19:05"))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="VISIT"))


def allocated(grade: RiskGrade = RiskGrade.HIGH) -> Play:
    """A case allocated at 20:00."""
    play = Play(at(REPORTED), grade)
    play.until(at("2027-05-10 20:00"))
    play.allocate()
    return play
