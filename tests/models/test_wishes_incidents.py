"""Contact at what an incident tells of suspect, bail, orders and tellings (docs/domain.md 9.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.commands import RecordWithdrawal
from models.enums import ContactResult, Statement, SuspectStatus, WithdrawalReason
from models.messages import BailChanged, VictimTold
from tests.models.play import Play
from tests.models.test_wishes import calls, reached, safe, silent, suspect
from tests.models.test_wishes_events import ended_order


def waiting(play: Play) -> set[str]:
    return {t.subject for t in play.state.tasks.values() if t.kind == "CONTACT_AT_EVENT"}


@pytest.mark.parametrize(
    "status",
    [
        SuspectStatus.CHARGED_BAIL,
        SuspectStatus.RUI,
        SuspectStatus.BAILED_PRECHARGE,
        SuspectStatus.NFA,
        SuspectStatus.CAUTIONED,
        SuspectStatus.OUTSTANDING,
    ],
)
def test_somebody_at_liberty_is_an_event_of_safety_whatever_the_status(
    status: SuspectStatus,
) -> None:
    play = silent()
    play.until(play.now + timedelta(hours=12))
    play.tell(suspect(play, status))
    assert waiting(play) == set()
    assert safe(play) == "NO_CONTACT_ASKED"
    play.until(play.now + timedelta(hours=1))
    play.tell(suspect(play, status, freed=True))
    assert waiting(play) == {f"46/1/27:{status.value}"}
    assert safe(play) == "SAFE"


def test_an_order_that_was_replaced_or_never_was_is_no_end_of_protection() -> None:
    play = silent()
    play.until(play.now + timedelta(hours=1))
    for reason in ("REPLACED", "RECORDED_IN_ERROR"):
        play.tell(
            ended_order(play).model_copy(update={"reason": reason, "message_id": f"o:{reason}"})
        )
    assert waiting(play) == set()
    assert safe(play) == "NO_CONTACT_ASKED"
    assert play.state.risk.reassess_since is None
    play.tell(ended_order(play).model_copy(update={"reason": "DISCHARGED"}))
    assert waiting(play) == {"46/1/27:ORD-001:ENDED"}
    assert play.state.risk.reassess_why == "NON_MOLESTATION_ENDED"


def bail_changed(play: Play, *, in_force: bool) -> BailChanged:
    return BailChanged(
        message_id=f"b:{in_force}",
        incident_ref="46/1/27",
        perpetrator_ref="PER-0001",
        in_force=in_force,
        last_day="2027-08-14",
        at=play.now,
    )


def test_bail_that_changed_asks_for_contact_and_its_end_for_a_new_assessment() -> None:
    play = reached()
    play.until(play.now + timedelta(hours=1))
    play.tell(bail_changed(play, in_force=True))
    assert waiting(play) == {"46/1/27:BAIL_CHANGED"}
    assert play.state.risk.reassess_since is None
    play.tell(bail_changed(play, in_force=False))
    assert "46/1/27:BAIL_ENDED" in waiting(play)
    assert play.state.risk.reassess_why == "BAIL_ENDED"


def test_of_one_who_asked_for_no_contact_only_the_end_of_bail_is_an_event() -> None:
    play = silent()
    play.until(play.now + timedelta(hours=1))
    play.tell(bail_changed(play, in_force=True))
    assert waiting(play) == set()
    play.tell(bail_changed(play, in_force=False))
    assert waiting(play) == {"46/1/27:BAIL_ENDED"}


def to_be_released(play: Play) -> None:
    when = play.now + timedelta(days=5)
    play.tell(suspect(play, SuspectStatus.REMANDED, release_planned_at=when))
    assert waiting(play) == {"46/1/27:RELEASE_PLANNED"}


def test_a_release_called_off_before_contact_is_spoken_of_no_more() -> None:
    play = reached()
    play.until(play.now + timedelta(hours=1))
    to_be_released(play)
    play.until(play.now + timedelta(hours=1))
    play.tell(suspect(play, SuspectStatus.REMANDED, release_cancelled=True))
    assert waiting(play) == set()


def test_who_may_have_heard_of_a_release_hears_that_it_is_off() -> None:
    play = reached()
    play.until(play.now + timedelta(hours=1))
    to_be_released(play)
    play.until(play.now + timedelta(hours=1))
    again = calls(play, ContactResult.SUCCESSFUL_TWO_WAY)
    play.do(again.model_copy(update={"safety_override": "SUPERVISOR_AUTHORISED"}))
    assert waiting(play) == set()
    play.until(play.now + timedelta(hours=1))
    play.tell(suspect(play, SuspectStatus.IN_PRISON, release_cancelled=True))
    assert waiting(play) == {"46/1/27:RELEASE_CANCELLED"}


def test_of_somebody_out_the_officer_is_not_asked_to_say_that_he_will_be() -> None:
    play = reached()
    play.until(play.now + timedelta(hours=1))
    to_be_released(play)
    play.until(play.now + timedelta(hours=1))
    gone = suspect(play, SuspectStatus.RELEASED, freed=True, release_planned_at=play.now)
    play.tell(gone)
    assert waiting(play) == {"46/1/27:RELEASED"}


@pytest.mark.parametrize("outcome", ["TOLD", "COULD_NOT_REACH", "UNSAFE_ENDED", "GIVEN"])
def test_a_telling_on_the_incident_is_the_one_safe_approach(outcome: str) -> None:
    play = silent()
    play.until(play.now + timedelta(hours=12))
    play.tell(suspect(play, SuspectStatus.RUI, freed=True))
    assert safe(play) == "SAFE"
    play.until(play.now + timedelta(hours=1))
    told = VictimTold(
        message_id=f"t:{outcome}", incident_ref="46/1/27", outcome=outcome, at=play.now
    )
    play.tell(told)
    assert safe(play) == "NO_CONTACT_ASKED"
    assert play.events("contact:approach:made")


def test_the_incidents_hear_when_support_is_withdrawn() -> None:
    play = reached()
    play.do(
        RecordWithdrawal(at=play.now, reasons=(WithdrawalReason.FEAR,), statement=Statement.GIVEN)
    )
    (told,) = [e.payload for e in play.state.effects if e.payload.get("kind") == "wishes-changed"]
    assert datetime.fromisoformat(told["support_withdrawn_at"]) == play.now
    assert told["notification_opt_out"] == "NONE"
