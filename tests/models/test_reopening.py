"""A case that an inspector closed although something was open, reopened: nothing is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework import reopening
from models.base import Refused
from models.case import closure
from models.case.handover.state import MergeTarget
from models.case.reopening import reopen
from models.case.state import CaseFacts
from models.case.wish_facts import Sending
from models.clocks import Clock
from models.commands import (
    AddNeedAction,
    ApproveCadence,
    AskClosure,
    CloseCase,
    NeedActionEntry,
    PlaceLegalHold,
    RecordDisclosureRequest,
    RecordThreatToLife,
    ReopenCase,
    SelectVisit,
    SetCadence,
)
from models.enums import (
    CadencePlan,
    CaseState,
    Channel,
    ClockType,
    ClosureReason,
    ContactResult,
    NeedDomain,
    RiskGrade,
    Role,
    SuspectStatus,
    VisitRule,
)
from models.events import EffectKind
from models.messages import SuspectChanged
from models.stream import Task, open_clock
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play
from tests.models.test_case_contact import call
from tests.models.test_essentials import OPENED, a_case, inspect, report
from tests.models.wished import no_contact

DAY = timedelta(days=1)


@pytest.fixture
def play() -> Play:
    return a_case()


def reopened(play: Play, after: timedelta = DAY, dalo_id: str = "") -> None:
    """Close over whatever is open, as an inspector may; reopen what was kept of it."""
    asked = {"at": play.now, "reason": ClosureReason.RISK_REDUCED, "victim_told": True}
    play.supervise(AskClosure.model_validate(asked))
    close = CloseCase.model_validate({**asked, "override_reason": "PILOT_ENDS"})
    inspect(play, close)
    request = closure.request(play.state, play.context())
    closure.confirmed(play.state, play.context(), request.event)
    kept = CaseFacts.model_validate(request.final_state)
    kept.next_seq = play.state.next_seq
    play.now += after
    play.state = kept
    ctx = play.context(SERGEANT, Role.SUPERVISOR.value)
    reopen(play.state, ctx, ReopenCase(at=play.now, reason="NEW_FACTS", dalo_id=dalo_id))
    play.settle()


def test_what_a_case_is_told_while_it_closes_is_told_again(play: Play) -> None:
    asked = {"at": play.now, "reason": ClosureReason.RISK_REDUCED, "victim_told": True}
    play.supervise(AskClosure.model_validate(asked))
    inspect(play, CloseCase.model_validate({**asked, "override_reason": "PILOT_ENDS"}))
    free = SuspectChanged(
        message_id="s1",
        incident_ref="46/1/27",
        perpetrator_ref="PER-0001",
        status=SuspectStatus.RELEASED,
        at=play.now,
        freed=True,
    )
    for closed in (False, True):
        before = play.state.next_seq
        play.tell(free)
        again = play.state.effects[-1]
        assert (again.kind, again.target) == (EffectKind.TELL, play.state.stream)
        assert SuspectChanged.model_validate(again.payload) == free
        assert play.state.next_seq == before
        if not closed:
            event = closure.request(play.state, play.context()).event
            closure.confirmed(play.state, play.context(), event)
            play.now += timedelta(seconds=1)


def task(play: Play, kind: str) -> Task:
    (found,) = [t for t in play.state.tasks.values() if t.kind == kind]
    return found


def clock(play: Play, clock_type: ClockType, subject: str = "") -> Clock:
    found = open_clock(play.state, clock_type, subject)
    assert found is not None
    return found


def test_threats_holds_and_disclosures_are_reviewed_again(play: Play) -> None:
    play.do(
        RecordThreatToLife(
            at=play.now,
            warned="VIC-0001",
            warned_by=DALO,
            authorised_by=SERGEANT,
            note_ref="n",
        )
    )
    inspect(play, PlaceLegalHold(at=play.now, reason="CIVIL_CLAIM"))
    play.do(RecordDisclosureRequest(at=play.now, request_ref="CPIA-1", asked_by="CPS"))
    due = task(play, "DISCLOSURE").due_at
    report(play, "46/2/27", counter_allegation=("46/9/27",))
    reopened(play)
    for kind, clock_type in (
        ("THREAT_TO_LIFE", ClockType.THREAT_TO_LIFE_REVIEW),
        ("PRIMARY_AGGRESSOR_REVIEW", ClockType.PRIMARY_AGGRESSOR_REVIEW),
    ):
        review = clock(play, clock_type)
        assert (review.owner, review.due_at) == (SERGEANT, play.now + DAY)
        assert task(play, kind).due_at == review.due_at
    for hold_id in ("HOLD-001", "HOLD-002"):
        assert clock(play, ClockType.LEGAL_HOLD_REVIEW, hold_id).owner == "INSPECTOR@Medway"
    assert (task(play, "DISCLOSURE").due_at, task(play, "DISCLOSURE").owner) == (due, DALO)
    before = play.state.next_seq
    play.settle()
    assert play.state.next_seq == before


def test_a_message_that_was_on_its_way_is_a_persons_task(play: Play) -> None:
    sending = Sending(message_id="MSG", channel=Channel.SMS, route="m", asked_at=play.now)
    play.state.asked = play.state.asked.model_copy(update={"sending": sending})
    reopened(play)
    assert play.state.asked.sending is None
    assert task(play, "VICTIM_MESSAGE").owner == DALO
    assert play.events("contact:message:ended")[0].data["outcome"] == "UNKNOWN"


def no_contact_until(play: Play, days: int) -> None:
    """The victim was reached, wants no contact, and agreed a day to be asked again."""
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    again = (play.now + timedelta(days=days)).date()
    wish = no_contact(play.now).model_copy(update={"no_recontact": False, "recontact_on": again})
    play.do(wish)
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="VERIFIED"))


def test_a_victim_who_asked_for_no_contact_is_asked_again_on_the_agreed_day(play: Play) -> None:
    no_contact_until(play, 20)
    again = clock(play, ClockType.RECONTACT)
    review = clock(play, ClockType.CADENCE_SIGNOFF_REVIEW)
    reopened(play)
    assert play.state.state is CaseState.DORMANT_MONITORED
    assert clock(play, ClockType.RECONTACT).due_at == again.due_at
    assert clock(play, ClockType.CADENCE_SIGNOFF_REVIEW).due_at == review.due_at
    play.until(again.due_at)
    assert play.state.asked.approach == "ALLOWED"
    assert task(play, "RECONTACT").owner == DALO


def test_after_the_one_approach_wishes_are_still_to_be_renewed(play: Play) -> None:
    no_contact_until(play, 20)
    play.until(play.now + timedelta(days=2))
    report(play, "46/2/27")
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    asked = task(play, "RENEW_WISHES")
    reopened(play)
    assert play.state.contact_held
    assert task(play, "RENEW_WISHES").due_at == asked.due_at
    assert task(play, "APPROACH_MADE").owner == SERGEANT


def test_contact_owed_because_of_an_event_is_due_when_it_was(play: Play) -> None:
    report(play, "46/2/27")
    event = clock(play, ClockType.CONTACT_AT_EVENT, "46/2/27:REPORTED")
    reopened(play)
    again = clock(play, ClockType.CONTACT_AT_EVENT, "46/2/27:REPORTED")
    assert (again.due_at, again.owner) == (event.due_at, DALO)
    assert task(play, "CONTACT_AT_EVENT").owner == DALO


def test_less_contact_that_waited_for_a_signature_still_waits(play: Play) -> None:
    wish = SetCadence(at=play.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True)
    play.do(wish)
    reopened(play)
    assert task(play, "APPROVE_CADENCE").owner == SERGEANT
    play.supervise(ApproveCadence(at=play.now, approve=True, reason="R"))
    assert play.state.cadence_plan is CadencePlan.CONTACT_ON_EVENT


def test_what_was_agreed_or_decided_goes_on_with_the_new_officer(play: Play) -> None:
    entry = NeedActionEntry(
        domain=NeedDomain.SAFETY, action="LOCKS", owner=DALO, due_at=play.now + 9 * DAY
    )
    play.do(AddNeedAction(at=play.now, action=entry))
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,)))
    authorise = clock(play, ClockType.HHV_AUTHORISE)
    reopened(play, dalo_id=OTHER_DALO)
    action = clock(play, ClockType.NEED_ACTION, "ACT-001")
    assert (action.owner, action.due_at) == (OTHER_DALO, entry.due_at)
    assert clock(play, ClockType.HHV_AUTHORISE).due_at == authorise.due_at
    assert task(play, "AUTHORISE_VISIT").owner == SERGEANT
    assert DALO not in {t.owner for t in play.state.tasks.values()}


def test_a_case_that_was_closed_while_it_waited_owes_contact_to_its_officer() -> None:
    play = Play(OPENED, RiskGrade.MEDIUM)
    play.wait()
    reopened(play, dalo_id=DALO)
    assert play.state.state is CaseState.ALLOCATED
    assert play.state.contact_owed
    assert open_clock(play.state, ClockType.CONTACT_CADENCE) is not None


def test_a_case_that_was_closed_while_it_waited_waits_again() -> None:
    play = Play(OPENED, RiskGrade.MEDIUM)
    play.wait()
    reopened(play)
    assert clock(play, ClockType.WAITLIST_REVIEW).owner == SERGEANT
    assert clock(play, ClockType.CASE_REVIEW).owner == SERGEANT


@pytest.mark.parametrize(
    ("reason", "at", "code"),
    [
        (ClosureReason.DIED, DAY, "NOT_REOPENABLE"),
        (ClosureReason.RISK_REDUCED, 3 * DAY, "IN_FUTURE"),
        (ClosureReason.RISK_REDUCED, -DAY, "BEFORE_CASE"),
    ],
)
def test_what_cannot_be_reopened_is_refused(
    play: Play, reason: ClosureReason, at: timedelta, code: str
) -> None:
    closed = play.now
    asked = {"at": closed, "reason": reason, "victim_told": True}
    play.supervise(AskClosure.model_validate(asked))
    inspect(play, CloseCase.model_validate({**asked, "override_reason": "PILOT_ENDS"}))
    with pytest.raises(Refused) as refused:
        command = ReopenCase(at=closed + at, reason="NEW_FACTS")
        reopening.check(command, closed, play.state, closed + 2 * DAY)
    assert refused.value.code == code


def test_a_case_that_was_merged_away_is_gone_on_with_in_the_other(play: Play) -> None:
    play.state.handover.merge_target = MergeTarget(
        case_ref="CASE-2027-00002",
        victim_ref="VIC-0002",
        decided_by=SERGEANT,
        role=Role.SUPERVISOR.value,
        at=play.now,
    )
    with pytest.raises(Refused) as refused:
        command = ReopenCase(at=play.now, reason="NEW_FACTS")
        reopening.check(command, play.now, play.state, play.now)
    assert refused.value.code == "MERGED_AWAY"
    assert "CASE-2027-00002" in refused.value.remedy
