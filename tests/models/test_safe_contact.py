"""Attempts against the plan, and what replaces a plan (docs/domain.md 9.1)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from models.base import Refused
from models.case import contact
from models.commands import (
    ApproveCadence,
    AuthoriseVisit,
    CheckVisit,
    NameThirdParty,
    RecordAttempt,
    RecordThreatToLife,
    RecordVisit,
    RestoreChannel,
    ReviewCase,
    SelectVisit,
    SetSafeContactPlan,
)
from models.enums import (
    Channel,
    CheckResult,
    ContactResult,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)
from models.safe_changes import weakened
from models.safe_contact import DoNotContact, Route, SafeContactPlan, SafeWindow
from tests.models.play import SERGEANT, Play
from tests.models.test_case_contact import a_plan, at, call
from tests.models.wished import no_contact

OPENED = at(7, 6, 9)
EVENING = at(7, 6, 19)


def a_case(**plan: object) -> Play:
    """A case whose plan is for weekdays between 08:00 and 18:00."""
    play = Play(OPENED)
    play.allocate()
    found = a_plan(time(8), time(18), OPENED).model_copy(update=plan)
    play.do(SetSafeContactPlan(at=play.now, plan=found))
    return play


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.state.tasks.values()]


def refusal(play: Play, command: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        play.do(command)
    return refused.value.code, refused.value.field


def attempt(play: Play, **more: object) -> RecordAttempt:
    facts = {
        "at": play.now,
        "channel": Channel.CALL,
        "route": "mobile",
        "result": ContactResult.NO_ANSWER,
        **more,
    }
    return RecordAttempt.model_validate(facts)


def threat(play: Play) -> None:
    play.do(
        RecordThreatToLife(
            at=play.now,
            warned="VIC-0001",
            warned_by="PC 5001",
            authorised_by=SERGEANT,
            note_ref="n",
        )
    )


# --- attempts against the plan --------------------------------------------------------------------


def test_an_override_is_a_known_code_and_never_words() -> None:
    play = a_case()
    words = attempt(play, safety_override="her mother said it was fine")
    assert refusal(play, words) == ("UNKNOWN_OVERRIDE", "safety_override")


def test_a_threat_to_life_is_on_record_before_it_overrides() -> None:
    play = a_case()
    play.until(EVENING)
    tried = attempt(play, safety_override="THREAT_TO_LIFE")
    assert refusal(play, tried) == ("NO_THREAT_RECORDED", "safety_override")
    threat(play)
    assert play.do(tried) == ("SAFETY_OVERRIDE",)


def test_every_override_reaches_the_supervisor_and_the_attempt_stays_unsafe() -> None:
    play = a_case()
    play.until(EVENING)
    assert play.do(attempt(play, safety_override="SUPERVISOR_AUTHORISED")) == ("SAFETY_OVERRIDE",)
    event = play.events("contact:attempt:recorded")[-1]
    assert event.data["safe"] is False
    assert event.data["codes"] == ["OUTSIDE_SAFE_WINDOW", "SUPERVISOR_AUTHORISED"]
    (task,) = (t for t in play.state.tasks.values() if t.kind == "SAFETY_OVERRIDE")
    assert task.owner == SERGEANT
    play.do(ReviewCase(at=play.now))
    assert "SAFETY_OVERRIDE" in kinds(play)
    play.supervise(ReviewCase(at=play.now))
    assert "SAFETY_OVERRIDE" not in kinds(play)


def test_an_override_that_was_not_needed_is_nobodys_task() -> None:
    play = a_case()
    assert play.do(attempt(play, safety_override="SUPERVISOR_AUTHORISED")) == ()
    assert play.events("contact:attempt:recorded")[-1].data["safe"] is True


def test_going_there_outside_the_windows_is_unsafe_without_an_authority() -> None:
    play = a_case()
    play.until(EVENING)
    there = attempt(play, channel=Channel.IN_PERSON, route="")
    found = contact.safe_now(play.state, Channel.IN_PERSON, "", play.now, play.calendar)
    assert (found.allowed, found.reason_code) == (False, "OUTSIDE_SAFE_WINDOW")
    assert play.do(there) == ("UNSAFE_ATTEMPT",)
    assert play.events("contact:attempt:recorded")[-1].data["safe"] is False
    assert "UNSAFE_ATTEMPT" in kinds(play)


def test_a_supervisors_authority_makes_that_time_safe_and_no_other() -> None:
    play = a_case()
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,)))
    play.do(CheckVisit(at=play.now, checks=dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)))
    play.supervise(
        AuthoriseVisit(
            at=play.now,
            opens_at=EVENING,
            until=EVENING + timedelta(hours=1),
            safer_because="SUSPECT_AT_WORK",
        )
    )

    def answer(hours: int) -> bool:
        when = EVENING + timedelta(hours=hours)
        return contact.safe_now(play.state, Channel.IN_PERSON, "", when, play.calendar).allowed

    assert (answer(0), answer(1), answer(2)) == (True, True, False)
    play.until(EVENING)
    play.do(RecordVisit(at=play.now, outcomes=(VisitOutcome.SEEN_ALONE,)))
    assert play.state.visits.visit is None
    assert answer(0), "what was said there is recorded after the visit"


@pytest.mark.parametrize(
    ("channel", "result"),
    [
        (Channel.VOICEMAIL, ContactResult.SEEN_ALONE),
        (Channel.CALL, ContactResult.SEEN_ALONE),
        (Channel.VOICEMAIL, ContactResult.SUCCESSFUL_TWO_WAY),
        (Channel.LETTER, ContactResult.SUCCESSFUL_TWO_WAY),
    ],
)
def test_a_result_that_the_channel_cannot_have_is_no_contact(
    channel: Channel, result: ContactResult
) -> None:
    play = a_case()
    tried = attempt(play, channel=channel, result=result)
    assert refusal(play, tried) == ("RESULT_OF_CHANNEL", "result")
    assert play.state.last_contact_at is None


def test_a_run_of_the_first_release_records_attempts_as_it_did() -> None:
    play = a_case()
    play.state.release = 1
    play.until(EVENING)
    play.do(attempt(play, safety_override="for her safety"))
    seen = ContactResult.SEEN_ALONE
    play.do(attempt(play, channel=Channel.IN_PERSON, route="", result=seen))
    assert [e.data["safe"] for e in play.events("contact:attempt:recorded")] == [True, True]
    assert "SAFETY_OVERRIDE" not in kinds(play)


def test_nobody_overrides_in_words_a_wish_for_no_contact() -> None:
    play = a_case()
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(no_contact(play.now))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    play.do(attempt(play, safety_override="SUPERVISOR_AUTHORISED"))
    event = play.events("contact:attempt:recorded")[-1]
    assert event.data["codes"] == ["NO_CONTACT_ASKED", "SUPERVISOR_AUTHORISED"]
    assert event.data["safe"] is False


# --- another plan --------------------------------------------------------------------------------

BARRED = DoNotContact(weekdays=(2,), opens=time(12), closes=time(14))
STRICT: dict[str, object] = {
    "do_not_contact": (BARRED,),
    "device_compromised": True,
    "never_to_be_told": ("PER-0001",),
    "code_word_hash": "h1",
    "interpreter_language": "PL",
    "accessibility": ("HEARING_LOOP",),
}
FRIEND = Route(route_id="sister", channel=Channel.CALL, third_party=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"do_not_contact": ()}, "DO_NOT_CONTACT"),
        ({"device_compromised": False}, "DEVICE_COMPROMISED"),
        ({"device_compromised_at": OPENED}, "DEVICE_COMPROMISED_AT"),
        ({"never_to_be_told": ("PER-0002",)}, "NEVER_TO_BE_TOLD"),
        ({"code_word_hash": ""}, "CODE_WORD_HASH"),
        ({"interpreter_language": ""}, "INTERPRETER_LANGUAGE"),
        ({"accessibility": ()}, "ACCESSIBILITY"),
        ({"voicemail_allowed": True}, "VOICEMAIL_ALLOWED"),
        ({"sms_allowed": True}, "SMS_ALLOWED"),
        ({"letters_allowed": True}, "LETTERS_ALLOWED"),
        ({"third_party_allowed": True}, "THIRD_PARTY_ALLOWED"),
        ({"caller_id_withheld": False}, "CALLER_ID_WITHHELD"),
        ({"email_shared_device": False}, "EMAIL_SHARED_DEVICE"),
        ({"safe_windows": (SafeWindow(weekdays=(0,), opens=time(7), closes=time(9)),)}, None),
    ],
)
def test_a_plan_is_weakened_only_with_a_reason(change: dict[str, Any], code: str | None) -> None:
    play = a_case(**STRICT)
    old = play.state.plan
    assert old is not None
    less = SetSafeContactPlan(at=play.now, plan=old.model_copy(update=change))
    assert refusal(play, less) == ("REASON_NEEDED", "reason")
    assert play.state.plan == old
    codes = play.do(less.model_copy(update={"reason": "VICTIM_SAYS_SO"}))
    assert codes == ("PLAN_LESS_STRICT",)
    event = play.events("contact:plan:set")[-1]
    assert event.data["reason"] == "VICTIM_SAYS_SO"
    assert event.data["weakened"] == [code or "SAFE_WINDOWS"]
    assert event.data["changed"] == [code or "SAFE_WINDOWS"]


@pytest.mark.parametrize(
    "change",
    [
        {"voicemail_allowed": False, "device_compromised": True},
        {"do_not_contact": (BARRED, DoNotContact(day=date(2027, 7, 1)))},
        {"do_not_contact": (DoNotContact(weekdays=(2, 3)),)},
        {"do_not_contact": (DoNotContact(),)},
        {"safe_windows": (SafeWindow(weekdays=(0, 3), opens=time(9), closes=time(10)),)},
        {"routes": (Route(route_id="new", channel=Channel.CALL, verified_at=OPENED),)},
        {"code_word_hash": "h2"},
        {"safe_windows": ()},
    ],
)
def test_what_is_stricter_or_new_needs_no_reason(change: dict[str, Any]) -> None:
    play = a_case(**STRICT)
    assert play.state.plan is not None
    plan = play.state.plan.model_copy(update=change)
    assert play.do(SetSafeContactPlan(at=play.now, plan=plan)) == ()
    assert play.events("contact:plan:set")[-1].data["weakened"] == []


def test_a_day_to_avoid_that_is_over_may_go() -> None:
    old = a_plan(time(8), time(18), OPENED)
    dated = old.model_copy(update={"do_not_contact": (DoNotContact(day=date(2027, 6, 10)),)})
    assert weakened(dated, old, at(9, 6, 9)) == ["DO_NOT_CONTACT"]
    assert weakened(dated, old, at(12, 6, 9)) == []


def test_a_third_partys_route_does_not_become_the_victims_own() -> None:
    own = FRIEND.model_copy(update={"third_party": False})
    old = SafeContactPlan(routes=(FRIEND,), plan_reviewed_at=OPENED)
    new = old.model_copy(update={"routes": (own,)})
    assert weakened(old, new, OPENED) == ["ROUTES"]


def test_the_ledger_knows_what_changed_and_no_value_of_it() -> None:
    play = a_case(code_word_hash="secret-hash", interpreter_language="PL")
    (event,) = play.events("contact:plan:set")
    found = ["ROUTES", "SAFE_WINDOWS", "CODE_WORD_HASH", "INTERPRETER_LANGUAGE"]
    assert event.data["changed"] == found
    assert "secret-hash" not in event.model_dump_json()


def test_a_suspended_route_is_not_restored_by_another_name() -> None:
    play = a_case()
    play.do(call(play.now, ContactResult.WRONG_PERSON))
    again = Route(route_id="mobile-2", channel=Channel.CALL, verified_at=play.now)
    plan = a_plan(time(8), time(18), OPENED)
    renamed = plan.model_copy(update={"routes": (again, plan.routes[1])})
    codes = play.do(SetSafeContactPlan(at=play.now, plan=renamed))
    assert codes == ("CHANNEL_SUSPENDED",)

    def answer(route: str) -> str:
        return contact.safe_now(
            play.state, Channel.CALL, route, play.now, play.calendar
        ).reason_code

    assert answer("mobile-2") == "CHANNEL_SUSPENDED"
    assert answer("work") == "SAFE"
    (task,) = (t for t in play.state.tasks.values() if t.kind == "NEW_ROUTE")
    assert task.owner == SERGEANT
    play.supervise(
        RestoreChannel(at=play.now, channel=Channel.CALL, route="mobile-2", reason="ANOTHER_NUMBER")
    )
    assert answer("mobile-2") == "SAFE"
    assert "NEW_ROUTE" not in kinds(play)


def test_naming_one_third_party_opens_no_other() -> None:
    play = a_case()
    plan = a_plan(time(8), time(18), OPENED)
    others = tuple(
        Route(route_id=who, channel=Channel.THIRD_PARTY, verified_at=play.now, third_party=True)
        for who in ("sister", "neighbour")
    )
    more = plan.model_copy(update={"routes": (*plan.routes, *others)})
    play.do(SetSafeContactPlan(at=play.now, plan=more))
    play.do(NameThirdParty(at=play.now, route="sister"))

    def answer(route: str) -> str:
        found = contact.safe_now(play.state, Channel.THIRD_PARTY, route, play.now, play.calendar)
        return found.reason_code

    assert answer("sister") == "SAFE"
    assert answer("neighbour") == "THIRD_PARTY_NOT_ALLOWED"
    without = more.model_copy(update={"routes": (*plan.routes, others[1])})
    play.do(SetSafeContactPlan(at=play.now, plan=without))
    assert play.state.asked.third_party == ""
