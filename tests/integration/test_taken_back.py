"""A referral that is taken back, or decided, while a meeting is putting it on its list; disruptions
that are asked about one by one; tasks that pass to the first officer."""

from __future__ import annotations

from models.commands import AnswerRetaliationCheck, PlanDisruption, WithdrawReferral
from models.enums import ClockType, ReferralPathway, RetaliationRisk, RiskGrade, Role
from models.enums import ReferralState as S
from models.events import EffectKind
from models.messages import (
    ListRequest,
    OfficerChanged,
    OwnerChanged,
    ReferralChanged,
    RetaliationAnswer,
    TransferredOut,
    Waitlisted,
    Withdrawn,
)
from tests.models.conftest import at
from tests.models.play import DALO, SERGEANT
from tests.models.play import Play as Case
from tests.models.play_marac import MEETING, accepted, listed
from tests.models.play_meeting import Play as Meeting
from tests.models.play_referral import Play


def withdrawn(play: Play) -> list[Withdrawn]:
    tells = play.effects(EffectKind.TELL, "meeting/")
    return [Withdrawn.model_validate(each.payload) for each in tells]


def test_a_referral_taken_back_before_it_was_listed_leaves_the_list_it_is_put_on() -> None:
    play = accepted()
    (asked,) = play.effects(EffectKind.LIST)
    assert ListRequest.model_validate(asked.payload).referral_ref == play.state.referral_ref
    play.do(WithdrawReferral(at=play.now, reason="MADE_IN_ERROR"))
    assert play.state.closed
    assert withdrawn(play) == []
    listed(play)
    (told,) = withdrawn(play)
    assert (told.referral_ref, told.reason) == (play.state.referral_ref, "MADE_IN_ERROR")
    assert play.stands() is S.WITHDRAWN_IN_ERROR
    listed(play)
    assert len(withdrawn(play)) == 1


def test_a_nomination_decided_before_the_meeting_leaves_its_list_whenever_it_comes_on_it() -> None:
    now = at("2027-07-01 09:00")
    for on_list in (True, False):
        play = Play(ReferralPathway.MATAC, now, asked_by="MC 2")
        assert play.stands() is S.NOMINATED
        if on_list:
            listed(play, "meeting/MATAC/Medway/2027-07-05/1")
        play.move(S.SELECTED)
        if not on_list:
            listed(play, "meeting/MATAC/Medway/2027-07-05/1")
        assert len(withdrawn(play)) == 1
        assert play.stands() is S.SELECTED


def test_a_referral_still_wanted_keeps_its_place() -> None:
    play = accepted()
    listed(play)
    assert play.stands() is S.LISTED
    assert withdrawn(play) == []
    assert play.state.meeting == MEETING


def test_two_disruptions_are_answered_one_by_one() -> None:
    play = Play(ReferralPathway.MATAC, at("2027-07-01 09:00"), asked_by="MC 2")
    play.move(S.SELECTED)
    coordinator = Role.MATAC_COORDINATOR
    plan = PlanDisruption(at=play.now, action="TRAFFIC_STOP", asked_of={})
    (first,) = play.do(plan, coordinator)
    (second,) = play.do(plan.model_copy(update={"action": "HOME_VISIT"}), coordinator)
    asked = [told for told in play.told() if told.codes == ("RETALIATION_CHECK",)]
    assert [told.disruption_id for told in asked] == [first, second]
    answer = RetaliationAnswer(
        message_id="a1",
        referral_ref=play.state.referral_ref,
        case_ref=play.state.case_ref,
        safe=True,
        at=play.now,
        disruption_id=first,
    )
    play.tell(answer)
    assert play.state.disruptions[first].safe == (play.state.case_ref,)
    assert play.state.disruptions[second].waiting == (play.state.case_ref,)


def asked_about(case: Case, disruption: str) -> None:
    ref = "MATAC-2027-00004"
    case.tell(
        ReferralChanged(
            message_id=f"{ref}/{disruption}",
            referral_ref=ref,
            pathway=ReferralPathway.MATAC,
            perpetrator_ref="PER-0001",
            state=S.ACTIVE,
            at=case.now,
            codes=("RETALIATION_CHECK",),
            disruption_id=disruption,
        )
    )


