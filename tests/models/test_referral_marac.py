"""Referrals to a MARAC: screened, listed, heard, and flagged for twelve months (docs/domain.md 5,
8.1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import Refused
from models.commands import (
    AmendReferral,
    WithdrawReferral,
)
from models.enums import (
    ClockType,
    ConsentStatus,
    DisclosureBasis,
    ReferralType,
    Role,
)
from models.enums import ReferralState as S
from models.events import EffectKind
from models.instants import london_date
from models.messages import (
    Listed,
    ListFrozen,
    ListRequest,
)
from tests.models.conftest import at, instants
from tests.models.play_marac import (
    COORDINATOR,
    MEETING,
    SENT,
    accepted,
    flagged,
    heard,
    listed,
    marac,
    settled,
)
from tests.models.play_referral import CASE, DALO, WHOLE_FORM


def test_from_submission_to_flag_as_the_meeting_goes_on() -> None:
    play = marac()
    # Good Friday and Easter Monday do not count.
    assert london_date(play.due(ClockType.MARAC_SCREENING)) == date(2027, 3, 30)
    play.to(at("2027-03-30 09:00")).move(S.SCREENING)
    play.move(S.ACCEPTED)
    (asked,) = play.effects(EffectKind.LIST)
    assert asked.target == "MARAC/Medway"
    request = ListRequest.model_validate(asked.payload)
    assert (request.referral_ref, request.case_ref) == (play.state.referral_ref, CASE)
    assert "MARAC_LISTING" in play.open_clocks()
    listed(play)
    assert play.ended_clocks("met") == {"MARAC_SCREENING", "MARAC_LISTING"}
    due = at("2027-04-06 23:59")
    play.tell(ListFrozen(message_id="f", meeting=MEETING, research_due_at=due, at=play.now))
    assert play.stands() is S.RESEARCH
    heard(play.to(at("2027-04-08 10:30")), actions=2)
    assert play.stands() is S.ACTIONS_OPEN
    settled(play.to(at("2027-04-12 10:00")), 1)
    assert play.stands() is S.ACTIONS_OPEN
    settled(play.to(at("2027-04-20 10:00")), 0)
    assert play.stands() is S.FLAGGED_12M
    states = [told.state for told in play.told()]
    assert states == [
        *(S.SUBMITTED, S.SCREENING, S.ACCEPTED, S.LISTED, S.RESEARCH, S.HEARD, S.ACTIONS_OPEN),
        *(S.ACTIONS_COMPLETE, S.FLAGGED_12M),
    ]
    last = play.told()[-1]
    assert (last.ended, last.heard_at) == (True, at("2027-04-08 10:30"))
    assert london_date(last.flag_until or SENT) == date(2028, 3, 25)
    assert not play.state.closed


def test_the_flag_ends_by_itself_a_year_after_the_referral() -> None:
    play = flagged()
    play.to(at("2028-03-25 23:00"))
    assert play.stands() is S.FLAGGED_12M
    play.to(at("2028-03-26 01:00"))
    assert play.stands() is S.FLAG_EXPIRED
    assert play.state.closed
    assert "MARAC_REPEAT_WINDOW" in play.ended_clocks("met")
    assert not play.open_tasks()
    assert play.told()[-1].state is S.FLAG_EXPIRED


@pytest.mark.parametrize(
    ("submitted", "anchor", "months", "last_day"),
    [
        ("2027-02-01 09:00", "REFERRAL", 12, date(2028, 1, 31)),
        ("2027-03-26 11:20", "REFERRAL", 12, date(2028, 3, 25)),
        ("2028-02-29 09:00", "REFERRAL", 12, date(2029, 2, 28)),
        ("2027-03-01 00:10", "REFERRAL", 12, date(2028, 2, 29)),
        ("2027-02-01 09:00", "REFERRAL", 6, date(2027, 7, 31)),
    ],
)
def test_the_window_is_calendar_months_beginning_with_the_day(
    submitted: str, anchor: str, months: int, last_day: date
) -> None:
    policy = {"repeat_anchor": anchor, "repeat_months": months}
    play = marac(submitted_at=at(submitted), policy=policy)
    assert play.state.flag_until is not None
    assert london_date(play.state.flag_until) == last_day


def test_where_policy_anchors_at_the_hearing_the_window_starts_there() -> None:
    play = accepted(policy={"repeat_anchor": "HEARING"})
    assert play.view().summary["flag_until"] is None
    listed(play)
    heard(play.to(at("2027-04-08 10:30")), actions=0)
    assert play.state.flag_until is not None
    assert london_date(play.state.flag_until) == date(2028, 4, 7)


@given(instants("2026-12-01 00:00", "2028-12-01 00:00"))
def test_the_flag_lasts_a_year_less_its_own_day(submitted: datetime) -> None:
    play = marac(submitted_at=submitted)
    assert play.state.flag_until is not None
    days = (london_date(play.state.flag_until) - london_date(submitted)).days
    assert days in (364, 365)


def test_a_flag_that_ends_while_actions_are_open_waits_for_them() -> None:
    play = accepted()
    listed(play)
    heard(play.to(at("2027-04-08 10:30")), actions=1)
    play.to(at("2028-03-27 09:00"))
    assert play.stands() is S.ACTIONS_OPEN
    assert "MARAC_REPEAT_WINDOW" not in play.open_clocks()
    settled(play, 0)
    assert play.stands() is S.FLAG_EXPIRED


def test_an_action_given_after_the_flag_was_set_opens_it_again() -> None:
    play = flagged()
    settled(play, 1)
    assert play.stands() is S.ACTIONS_OPEN
    settled(play, 0)
    assert play.stands() is S.FLAGGED_12M


def test_a_returned_referral_can_be_sent_again_with_more_and_keeps_its_first_day() -> None:
    play = marac(facts={**WHOLE_FORM, "gp_ref": ""})
    assert ("COMPLETE_FORM", DALO) in play.open_tasks()
    play.to(at("2027-03-30 09:00")).move(S.RETURNED, reason="GP_MISSING")
    assert ("RESUBMIT", DALO) in play.open_tasks()
    assert "REFERRAL_CHASE RETURNED" in play.open_clocks()
    with pytest.raises(Refused, match="FORM_INCOMPLETE"):
        play.move(S.SUBMITTED, Role.DALO)
    play.to(at("2027-03-31 09:00")).move(S.SUBMITTED, Role.DALO, facts={"gp_ref": "GP-3"})
    assert play.state.submitted_at == SENT
    assert london_date(play.due(ClockType.MARAC_SCREENING)) == date(2027, 4, 1)
    assert not play.open_tasks()


def test_not_met_needs_a_reason_and_goes_back_to_the_case() -> None:
    play = marac()
    with pytest.raises(Refused, match="REASON_NEEDED"):
        play.move(S.NOT_MET)
    play.move(S.NOT_MET, reason="NO_CRITERION")
    last = play.told()[-1]
    assert (last.state, last.outcome, last.ended) == (S.NOT_MET, "NOT_MET", True)
    assert last.flag_until is None
    assert play.state.closed
    assert play.events("referral:not_met")[0].data["reason"] == "NO_CRITERION"


def test_a_referral_nobody_screens_is_chased() -> None:
    play = marac()
    play.to(at("2027-03-31 00:30"))
    assert {("CHASE_REFERRAL", DALO), ("BREACH", COORDINATOR)} <= play.open_tasks()


def test_the_form_holds_references_for_what_must_not_be_written_down() -> None:
    play = marac(facts={**WHOLE_FORM, "must_not_be_told_ref": "his mother Ann Stephens"})
    begun = play.events("referral:begun")[0]
    assert begun.data["left_out"] == ["must_not_be_told_ref"]
    assert "Ann" not in play.state.model_dump_json()
    assert ("COMPLETE_FORM", DALO) in play.open_tasks()


@pytest.mark.parametrize("field", sorted(WHOLE_FORM))
def test_every_field_of_the_form_is_asked_for(field: str) -> None:
    facts = {name: value for name, value in WHOLE_FORM.items() if name != field}
    play = marac(facts={**facts, "draft": True})
    assert play.stands() is S.DRAFT
    with pytest.raises(Refused, match="FORM_INCOMPLETE") as caught:
        play.move(S.SUBMITTED, Role.DALO)
    assert field in caught.value.message
    play.do(AmendReferral(at=play.now, facts={field: WHOLE_FORM[field]}), Role.DALO)
    assert {kind for kind, _ in play.open_tasks()} == {"SUBMIT_REFERRAL"}
    play.move(S.SUBMITTED, Role.DALO)


def test_refused_consent_stops_no_marac_but_its_basis_is_on_record() -> None:
    play = marac(consent_status=ConsentStatus.REFUSED)
    assert play.stands() is S.SUBMITTED
    assert play.view().missing == ("disclosure_basis",)
    basis = DisclosureBasis.CDA1998_S115
    play.do(AmendReferral(at=play.now, disclosure_basis=basis), Role.DALO)
    assert play.view().missing == ()
    assert play.view().summary["consent_status"] == "REFUSED"


def test_a_wish_is_no_basis_once_the_victim_no_longer_agrees() -> None:
    play = marac(disclosure_basis=DisclosureBasis.CONSENT_PRACTICE)
    assert play.view().missing == ()
    play.do(AmendReferral(at=play.now, consent_status=ConsentStatus.WITHDRAWN), Role.DALO)
    assert play.state.disclosure_basis is None
    assert play.view().missing == ("disclosure_basis",)
    refused = marac(
        consent_status=ConsentStatus.REFUSED, disclosure_basis=DisclosureBasis.CONSENT_PRACTICE
    )
    assert refused.view().missing == ("disclosure_basis",)


def test_a_referral_under_way_without_a_basis_is_the_dalo_s_to_mend() -> None:
    play = accepted(disclosure_basis=DisclosureBasis.CONSENT_PRACTICE)
    assert ("COMPLETE_FORM", DALO) not in play.open_tasks()
    play.do(AmendReferral(at=play.now, consent_status=ConsentStatus.WITHDRAWN), Role.DALO)
    assert ("COMPLETE_FORM", DALO) in play.open_tasks()
    basis = DisclosureBasis.CDA1998_S115
    play.do(AmendReferral(at=play.now, disclosure_basis=basis), Role.DALO)
    assert ("COMPLETE_FORM", DALO) not in play.open_tasks()


def test_a_meeting_that_is_not_held_lets_it_wait_for_the_next() -> None:
    play = accepted()
    listed(play)
    listed(play.to(at("2027-04-01 09:00")), meeting="")
    assert play.stands() is S.ACCEPTED
    # The meeting itself asks for the next list.
    assert len(play.effects(EffectKind.LIST)) == 1
    listed(play, "meeting/MARAC/Medway/2027-04-15/1")
    assert (play.stands(), play.state.meeting[-12:]) == (S.LISTED, "2027-04-15/1")


@pytest.mark.parametrize("state", [S.SUBMITTED, S.SCREENING, S.RETURNED])
def test_one_listed_by_hand_before_it_was_accepted_is_heard_like_any_other(state: S) -> None:
    play = marac()
    if state is not S.SUBMITTED:
        play.move(state, reason="FORM_LACKS_CHILDREN" if state is S.RETURNED else None)
    listed(play)
    assert play.stands() is S.LISTED
    assert play.view().summary["accepted_at"] is not None
    assert "MARAC_SCREENING" not in play.open_clocks()
    heard(play.to(at("2027-04-08 10:30")), actions=1)
    assert play.stands() is S.ACTIONS_OPEN
    assert play.told()[-1].heard_at == at("2027-04-08 10:30")


def test_a_hearing_that_overtook_its_listing_is_not_lost() -> None:
    play = marac()
    heard(play.to(at("2027-04-08 10:30")), actions=0)
    assert play.view().summary["heard_at"] is not None


def test_a_draft_and_one_that_was_heard_leave_the_list_that_they_are_put_on_by_hand() -> None:
    other = "meeting/MARAC/Medway/2027-04-15/1"
    for play in (marac(facts={**WHOLE_FORM, "draft": True}), flagged()):
        before = play.stands()
        listed(play, other)
        assert play.stands() is before
        (told,) = play.effects(EffectKind.TELL, other)
        assert told.payload["kind"] == "withdrawn"


def test_a_message_is_taken_once_and_one_that_does_not_fit_changes_no_state() -> None:
    play = accepted()
    told = Listed(message_id="l", meeting=MEETING, starts_at=None, at=play.now)
    play.tell(told)
    before = play.state.next_seq
    play.tell(told)
    assert play.state.next_seq == before
    late = flagged()
    listed(late)
    assert late.stands() is S.FLAGGED_12M
    assert late.events("referral:message:unexpected")


def test_what_a_decided_action_asks_of_the_case_is_passed_on() -> None:
    play = accepted()
    listed(play)
    heard(play)
    settled(play, 1, "VISIT_ASKED")
    assert play.told()[-1].codes == ("VISIT_ASKED",)


def test_withdrawn_in_error_leaves_list_and_flag() -> None:
    play = accepted()
    listed(play)
    play.do(WithdrawReferral(at=play.now, reason="WRONG_PERSON"), Role.DALO)
    (told,) = play.effects(EffectKind.TELL, "meeting/")
    assert (told.target, told.payload["reason"]) == (MEETING, "WRONG_PERSON")
    assert play.state.flag_until is None
    with pytest.raises(Refused, match="ALREADY_UNDER_WAY"):
        again = flagged()
        again.do(WithdrawReferral(at=again.now, reason="X"), Role.DALO)


def test_a_repeat_says_so_to_the_meeting() -> None:
    play = accepted(referral_type=ReferralType.REPEAT, repeat_of="MARAC-2026-00004", emergency=True)
    request = ListRequest.model_validate(play.effects(EffectKind.LIST)[0].payload)
    assert (request.repeat, request.emergency) == (True, True)


@given(st.lists(st.sampled_from(["listed", "frozen", "heard", "settled"]), max_size=8))
def test_messages_in_any_order_lead_only_along_the_pathway(order: list[str]) -> None:
    play = accepted()
    for number, what in enumerate(order):
        play.now += timedelta(minutes=number + 1)
        match what:
            case "listed":
                listed(play)
            case "frozen":
                frozen = ListFrozen(
                    message_id=f"f{number}", meeting=MEETING, research_due_at=SENT, at=play.now
                )
                play.tell(frozen)
            case "heard":
                heard(play)
            case _:
                settled(play, 0)
    path = play.state.path
    steps = {(source, each.to) for each in path.hears for source in each.sources}
    steps |= {(each.source, each.to) for each in path.follows}
    steps |= {(source, each.to) for each in path.moves for source in each.sources}
    states = [told.state for told in play.told()]
    assert set(pairwise(states)) <= steps
