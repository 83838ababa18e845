"""What a meeting refuses, by code; nothing changes then (docs/commands/meeting.md)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.base import Refused
from models.commands.meeting import (
    AddAction,
    CancelMeeting,
    CloseMeeting,
    CompleteAction,
    DeferReferral,
    FreezeList,
    HearReferral,
    IssueActions,
    IssueMinutes,
    ListReferral,
    RecordAttendance,
    RequestResearch,
    ReturnResearch,
)
from models.enums import (
    ActionType,
    Agency,
    Forum,
    HearingDecision,
    Intervention,
    ResearchResult,
)
from tests.models.conftest import at
from tests.models.play_meeting import CHAIR, DALO, MATAC, Play

HERE = "MARAC-2027-00001"
OTHER = "MARAC-2027-00002"
POLICE = {"DI-2001": Agency.POLICE}
ACTION = {
    "referral_ref": HERE,
    "action_type": ActionType.SAFEGUARDING,
    "action": "PANIC_ALARM",
    "agency": Agency.POLICE,
}
MANUAL = Path(__file__).parents[2] / "docs/commands/meeting.md"


def opened() -> Play:
    play = Play()
    play.ask(1)
    return play


def frozen() -> Play:
    play = opened()
    play.freeze()
    return play


def held() -> Play:
    play = opened()
    play.hold()
    return play


def heard() -> Play:
    play = held()
    play.hear(HERE, HearingDecision.NO_FURTHER_ACTION)
    return play


def with_action() -> Play:
    play = held()
    play.add(HERE)
    return play


def issued() -> Play:
    play = with_action()
    play.hear(HERE)
    play.issue()
    return play


def ended() -> Play:
    play = opened()
    play.do(CancelMeeting(at=play.now, reason="ROOM_LOST"))
    return play


def matac() -> Play:
    play = Play(at("2027-07-05 10:00"), at("2027-06-07 06:00"), forum=Forum.MATAC)
    play.ask(1)
    play.hold()
    return play


M = "MATAC-2027-00001"
CASES: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("MEETING_ENDED", ended, FreezeList, {}),
    ("LIST_CLOSED", frozen, FreezeList, {}),
    ("LIST_CLOSED", frozen, ListReferral, {"referral_ref": OTHER}),
    ("WRONG_REFERRAL", opened, ListReferral, {"referral_ref": "MATAC-2027-00001"}),
    ("WRONG_REFERRAL", opened, ListReferral, {"referral_ref": "CASE-2027-00001"}),
    ("ALREADY_LISTED", opened, ListReferral, {"referral_ref": HERE}),
    ("ALREADY_HELD", held, ListReferral, {"referral_ref": OTHER, "chair_reason": "LATE"}),
    ("ALREADY_HELD", held, CancelMeeting, {"reason": "ROOM_LOST"}),
    ("NOT_LISTED", opened, DeferReferral, {"referral_ref": OTHER, "reason": "LATE"}),
    ("ALREADY_HEARD", heard, DeferReferral, {"referral_ref": HERE, "reason": "LATE"}),
    ("LIST_OPEN", opened, RequestResearch, {}),
    (
        "NOT_ASKED",
        matac,
        ReturnResearch,
        {"agency": Agency.EDUCATION, "result": ResearchResult.NOTHING_HELD},
    ),
    (
        "NOTE_NEEDED",
        frozen,
        ReturnResearch,
        {"agency": Agency.HOUSING, "result": ResearchResult.HELD},
    ),
    ("BEFORE_MEETING", frozen, RecordAttendance, {"present": POLICE}),
    ("NOT_HELD", frozen, HearReferral, {"referral_ref": HERE, "decision": "NO_FURTHER_ACTION"}),
    ("WRONG_DECISION", held, HearReferral, {"referral_ref": HERE, "decision": "SELECTED"}),
    ("NO_ACTION_ADDED", held, HearReferral, {"referral_ref": HERE, "decision": "ACTIONS_AGREED"}),
    (
        "ACTIONS_OPEN",
        with_action,
        HearReferral,
        {"referral_ref": HERE, "decision": "NO_FURTHER_ACTION"},
    ),
    ("NOT_HELD", frozen, AddAction, ACTION),
    ("NOT_LISTED", held, AddAction, ACTION | {"referral_ref": OTHER}),
    ("VICTIM_COOPERATION", held, AddAction, ACTION | {"action": "VICTIM_TO_SUPPORT_PROSECUTION"}),
    ("PARTY_NEVER_ATTENDS", held, AddAction, ACTION | {"owner": "VIC-0001"}),
    ("PERSON_NOT_A_CODE", held, AddAction, ACTION | {"owner": "Jane"}),
    ("DUE_IN_PAST", held, AddAction, ACTION | {"due_at": at("2027-04-01 10:00")}),
    ("MATAC_ONLY", held, AddAction, ACTION | {"intervention": Intervention.SUPPORT}),
    ("INTERVENTION_NEEDED", matac, AddAction, ACTION | {"referral_ref": M}),
    (
        "RETALIATION_NOT_CHECKED",
        matac,
        AddAction,
        ACTION
        | {
            "referral_ref": M,
            "intervention": Intervention.DISRUPTION,
            "disruption_id": "DIS-001",
        },
    ),
    (
        "DISRUPTION_NEEDED",
        matac,
        AddAction,
        ACTION | {"referral_ref": M, "intervention": Intervention.DISRUPTION},
    ),
    ("NOT_HELD", frozen, IssueActions, {}),
    ("ALREADY_ISSUED", issued, IssueActions, {}),
    ("UNKNOWN_ACTION", held, CompleteAction, {"action_id": "9"}),
    ("NOT_HELD", frozen, IssueMinutes, {"note_ref": "NOTE/1"}),
    ("NOTE_NEEDED", heard, IssueMinutes, {}),
    ("ACTIONS_OPEN", issued, CloseMeeting, {"reason": "DONE"}),
    ("ITEMS_NOT_HEARD", held, CloseMeeting, {"reason": "DONE"}),
    ("MINUTES_MISSING", heard, CloseMeeting, {"reason": "DONE"}),
]


@pytest.mark.parametrize(
    ("code", "make", "command", "facts"), CASES, ids=[f"{c[0]}-{c[2].__name__}" for c in CASES]
)
def test_what_is_impossible_is_refused_and_changes_nothing(
    code: str, make: Any, command: Any, facts: dict[str, Any]
) -> None:
    play = make()
    if code == "NOT_ASKED":
        play = Play(at("2027-07-05 10:00"), at("2027-06-07 06:00"), forum=Forum.MATAC)
        play.ask(1)
        play.freeze()
    before = play.state.model_dump_json()
    with pytest.raises(Refused) as told:
        play.do(command(at=play.now, **facts))
    assert told.value.code == code
    assert told.value.remedy
    assert play.state.model_dump_json() == before


@pytest.mark.parametrize("person", ["VIC-0001", "PER-0001", "CHD-0001", "vic-0001"])
def test_victim_perpetrator_and_children_never_attend(person: str) -> None:
    play = frozen().to(at("2027-04-08 09:30"))
    with pytest.raises(Refused, match="PARTY_NEVER_ATTENDS"):
        play.do(RecordAttendance(at=play.now, present={person: Agency.IDVA}))


@pytest.mark.parametrize("person", ["Jane Smith", "Jane", "07700 900123", "j@example.org"])
def test_people_are_recorded_by_code_never_by_name(person: str) -> None:
    play = frozen().to(at("2027-04-08 09:30"))
    with pytest.raises(Refused, match="PERSON_NOT_A_CODE") as told:
        play.do(RecordAttendance(at=play.now, present={person: Agency.IDVA}))
    assert person not in told.value.message + told.value.remedy


def test_a_meeting_that_was_held_had_somebody_there() -> None:
    play = frozen().to(at("2027-04-08 09:30"))
    with pytest.raises(Refused, match="NOBODY_PRESENT"):
        play.do(RecordAttendance(at=play.now, present={}))


def test_nothing_is_asked_about_an_empty_list() -> None:
    play = Play()
    play.freeze()
    with pytest.raises(Refused, match="NOTHING_LISTED"):
        play.do(RequestResearch(at=play.now))


@pytest.mark.parametrize("command", [IssueActions, IssueMinutes])
def test_nothing_was_issued_before_the_meeting_was_held(command: Any) -> None:
    play = held()
    with pytest.raises(Refused, match="BEFORE_MEETING"):
        play.do(command(at=play.now - timedelta(hours=1)))


def test_minutes_go_out_once() -> None:
    play = issued()
    play.minutes()
    with pytest.raises(Refused, match="ALREADY_ISSUED"):
        play.minutes()


@pytest.mark.parametrize(
    ("code", "shift"),
    [("IN_FUTURE", timedelta(minutes=1)), ("BEFORE_MEETING_OPENED", -timedelta(days=1))],
)
def test_times_are_neither_in_the_future_nor_before_the_list_opened(
    code: str, shift: timedelta
) -> None:
    play = opened()
    with pytest.raises(Refused, match=code):
        play.do(FreezeList(at=play.now + shift))


def test_an_action_is_not_settled_before_it_was_agreed() -> None:
    play = with_action()
    with pytest.raises(Refused, match="BEFORE_ACTION"):
        play.do(CompleteAction(at=play.now - timedelta(hours=1), action_id="1"))


def test_others_do_not_run_the_meeting_but_the_chair_may() -> None:
    play = opened()
    for grant in (DALO, MATAC):
        with pytest.raises(Refused, match="NOT_YOUR_MEETING"):
            play.do(FreezeList(at=play.now), grant)
    play.do(FreezeList(at=play.now), CHAIR)


def test_the_owner_settles_the_own_action_and_no_other() -> None:
    play = held()
    mine = play.add(HERE, owner=DALO.actor)
    other = play.add(HERE)
    with pytest.raises(Refused, match="NOT_YOUR_MEETING"):
        play.do(CompleteAction(at=play.now, action_id=other), DALO)
    play.do(CompleteAction(at=play.now, action_id=mine), DALO)
    assert list(play.state.actions) == [other]


def test_the_manual_explains_every_refusal() -> None:
    told = MANUAL.read_text(encoding="utf-8")
    folder = Path(__file__).parents[2] / "models/meeting"
    source = "".join((folder / f"{name}.py").read_text() for name in ("checks", "questions"))
    import re

    codes = set(re.findall(r'Refused\(\s*"([A-Z_]+)"', source))
    assert {code for code in codes if f"`{code}`" not in told} == set()
