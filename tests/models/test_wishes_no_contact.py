"""How a wish for no contact ends, and a lower cadence is signed for: never by the officer alone
(docs/domain.md 9.2, 9.4)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from models.base import Refused
from models.case import closure, contact
from models.case.state import PendingClosure
from models.commands import (
    AllowApproach,
    ApproveCadence,
    CloseCase,
    LiftFreeze,
    RecordDeathOrSeriousInjury,
    RecordWishes,
    Regrade,
    ReviewCase,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    CaseState,
    ClockType,
    ClosureReason,
    ContactResult,
    EngagementStatus,
    GraveHarm,
    LadderStep,
    Party,
    RiskGrade,
    Role,
)
from models.stream import Task, open_clock
from tests.models.play import DALO, SERGEANT, Play
from tests.models.random_case import INSPECTOR
from tests.models.test_case_contact import a_plan
from tests.models.test_wishes import (
    calls,
    kinds,
    new_report,
    reached,
    refusal,
    safe,
    silent,
    wants_none,
)

DEFAULT = CadencePlan.DEFAULT_BY_RISK
RENEWAL = ClockType.WISHES_RENEWAL


def lifting(play: Play, **more: object) -> SetCadence:
    return SetCadence(at=play.now, plan=DEFAULT).model_copy(update=more)


def rested(day: date | None = None) -> Play:
    """A case that rests since a month, at ten in the morning; `day`: agreed to ask again."""
    play = silent(None, no_recontact=day is None, recontact_on=day)
    play.until(play.now + timedelta(days=30, hours=12))
    return play


def approve(play: Play, *, yes: bool) -> tuple[str, ...]:
    return play.supervise(ApproveCadence(at=play.now, approve=yes, reason="REVIEWED"))


def task(play: Play, kind: str) -> Task:
    return next(t for t in play.state.tasks.values() if t.kind == kind)


def test_the_officer_alone_ends_no_wish_for_no_contact() -> None:
    play = rested()
    for more in ({}, {"victim_wish": True}):
        assert refusal(play, lifting(play, **more)) == "NO_CONTACT_STANDS"
    event = SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True)
    assert refusal(play, event) == "NO_CONTACT_STANDS"
    assert play.state.state is CaseState.DORMANT_MONITORED
    assert safe(play) == "NO_CONTACT_ASKED"


def test_the_victims_own_word_ends_it() -> None:
    play = rested()
    play.do(
        calls(play, ContactResult.SUCCESSFUL_TWO_WAY).model_copy(
            update={"safety_override": "VICTIM_CALLED"}
        )
    )
    assert refusal(play, lifting(play)) == "NO_CONTACT_STANDS"
    assert play.do(lifting(play, victim_wish=True)) == ()
    assert play.state.state is CaseState.REOPENED
    assert play.state.engagement_status is EngagementStatus.ENGAGED
    assert contact.contact_clock(play.state) is not None


def test_a_refusal_at_the_review_allows_one_approach_and_the_wish_stands() -> None:
    play = rested()
    assert approve(play, yes=False) == ("REFUSED", "ONE_APPROACH")
    assert play.state.cadence_plan is CadencePlan.NO_CONTACT
    assert safe(play) == "SAFE"
    assert contact.contact_clock(play.state) is None
    assert play.state.ladder_step is LadderStep.L0
    clock = open_clock(play.state, ClockType.CONTACT_AT_EVENT)
    assert clock is not None and clock.owner == DALO
    assert open_clock(play.state, ClockType.CADENCE_SIGNOFF_REVIEW) is not None
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert safe(play) == "NO_CONTACT_ASKED"
    assert "CONTACT_AT_EVENT" not in kinds(play)


def test_a_supervisor_may_allow_one_approach_with_a_reason() -> None:
    play = rested()
    allow = AllowApproach(at=play.now, reason="NEW_THREATS")
    assert refusal(play, allow) == "SUPERVISOR_ONLY"
    assert play.supervise(allow) == ("ONE_APPROACH",)
    assert safe(play) == "SAFE"
    with pytest.raises(Refused, match="CONTACT_ALLOWED"):
        play.supervise(allow)
    talking = reached()
    with pytest.raises(Refused, match="CONTACT_ALLOWED"):
        talking.supervise(allow.model_copy(update={"at": talking.now}))


def test_nobody_is_approached_while_the_record_is_frozen() -> None:
    play = rested()
    play.do(
        RecordDeathOrSeriousInjury(
            at=play.now, party=Party.CHILD, harm=GraveHarm.SERIOUS_INJURY, note_ref="n"
        )
    )
    with pytest.raises(Refused, match="FROZEN"):
        play.supervise(AllowApproach(at=play.now, reason="NEW_THREATS"))


def test_a_new_incident_ends_the_review_and_whatever_waited_for_a_signature() -> None:
    play = rested()
    play.do(wants_none(play))
    new_report(play)
    assert play.state.pending_cadence is None
    assert "APPROVE_CADENCE" not in kinds(play)
    assert open_clock(play.state, ClockType.CADENCE_SIGNOFF_REVIEW) is None
    with pytest.raises(Refused, match="NOTHING_TO_APPROVE"):
        approve(play, yes=False)
    assert play.state.asked.approach == "ALLOWED"
    assert "CONTACT_AT_EVENT" in kinds(play)


def test_no_needs_assessment_is_asked_of_a_victim_who_wants_no_contact() -> None:
    play = silent()
    assert open_clock(play.state, ClockType.NEEDS_ASSESSMENT) is None
    play.until(play.now + timedelta(days=30, hours=12))
    assert not [
        e
        for e in play.events("clock:breached")
        if e.data["clock"]["clock_type"] == "NEEDS_ASSESSMENT"
    ]
    new_report(play)
    play.until(play.now + timedelta(minutes=1))
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert open_clock(play.state, ClockType.NEEDS_ASSESSMENT) is None
    play.do(RecordWishes(at=play.now, note_ref="note-2"))
    clock = open_clock(play.state, ClockType.NEEDS_ASSESSMENT)
    assert clock is not None and clock.started_at == play.now and clock.breached_at is None


def test_a_long_interval_that_nobody_signed_for_does_not_hold_at_high() -> None:
    play = reached()
    sixty = SetCadence(at=play.now, plan=CadencePlan.CUSTOM, interval_days=60, victim_wish=True)
    assert play.do(sixty) == ()
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="NEW_THREATS"))
    clock = contact.contact_clock(play.state)
    assert clock is not None and clock.due_at - clock.started_at == timedelta(days=7)
    assert play.state.cadence_plan is DEFAULT
    assert task(play, "APPROVE_CADENCE").owner == SERGEANT
    approve(play, yes=True)
    assert (play.state.cadence_plan, play.state.interval_days) == (CadencePlan.CUSTOM, 60)
    assert open_clock(play.state, ClockType.CADENCE_SIGNOFF_REVIEW) is not None
    clock = contact.contact_clock(play.state)
    assert clock is not None and clock.due_at - clock.started_at == timedelta(days=60)


def test_what_a_later_wish_replaced_cannot_be_signed_any_more() -> None:
    play = reached()
    play.do(wants_none(play))
    assert "APPROVE_CADENCE" in kinds(play)
    play.do(SetCadence(at=play.now, plan=DEFAULT))
    assert "APPROVE_CADENCE" not in kinds(play)
    with pytest.raises(Refused, match="NOTHING_TO_APPROVE"):
        approve(play, yes=True)
    assert play.state.state is not CaseState.DORMANT_MONITORED


def test_the_wait_for_renewed_wishes_has_a_clock_that_a_review_starts_again() -> None:
    play = rested()
    new_report(play)
    play.until(play.now + timedelta(minutes=1))
    play.do(calls(play, ContactResult.NO_ANSWER))
    clock = open_clock(play.state, RENEWAL)
    assert clock is not None and clock.due_at == play.now + timedelta(hours=24)
    for kind in ("RENEW_WISHES", "APPROACH_MADE"):
        assert task(play, kind).due_at == clock.due_at
    play.until(play.now + timedelta(hours=25))
    assert ("BREACH", SERGEANT) in {(t.kind, t.owner) for t in play.state.tasks.values()}
    play.do(ReviewCase(at=play.now))
    same = open_clock(play.state, RENEWAL)
    assert same is not None and same.clock_id == clock.clock_id
    play.supervise(ReviewCase(at=play.now))
    again = open_clock(play.state, RENEWAL)
    assert again is not None and again.rule_key == "AGAIN"
    assert again.due_at - play.now > timedelta(days=28)
    play.supervise(AllowApproach(at=play.now, reason="NOT_REACHED"))
    assert open_clock(play.state, RENEWAL) is None
    assert not {"RENEW_WISHES", "APPROACH_MADE"} & kinds(play)
    assert play.state.asked.approach == "ALLOWED"


def test_renewed_wishes_end_the_wait_and_the_agreed_day() -> None:
    play = rested(date(2027, 10, 31))
    new_report(play)
    play.until(play.now + timedelta(minutes=1))
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    play.do(RecordWishes(at=play.now, note_ref="note-2"))
    assert open_clock(play.state, RENEWAL) is None
    assert open_clock(play.state, ClockType.RECONTACT) is None
    assert play.state.engagement_status is EngagementStatus.ENGAGED


def test_a_lifted_freeze_brings_the_agreed_day_back() -> None:
    play = rested(date(2027, 10, 31))
    play.do(
        RecordDeathOrSeriousInjury(
            at=play.now, party=Party.CHILD, harm=GraveHarm.SERIOUS_INJURY, note_ref="n"
        )
    )
    assert open_clock(play.state, ClockType.RECONTACT) is None
    play.do(LiftFreeze(at=play.now, reason="RECOVERED"), INSPECTOR, Role.INSPECTOR)
    clock = open_clock(play.state, ClockType.RECONTACT)
    assert clock is not None and clock.due_at.date() == date(2027, 10, 31)


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ("NOT_STARTED", EngagementStatus.DECLINED),
        ("COMPLETED", EngagementStatus.WITHDRAWN),
    ],
)
def test_events_only_is_declined_or_withdrawn_and_a_call_does_not_engage_again(
    needs: str, expected: EngagementStatus
) -> None:
    play = reached()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(0), time(23, 59), play.now)))
    play.state.needs_status = needs
    play.do(SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True))
    assert play.state.engagement_status is EngagementStatus.ENGAGED
    approve(play, yes=True)
    assert play.state.engagement_status is expected
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert play.state.engagement_status is expected


def test_who_declines_the_needs_assessment_alone_takes_part_in_part() -> None:
    play = reached()
    play.state.needs_status = "DECLINED"
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert play.state.engagement_status is EngagementStatus.PARTIAL


def test_a_case_that_is_closed_at_the_victims_request_has_lost_the_victim() -> None:
    play = reached()
    play.state.closing = PendingClosure(
        agreed_by=SERGEANT,
        role=Role.SUPERVISOR,
        command_id="c",
        command=CloseCase(at=play.now, reason=ClosureReason.VICTIM_REQUEST),
    )
    event = closure.request(play.state, play.context()).event
    closure.confirmed(play.state, play.context(), event)
    assert play.state.engagement_status is EngagementStatus.WITHDRAWN
