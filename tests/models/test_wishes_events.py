"""Contact at events, and messages to the victim (docs/domain.md 9.1, 9.2)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from models.case import contact
from models.commands import (
    ApproveCadence,
    MessageVictim,
    NotificationOptOut,
    RecordWishes,
    SetCadence,
    SetSafeContactPlan,
    SettleContactAtEvent,
)
from models.enums import (
    CadencePlan,
    Channel,
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
from tests.models.conftest import at
from tests.models.play import Play
from tests.models.test_case_contact import a_plan
from tests.models.test_wishes import calls, kinds, reached, refusal, suspect


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


def test_under_a_full_opt_out_only_events_of_safety_ask_for_contact() -> None:
    play = reached()
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    play.until(play.now + timedelta(hours=1))
    play.tell(heard(play))
    play.tell(suspect(play, SuspectStatus.RUI))
    assert "CONTACT_AT_EVENT" not in kinds(play)
    play.tell(ended_order(play))
    play.tell(suspect(play, SuspectStatus.IN_PRISON, release_planned_at=at("2027-06-01 09:00")))
    asked = {t.subject for t in play.state.tasks.values() if t.kind == "CONTACT_AT_EVENT"}
    assert asked == {"46/1/27:ORD-001:ENDED", "46/1/27:RELEASE_PLANNED"}


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
