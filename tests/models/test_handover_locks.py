"""Conflict of interest and restricted records, as the case decides them."""

from __future__ import annotations

from datetime import datetime

import pytest

from models.commands import (
    AcceptHandover,
    DeclareConflict,
    HandOver,
    LiftConflict,
    NameSupervisor,
    RestrictCase,
    UnrestrictCase,
)
from models.enums import RiskGrade, Role
from models.instants import LONDON
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play
from tests.models.test_handover import INSPECTOR, code_of, owners, registered

OPENED = datetime(2027, 3, 22, 9, tzinfo=LONDON)


@pytest.fixture
def play() -> Play:
    made = Play(OPENED, RiskGrade.HIGH)
    made.allocate()
    return made


def declare(play: Play, officer: str = DALO) -> DeclareConflict:
    return DeclareConflict(at=play.now, officer_id=officer, reason="RELATIVE_OF_SUSPECT")


def test_the_owners_conflict_puts_everything_on_the_supervisor_who_hands_it_on(play: Play) -> None:
    play.do(declare(play))
    assert DALO not in owners(play)
    assert play.state.dalo_id == SERGEANT
    task = next(t for t in play.state.tasks.values() if t.kind == "CONFLICT_REASSIGN")
    assert (task.owner, task.command) == (SERGEANT, f"dalo do {play.state.case_ref} hand-over")
    conflict = registered(play)["conflict"]
    assert isinstance(conflict, dict)
    assert conflict["officer_id"] == DALO
    back = HandOver(at=play.now, dalo_id=DALO, reason="R")
    assert code_of(play, back, SERGEANT, Role.SUPERVISOR) == "CONFLICT_OF_INTEREST"
    play.supervise(HandOver(at=play.now, dalo_id=OTHER_DALO, reason="R"))
    assert not any(t.kind == "CONFLICT_REASSIGN" for t in play.state.tasks.values())


def test_the_supervisors_conflict_asks_the_inspector_for_another(play: Play) -> None:
    play.do(declare(play, SERGEANT), SERGEANT, Role.SUPERVISOR)
    assert play.state.supervisor_id == "INSPECTOR@Medway"
    assert SERGEANT not in owners(play)
    play.do(
        NameSupervisor(at=play.now, supervisor_id="PS 4002", reason="R"),
        INSPECTOR,
        Role.INSPECTOR,
    )
    assert not any(t.kind == "CONFLICT_REASSIGN" for t in play.state.tasks.values())


def test_a_receiver_in_conflict_is_no_receiver(play: Play) -> None:
    play.supervise(HandOver(at=play.now, dalo_id=OTHER_DALO, reason="R"))
    play.do(declare(play, OTHER_DALO), OTHER_DALO)
    assert play.state.handover.pending is None
    assert play.state.dalo_id == SERGEANT
    assert code_of(play, AcceptHandover(at=play.now), OTHER_DALO, Role.DALO) == "NO_HANDOVER"


def test_refusals_of_a_conflict(play: Play) -> None:
    assert code_of(play, declare(play), OTHER_DALO, Role.DALO) == "NOT_YOUR_CASE"
    lift = LiftConflict(at=play.now, officer_id=DALO, reason="R")
    assert code_of(play, lift, SERGEANT, Role.SUPERVISOR) == "INSPECTOR_ONLY"
    assert code_of(play, lift, INSPECTOR, Role.INSPECTOR) == "NO_CONFLICT"
    play.do(declare(play))
    assert code_of(play, declare(play), DALO, Role.DALO) == "ALREADY_DECLARED"
    play.do(lift, INSPECTOR, Role.INSPECTOR)
    assert play.state.handover.conflicts == []
    assert registered(play)["lifted"] == DALO


def test_a_record_is_restricted_and_opened_by_an_inspector_once(play: Play) -> None:
    shut, free = RestrictCase(at=play.now, reason="R"), UnrestrictCase(at=play.now, reason="R")
    assert code_of(play, shut, SERGEANT, Role.SUPERVISOR) == "INSPECTOR_ONLY"
    assert code_of(play, free, INSPECTOR, Role.INSPECTOR) == "NOT_RESTRICTED"
    play.do(shut, INSPECTOR, Role.INSPECTOR)
    assert registered(play)["restricted"] is True
    assert code_of(play, shut, INSPECTOR, Role.INSPECTOR) == "ALREADY_RESTRICTED"
    play.do(free, INSPECTOR, Role.INSPECTOR)
    assert registered(play)["restricted"] is False
