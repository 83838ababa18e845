"""An incident's golden hour, lived minute by minute (docs/domain.md 3, 11, 16)."""

from __future__ import annotations

from datetime import timedelta

from models import incident as rules
from models.clocks import Clock, met_in_time
from models.commands import (
    AddEvidenceItem,
    RecordEvidence,
    RecordPoliceContact,
)
from models.enums import (
    ClockType,
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    Injury,
    ResponseMode,
    Source,
    SuspectStatus,
)
from models.instants import utc
from models.policy import Policy
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play_incident import (
    DALO,
    OIC,
    REPORTED,
    SERGEANT,
    SET_OF_BARE_CRIME,
    Play,
    arrived,
    ended_clock,
    entry,
    minute,
    report,
)

E = EvidenceCode
S = EvidenceStatus

# --- walk-throughs ----------------------------------------------------------------------------


def walk_through_one() -> Play:
    """Thu 25 Mar 2027, 21:40: a 999 call, attended, children there, strangulation disclosed."""
    facts: dict[str, object] = {
        "source": Source.CALL_999,
        "response_mode": ResponseMode.ATTENDANCE,
        "children_present": 2,
        "oic_id": OIC,
    }
    play = Play(report(REPORTED, **facts))
    play.to(at("2027-03-25 22:05")).do(RecordPoliceContact(at=play.now))
    play.capture(play.now, E.BWV_ATTENDANCE, E.INITIAL_ACCOUNT_VIDEO)
    play.to(at("2027-03-25 22:15"))
    for code in (E.INJURY_PHOTOS_INITIAL, E.FORENSIC_SAMPLES, E.MEDICAL_EXAM_CONSENT):
        play.do(AddEvidenceItem(item=code, at=play.now))
    play.capture(play.now, E.INJURY_PHOTOS_INITIAL)
    play.to(at("2027-03-25 22:20"))
    play.capture(play.now, E.EMERGENCY_CALL_RECORDING, E.SCENE_PHOTOS_VIDEO)
    play.to(at("2027-03-25 22:26")).capture(play.now, E.FORENSIC_SAMPLES)
    play.to(at("2027-03-25 22:28")).capture(play.now, E.CHILD_ACCOUNT)
    play.to(at("2027-03-25 22:30"))
    arrest = report(
        REPORTED, version=2, suspect_status=SuspectStatus.ARRESTED, strangulation=True, **facts
    )
    play.tell(arrived(arrest, play.now))
    play.capture(play.now, E.SUSPECT_WORDS)
    play.to(at("2027-03-25 22:32")).capture(play.now, E.RISK_ASSESSMENT)
    play.to(at("2027-03-25 22:34")).capture(play.now, E.PREVIOUS_HISTORY, E.SAFETY_PLAN_INITIAL)
    return play


def test_walk_through_one_is_complete_at_56_minutes() -> None:
    play = walk_through_one()
    assert play.verdicts() == []
    play.to(at("2027-03-25 22:36"))
    assert play.capture(play.now, E.RES_GESTAE_NOTE) == ("GOLDEN_HOUR_COMPLETE",)
    (verdict,) = play.events("golden_hour:verdict")
    assert verdict.data["result"] == "COMPLETE"
    assert verdict.data["amended"] is False
    assert verdict.data["captured_in_time"] == verdict.data["in_set"] == 10
    assert verdict.occurred_at == at("2027-03-25 22:36")
    clock = ended_clock(play, "clock:met", ClockType.GOLDEN_HOUR)
    assert (clock.due_at, clock.ended_at) == (at("2027-03-25 22:40"), at("2027-03-25 22:36"))
    assert open_clock(play.state, ClockType.GOLDEN_HOUR) is None


