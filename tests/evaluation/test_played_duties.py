"""The metrics read what the rules of the duties really append: cases, incidents, referrals and
meetings played without an engine."""

from __future__ import annotations

from models.commands import (
    CompleteAction,
    DeclineRecommendation,
    ProfessionalJudgement,
    RecordWithdrawal,
)
from models.commands.orders import EndOrder, RecordOrder
from models.enums import (
    ArrestReason,
    ContactResult,
    HearingDecision,
    OrderEnd,
    OrderType,
    PoliceRank,
    ReferralPathway,
    ReferralState,
    Statement,
    SuspectStatus,
    WithdrawalReason,
)
from models.matac_run import Standing
from models.messages import Heard
from store.matac_runs import Subject
from tests.evaluation.history import CASE, at, fraction, row
from tests.evaluation.played import REPORTED, allocated, called_in_vain, served, visited
from tests.models import play_meeting, play_referral
from tests.models.play_suspect import Case
from tests.models.referring import refer
from tests.models.telling_steps import telling
from tests.models.test_case_contact import call


def test_the_second_walk_through_played_by_the_rules() -> None:
    """docs/domain.md 16 (ii): M02 fails, M09 and M10 count, M24 is pending."""
    play = called_in_vain()
    visited(play)
    incident = Case(at(REPORTED))
    incident.on("2027-05-14 18:30")
    incident.status(SuspectStatus.ARRESTED, arrest_reason=ArrestReason.BREACH_NON_MOLESTATION)
    incident.do(telling(incident.now))
    history = served(play, incident, perpetrator_ref="PER-0001")
    table = history.measured("2027-05-01", "2027-05-31", as_of="2027-05-15 12:00")
    for metric, name, expected in (
        ("M02", "raw", (0, 1, 0)),
        ("M02", "adjusted", (0, 1, 0)),
        ("M07", "high", (0, 0, 1)),  # 24 hours of the grade end at 19:05
        ("M09", "seen", (1, 1, 0)),
        ("M10", "with_arrest", (1, 1, 0)),
        ("M18", "by_all_records", (1, 1, 0)),
        ("M21", "left_within_90_days", (0, 0, 1)),
        ("M24", "two_successes_in_60_days", (0, 0, 1)),
    ):
        assert fraction(table, metric, name) == expected, metric
    assert row(table, "M09", "completed_per_100_cases").value == 100.0
    assert fraction(table, "M22", "told_in_time", item="SUSPECT_ARRESTED") == (1, 1, 0)
    # The ladder's recommendation was taken up, and so was the grade that the visit suggested.
    assert fraction(table, "R01", "accepted", item="HHV") == (1, 1, 0)
    assert fraction(table, "R01", "accepted", item="GRADE_AFTER_VISIT") == (1, 1, 0)
    assert fraction(table, "C01", "in_time", item="HHV_AUTHORISE") == (1, 1, 0)
    late = history.measured("2027-05-01", "2027-05-31", as_of="2027-05-15 19:06")
    assert fraction(late, "M07", "high") == (0, 1, 0)
    # Sixty days after the report, with one success: she did not come back.
    end = history.measured("2027-05-01", "2027-07-31")
    assert fraction(end, "M24", "two_successes_in_60_days") == (0, 1, 0)


def test_referrals_made_by_a_case_and_followed_by_their_pathways() -> None:
    play = allocated()
    play.do(ProfessionalJudgement(at=play.now, reason="EXTREME_FEAR"))
    play.until(at("2027-05-11 09:00"))
    refer(play)
    refer(play, "MARAC")
    idva = play_referral.Play(ReferralPathway.IDVA, play.now)
    idva.to(at("2027-05-12 09:00"))
    idva.move(ReferralState.ENGAGED)
    marac = play_referral.Play(ReferralPathway.MARAC, play.now)
    marac.to(at("2027-05-12 09:00"))
    marac.move(ReferralState.ACCEPTED)
    meeting = play_meeting.Play(at("2027-05-27 09:30"), at("2027-05-13 06:00"))
    ref = meeting.ask(1)
    meeting.hold()
    first, second = meeting.add(ref), meeting.add(ref)
    meeting.hear(ref, HearingDecision.ACTIONS_AGREED)
    meeting.issue()
    marac.to(meeting.now)
    marac.tell(
        Heard(
            message_id="h1",
            meeting=meeting.state.stream,
            at=meeting.now,
            decision="ACTIONS_AGREED",
            actions=2,
        )
    )
    meeting.to(at("2027-06-10 09:00"))
    meeting.do(CompleteAction(at=meeting.now, action_id=first))
    meeting.to(at("2027-06-16 09:00"))
    meeting.do(CompleteAction(at=meeting.now, action_id=second))
    table = served(play, idva, marac, meeting).measured("2027-05-01", "2027-06-30")
    assert fraction(table, "M07", "high") == (1, 1, 0)
    assert fraction(table, "M08", "engaged") == (1, 1, 0)
    assert fraction(table, "M11", "submitted", item="PROFESSIONAL_JUDGEMENT") == (1, 1, 0)
    assert fraction(table, "M12", "repeat") == (0, 1, 0)
    # Ten working days from 27 May, 31 May a bank holiday: due at the end of 11 June.
    assert fraction(table, "M13", "on_time") == (1, 2, 0)
    assert fraction(table, "C01", "in_time", item="MARAC_ACTION") == (1, 2, 0)
    assert fraction(table, "C01", "in_time", item="IDVA_REFERRAL") == (1, 1, 0)
    assert fraction(table, "C01", "in_time", item="MARAC_SUBMIT") == (1, 1, 0)
    assert fraction(table, "R01", "accepted", item="MARAC_REFERRAL") == (1, 1, 0)


