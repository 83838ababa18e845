"""What an incident tells of somebody who has no open case (docs/domain.md 9.2)."""

from __future__ import annotations

from typing import Any

import pytest

from models.enums import OrderType, SuspectStatus
from models.messages import BailChanged, OrderBreached, OrderChanged, SuspectChanged, VictimTold
from models.unheard import about_the_person, unheard
from tests.models.conftest import at
from tests.models.play_incident import shipped

NOW = at("2027-05-11 09:00")
OF = {"message_id": "m1", "incident_ref": "46/1/27", "perpetrator_ref": "PER-0001", "at": NOW}
AN_ORDER = {**OF, "order_id": "ORD-001", "order_type": OrderType.NON_MOLESTATION}


def suspect(**more: Any) -> SuspectChanged:
    return SuspectChanged.model_validate({**OF, "status": SuspectStatus.OUTSTANDING, **more})


def breach() -> OrderBreached:
    facts = {"breach_id": "ORD-001/BREACH-1", "of": OrderType.SPO, "criminal": True}
    return OrderBreached.model_validate({**OF, **facts, "known_at": NOW})


def bail(*, in_force: bool) -> BailChanged:
    return BailChanged.model_validate({**OF, "in_force": in_force, "last_day": "2027-08-14"})


def order(**more: Any) -> OrderChanged:
    return OrderChanged.model_validate({**AN_ORDER, "in_force": False, **more})


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        (suspect(), False),
        (suspect(freed=True), True),
        (breach(), True),
        (bail(in_force=False), True),
        (bail(in_force=True), False),
        (order(reason="DISCHARGED"), True),
        (order(reason="REPLACED"), False),
        (order(reason="RECORDED_IN_ERROR"), False),
    ],
)
def test_what_an_incident_tells_of_danger_is_a_supervisors_where_no_case_is_open(
    message: Any, *, asks: bool
) -> None:
    assert about_the_person(message.model_dump(mode="json")) == message
    found = unheard(message, shipped()[0])
    assert (found is not None) is asks
    assert found is None or found.now is isinstance(message, OrderBreached)


def test_a_telling_reaches_the_persons_open_case_and_is_nobodys_task() -> None:
    told = VictimTold(message_id="m1", incident_ref="46/1/27", outcome="TOLD", at=NOW)
    assert about_the_person(told.model_dump(mode="json")) == told
    assert unheard(told, shipped()[0]) is None
