"""What a merge carries beside contact and needs: threats, holds, locks, wishes, messages on their
way; what one case knew of the person holds in the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.case import closure
from models.case.contact import safe_now
from models.case.essentials.rules import flags
from models.case.handover.state import StandingOrder
from models.case.recommending import Recommendation
from models.case.risk.state import Declined
from models.case.wish_facts import Sending
from models.commands import (
    ApproveCadence,
    DeclareConflict,
    LiftConflict,
    LiftLegalHold,
    PlaceLegalHold,
    RecordThreatToLife,
    RestrictCase,
    SetCadence,
    SetSafeContactPlan,
    UnrestrictCase,
)
from models.enums import (
    CadencePlan,
    CaseState,
    Channel,
    ClockType,
    EngagementStatus,
    RiskGrade,
    Role,
)
from models.events import EffectKind
from models.messages import MergedInto, PartyMerged, ReportArrived, VictimMessageDone
from models.stream import Task, open_clock, raise_task
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play, a_report
from tests.models.test_handover import INSPECTOR, owners, registered
from tests.models.test_handover_merge import OPENED, merged, merging_away, other_case, plan


def closes(play: Play) -> bool:
    return play.state.closing is not None


def state_of(play: Play) -> CaseState:
    return play.state.state


@pytest.fixture
def kept() -> Play:
    play = Play(OPENED + timedelta(days=1), RiskGrade.MEDIUM)
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=plan(voicemail_allowed=True)))
    return play


def tasks(play: Play) -> list[Task]:
    return list(play.state.tasks.values())


# --- essentials ----------------------------------------------------------------------------------


def threaten(play: Play, actor: str) -> str:
    threat = RecordThreatToLife(
        at=play.now, warned="VIC", warned_by=actor, authorised_by=SERGEANT, note_ref="n"
    )
    return play.do(threat, actor)[0]


def place_hold(play: Play) -> str:
    hold = PlaceLegalHold(at=play.now, reason="CIVIL_CLAIM")
    return play.do(hold, INSPECTOR, Role.INSPECTOR)[0]


def test_a_threat_and_a_hold_that_came_are_never_overwritten_by_the_cases_own(kept: Play) -> None:
    other = other_case()
    threaten(other, OTHER_DALO)
    place_hold(other)
    merged(kept, other)
    carried = {*kept.state.essentials.threats, *kept.state.essentials.holds}
    own = {threaten(kept, DALO), place_hold(kept)}
    assert not own & carried
    for threat_id in kept.state.essentials.threats:
        clock = open_clock(kept.state, ClockType.THREAT_TO_LIFE_REVIEW, threat_id)
        assert clock is not None
        assert any(t.subject == threat_id and threat_id in t.command for t in tasks(kept))
    assert len(kept.state.essentials.threats) == len(kept.state.essentials.holds) == 2


def test_a_hold_lives_on_in_the_kept_case_and_is_lifted_there(kept: Play) -> None:
    other = other_case()
    threaten(kept, DALO)
    place_hold(kept)
    place_hold(other)
    merged(kept, other)
    (renumbered,) = kept.events("merge:renumbered")
    assert "HOLD-001=HOLD-002" in renumbered.data["renamed"]
    review = open_clock(kept.state, ClockType.LEGAL_HOLD_REVIEW, "HOLD-002")
    assert review is not None
    for hold_id in ("HOLD-001", "HOLD-002"):
        assert flags(kept.state)["legal_hold"]
        lift = LiftLegalHold(at=kept.now, hold_id=hold_id, reason="R")
        kept.do(lift, INSPECTOR, Role.INSPECTOR)
    assert not flags(kept.state)["legal_hold"]
    assert open_clock(kept.state, ClockType.LEGAL_HOLD_REVIEW) is None


def test_a_declined_recommendation_that_came_keeps_its_look_beside_the_cases_own(
    kept: Play,
) -> None:
    other = other_case()
    declined = Declined(
        recommendation=Recommendation(
            recommendation_id="REC-009",
            rule="MARAC_REFERRAL",
            recommends="REFER",
            inputs={},
            made_at=OPENED,
            policy_version="p",
        ),
        declined_by=OTHER_DALO,
        at=OPENED,
        reason="R",
        command="c",
    )
    other.state.risk.declined = {"REC-009": declined}
    numbered = kept.state.counts.get("recommendation", 0)
    merged(kept, other)
    (found,) = kept.state.risk.declined
    assert numbered < int(found.removeprefix("REC-")) <= kept.state.counts["recommendation"]


# --- a message on its way ------------------------------------------------------------------------


def test_a_case_waits_with_merging_for_the_message_that_is_on_its_way(kept: Play) -> None:
    other = other_case()
    sending = Sending(message_id="MSG", channel=Channel.SMS, route="m", asked_at=other.now)
    other.state.asked.sending = sending
    merging_away(other)
    assert not closes(other)
    calendar = other.calendar
    now = safe_now(other.state, Channel.SMS, "m", other.now, calendar)
    assert now.reason_code == "CASE_MERGING"
    done = VictimMessageDone(
        message_id="d", victim_message_id="MSG", outcome="UNKNOWN", at=other.now
    )
    other.tell(done)
    assert closes(other)
    merged(kept, other)
    (task,) = [t for t in tasks(kept) if t.kind == "VICTIM_MESSAGE"]
    assert (task.owner, task.subject) == (DALO, "MSG")
    assert kept.state.case_ref in task.command


def test_a_merge_that_the_register_holds_up_is_tried_again_once_the_incident_has_joined() -> None:
    for during in (False, True):
        other = other_case()
        merging_away(other)
        request = closure.request(other.state, other.context())
        if during:
            join(other)
        closure.joining(other.state, other.context(), request.event)
        other.settle()
        assert not closes(other)
        assert not any(t.kind == "CLOSURE_REFUSED" for t in tasks(other))
        join(other)
        assert closes(other)


def join(play: Play) -> None:
    play.tell(
        ReportArrived(
            message_id="r9",
            report=a_report(play.now, incident_ref="46/9/27"),
            received_at=play.now,
            grade=RiskGrade.MEDIUM,
        )
    )


# --- locks ---------------------------------------------------------------------------------------


def test_an_officer_in_conflict_under_the_other_reference_loses_the_kept_case(kept: Play) -> None:
    other = other_case()
    conflict = DeclareConflict(at=other.now, officer_id=DALO, reason="RELATIVE")
    other.do(conflict, SERGEANT, Role.SUPERVISOR)
    merged(kept, other)
    assert DALO not in owners(kept)
    assert kept.state.dalo_id == SERGEANT
    asked = next(t for t in tasks(kept) if t.kind == "CONFLICT_REASSIGN")
    assert asked.command.endswith("hand-over")
    lift = LiftConflict(at=kept.now, officer_id=DALO, reason="R")
    kept.do(lift, INSPECTOR, Role.INSPECTOR)
    assert registered(kept)["lifted"] == DALO


def test_what_comes_to_somebody_whom_the_kept_case_locked_out_is_the_supervisors(
    kept: Play,
) -> None:
    kept.do(DeclareConflict(at=kept.now, officer_id="OIC 9", reason="FRIEND"), DALO)
    other = other_case()
    raise_task(other.state, other.context(), "LOOK", "OIC 9", "because", subject="l")
    merged(kept, other)
    assert next(t.owner for t in tasks(kept) if t.kind == "LOOK") == SERGEANT


@pytest.mark.parametrize("carried", [True, False])
def test_a_restricted_record_stays_so_and_is_opened_by_an_inspector(
    kept: Play, carried: bool
) -> None:
    other = other_case()
    if carried:
        other.do(RestrictCase(at=other.now, reason="R"), INSPECTOR, Role.INSPECTOR)
        merged(kept, other)
    else:
        kept.tell(
            PartyMerged(
                message_id="m",
                from_case_ref="",
                from_victim_ref="VIC-0002",
                carried={},
                conflicts=("PC 77",),
                restricted=True,
            )
        )
        assert kept.state.handover.conflicts == ["PC 77"]
    assert registered(kept)["restricted"] is True
    assert any(t.kind == "LOCKED_OUT_OWNERS" and t.owner == SERGEANT for t in tasks(kept))
    kept.do(UnrestrictCase(at=kept.now, reason="R"), INSPECTOR, Role.INSPECTOR)
    assert registered(kept)["restricted"] is False


def test_locks_on_the_person_go_with_the_case_that_is_merged_away() -> None:
    other = other_case()
    other.tell(
        MergedInto(
            message_id="x",
            kept_case_ref="CASE-2027-00001",
            kept_victim_ref="VIC-0001",
            decided_by=SERGEANT,
            role="SUPERVISOR",
            reason="SAME_PERSON",
            at=other.now,
            conflicts=("PC 77",),
            restricted=True,
        )
    )
    facts = other.state.handover
    assert (facts.conflicts, facts.restricted) == (["PC 77"], True)


def test_orders_and_the_later_unrest_of_either_case_count_for_closing(kept: Play) -> None:
    other = other_case()
    other.state.risk_grade = RiskGrade.MEDIUM
    later = kept.now + timedelta(days=3)
    other.state.handover.unsettled_at = later
    other.state.handover.orders["46/2/27:ORD-1"] = StandingOrder(
        incident_ref="46/2/27", order_id="ORD-1", order_type="NON_MOLESTATION"
    )
    merged(kept, other)
    assert "46/2/27:ORD-1" in kept.state.handover.orders
    assert kept.state.handover.unsettled_at == later


# --- wishes --------------------------------------------------------------------------------------


def test_no_contact_asked_under_the_other_reference_puts_the_kept_case_to_rest(kept: Play) -> None:
    other = other_case()
    other.state.cadence_plan = CadencePlan.NO_CONTACT
    other.state.state = CaseState.DORMANT_MONITORED
    other.state.asked.no_contact_at = other.now
    merged(kept, other)
    assert state_of(kept) is CaseState.DORMANT_MONITORED
    assert kept.state.engagement_status is EngagementStatus.NO_CONTACT
    assert open_clock(kept.state, ClockType.FIRST_CONTACT) is None
    kept.now += timedelta(days=2)
    join(kept)
    assert state_of(kept) is CaseState.REOPENED
    assert kept.state.asked.approach == "ALLOWED"


def test_less_contact_that_waits_for_a_signature_waits_in_the_kept_case(kept: Play) -> None:
    other = other_case()
    wish = SetCadence(at=other.now, plan=CadencePlan.CONTACT_ON_EVENT, victim_wish=True)
    other.do(wish, OTHER_DALO)
    merged(kept, other)
    assert kept.state.pending_cadence is not None
    assert [t.owner for t in tasks(kept) if t.kind == "APPROVE_CADENCE"] == [SERGEANT]
    kept.supervise(ApproveCadence(at=kept.now, approve=True, reason="R"))
    assert kept.state.cadence_plan is CadencePlan.CONTACT_ON_EVENT


# --- merges of merges, roles ---------------------------------------------------------------------


def test_an_incident_of_an_earlier_merge_is_told_under_its_own_reference(kept: Play) -> None:
    other = other_case()
    other.state.incidents["46/3/27"] = 1
    other.state.handover.carried["46/3/27"] = ["VIC-0003"]
    merged(kept, other)
    told = {e.target for e in kept.state.effects if e.kind is EffectKind.TELL}
    assert "incident/46/3/27/VIC-0003" in told
    assert "incident/46/3/27/VIC-0002" not in told


def test_a_role_of_the_other_area_is_the_same_role_here(kept: Play) -> None:
    other = other_case()
    other.state.pilot_area = other.state.district = "Swale"
    place_hold(other)
    merged(kept, other)
    review = open_clock(kept.state, ClockType.LEGAL_HOLD_REVIEW)
    assert review is not None
    assert review.owner == "INSPECTOR@Medway"