def test_the_case_asks_of_each_disruption_and_one_answer_may_be_for_all() -> None:
    case = Case(at("2027-05-10 09:00"))
    case.allocate()
    for each in ("DIS-001", "DIS-002", "DIS-003"):
        asked_about(case, each)
    answer = AnswerRetaliationCheck(
        at=case.now, referral="MATAC-2027-00004/DIS-001", answer=RetaliationRisk.SAFE
    )
    case.do(answer)
    assert told_of(case) == ["DIS-001"]
    case.do(answer.model_copy(update={"referral": "MATAC-2027-00004"}))
    assert told_of(case) == ["DIS-001", "DIS-002", "DIS-003"]
    assert not [task for task in case.state.tasks.values() if task.kind == "RETALIATION_CHECK"]


def told_of(case: Case) -> list[str]:
    answers = (e.payload for e in case.state.effects if e.payload.get("kind") == answer_kind())
    return [RetaliationAnswer.model_validate(each).disruption_id for each in answers]


def answer_kind() -> str:
    kind: str = RetaliationAnswer.model_fields["kind"].default
    return kind


def test_what_the_supervisor_had_in_place_of_an_officer_passes_to_the_first_one() -> None:
    case = Case(at("2027-05-10 09:00"), RiskGrade.HIGH)
    case.tell(Waitlisted(message_id="w", supervisor_id=SERGEANT, at=case.now))
    deciding = {t.subject: t.owner for t in case.state.tasks.values() if t.kind == "DECIDE"}
    assert deciding
    assert set(deciding.values()) == {SERGEANT}
    case.allocate()
    after = [t for t in case.state.tasks.values() if t.kind == "DECIDE"]
    assert {t.subject: t.owner for t in after} == dict.fromkeys(deciding, DALO)
    raised = [e for e in case.events("task:raised") if e.data["task"]["kind"] == "DECIDE"]
    assert [e.data["task"]["owner"] for e in raised[-len(after) :]] == [DALO] * len(after)


def test_a_new_officer_has_the_actions_that_the_meeting_gave_the_one_before() -> None:
    play = Meeting()
    ref = play.ask(1)
    before = play.state.agenda[ref].dalo_id
    play.hold()
    mine = play.add(ref, owner=before)
    theirs = play.add(ref, owner="IDVA-1")
    play.hear(ref)
    play.issue()
    assert play.clock(ClockType.MARAC_ACTION, mine).owner == before
    play.tell(
        OfficerChanged(message_id="o", referral_ref=ref, old=before, new="PC 5002", at=play.now)
    )
    assert play.clock(ClockType.MARAC_ACTION, mine).owner == "PC 5002"
    assert play.clock(ClockType.MARAC_ACTION, theirs).owner == "IDVA-1"
    owners = {t.subject: t.owner for t in play.state.tasks.values() if t.kind == "MEETING_ACTION"}
    assert owners == {mine: "PC 5002", theirs: "IDVA-1"}
    assert play.state.agenda[ref].dalo_id == "PC 5002"


def test_another_area_s_actions_are_chased_here_no_longer() -> None:
    play = Meeting()
    ref, other = play.ask(1), play.ask(2)
    play.hold()
    gone, stays = play.add(ref), play.add(other)
    play.hear(ref)
    play.hear(other)
    play.issue()
    play.tell(TransferredOut(message_id="t", referral_ref=ref, to_area="Swale", at=play.now))
    assert list(play.state.actions) == [stays]
    (ended,) = play.events("action:ended")
    assert (ended.data["action_id"], ended.data["reason"]) == (gone, "TRANSFERRED_OUT")
    assert {task.subject for task in play.state.tasks.values()} & {gone} == set()


def test_a_referral_tells_its_meeting_of_its_new_officer() -> None:
    play = accepted()
    listed(play)
    before = play.state.lead
    play.tell(OwnerChanged(message_id="o", dalo_id="PC 5002", supervisor_id=SERGEANT))
    play.tell(OwnerChanged(message_id="o2", dalo_id="PC 5002", supervisor_id=SERGEANT))
    tells = [e.payload for e in play.effects(EffectKind.TELL, MEETING)]
    (told,) = [each for each in tells if each["kind"] == "officer-changed"]
    assert (told["old"], told["new"]) == (before, "PC 5002")