def test_walk_through_one_warns_at_22_25_and_goes_on_after_the_hour() -> None:
    play = walk_through_one()
    (warned,) = play.events("clock:warned")
    assert warned.occurred_at == at("2027-03-25 22:25")
    play.to(at("2027-03-25 22:36")).capture(play.now, E.RES_GESTAE_NOTE)
    play.to(at("2027-03-25 22:50")).capture(play.now, E.WITNESS_ACCOUNTS)
    play.to(at("2027-03-25 22:55")).capture(play.now, E.MEDICAL_EXAM_CONSENT)
    assert play.events("clock:breached") == []
    assert {code: item.due_at for code, item in play.state.items.items() if item.pending} == {
        E.INJURY_PHOTOS_FOLLOWUP: utc(at("2027-03-25 22:15")) + timedelta(hours=72),
        E.VICTIM_STATEMENT: at("2027-03-26 21:40"),
        # Good Friday and Easter Monday are no working days.
        E.VPS_OFFERED: at("2027-04-05 23:59:59"),
    }


def test_walk_through_two_reports_a_variant_without_what_was_declined() -> None:
    reported = at("2027-05-10 19:10")
    play = Play(
        report(
            reported,
            source=Source.THIRD_PARTY,
            response_mode=ResponseMode.ATTENDANCE,
            risk_refused=True,
        )
    )
    play.to(at("2027-05-10 19:40"))
    play.capture(
        play.now,
        E.BWV_ATTENDANCE,
        E.SCENE_PHOTOS_VIDEO,
        E.RES_GESTAE_NOTE,
        E.SUSPECT_ARREST_OR_PLAN,
    )
    declined = [
        entry(code, play.now, S.VICTIM_DECLINED, EvidenceReason.NO_CONSENT)
        for code in (E.INITIAL_ACCOUNT_VIDEO, E.RISK_ASSESSMENT, E.VICTIM_STATEMENT)
    ]
    play.do(RecordEvidence(entries=tuple(declined)))
    play.to(at("2027-05-10 20:09"))
    assert play.verdicts() == []
    play.to(at("2027-05-10 20:10"))
    (verdict,) = play.events("golden_hour:verdict")
    assert verdict.data["result"] == "PARTIAL"
    assert verdict.data["variant_without_declined"] == "COMPLETE"
    assert verdict.occurred_at == at("2027-05-10 20:10")


# --- the hour ---------------------------------------------------------------------------------


def test_at_45_minutes_dalo_and_oic_are_warned_and_the_warning_ends_with_the_verdict() -> None:
    play = Play(report(REPORTED, oic_id=OIC)).to(minute(44))
    assert play.golden_tasks() == set()
    play.to(minute(45))
    assert play.golden_tasks() == {("GOLDEN_HOUR_WARNING", DALO), ("GOLDEN_HOUR_WARNING", OIC)}
    play.capture(minute(45), *SET_OF_BARE_CRIME)
    assert play.golden_tasks() == set()


def test_at_60_minutes_the_breach_goes_to_the_supervisor_and_the_items_to_dalo_and_oic() -> None:
    play = Play(report(REPORTED, oic_id=OIC)).to(minute(60))
    assert play.verdicts() == ["NOT_ACHIEVED"]
    assert play.golden_tasks() == {
        ("GOLDEN_HOUR_BREACHED", SERGEANT),
        ("CHASE_EVIDENCE", DALO),
        ("CHASE_EVIDENCE", OIC),
    }


def test_a_late_capture_ends_the_chase_but_leaves_the_verdict() -> None:
    play = Play(report(REPORTED)).to(minute(60))
    play.to(minute(75))
    assert play.capture(minute(70), *SET_OF_BARE_CRIME) == ("CAPTURED_LATE",)
    assert play.verdicts() == ["NOT_ACHIEVED"]
    clock = ended_clock(play, "clock:met", ClockType.GOLDEN_HOUR)
    assert clock.ended_at == minute(70)
    assert not met_in_time(clock)
    assert play.golden_tasks() == set()


def test_captured_in_time_but_recorded_later_amends_the_verdict_and_both_are_kept() -> None:
    play = Play(report(REPORTED)).to(minute(60))
    play.to(minute(200))
    assert play.capture(minute(50), *SET_OF_BARE_CRIME) == ("GOLDEN_HOUR_COMPLETE",)
    assert play.verdicts() == ["NOT_ACHIEVED", "COMPLETE"]
    assert [e.data["amended"] for e in play.events("golden_hour:verdict")] == [False, True]
    assert met_in_time(ended_clock(play, "clock:met", ClockType.GOLDEN_HOUR))


