"""Refusals of contact, needs and of what is not open (docs/commands/contact.md, needs.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.base import Refused
from models.commands import (
    AddNeedAction,
    ApproveCadence,
    CompleteNeedAction,
    NeedActionEntry,
    PauseContact,
    RecordAttempt,
    RecordLadderStep,
    RecordPoliceContact,
    RecordUnwantedAct,
    ReferSupport,
    RestoreChannel,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    Channel,
    ConsentStatus,
    ContactResult,
    LadderStep,
    NeedDomain,
    Role,
)
from models.enums.victims_code import SupportOutcome
from models.safe_contact import Route, SafeContactPlan
from tests.models import play_incident
from tests.models.conftest import at
from tests.models.play import DALO, SERGEANT, Play
from tests.models.wished import no_contact

OPENED = at("2027-03-22 09:00")


def pause(play: Play, hours: int = 24) -> PauseContact:
    until = play.now + timedelta(hours=hours)
    return PauseContact(at=play.now, until=until, owner=SERGEANT, reason="VICTIM_IN_HOSPITAL")


def twice(play: Play) -> SetSafeContactPlan:
    route = Route(route_id="m", channel=Channel.CALL)
    plan = SafeContactPlan(routes=(route, route), plan_reviewed_at=play.now)
    return SetSafeContactPlan(at=play.now, plan=plan)


def refuge(play: Play, days: int) -> AddNeedAction:
    due = play.now + timedelta(days=days)
    entry = NeedActionEntry(domain=NeedDomain.HOUSING, action="REFUGE", owner=DALO, due_at=due)
    return AddNeedAction(at=play.now, action=entry)


def code(play: Play, command: Any, role: Role = Role.DALO) -> tuple[str, str]:
    actor = DALO if role is Role.DALO else SERGEANT
    with pytest.raises(Refused) as refused:
        play.do(command, actor, role)
    assert refused.value.remedy
    return refused.value.code, refused.value.field


@pytest.fixture
def play() -> Play:
    made = Play(OPENED)
    made.allocate()
    return made


def test_a_pause_is_dated_and_there_is_one_at_a_time(play: Play) -> None:
    assert code(play, pause(play, hours=0)) == ("PAUSE_OVER", "until")
    play.do(pause(play))
    assert code(play, pause(play)) == ("ALREADY_PAUSED", "")


def test_contact_that_is_not_owed_is_not_paused() -> None:
    play = Play(OPENED)
    play.wait()
    assert code(play, pause(play), Role.SUPERVISOR) == ("NO_CONTACT_CLOCK", "")


def test_an_attempt_is_an_officers_who_has_the_case() -> None:
    play = Play(OPENED)
    play.wait()
    attempt = RecordAttempt(at=play.now, channel=Channel.CALL, result=ContactResult.NO_ANSWER)
    assert code(play, attempt) == ("NOT_ALLOCATED", "")


def test_a_step_of_the_ladder_ends_with_an_outcome_of_its_own(play: Play) -> None:
    play.until(play.now + timedelta(days=3, hours=1))
    assert play.state.ladder_step is LadderStep.L1
    step = RecordLadderStep(at=play.now, step="L1", outcome="RISK_RELOOKED")
    assert code(play, step) == ("UNKNOWN_CODE", "outcome")


def test_a_cadence_has_days_where_it_is_custom_and_only_there(play: Play) -> None:
    custom = SetCadence(at=play.now, plan=CadencePlan.CUSTOM)
    default = SetCadence(at=play.now, plan=CadencePlan.DEFAULT_BY_RISK, interval_days=3)
    assert code(play, custom) == code(play, default) == ("INTERVAL_DAYS", "interval_days")


def test_there_must_be_something_to_sign(play: Play) -> None:
    sign = ApproveCadence(at=play.now, approve=True, reason="VICTIM_WISH")
    assert code(play, sign, Role.SUPERVISOR) == ("NOTHING_TO_APPROVE", "")


def test_who_asked_for_less_contact_does_not_sign_for_it_once_promoted(play: Play) -> None:
    play.do(SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True))
    sign = ApproveCadence(at=play.now, approve=True, reason="VICTIM_WISH")
    with pytest.raises(Refused) as refused:
        play.do(sign, DALO, Role.SUPERVISOR)
    assert (refused.value.code, refused.value.field) == ("FOUR_EYES", "actor")
    play.supervise(sign)
    assert play.state.cadence_plan is CadencePlan.CONTACT_ON_EVENT


def test_only_what_is_suspended_is_restored(play: Play) -> None:
    restore = RestoreChannel(at=play.now, channel=Channel.CALL, reason="CHECKED")
    assert code(play, restore, Role.SUPERVISOR) == ("NOT_SUSPENDED", "channel")


def test_a_plan_names_each_route_once(play: Play) -> None:
    assert code(play, twice(play)) == ("ROUTE_TWICE", "routes")


def test_an_action_is_due_in_the_future(play: Play) -> None:
    assert code(play, refuge(play, days=0)) == ("IN_PAST", "due_at")


def test_an_action_that_is_not_done_ends_with_a_reason(play: Play) -> None:
    play.do(refuge(play, days=3))
    end = CompleteNeedAction(at=play.now, action_id="ACT-001", outcome="NOT_ACHIEVABLE")
    assert code(play, end) == ("REASON_NEEDED", "reason")


def test_a_case_of_the_first_release_has_not_the_later_duties(play: Play) -> None:
    play.state.release = 1
    assert code(play, RecordUnwantedAct(at=play.now)) == ("NOT_RENEWED", "")


def incident_code(play: play_incident.Play, command: Any) -> str:
    with pytest.raises(Refused) as refused:
        play.do(command)
    assert refused.value.remedy
    return refused.value.code


def test_an_incident_of_the_first_release_has_not_the_later_duties() -> None:
    play = play_incident.Play(play_incident.report(OPENED))
    play.state.release = 1
    support = ReferSupport(
        at=play.now, outcome=SupportOutcome.DECLINED, consent_status=ConsentStatus.REFUSED
    )
    assert incident_code(play, support) == "NOT_RENEWED"


def test_nothing_is_told_to_an_incident_that_has_ended() -> None:
    play = play_incident.Play(play_incident.report(OPENED))
    play.state.ended_at = play.now
    assert incident_code(play, RecordPoliceContact(at=play.now)) == "INCIDENT_NOT_OPEN"


def test_a_first_police_contact_is_recorded_once_and_corrected_by_another_time() -> None:
    play = play_incident.Play(play_incident.report(OPENED)).to(OPENED + timedelta(minutes=9))
    first = RecordPoliceContact(at=play.now)
    play.do(first)
    assert incident_code(play, first) == "ALREADY_RECORDED"
    play.do(first.model_copy(update={"at": OPENED}))
    assert play.state.first_police_contact_at == OPENED


def test_no_contact_is_not_recorded_before_anybody_spoke_with_the_victim(play: Play) -> None:
    assert code(play, no_contact(play.now)) == ("NO_CONTACT_UNCONFIRMED", "plan")
