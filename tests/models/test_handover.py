"""A case changes hands: handover, cover, transfer; nothing is left without a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.base import Refused
from models.case.wish_facts import Sending
from models.commands import (
    AcceptHandover,
    AcceptTransfer,
    AddNeedAction,
    CaseCommand,
    CompleteNeedAction,
    HandOver,
    NameSupervisor,
    NeedActionEntry,
    OfferTransfer,
    Reassign,
    RecordAttempt,
    RecordCover,
    RecordDisclosureRequest,
    RecordThreatToLife,
    RefuseTransfer,
)
from models.enums import (
    CaseState,
    Channel,
    ClockType,
    ContactResult,
    DisclosureBasis,
    NeedDomain,
    RiskGrade,
    Role,
)
from models.events import EffectKind
from models.instants import LONDON
from models.stream import open_clock
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play

OPENED = datetime(2027, 3, 22, 9, tzinfo=LONDON)
AWAY_SERGEANT = "PS 4002"
INSPECTOR = "DI 3001"


@pytest.fixture
def play() -> Play:
    made = Play(OPENED, RiskGrade.HIGH)
    made.allocate()
    entry = NeedActionEntry(
        domain=NeedDomain.SAFETY, action="LOCKS", owner=DALO, due_at=OPENED + timedelta(days=9)
    )
    made.do(AddNeedAction(at=made.now, action=entry))
    return made


def hand_over(play: Play, to: str = OTHER_DALO) -> None:
    play.supervise(HandOver(at=play.now, dalo_id=to, reason="ROTATION"))


def owners(play: Play) -> set[str]:
    state = play.state
    return {c.owner for c in state.clocks.values()} | {t.owner for t in state.tasks.values()}


def code_of(play: Play, command: CaseCommand, actor: str, role: Role) -> str:
    before = play.state.model_dump_json()
    with pytest.raises(Refused) as refused:
        play.do(command, actor, role)
    assert play.state.model_dump_json() == before
    assert refused.value.remedy
    return refused.value.code


def registered(play: Play) -> dict[str, object]:
    merged: dict[str, object] = {}
    for effect in play.state.effects:
        if effect.kind is EffectKind.REGISTER:
            merged |= effect.payload
    return merged


def test_every_obligation_is_the_receivers_before_the_old_officer_is_released(play: Play) -> None:
    hand_over(play)
    mine = [c for c in play.state.clocks.values() if c.owner == DALO]
    assert mine == []
    assert {a.owner for a in play.state.actions.values()} == {OTHER_DALO}
    kept = [t for t in play.state.tasks.values() if t.owner == DALO]
    assert [t.kind for t in kept] == ["HANDOVER_OPEN"]
    (begun,) = play.events("handover:begun")
    assert begun.data["actions"] == ["ACT-001"]
    assert begun.data["clocks"]
    assert registered(play) | {"dalo_id": OTHER_DALO, "outgoing_dalo_id": DALO} == registered(play)


def test_the_old_officer_can_act_until_it_is_accepted_and_not_after(play: Play) -> None:
    hand_over(play)
    attempt = RecordAttempt(
        at=play.now, channel=Channel.CALL, result=ContactResult.NO_ANSWER, route="m"
    )
    play.do(attempt)
    play.do(AcceptHandover(at=play.now), OTHER_DALO)
    assert code_of(play, attempt, DALO, Role.DALO) == "NOT_YOUR_CASE"
    assert DALO not in owners(play)
    assert open_clock(play.state, ClockType.HANDOVER) is None
    assert registered(play)["outgoing_dalo_id"] is None


def test_a_handover_that_nobody_accepts_reaches_the_supervisor_after_one_working_day(
    play: Play,
) -> None:
    hand_over(play)
    clock = open_clock(play.state, ClockType.HANDOVER)
    assert clock is not None
    assert clock.due_at == datetime(2027, 3, 23, 23, 59, 59, tzinfo=LONDON)
    play.until(clock.due_at)
    assert any(
        t.kind == "BREACH" and t.owner == SERGEANT and t.subject == clock.clock_id
        for t in play.state.tasks.values()
    )


def test_refusals_of_a_handover(play: Play) -> None:
    over = HandOver(at=play.now, dalo_id=OTHER_DALO, reason="R")
    assert code_of(play, over, DALO, Role.DALO) == "SUPERVISOR_ONLY"
    same = over.model_copy(update={"dalo_id": DALO})
    assert code_of(play, same, SERGEANT, Role.SUPERVISOR) == "SAME_OFFICER"
    again = Reassign(at=play.now, dalo_id=DALO, reason="R")
    assert code_of(play, again, SERGEANT, Role.SUPERVISOR) == "SAME_OFFICER"
    late = over.model_copy(update={"at": play.now + timedelta(hours=1)})
    assert code_of(play, late, SERGEANT, Role.SUPERVISOR) == "IN_FUTURE"
    early = over.model_copy(update={"at": OPENED - timedelta(hours=1)})
    assert code_of(play, early, SERGEANT, Role.SUPERVISOR) == "BEFORE_CASE"
    assert code_of(play, AcceptHandover(at=play.now), OTHER_DALO, Role.DALO) == "NO_HANDOVER"
    hand_over(play)
    assert code_of(play, AcceptHandover(at=play.now), DALO, Role.DALO) == "NOT_THE_RECEIVER"
    waiting = Play(OPENED)
    waiting.wait()
    for command in (over, again, offer(waiting)):
        assert code_of(waiting, command, SERGEANT, Role.SUPERVISOR) == "NOT_ALLOCATED"


def test_handed_on_before_it_was_accepted_the_first_officer_stays_answerable(play: Play) -> None:
    hand_over(play)
    hand_over(play, "PC 5003")
    pending = play.state.handover.pending
    assert pending is not None
    assert (pending.old, pending.new) == (DALO, "PC 5003")
    assert OTHER_DALO not in owners(play)


def test_a_reassignment_is_immediate_and_ends_what_waited(play: Play) -> None:
    hand_over(play)
    play.supervise(Reassign(at=play.now, dalo_id="PC 5003", reason="R"))
    assert play.state.handover.pending is None
    assert owners(play) <= {"PC 5003", SERGEANT, ""}


def test_another_supervisor_gets_what_waited_for_the_first(play: Play) -> None:
    name = NameSupervisor(at=play.now, supervisor_id=AWAY_SERGEANT, reason="R")
    assert code_of(play, name, SERGEANT, Role.SUPERVISOR) == "INSPECTOR_ONLY"
    play.do(name, INSPECTOR, Role.INSPECTOR)
    assert SERGEANT not in owners(play)
    assert play.state.supervisor_id == AWAY_SERGEANT
    assert code_of(play, name, INSPECTOR, Role.INSPECTOR) == "SAME_OFFICER"


# --- cover ---------------------------------------------------------------------------------------


def cover(play: Play, who: str = OTHER_DALO, days: int = 7) -> RecordCover:
    return RecordCover(
        at=play.now,
        officer_id=DALO,
        cover_id=who,
        away_from=play.now,
        away_until=play.now + timedelta(days=days),
        reason="LEAVE",
    )


def test_a_cover_lasts_as_long_as_the_absence(play: Play) -> None:
    play.supervise(cover(play))
    assert len(play.events("handover:cover:recorded")) == 1
    play.until(play.now + timedelta(days=9))
    assert play.state.handover.cover is None
    assert len(play.events("handover:cover:ended")) == 1


def test_where_no_officer_covers_the_supervisor_is_asked_to_hand_it_over(play: Play) -> None:
    play.supervise(cover(play, SERGEANT))
    tasks = [t for t in play.state.tasks.values() if t.kind == "COVER_NEEDED"]
    assert [(t.owner, t.command) for t in tasks] == [
        (SERGEANT, f"dalo do {play.state.case_ref} hand-over")
    ]
    hand_over(play)
    assert not any(t.kind == "COVER_NEEDED" for t in play.state.tasks.values())


def test_refusals_of_a_cover(play: Play) -> None:
    sergeant = (SERGEANT, Role.SUPERVISOR)
    assert code_of(play, cover(play), DALO, Role.DALO) == "SUPERVISOR_ONLY"
    assert code_of(play, cover(play, days=-1), *sergeant) == "NO_ABSENCE"
    assert code_of(play, cover(play, DALO), *sergeant) == "SAME_OFFICER"
    other = cover(play).model_copy(update={"officer_id": OTHER_DALO})
    assert code_of(play, other, *sergeant) == "NOT_THE_OWNER"


# --- transfer ------------------------------------------------------------------------------------


def offer(play: Play, **changes: object) -> OfferTransfer:
    given = {"at": play.now, "to_area": "Swale", "reason": "MOVED_HOME", "victim_informed": True}
    return OfferTransfer.model_validate({**given, **changes})


def test_an_offered_case_stays_where_it_is_until_the_other_area_has_accepted(play: Play) -> None:
    play.supervise(offer(play))
    assert (play.state.dalo_id, play.state.district) == (DALO, "Medway")
    task = next(t for t in play.state.tasks.values() if t.kind == "ACCEPT_TRANSFER")
    assert task.owner == "SUPERVISOR@Swale"
    accept = AcceptTransfer(at=play.now, dalo_id=OTHER_DALO)
    assert code_of(play, accept, SERGEANT, Role.SUPERVISOR) == "FOUR_EYES"
    play.do(accept, AWAY_SERGEANT, Role.SUPERVISOR)
    state = play.state
    assert (state.dalo_id, state.supervisor_id) == (OTHER_DALO, AWAY_SERGEANT)
    assert (state.district, state.pilot_area, state.state) == (
        "Swale",
        "Swale",
        CaseState.ALLOCATED,
    )
    assert owners(play) <= {OTHER_DALO, AWAY_SERGEANT}
    found = registered(play)
    assert (found["area"], found["offered_area"]) == ("Swale", None)
    free = [e.target for e in state.effects if e.kind is EffectKind.FREE_PLACE]
    assert free == ["Medway"]


def test_a_refused_transfer_changes_nothing(play: Play) -> None:
    play.supervise(offer(play))
    before = owners(play) - {"SUPERVISOR@Swale"}
    play.do(RefuseTransfer(at=play.now, reason="NO_ROOM"), AWAY_SERGEANT, Role.SUPERVISOR)
    assert owners(play) == before
    assert play.state.handover.transfer is None
    assert open_clock(play.state, ClockType.TRANSFER_ACCEPT) is None


def test_another_force_has_the_case_once_it_says_so(play: Play) -> None:
    out = offer(play, to_area="Essex Police", out_of_force=True)
    assert code_of(play, out, SERGEANT, Role.SUPERVISOR) == "BASIS_NEEDED"
    play.supervise(offer(play, to_area="Essex Police", out_of_force=True, basis="CDA1998_S115"))
    accept = AcceptTransfer(at=play.now)
    assert code_of(play, accept, AWAY_SERGEANT, Role.SUPERVISOR) == "RECEIPT_NEEDED"
    taken = AcceptTransfer(at=play.now, receipt="ESX_1_27")
    assert code_of(play, taken, SERGEANT, Role.SUPERVISOR) == "FOUR_EYES"
    assert code_of(play, taken, AWAY_SERGEANT, Role.SUPERVISOR) == "CLOSURE_BLOCKED"
    play.do(CompleteNeedAction(at=play.now, action_id="ACT-001", outcome="DONE"))
    play.supervise(taken, AWAY_SERGEANT)
    assert play.state.closing is not None
    assert play.state.closing.command.reason == "TRANSFERRED"
    assert play.state.live
    assert play.events("transfer:offered")[-1].data["basis"] == DisclosureBasis.CDA1998_S115


def test_a_case_leaves_the_force_only_once_nothing_is_left(play: Play) -> None:
    play.supervise(offer(play, to_area="Essex Police", out_of_force=True, basis="CDA1998_S115"))
    threat = RecordThreatToLife(
        at=play.now, warned="VIC-0001", warned_by=DALO, authorised_by=SERGEANT, note_ref="n"
    )
    play.do(threat)
    play.do(RecordDisclosureRequest(at=play.now, request_ref="CPIA-1", asked_by="CPS"))
    sending = Sending(message_id="M", channel=Channel.SMS, route="m", asked_at=play.now)
    play.state.asked.sending = sending
    taken = AcceptTransfer(at=play.now, receipt="ESX_1_27")
    with pytest.raises(Refused) as refused:
        play.supervise(taken, AWAY_SERGEANT)
    assert refused.value.code == "CLOSURE_BLOCKED"
    for left in ("TTL-001", "HOLD-001", "CPIA-1", "on its way"):
        assert left in refused.value.message
    over = taken.model_copy(update={"override_reason": "ESSEX_HAS_IT"})
    assert code_of(play, over, AWAY_SERGEANT, Role.SUPERVISOR) == "INSPECTOR_ONLY"
    play.do(over, INSPECTOR, Role.INSPECTOR)
    (agreed,) = play.events("case:closure:agreed")
    assert agreed.data["asked_by"] == SERGEANT
    assert len(agreed.data["overridden"]) == 5
    assert play.state.closing is not None


def test_refusals_of_a_transfer(play: Play) -> None:
    sergeant = (SERGEANT, Role.SUPERVISOR)
    assert code_of(play, offer(play), DALO, Role.DALO) == "SUPERVISOR_ONLY"
    assert code_of(play, offer(play, to_area="medway"), *sergeant) == "SAME_AREA"
    silent = offer(play, victim_informed=False)
    assert code_of(play, silent, *sergeant) == "VICTIM_NOT_INFORMED"
    assert code_of(play, RefuseTransfer(at=play.now, reason="R"), *sergeant) == "NO_TRANSFER"
    assert code_of(play, AcceptTransfer(at=play.now), *sergeant) == "NO_TRANSFER"
    play.supervise(offer(play))
    assert code_of(play, offer(play, to_area="Dover"), *sergeant) == "TRANSFER_WAITS"
    nobody = AcceptTransfer(at=play.now)
    assert code_of(play, nobody, AWAY_SERGEANT, Role.SUPERVISOR) == "DALO_NEEDED"
