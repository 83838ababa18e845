"""The kernel's own refusals."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from models.case.state import CaseFacts
from models.commands import CaseEnvelope, Grant, ReviewCase
from models.enums import RiskGrade, Role
from models.stream import STORE_BEHIND_EVENTS
from tests.models.conftest import at
from tests.models.play import DALO, Play
from workflows.case import CaseRules
from workflows.core import Core


def behind(events: int) -> Core[CaseFacts]:
    """The kernel of a case of which so many events wait to be recorded."""
    state = Play(at("2027-03-25 21:40"), RiskGrade.HIGH).state
    waiting = state.unrecorded[0]
    state.unrecorded = [waiting] * events
    core: Core[CaseFacts] = Core.__new__(Core)
    core.state, core.rules = state, CaseRules()
    return core


def told() -> CaseEnvelope:
    """A command that a case could take."""
    grant = Grant(actor=DALO, role=Role.DALO, access_log_id="test")
    return CaseEnvelope(
        command_id="late", grant=grant, command=ReviewCase(at=at("2027-03-26 09:00"))
    )


def test_a_case_whose_record_is_far_behind_takes_no_more_commands() -> None:
    with pytest.raises(ApplicationError) as refused:
        behind(STORE_BEHIND_EVENTS + 1).validate(told(), lambda ctx: None)
    assert refused.value.type == "STORE_BEHIND"
    assert refused.value.details[0] == "try again when the database is back"