def test_chasing_ends_at_24_hours_with_the_supervisor() -> None:
    play = Play(report(REPORTED)).to(minute(24 * 60 - 1))
    assert ("EVIDENCE_UNRECORDED", SERGEANT) not in play.open_tasks()
    play.to(minute(24 * 60))
    assert ("EVIDENCE_UNRECORDED", SERGEANT) in play.open_tasks()
    missed = [entry(c, minute(60), S.MISSED, EvidenceReason.NO_OFFICER) for c in play.state.items]
    play.do(RecordEvidence(entries=tuple(missed)))
    assert play.golden_tasks() == set()
    play.keep_the_code()
    assert play.state.clocks == {}


def test_something_more_found_within_the_hour_reopens_a_complete_one() -> None:
    play = Play(report(REPORTED)).to(minute(50))
    play.capture(minute(50), *SET_OF_BARE_CRIME)
    play.to(minute(55)).do(AddEvidenceItem(item=E.CHILD_ACCOUNT, at=minute(55)))
    assert rules.summary(play.state)["golden_hour_result"] is None
    play.to(minute(60))
    assert play.verdicts() == ["COMPLETE", "PARTIAL"]


def test_something_found_after_the_hour_is_chased_but_not_judged() -> None:
    play = Play(report(REPORTED)).to(minute(50))
    play.capture(minute(50), *SET_OF_BARE_CRIME)
    play.to(minute(65))
    added = play.do(AddEvidenceItem(item=E.CHILD_ACCOUNT, at=minute(65)))
    assert added == ("ADDED", "KNOWN_AFTER_GOLDEN_HOUR")
    assert play.verdicts() == ["COMPLETE"]
    clock = open_clock(play.state, ClockType.EVIDENCE_ITEM, "CHILD_ACCOUNT")
    assert clock is not None
    assert clock.late_reason == "RECEIVED_LATE"
    assert ("CHASE_EVIDENCE", DALO) in play.open_tasks()


# --- late and old reports ---------------------------------------------------------------------


def test_a_report_hours_old_at_intake_gets_an_honest_verdict_not_a_fresh_hour() -> None:
    play = Play(report(REPORTED), received_at=minute(300))
    (verdict,) = play.events("golden_hour:verdict")
    assert verdict.data["result"] == "NOT_ACHIEVED"
    assert verdict.data["received_late"] is True
    assert verdict.data["due_at"] == utc(minute(60)).isoformat()
    started = [Clock.model_validate(e.data["clock"]) for e in play.events("clock:started")]
    golden = [c for c in started if c.clock_type is ClockType.GOLDEN_HOUR]
    assert [(c.due_at, c.late_reason) for c in golden] == [(minute(60), "RECEIVED_LATE")]
    assert "GOLDEN_HOUR_WARNING" not in {kind for kind, _ in play.open_tasks()}
    play.capture(minute(40), *SET_OF_BARE_CRIME)
    assert play.verdicts() == ["NOT_ACHIEVED", "COMPLETE"]


def test_a_report_more_than_a_day_after_the_event_has_no_golden_hour_but_early_evidence() -> None:
    play = Play(report(REPORTED, occurred_from=REPORTED - timedelta(hours=25))).to(minute(61))
    assert play.verdicts() == ["NOT_APPLICABLE"]
    assert play.events("golden_hour:verdict")[0].data["applicable"] is False
    assert open_clock(play.state, ClockType.GOLDEN_HOUR) is None
    assert play.state.items[E.INITIAL_ACCOUNT_VIDEO].pending
    assert ("CHASE_EVIDENCE", DALO) in play.open_tasks()


# --- newer versions of the report -------------------------------------------------------------