def test_a_declined_recommendation_and_support_withdrawn_after_a_charge() -> None:
    play = allocated()
    (waits,) = (r for r in play.state.recommendations.values() if r.rule == "IDVA_REFERRAL")
    play.do(
        DeclineRecommendation(
            at=play.now, recommendation_id=waits.recommendation_id, reason="HAS_AN_IDVA"
        )
    )
    play.until(at("2027-05-11 11:00"))
    play.do(call(play.now, ContactResult.SUCCESSFUL_TWO_WAY))
    play.until(at("2027-05-20 11:00"))
    play.do(
        RecordWithdrawal(
            at=play.now, statement=Statement.GIVEN, reasons=(WithdrawalReason.WANT_IT_OVER,)
        )
    )
    incident = Case(at(REPORTED))
    incident.status(SuspectStatus.ARRESTED, "2027-05-11 09:00")
    incident.status(SuspectStatus.REMANDED, "2027-05-11 18:00")
    history = served(play, incident)
    table = history.measured("2027-05-01", "2027-05-31")
    assert fraction(table, "R01", "declined", item="IDVA_REFERRAL") == (1, 1, 0)
    assert fraction(table, "M07", "high") == (0, 1, 0)
    assert fraction(table, "M16b", "support_withdrawn_after_charge") == (1, 1, 0)
    # Two pieces of news, nobody told her.
    assert fraction(table, "M22", "told_in_time", item="ALL") == (0, 2, 0)


def test_orders_as_the_incident_records_them() -> None:
    incident = Case(at(REPORTED), suspect_age=40)
    incident.on("2027-05-11 09:00")
    incident.by(
        RecordOrder(
            at=incident.now,
            order_type=OrderType.DVPN,
            authorised_by_rank=PoliceRank.SUPERINTENDENT,
        )
    )
    incident.by(RecordOrder(at=incident.now, order_type=OrderType.NON_MOLESTATION, order_id="NM-1"))
    incident.by(RecordOrder(at=incident.now, order_type=OrderType.SPO_INTERIM, order_id="SPO-1"))
    wrong = EndOrder(at=incident.now, order_id="SPO-1", reason=OrderEnd.RECORDED_IN_ERROR)
    incident.by(wrong)
    history = served(incident)
    history.event(f"case/{CASE}", "case:risk:graded", REPORTED, {"grade": "HIGH"})
    table = history.measured("2027-05-01", "2027-05-31")
    assert row(table, "M23", "made_per_100", item="ALL").numerator == 1
    assert fraction(table, "M23", "crimes_with_order", item="DVPN") == (1, 1, 0)
    assert fraction(table, "M23", "crimes_with_order", item="SPO") == (0, 1, 0)


def test_a_nomination_of_a_scoring_run_selected_by_the_coordinator() -> None:
    subject = Subject(
        perpetrator_ref="PER-0001",
        rank=1,
        score=80.2,
        r=100,
        f=80,
        g=72,
        v=75,
        events=7,
        victims=3,
        last_event_at=None,
        serial=True,
        standing=Standing.NOMINATED,
        referral_ref="MATAC-2027-00001",
    )
    matac = play_referral.Play(
        ReferralPathway.MATAC, at("2027-05-12 06:00"), asked_by="SYSTEM", case_ref="", victim_ref=""
    )
    history = served(matac)
    run = subject.model_dump(mode="json")
    history.event("matac/Medway/2027-05", "matac:run:scored", "2027-05-12 06:00", run)
    table = history.measured("2027-05-01", "2027-05-31")
    assert fraction(table, "M14", "nominated") == (0, 0, 1)
    matac.to(at("2027-05-13 09:00"))
    matac.move(ReferralState.NOMINATED)
    matac.to(at("2027-05-17 09:00"))
    matac.move(ReferralState.SELECTED)
    history.streams[matac.state.stream] = list(matac.state.unrecorded)
    table = history.measured("2027-05-01", "2027-05-31")
    assert fraction(table, "M14", "nominated") == (1, 1, 0)
    assert fraction(table, "M14", "selected") == (1, 1, 0)


def test_a_stalking_case_taken_on_by_masip() -> None:
    play = allocated()
    refer(play, "MASIP")
    whole = {
        "relationship": "EX_PARTNER",
        "behaviours": "FOLLOWING,GIFTS",
        "channels": "PHONE",
        "duration_days": "35",
        "contacts": "41",
        "threats": "NO",
        "breaches": "NO",
        "investigation_stage": "ACTIVE",
    }
    masip = play_referral.Play(ReferralPathway.MASIP, play.now, facts=whole)
    masip.to(at("2027-05-13 09:00"))
    masip.move(ReferralState.TRIAGED)
    masip.to(at("2027-05-14 09:00"))
    masip.move(ReferralState.ACCEPTED)
    history = served(play, masip, stalking=True)
    table = history.measured("2027-05-01", "2027-05-31")
    assert fraction(table, "M15", "referred") == (1, 1, 0)
    assert fraction(table, "M15", "taken_on") == (1, 1, 0)
    assert fraction(table, "C01", "in_time", item="MASIP_TRIAGE") == (1, 1, 0)
