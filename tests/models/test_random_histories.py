"""The random histories are worth something: with a rule broken, they find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models import cadence, safe_decision
from models.case import approach, closure, contact, handle, safety
from tests.models.random_machine import RandomStream, run_histories
from tests.models.test_case_promises import RandomCase
from tests.models.test_incident_promises import RandomIncident
from tests.models.test_meeting_promises import RandomMeeting
from tests.models.test_referral_promises import RandomReferral
from workflows import core

DECIDE, RECEIVE = safe_decision.decide, handle.receive
EXAMPLES, STEPS = 80, 40


def nothing(*_: Any, **__: Any) -> list[Any]:
    return []


def no_reason(*_: Any) -> str:
    return ""


def suspended_or_not(
    plan: Any, channel: Any, route: str, at: Any, calendar: Any, _: Any, **more: Any
) -> Any:
    return DECIDE(plan, channel, route, at, calendar, (), **more)


def without_a_word(state: Any, _: Any, clock: Any, __: Any) -> None:
    del state.clocks[clock.clock_id]


def never_ended(*_: Any) -> None:
    """The clock goes on."""


def heard_again(state: Any, ctx: Any, message: Any) -> None:
    state.seen_messages = []
    RECEIVE(state, ctx, message)


BROKEN: dict[str, tuple[tuple[Any, ...], str, Callable[..., Any]]] = {
    "nothing keeps a case open": ((closure,), "blockers", nothing),
    "risk is stable at once": ((closure,), "_unstable", nothing),
    "a suspended route is safe": ((safety,), "decide", suspended_or_not),
    "nothing holds contact back": ((approach,), "held_back", no_reason),
    "there is no time not to call": (
        (cadence, safe_decision),
        "do_not_contact_spans",
        nothing,
    ),
    "a clock ends without an event": ((contact,), "cancel", without_a_word),
    "a clock that is not owed goes on": ((contact,), "cancel", never_ended),
    "a message is heard twice": ((handle,), "receive", heard_again),
}


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_a_broken_rule_of_a_case_is_found(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    modules, name, instead = BROKEN[rule]
    for module in modules:
        monkeypatch.setattr(module, name, instead)
    with pytest.raises((AssertionError, KeyError)):
        run_histories(RandomCase, EXAMPLES, STEPS, shrink=False)


@pytest.mark.parametrize("machine", [RandomCase, RandomIncident, RandomMeeting, RandomReferral])
def test_a_command_that_is_forgotten_is_found(
    machine: type[RandomStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "remember", nothing)
    with pytest.raises(AssertionError, match="was forgotten"):
        run_histories(machine, EXAMPLES, STEPS, shrink=False)