def test_an_arrest_in_a_newer_version_settles_the_plan_and_calls_for_the_suspects_words() -> None:
    play = Play(report(REPORTED, suspect_status=SuspectStatus.OUTSTANDING)).to(minute(30))
    arrest = report(REPORTED, version=2, suspect_status=SuspectStatus.ARRESTED)
    play.tell(arrived(arrest, play.now))
    plan = play.state.items[E.SUSPECT_ARREST_OR_PLAN]
    assert (plan.status, plan.at, plan.reference) == (S.CAPTURED, minute(30), "REPORT-V2")
    assert play.state.items[E.SUSPECT_WORDS].pending
    assert [e.data["new"] for e in play.events("incident:suspect:changed")] == [
        "OUTSTANDING",
        "ARRESTED",
    ]


def test_an_older_or_repeated_version_changes_nothing() -> None:
    play = Play(report(REPORTED, version=3)).to(minute(10))
    before = play.state.model_copy(deep=True)
    for version in (3, 2):
        older = arrived(report(REPORTED, version=version, children_present=2), play.now)
        play.tell(older.model_copy(update={"message_id": f"again-{version}"}))
    before.seen_messages = play.state.seen_messages
    assert play.state == before


def test_a_newer_version_drops_what_is_pending_only_and_may_bring_it_back() -> None:
    with_child = {"children_present": 1, "injury": Injury.MINOR}
    play = Play(report(REPORTED, **with_child)).to(minute(10))
    play.capture(minute(10), E.INJURY_PHOTOS_INITIAL)
    play.tell(arrived(report(REPORTED, version=2), play.now))
    assert play.state.items[E.CHILD_ACCOUNT].status is S.NOT_APPLICABLE
    assert open_clock(play.state, ClockType.EVIDENCE_ITEM, "CHILD_ACCOUNT") is None
    assert play.state.items[E.INJURY_PHOTOS_INITIAL].status is S.CAPTURED
    play.tell(arrived(report(REPORTED, version=3, **with_child), play.now))
    assert play.state.items[E.CHILD_ACCOUNT].pending
    assert open_clock(play.state, ClockType.EVIDENCE_ITEM, "CHILD_ACCOUNT") is not None


def test_a_corrected_reporting_time_moves_every_due_instant_and_judges_again() -> None:
    play = Play(report(REPORTED)).to(minute(50))
    play.capture(minute(50), *SET_OF_BARE_CRIME)
    earlier = report(REPORTED - timedelta(minutes=30), version=2)
    play.tell(arrived(earlier, play.now))
    assert play.state.items[E.RES_GESTAE_NOTE].status is S.CAPTURED_LATE
    clock = open_clock(play.state, ClockType.EVIDENCE_ITEM, "RISK_ASSESSMENT")
    assert clock is not None
    assert clock.due_at == minute(90)
    assert play.verdicts() == ["COMPLETE", "NOT_ACHIEVED"]


def test_a_golden_hour_without_a_set_is_over_at_60_minutes_without_a_verdict_on_anything() -> None:
    def slow(play: Play) -> Policy:
        hour = play.policy.golden_hour
        rule = hour.items[E.RISK_ASSESSMENT]
        return play.policy.model_copy(
            update={
                "golden_hour": hour.model_copy(update={"items": dict.fromkeys(hour.items, rule)})
            }
        )

    play = Play(report(REPORTED), received_at=minute(300), policy=slow)
    assert play.verdicts() == ["NOT_APPLICABLE"]
    assert open_clock(play.state, ClockType.GOLDEN_HOUR) is None


def test_a_golden_hour_can_begin_and_end_with_a_corrected_time_of_the_event() -> None:
    play = Play(report(REPORTED, occurred_from=REPORTED - timedelta(days=3))).to(minute(5))
    play.tell(arrived(report(REPORTED, version=2), play.now))
    assert open_clock(play.state, ClockType.GOLDEN_HOUR) is not None
    assert rules.summary(play.state)["golden_hour_result"] is None
    old = report(REPORTED, version=3, occurred_from=REPORTED - timedelta(days=3))
    play.tell(arrived(old, play.now))
    assert open_clock(play.state, ClockType.GOLDEN_HOUR) is None
    assert rules.summary(play.state)["golden_hour_result"] == "NOT_APPLICABLE"
