"""Conflict of interest and restricted records, as the case decides them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.commands import (
    AcceptHandover,
    AddNeedAction,
    DeclareConflict,
    HandOver,
    LiftConflict,
    NameSupervisor,
    NeedActionEntry,
    PlaceLegalHold,
    Reassign,
    RecordCover,
    RestrictCase,
    ReviewCase,
    UnrestrictCase,
)
from models.enums import NeedDomain, RiskGrade, Role
from models.instants import LONDON
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play
from tests.models.test_handover import INSPECTOR, code_of, owners, registered

DAY = timedelta(days=1)
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


def test_a_case_is_reassigned_to_nobody_in_conflict(play: Play) -> None:
    play.do(declare(play, OTHER_DALO), SERGEANT, Role.SUPERVISOR)
    to_them = Reassign(at=play.now, dalo_id=OTHER_DALO, reason="R")
    assert code_of(play, to_them, SERGEANT, Role.SUPERVISOR) == "CONFLICT_OF_INTEREST"
    assert play.state.dalo_id == DALO


def test_an_allocation_that_crosses_a_conflict_leaves_nothing_with_the_officer() -> None:
    waiting = Play(OPENED, RiskGrade.HIGH)
    waiting.wait()
    waiting.do(declare(waiting), SERGEANT, Role.SUPERVISOR)
    waiting.allocate()
    assert waiting.state.dalo_id == SERGEANT
    assert DALO not in owners(waiting)
    assert any(t.kind == "CONFLICT_REASSIGN" for t in waiting.state.tasks.values())


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


def test_all_that_a_related_partner_had_to_do_is_the_supervisors(play: Play) -> None:
    entry = NeedActionEntry(
        domain=NeedDomain.SAFETY, action="LOCKS", owner="IDVA-1", due_at=play.now + DAY
    )
    play.do(AddNeedAction(at=play.now, action=entry))
    play.do(declare(play, "IDVA-1"))
    assert "IDVA-1" not in owners(play)
    assert play.state.actions["ACT-001"].owner == SERGEANT


def test_a_restriction_leaves_nothing_with_people_whom_it_locks_out(play: Play) -> None:
    entry = NeedActionEntry(
        domain=NeedDomain.SAFETY, action="LOCKS", owner="IDVA-1", due_at=play.now + DAY
    )
    play.do(AddNeedAction(at=play.now, action=entry))
    hold = PlaceLegalHold(at=play.now, reason="CIVIL_CLAIM")
    play.do(hold, INSPECTOR, Role.INSPECTOR)
    cover = RecordCover(
        at=play.now,
        officer_id=DALO,
        cover_id=OTHER_DALO,
        away_from=play.now,
        away_until=play.now + DAY,
        reason="LEAVE",
    )
    play.supervise(cover)
    play.do(RestrictCase(at=play.now, reason="R"), INSPECTOR, Role.INSPECTOR)
    assert owners(play) == {DALO, SERGEANT, "INSPECTOR@Medway"}
    assert play.state.actions["ACT-001"].owner == SERGEANT
    kinds = {task.kind: task for task in play.state.tasks.values()}
    assert kinds["COVER_NEEDED"].owner == SERGEANT
    locked_out = kinds["LOCKED_OUT_OWNERS"]
    assert (locked_out.owner, locked_out.due_at) == (SERGEANT, play.now)
    play.supervise(ReviewCase(at=play.now))
    assert not any(t.kind == "LOCKED_OUT_OWNERS" for t in play.state.tasks.values())


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
