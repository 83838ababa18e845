"""Death and serious injury, legal hold, disclosure, threat to life, counter-allegations, several
victims (docs/domain.md 2.6, 16a)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from models.base import Refused
from models.case import contact
from models.case.essentials import rules
from models.case.view import summary
from models.commands import (
    AnswerDisclosureRequest,
    CaseCommand,
    CloseCase,
    LiftFreeze,
    LiftLegalHold,
    PlaceLegalHold,
    RecordDeathOrSeriousInjury,
    RecordDisclosureRequest,
    RecordPrimaryAggressor,
    RecordReviewReferral,
    RecordThreatToLife,
    ReviewLegalHold,
    ReviewThreatToLife,
    SelectVisit,
    SetSafeContactPlan,
)
from models.enums import (
    Aggressor,
    Channel,
    ClockType,
    ClosureReason,
    ContactResult,
    GraveHarm,
    Party,
    ReviewReferral,
    RiskGrade,
    Role,
    VisitRule,
)
from models.events import EffectKind
from models.messages import ReportArrived
from models.stream import open_clock
from tests.models.play import DALO, Play, a_report
from tests.models.test_case_contact import a_plan, at, call

OPENED = at(7, 6, 9)
INSPECTOR = "DI 3001"


def a_case() -> Play:
    play = Play(OPENED, RiskGrade.HIGH)
    play.allocate()
    play.do(SetSafeContactPlan(at=play.now, plan=a_plan(time(8), time(20), play.now)))
    return play


def inspect(play: Play, command: CaseCommand) -> tuple[str, ...]:
    return play.do(command, INSPECTOR, Role.INSPECTOR)


def refusal(play: Play, command: CaseCommand, actor: str = DALO, role: Role = Role.DALO) -> str:
    with pytest.raises(Refused) as refused:
        play.do(command, actor, role)
    return refused.value.code


def safe(play: Play) -> str:
    calendar = play.calendar
    return contact.safe_now(play.state, Channel.CALL, "", play.now, calendar).reason_code


def kinds(play: Play) -> set[str]:
    return {task.kind for task in play.state.tasks.values()}


def injury(play: Play, harm: GraveHarm = GraveHarm.SERIOUS_INJURY) -> RecordDeathOrSeriousInjury:
    return RecordDeathOrSeriousInjury(at=play.now, party=Party.VICTIM, harm=harm)


def blockers(play: Play, reason: ClosureReason = ClosureReason.DIED) -> str:
    return "; ".join(rules.blockers(play.state, CloseCase(at=play.now, reason=reason)))


def test_a_serious_injury_stops_every_clock_and_message_and_places_a_hold() -> None:
    play = a_case()
    assert safe(play) == "SAFE"
    assert play.do(injury(play)) == ("FROZEN", "HOLD-001")
    assert safe(play) == "FROZEN"
    assert open_clock(play.state, ClockType.FIRST_CONTACT) is None
    reasons = [e.data["clock"]["reason"] for e in play.events("clock:cancelled")]
    assert "FROZEN" in reasons
    told = [e for e in play.state.effects if e.kind is EffectKind.TELL]
    assert [e.payload["frozen"] for e in told if e.payload["kind"] == "wishes-changed"] == [True]
    assert {"DOMESTIC_HOMICIDE_REVIEW", "COMPLAINTS_REFERRAL"} <= kinds(play)
    flags = summary(play.state)["flags"]
    assert flags["frozen"] and flags["legal_hold"]

    play.until(OPENED + timedelta(days=40))
    late = {e.data["clock"]["clock_type"] for e in play.events("clock:breached")}
    assert not late & {"FIRST_CONTACT", "CONTACT_CADENCE", "LADDER_STEP"}
    codes = play.do(call(play.now, ContactResult.NO_ANSWER))
    assert codes == ("UNSAFE_ATTEMPT",)


def test_contact_is_owed_again_after_an_inspector_lifts_the_freeze_unless_the_victim_died() -> None:
    play = a_case()
    assert refusal(play, LiftFreeze(at=play.now, reason="R"), INSPECTOR, Role.INSPECTOR) == (
        "NOT_FROZEN"
    )
    play.do(injury(play))
    play.until(OPENED + timedelta(days=3))
    lift = LiftFreeze(at=play.now, reason="RECOVERED")
    assert refusal(play, lift) == "INSPECTOR_ONLY"
    inspect(play, lift)
    assert safe(play) == "SAFE"
    cadence = open_clock(play.state, ClockType.CONTACT_CADENCE)
    assert cadence is not None and cadence.due_raw == play.now + timedelta(days=7)
    told = [e.payload["frozen"] for e in play.state.effects if "frozen" in e.payload]
    assert told == [True, False]
    play.do(injury(play, GraveHarm.DEATH))
    assert refusal(play, lift, INSPECTOR, Role.INSPECTOR) == "VICTIM_DIED"


def test_an_incident_that_joins_a_frozen_case_is_told() -> None:
    play = a_case()
    play.do(injury(play))
    report(play, "46/2/27")
    told = [e.target for e in play.state.effects if "frozen" in e.payload]
    assert told == ["incident/46/1/27/VIC-0001", "incident/46/2/27/VIC-0001"]


def test_the_referrals_after_a_death_are_an_inspectors_and_block_closure() -> None:
    play = a_case()
    decide = RecordReviewReferral(
        at=play.now,
        referral=ReviewReferral.COMPLAINTS_REFERRAL,
        decision="REFERRED",
        reason="DEATH",
    )
    assert refusal(play, decide, INSPECTOR, Role.INSPECTOR) == "NOTHING_TO_DECIDE"
    play.do(injury(play, GraveHarm.DEATH))
    assert refusal(play, injury(play, GraveHarm.DEATH)) == "RECORDED_ALREADY"
    task = next(t for t in play.state.tasks.values() if t.kind == "COMPLAINTS_REFERRAL")
    assert task.owner == "INSPECTOR@Medway"
    assert "COMPLAINTS_REFERRAL" in blockers(play)
    assert refusal(play, decide) == "INSPECTOR_ONLY"
    inspect(play, decide)
    assert "COMPLAINTS_REFERRAL" not in blockers(play)
    assert "the reason is DIED" in blockers(play, ClosureReason.RISK_REDUCED)


def test_a_legal_hold_is_reviewed_and_lifted_by_an_inspector() -> None:
    play = a_case()
    place = PlaceLegalHold(at=play.now, reason="CIVIL_CLAIM")
    assert refusal(play, place) == "INSPECTOR_ONLY"
    assert inspect(play, place) == ("HOLD-001",)
    first = open_clock(play.state, ClockType.LEGAL_HOLD_REVIEW, "HOLD-001")
    assert first is not None and first.owner == "INSPECTOR@Medway"
    assert "legal hold HOLD-001 stands" in blockers(play)
    play.until(at(28, 6, 9))
    inspect(play, ReviewLegalHold(at=play.now, hold_id="HOLD-001", reason="STILL_NEEDED"))
    again = open_clock(play.state, ClockType.LEGAL_HOLD_REVIEW, "HOLD-001")
    assert again is not None and again.due_at == at(26, 7, 23, 59).replace(second=59)
    lift = LiftLegalHold(at=play.now, hold_id="HOLD-001", reason="CLAIM_SETTLED")
    inspect(play, lift)
    assert refusal(play, lift, INSPECTOR, Role.INSPECTOR) == "UNKNOWN_HOLD"
    assert not summary(play.state)["flags"]["legal_hold"]
    assert open_clock(play.state, ClockType.LEGAL_HOLD_REVIEW) is None


def test_a_disclosure_request_holds_the_record_and_is_answered_by_a_date() -> None:
    play = a_case()
    ask = RecordDisclosureRequest(at=play.now, request_ref="CPIA-1", asked_by="CPS")
    assert play.do(ask) == ("HOLD-001",)
    assert refusal(play, ask) == "RECORDED_ALREADY"
    more = ask.model_copy(update={"request_ref": "CPIA-2", "due_on": date(2027, 6, 10)})
    assert play.do(more) == ()
    due = {t.subject: t.due_at for t in play.state.tasks.values() if t.kind == "DISCLOSURE"}
    assert due == {
        "CPIA-1": at(21, 6, 23, 59).replace(second=59),
        "CPIA-2": at(10, 6, 23, 59).replace(second=59),
    }
    assert "disclosure request CPIA-1 is open" in blockers(play)
    answer = AnswerDisclosureRequest(
        at=play.now, request_ref="CPIA-1", decision="DISCLOSED", reason="SCHEDULED"
    )
    play.do(answer)
    assert refusal(play, answer) == "UNKNOWN_REQUEST"
    assert "legal hold HOLD-001 stands" in blockers(play)


def threat(play: Play, note: str = "note-1") -> RecordThreatToLife:
    return RecordThreatToLife(
        at=play.now, warned="VIC-0001", warned_by=DALO, authorised_by="PS 4001", note_ref=note
    )


def test_a_threat_to_life_is_reviewed_every_day_until_it_ends() -> None:
    play = a_case()
    assert refusal(play, threat(play, "")) == "NOTE_NEEDED"
    assert play.do(threat(play)) == ("TTL-001",)
    clock = open_clock(play.state, ClockType.THREAT_TO_LIFE_REVIEW, "TTL-001")
    assert clock is not None and clock.due_at == play.now + timedelta(hours=24)
    assert "threat to life TTL-001 is under review" in blockers(play)
    play.until(OPENED + timedelta(hours=20))
    stands = ReviewThreatToLife(
        at=play.now, threat_id="TTL-001", stands="STANDS", reason="SUSPECT_LOOSE"
    )
    assert refusal(play, stands) == "SUPERVISOR_ONLY"
    play.supervise(stands)
    clock = open_clock(play.state, ClockType.THREAT_TO_LIFE_REVIEW, "TTL-001")
    assert clock is not None and clock.due_at == play.now + timedelta(hours=24)
    assert "THREAT_TO_LIFE" in kinds(play)
    ended = stands.model_copy(update={"stands": "ENDED"})
    play.supervise(ended)
    assert "THREAT_TO_LIFE" not in kinds(play)
    assert refusal(play, ended, "PS 4001", Role.SUPERVISOR) == "UNKNOWN_THREAT"


def report(play: Play, ref: str = "46/1/27", version: int = 1, **more: object) -> None:
    facts = {
        "message_id": f"{ref}:{version}:{play.now}",
        "report": a_report(play.now, incident_ref=ref, version=version),
        "received_at": play.now,
        "grade": RiskGrade.MEDIUM,
        **more,
    }
    play.tell(ReportArrived.model_validate(facts))


def test_nobody_makes_contact_before_the_primary_aggressor_is_reviewed() -> None:
    play = a_case()
    report(play, "46/2/27", counter_allegation=("46/9/27",))
    assert safe(play) == "PRIMARY_AGGRESSOR_REVIEW"
    clock = open_clock(play.state, ClockType.PRIMARY_AGGRESSOR_REVIEW, "46/2/27")
    assert clock is not None and clock.due_at == play.now + timedelta(hours=24)
    assert "waits for a primary-aggressor review" in blockers(play)
    review = RecordPrimaryAggressor(
        at=play.now, incident_ref="46/2/27", aggressor=Aggressor.SUSPECT, reason="HISTORY"
    )
    assert refusal(play, review) == "SUPERVISOR_ONLY"
    play.supervise(review)
    assert safe(play) == "SAFE"
    assert open_clock(play.state, ClockType.PRIMARY_AGGRESSOR_REVIEW) is None
    assert refusal(play, review, "PS 4001", Role.SUPERVISOR) == "NO_COUNTER_ALLEGATION"
    report(play, "46/2/27", 2, counter_allegation=("46/9/27",))
    assert safe(play) == "SAFE"


def test_other_victims_of_an_incident_are_kept_apart_by_reference() -> None:
    play = a_case()
    report(play, "46/2/27", other_victims=("VIC-0002", "VIC-0003"))
    assert play.state.essentials.other_victims == {"46/2/27": ["VIC-0002", "VIC-0003"]}
    assert play.state.victim_ref == "VIC-0001"
    assert safe(play) == "SAFE"


@pytest.mark.parametrize("hours", [-1, 1])
def test_impossible_times_are_refused(hours: int) -> None:
    play = a_case()
    when = play.now + timedelta(hours=hours)
    command = threat(play).model_copy(update={"at": when})
    assert refusal(play, command) == ("IN_FUTURE" if hours > 0 else "BEFORE_CASE")


def test_a_freeze_ends_an_open_visit_unless_life_is_at_risk() -> None:
    play = a_case()
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,)))
    play.do(threat(play))
    play.do(injury(play))
    assert not play.events("visit:ended")
    ended = ReviewThreatToLife(at=play.now, threat_id="TTL-001", stands="ENDED", reason="R")
    play.supervise(ended)
    assert play.state.visits.visit is None
    assert play.events("visit:ended")[-1].data["state"] == "FROZEN"
    select = SelectVisit(at=play.now, selected_for=(VisitRule.HARM_INTELLIGENCE,))
    assert refusal(play, select) == "FROZEN"
