"""Contact at events, and messages to the victim (docs/domain.md 9.1, 9.2)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from models.base import Refused
from models.case import contact
from models.case.event_contact import DECIDE
from models.clocks import Clock
from models.commands import (
    AllowApproach,
    ApproveCadence,
    ConfirmSafeContactPlan,
    MessageVictim,
    NotificationOptOut,
    RecordWishes,
    SetCadence,
    SetSafeContactPlan,
    SettleContactAtEvent,
)
from models.due import recompute
from models.enums import (
    CadencePlan,
    Channel,
    ClockType,
    ContactResult,
    OrderType,
    ReferralPathway,
    ReferralState,
    SuspectStatus,
)
from models.events import EffectKind
from models.messages import (
    OrderChanged,
    ReferralChanged,
    VictimMessageDone,
)
from models.safe_contact import Route
from models.settling import settled_by
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import DALO, SERGEANT, Play
from tests.models.test_case_contact import a_plan
from tests.models.test_wishes import (
    calls,
    kinds,
    new_report,
    reached,
    refusal,
    safe,
    silent,
    suspect,
)


def ended_order(play: Play) -> OrderChanged:
    return OrderChanged(
        message_id=f"o:{play.now}",
        incident_ref="46/1/27",
        perpetrator_ref="PER-0001",
        order_id="ORD-001",
        order_type=OrderType.NON_MOLESTATION,
        in_force=False,
        at=play.now,
    )


def heard(play: Play) -> ReferralChanged:
    return ReferralChanged(
        message_id=f"h:{play.now}",
        referral_ref="MARAC-2027-00001",
        pathway=ReferralPathway.MARAC,
        state=ReferralState.HEARD,
        at=play.now,
    )


def test_events_ask_for_contact_also_where_only_events_are_wanted() -> None:
    play = reached()
    play.do(SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    assert contact.contact_clock(play.state) is None
    play.until(play.now + timedelta(hours=1))
    for message in (suspect(play, SuspectStatus.RUI), ended_order(play), heard(play)):
        play.tell(message)
    asked = {t.subject for t in play.state.tasks.values() if t.kind == "CONTACT_AT_EVENT"}
    assert asked == {"46/1/27:RUI", "46/1/27:ORD-001:ENDED", "MARAC-2027-00001:HEARD"}
    done = SettleContactAtEvent(at=play.now, subject="46/1/27:RUI", reason="TOLD_WITH_NOTICE")
    play.do(done)
    assert refusal(play, done) == "NO_SUCH_EVENT"
    assert "CONTACT_AT_EVENT" in kinds(play)


def asked(play: Play, kind: str = "CONTACT_AT_EVENT") -> set[str]:
    return {task.subject for task in play.state.tasks.values() if task.kind == kind}


def on_events_only() -> Play:
    """A case whose victim wants to hear of events alone, signed off."""
    play = reached()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(0), time(23, 59), play.now)))
    play.do(SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True))
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))
    play.until(play.now + timedelta(hours=1))
    return play


def test_what_a_victim_refused_to_hear_of_waits_for_the_supervisor_alone() -> None:
    play = reached()
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    play.until(play.now + timedelta(hours=1))
    play.tell(heard(play))
    play.tell(suspect(play, SuspectStatus.RUI))
    assert not asked(play) and not asked(play, DECIDE)
    play.tell(ended_order(play))
    play.tell(suspect(play, SuspectStatus.IN_PRISON, release_planned_at=at("2027-06-01 09:00")))
    assert not asked(play)
    assert asked(play, DECIDE) == {"46/1/27:ORD-001:ENDED", "46/1/27:RELEASE_PLANNED"}
    clock = open_clock(play.state, ClockType.CONTACT_AT_EVENT, "46/1/27:ORD-001:ENDED")
    assert clock is not None and clock.owner == SERGEANT
    assert "allow-approach --subject 46/1/27:ORD-001:ENDED" in settled_by("CASE-1", clock)


def test_only_if_he_is_released_is_honoured_to_the_letter() -> None:
    play = silent(notices=NotificationOptOut.ALL_EXCEPT_RELEASE)
    play.until(play.now + timedelta(hours=12))
    play.tell(ended_order(play))
    assert safe(play) == "NO_CONTACT_ASKED"
    assert asked(play, DECIDE) == {"46/1/27:ORD-001:ENDED"}
    play.tell(suspect(play, SuspectStatus.RELEASED))
    assert safe(play) == "SAFE"
    assert asked(play) == {"46/1/27:RELEASED"}


def test_a_supervisor_decides_on_an_event_that_the_victim_refused() -> None:
    play = silent(notices=NotificationOptOut.ALL)
    play.until(play.now + timedelta(hours=12))
    play.tell(suspect(play, SuspectStatus.RELEASED))
    subject = "46/1/27:RELEASED"
    allow = AllowApproach(at=play.now, subject=subject, reason="THREATS_BEFORE_PRISON")
    settle = SettleContactAtEvent(at=play.now, subject=subject, reason="HER_WISH")
    assert safe(play) == "NO_CONTACT_ASKED"
    assert refusal(play, allow) == refusal(play, settle) == "SUPERVISOR_ONLY"
    play.supervise(allow)
    assert play.events("contact:approach:decided")[0].data["reason"] == "THREATS_BEFORE_PRISON"
    assert safe(play) == "SAFE"
    assert asked(play) == {subject} and not asked(play, DECIDE)
    with pytest.raises(Refused, match="CONTACT_ALLOWED"):
        play.supervise(allow)
    play.do(SettleContactAtEvent(at=play.now, subject=subject, reason="IDVA_TOLD_HER"))
    assert safe(play) == "NO_CONTACT_ASKED"
    assert play.events("contact:approach:lapsed")


def test_a_supervisor_lets_a_refusal_stand() -> None:
    play = silent(notices=NotificationOptOut.ALL)
    play.until(play.now + timedelta(hours=12))
    play.tell(suspect(play, SuspectStatus.RELEASED))
    play.supervise(SettleContactAtEvent(at=play.now, subject="46/1/27:RELEASED", reason="HER_WISH"))
    assert not asked(play, DECIDE)
    assert open_clock(play.state, ClockType.CONTACT_AT_EVENT) is None
    play.until(play.now + timedelta(days=3))
    assert not breached(play)


def breached(play: Play) -> list[Clock]:
    return [
        clock
        for clock in play.state.clocks.values()
        if clock.clock_type is ClockType.CONTACT_AT_EVENT and clock.breached_at is not None
    ]


def test_contact_at_an_event_breaches_after_a_day_and_is_met_by_contact() -> None:
    play = on_events_only()
    play.tell(suspect(play, SuspectStatus.RUI))
    clock = open_clock(play.state, ClockType.CONTACT_AT_EVENT)
    assert clock is not None
    assert (clock.owner, clock.due_at) == (DALO, play.now + timedelta(hours=24))
    play.do(calls(play, ContactResult.NO_ANSWER))
    play.until(play.now + timedelta(hours=30))
    assert breached(play)
    tasks = [t for t in play.state.tasks.values() if t.kind == "BREACH"]
    assert (SERGEANT, clock.clock_id) in {(t.owner, t.subject) for t in tasks}
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert open_clock(play.state, ClockType.CONTACT_AT_EVENT) is None
    assert not asked(play)


def test_contact_at_a_planned_release_is_due_before_it() -> None:
    play = on_events_only()
    soon = play.now + timedelta(hours=5)
    play.tell(suspect(play, SuspectStatus.REMANDED, release_planned_at=soon))
    clock = open_clock(play.state, ClockType.CONTACT_AT_EVENT)
    assert clock is not None and clock.due_at == soon
    assert recompute(clock, play.policy, play.calendar).due_at == soon
    later = on_events_only()
    release = later.now + timedelta(days=5)
    later.tell(suspect(later, SuspectStatus.REMANDED, release_planned_at=release))
    clock = open_clock(later.state, ClockType.CONTACT_AT_EVENT)
    assert clock is not None and clock.due_at == later.now + timedelta(hours=24)


def test_a_new_incident_prompts_contact_also_where_only_events_are_wanted() -> None:
    play = on_events_only()
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    new_report(play)
    assert asked(play) == {"46/2/27:REPORTED"}
    assert safe(play) == "SAFE"
    play.until(play.now + timedelta(minutes=1))
    play.do(calls(play, ContactResult.SUCCESSFUL_TWO_WAY))
    assert not asked(play)
    play.until(play.now + timedelta(hours=1))
    new_report(play)
    assert not asked(play), "the incident is known"


def test_an_approach_at_an_event_that_reached_nobody_is_the_supervisors_to_follow() -> None:
    play = silent()
    play.until(play.now + timedelta(hours=12))
    play.tell(suspect(play, SuspectStatus.RELEASED))
    play.do(calls(play, ContactResult.NO_ANSWER))
    assert safe(play) == "NO_CONTACT_ASKED"
    assert not asked(play)
    assert asked(play, DECIDE) == {"46/1/27:RELEASED"}


def test_the_safe_contact_plan_is_looked_at_again_when_he_is_released() -> None:
    play = on_events_only()
    confirm = ConfirmSafeContactPlan(at=play.now)
    soon = play.now + timedelta(hours=5)
    play.tell(suspect(play, SuspectStatus.REMANDED, release_planned_at=soon))
    clock = open_clock(play.state, ClockType.PLAN_RELOOK)
    assert clock is not None and (clock.owner, clock.due_at) == (DALO, soon)
    assert "RELOOK_PLAN" in kinds(play)
    play.until(play.now + timedelta(minutes=1))
    play.do(confirm)
    assert play.state.plan is not None and play.state.plan.plan_reviewed_at == confirm.at
    assert open_clock(play.state, ClockType.PLAN_RELOOK) is None
    assert "RELOOK_PLAN" not in kinds(play)
    play.tell(suspect(play, SuspectStatus.RELEASED))
    play.until(play.now + timedelta(minutes=1))
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(8), time(20), play.now)))
    assert open_clock(play.state, ClockType.PLAN_RELOOK) is None
    without = reached()
    assert refusal(without, ConfirmSafeContactPlan(at=without.now)) == "NO_PLAN"


def test_a_plan_that_nobody_looks_at_again_breaches() -> None:
    play = on_events_only()
    play.tell(suspect(play, SuspectStatus.RELEASED))
    play.until(play.now + timedelta(hours=25))
    clock = open_clock(play.state, ClockType.PLAN_RELOOK)
    assert clock is not None and clock.breached_at is not None


def text(play: Play, **more: object) -> MessageVictim:
    facts = {
        "at": play.now,
        "channel": "SMS",
        "route": "mobile",
        "wording_ref": "agreed-1",
        **more,
    }
    return MessageVictim.model_validate(facts)


def textable() -> Play:
    play = Play(at("2027-05-10 09:00"))
    play.allocate()
    plan = a_plan(time(8), time(22), play.now).model_copy(
        update={
            "sms_allowed": True,
            "sms_wording_ref": "agreed-1",
            "routes": (Route(route_id="mobile", channel=Channel.SMS, verified_at=play.now),),
        }
    )
    play.do(SetSafeContactPlan(at=play.now, plan=plan))
    return play


def done(play: Play, outcome: str) -> VictimMessageDone:
    message_id = play.events("contact:message:asked")[-1].data["message_id"]
    return VictimMessageDone.model_validate(
        {
            "message_id": f"d:{play.now}",
            "victim_message_id": message_id,
            "outcome": outcome,
            "at": play.now,
        }
    )


def test_a_message_leaves_only_where_the_route_is_safe_now() -> None:
    play = textable()
    assert refusal(play, text(play, channel="EMAIL")) == "UNSAFE_NOW"
    assert refusal(play, text(play, wording_ref="other")) == "WORDING_NOT_AGREED"
    (message_id,) = play.do(text(play))
    effect = next(e for e in play.state.effects if e.kind is EffectKind.VICTIM_MESSAGE)
    assert effect.payload["message_id"] == effect.effect_id == message_id
    assert set(effect.payload) == {"message_id", "case_ref", "channel", "route", "wording_ref"}
    assert refusal(play, text(play)) == "MESSAGE_WAITING"
    play.tell(done(play, "SENT"))
    assert play.state.attempts[-1].result is ContactResult.MESSAGE_SENT
    assert play.state.last_contact_at is None


@pytest.mark.parametrize("outcome", ["BLOCKED", "FAILED", "UNKNOWN"])
def test_a_message_that_was_not_surely_sent_is_a_persons_task_and_never_sent_again(
    outcome: str,
) -> None:
    play = textable()
    play.do(text(play))
    play.tell(done(play, outcome))
    play.tell(done(play, outcome))
    assert [t.kind for t in play.state.tasks.values()].count("VICTIM_MESSAGE") == 1
    assert len([e for e in play.state.effects if e.kind is EffectKind.VICTIM_MESSAGE]) == 1
    play.until(play.now + timedelta(minutes=5))
    play.do(calls(play, ContactResult.NO_ANSWER))
    assert "VICTIM_MESSAGE" not in kinds(play)
