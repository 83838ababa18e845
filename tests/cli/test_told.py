"""What happened, as people read it: every event of the product has a sentence of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from cli.timeline import BOOKKEEPING, describe, story
from cli.told import SENTENCES, fill, plain
from models.commands import (
    AskClosure,
    AssessRisk,
    AuthoriseVisit,
    CheckVisit,
    CompleteNeedsAssessment,
    NeedEntry,
    PlaceLegalHold,
    RecordAttempt,
    RecordThreatToLife,
    RecordVisit,
    Refer,
    SelectVisit,
    SetSafeContactPlan,
)
from models.enums import (
    Channel,
    CheckResult,
    ClosureReason,
    ContactResult,
    NeedDomain,
    NeedLevel,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    Role,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)
from models.events import Event
from tests.models.conftest import at
from tests.models.play import SERGEANT, Play
from tests.models.referring import referral
from tests.models.test_case_contact import a_plan

MODELS = Path(__file__).resolve().parents[2] / "models"
SPECIAL = ("clock:", "task:", "contact:attempt:recorded", "needs:assessment:completed")
TAG = re.compile(r"^[a-z_]+(:[a-z_]+)+$")
NO_TAG = {
    "contact:owed": "what a clock starts from",
    "order:in_force": "what a clock starts from",
}
NOISE = re.compile(r"\w=|[{}\[\]]|\b[A-Z]{2,}_[A-Z_]+|: -|\(-\)|\bNone\b|True|False")
"""What a sentence never has: codes with underscores, braces, fields that were not there."""


def tags() -> Iterator[str]:
    """Every tag that a rule names in so many words."""
    for path in sorted(MODELS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and TAG.match(text) and text not in NO_TAG:
                yield text


def test_every_tag_that_a_rule_names_has_its_sentence() -> None:
    missing = {t for t in tags() if t not in SENTENCES and not t.startswith(SPECIAL)}
    assert missing == set()


def a_case_with_all_duties() -> Play:
    """A high-risk case: assessed, referred, visited, threatened, held, asked to be closed."""
    play = Play(at("2027-05-10 20:00"), RiskGrade.HIGH)
    play.allocate()
    play.until(play.now + timedelta(hours=14))
    dash = {f"Q{n}": RiskAnswer.YES for n in range(1, 15)}
    tool = {"at": play.now, "tool": RiskTool.DASH_ACPO_27, "answers": dash, "others": RiskAnswer.NO}
    play.do(AssessRisk.model_validate(tool))
    play.do(
        RecordAttempt(at=play.now, channel=Channel.CALL, route="r1", result=ContactResult.NO_ANSWER)
    )
    reached = ContactResult.SUCCESSFUL_TWO_WAY
    play.do(RecordAttempt(at=play.now, channel=Channel.CALL, route="r1", result=reached))
    needs = tuple(
        NeedEntry(domain=d, level=NeedLevel.HIGH if d is NeedDomain.SAFETY else NeedLevel.NONE)
        for d in NeedDomain
    )
    play.do(CompleteNeedsAssessment(at=play.now, needs=needs))
    marac: Refer = referral("MARAC", at=play.now)
    play.do(marac)
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,)))
    checks = dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)
    play.do(CheckVisit(at=play.now, checks=checks))
    until = play.now + timedelta(hours=6)
    plan = a_plan(time(9), time(20), play.now)
    play.do(SetSafeContactPlan(at=play.now, plan=plan))
    play.supervise(AuthoriseVisit(at=play.now, opens_at=play.now, until=until))
    play.until(play.now + timedelta(hours=1))
    play.do(RecordVisit(at=play.now, outcomes=(VisitOutcome.NO_REPLY,)))
    threat = {"warned": "VIC-0001", "warned_by": SERGEANT, "authorised_by": "DI 3001"}
    play.supervise(RecordThreatToLife.model_validate({"at": play.now, "note_ref": "n", **threat}))
    play.do(PlaceLegalHold(at=play.now, reason="CRIMINAL_PROCEEDINGS"), "DI 3001", Role.INSPECTOR)
    play.do(AskClosure(at=play.now, reason=ClosureReason.RISK_REDUCED))
    play.until(play.now + timedelta(days=10))
    return play


def test_a_case_with_all_duties_reads_as_sentences() -> None:
    play = a_case_with_all_duties()
    told = {event.tag: describe(play.state.stream, event) for event in play.state.unrecorded}
    begun = {tag.partition(":")[0] for tag in told}
    assert begun >= {"assessment", "recommendation", "visit", "contact", "needs", "case"}
    noisy = {tag: text for tag, text in told.items() if NOISE.search(_without_clocks(tag, text))}
    assert noisy == {}


def _without_clocks(tag: str, text: str) -> str:
    """Clocks and tasks keep the names by which officers ask for them."""
    return "" if tag.startswith(("clock:", "task:")) else text


def test_the_story_leaves_the_bookkeeping_out() -> None:
    play = a_case_with_all_duties()
    lines = [line for _, _, line in story([(play.state.stream, e) for e in play.state.unrecorded])]
    assert any("referred to MARAC" in line for line in lines)
    assert any("BREACHED" in line for line in lines)
    assert not any(line.startswith("task ") for line in lines)
    assert {"task:raised", "clock:started"} <= BOOKKEEPING


@pytest.mark.parametrize(
    ("template", "data", "expected"),
    [
        ("{a}[, before {b}]", {"a": "HIGH", "b": ""}, "HIGH"),
        ("{a}[, before {b}]", {"a": "HIGH", "b": "MEDIUM"}, "HIGH, before MEDIUM"),
        ("done[safe!, UNSAFE]", {"safe": False}, "done, UNSAFE"),
        ("done[safe!, UNSAFE]", {"safe": True}, "done"),
        ("[late? too late][late! in time]", {"late": True}, "too late"),
        ("{a} of {b}", {"a": 0}, "0 of -"),
    ],
)
def test_a_part_is_told_where_it_has_something_to_say(
    template: str, data: dict[str, object], expected: str
) -> None:
    assert fill(template, data) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("NO_CONTACT_LADDER", "no contact ladder"),
        ("DASH_ACPO_27", "DASH ACPO 27"),
        ("MARAC_COORDINATOR@Medway", "MARAC coordinator of Medway"),
        ("2027-05-11", "Tue 11 May 2027"),
        ("2027-05-11T09:30:00+00:00", "Tue 11 May 2027 10:30"),
        ("MARAC-2027-00001", "MARAC-2027-00001"),
        (["WEAPON", "STRANGULATION"], "weapon, strangulation"),
        ({"DOGS": "RISK_FOUND"}, "dogs risk found"),
    ],
)
def test_values_are_said_in_words_and_references_stay(value: object, expected: str) -> None:
    assert plain(value) == expected


def test_an_event_of_a_newer_release_is_told_without_its_code() -> None:
    when = at("2027-05-10 20:00")
    event = Event(
        seq=1,
        tag="visit:postponed",
        occurred_at=when,
        recorded_at=when,
        actor="PC 1",
        role="DALO",
        data={"visit_id": "VIS-001", "reason": "NO_CREW", "case_ref": "CASE-2027-00001"},
    )
    assert (
        describe("case/CASE-2027-00001", event)
        == "visit postponed  visit_id: VIS-001, reason: no crew"
    )
