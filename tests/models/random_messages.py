"""What a case may be told by intake, the allocator and other workflows, by a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from models.enums import (
    OrderType,
    ReferralPathway,
    ReferralState,
    RiskGrade,
    RiskTool,
    SuspectStatus,
)
from models.enums.victims_code import CourtEvent
from models.messages import (
    Allocated,
    BailChanged,
    CaseMessage,
    CourtDated,
    EarlierReport,
    MergedInto,
    OrderBreached,
    OrderChanged,
    OtherVictim,
    PairReferral,
    ReferralChanged,
    ReportArrived,
    RetaliationAnswer,
    SuspectChanged,
    Under16Party,
    VictimMessageDone,
    VictimTold,
    Waitlisted,
)
from tests.models.play import SERGEANT, Play, a_report
from tests.models.random_commands import Maker

SUSPECT = "PER-0001"
REFERRALS = tuple(f"{pathway.value}-2027-00001" for pathway in ReferralPathway)


def a_message(
    play: Play, maker: Maker, name: str, merged: Callable[[], CaseMessage]
) -> CaseMessage:
    """What another workflow, intake or the allocator may say; `merged` makes the case of a
    reference that proved to be the same person."""
    random, now = maker.random, play.now
    incident = random.choice([*play.state.incidents, "46/77/27"])
    referral = random.choice([*play.state.referrals.made, *REFERRALS])
    asked = play.state.asked.sending
    if random.random() < 0.02:
        return MergedInto(
            message_id=name,
            kept_case_ref="CASE-2027-00003",
            kept_victim_ref="VIC-0003",
            decided_by=SERGEANT,
            role="SUPERVISOR",
            reason="SAME_PERSON",
            at=now,
        )
    makers = (
        *_of_intake(maker, name, incident),
        *_of_incidents(maker, name, incident),
        *_of_referrals(maker, name, referral),
        lambda: VictimMessageDone(
            message_id=name,
            victim_message_id=asked.message_id if asked else "unknown",
            outcome=random.choice(["SENT", "BLOCKED", "FAILED", "UNKNOWN"]),
            at=now,
        ),
        merged,
    )
    while True:
        made: CaseMessage | None = random.choice(makers)()
        if made is not None:
            return made


def _of_intake(maker: Maker, name: str, incident: str) -> tuple[Any, ...]:
    """What intake and the allocator say."""
    now = maker.now
    return (
        lambda: _report(maker, name),
        lambda: _report(maker, name),
        lambda: maker.make(Allocated, message_id=name, allocated_at=now, supervisor_id=SERGEANT),
        lambda: Waitlisted(message_id=name, supervisor_id=SERGEANT, at=now),
        lambda: Under16Party(message_id=name, incident_ref=incident),
        lambda: OtherVictim(message_id=name, incident_ref=incident, victim_ref="VIC-0009", at=now),
    )


def _of_incidents(maker: Maker, name: str, incident: str) -> tuple[Any, ...]:
    """What only an incident says."""
    random, now = maker.random, maker.now
    return (
        lambda: SuspectChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            status=random.choice(list(SuspectStatus)),
            at=now - timedelta(hours=random.randint(0, 40)),
            release_planned_at=random.choice([None, None, now + timedelta(days=4)]),
        ),
        lambda: OrderChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            order_id=random.choice(["ORD-001", "ORD-002"]),
            order_type=random.choice(list(OrderType)),
            in_force=random.random() < 0.6,
            at=now,
        ),
        lambda: SuspectChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            status=random.choice(list(SuspectStatus)),
            at=now,
            freed=random.random() < 0.5,
            release_cancelled=random.random() < 0.5,
        ),
        lambda: BailChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            in_force=random.random() < 0.5,
            last_day="2027-08-14",
            at=now,
        ),
        lambda: OrderBreached(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            breach_id=f"ORD-001/BREACH-{random.randint(1, 9)}",
            of=random.choice(list(OrderType)),
            criminal=random.random() < 0.5,
            at=now - timedelta(hours=random.randint(0, 40)),
            known_at=now,
        ),
        lambda: CourtDated(
            message_id=name,
            incident_ref=incident,
            hearing_id=random.choice(["HRG-001", "HRG-002"]),
            event=random.choice(list(CourtEvent)),
            court_day=(now + timedelta(days=random.randint(0, 20))).date().isoformat(),
            at=now,
        ),
        lambda: VictimTold(message_id=name, incident_ref=incident, outcome="TOLD", at=now),
    )


def _of_referrals(maker: Maker, name: str, referral: str) -> tuple[Any, ...]:
    """What a referral says."""
    now, pathway = maker.now, ReferralPathway(referral.split("-", 1)[0])
    return (
        lambda: maker.make(
            ReferralChanged, message_id=name, referral_ref=referral, pathway=pathway, at=now
        ),
        lambda: RetaliationAnswer(
            message_id=name, referral_ref=referral, case_ref="CASE-2027-00001", safe=True, at=now
        ),
    )


def _report(maker: Maker, name: str) -> ReportArrived:
    random, now = maker.random, maker.now
    number = random.randint(1, 40)
    earlier = tuple(
        EarlierReport(
            incident_ref=f"46/{random.randint(200, 260)}/26",
            reported_at=now - timedelta(days=random.randint(1, 700)),
            perpetrator_ref=SUSPECT,
            criminal=random.random() < 0.5,
        )
        for _ in range(random.randint(0, 5))
    )
    report = a_report(
        now - timedelta(hours=random.randint(0, 30)),
        incident_ref=f"46/{number}/27",
        version=random.randint(1, 4),
        perpetrator_ref=SUSPECT,
        stalking=random.random() < 0.2,
        shared_home=random.random() < 0.3,
        suspect_status=random.choice([None, *SuspectStatus]),
        risk_tool=RiskTool.DASH_ACPO_27,
        risk_score=random.randint(0, 24),
    )
    return ReportArrived(
        message_id=name,
        report=report,
        received_at=now,
        grade=random.choice(list(RiskGrade)),
        grade_pending_review=random.random() < 0.2,
        now_ineligible=random.random() < 0.1,
        repeat_count_365=random.randint(0, 6),
        other_victims=("VIC-0009",) if random.random() < 0.1 else (),
        counter_allegation=("46/55/27",) if random.random() < 0.1 else (),
        earlier_reports=earlier,
        marac_referrals=(
            PairReferral(
                referral_ref="MARAC-2026-00007",
                perpetrator_ref=SUSPECT,
                submitted_at=now - timedelta(days=random.randint(10, 500)),
            ),
        )
        if random.random() < 0.2
        else (),
    )


# --- news of a certain kind ----------------------------------------------------------------------


def taken_on(play: Play, ref: str) -> ReferralChanged:
    """Somebody works on a referral."""
    pathway = ReferralPathway(ref.split("-", 1)[0])
    return _referral_news(play, ref, pathway, state=TAKEN_ON[pathway])


def retaliation_asked(play: Play) -> ReferralChanged:
    """A disruption is planned: may it endanger her?"""
    return _referral_news(
        play,
        "MATAC-2027-00001",
        ReferralPathway.MATAC,
        state=ReferralState.ACTIVE,
        codes=("RETALIATION_CHECK",),
        disruption_id="DIS-001",
    )


def both_allege(play: Play) -> ReportArrived:
    """A report that says the opposite of another."""
    number = play.state.next_seq
    return ReportArrived(
        message_id=f"counter:{number}",
        report=a_report(play.now, incident_ref=f"46/{number + 1000}/27", perpetrator_ref=SUSPECT),
        received_at=play.now,
        grade=play.state.risk_grade,
        counter_allegation=("46/55/27",),
    )


def released(play: Play) -> SuspectChanged:
    """The suspect goes free."""
    return SuspectChanged(
        message_id=f"released:{play.state.next_seq}",
        incident_ref=min(play.state.incidents),
        perpetrator_ref=SUSPECT,
        status=SuspectStatus.RUI,
        at=play.now,
    )


TAKEN_ON = {
    ReferralPathway.IDVA: ReferralState.ACKNOWLEDGED,
    ReferralPathway.MARAC: ReferralState.ACCEPTED,
    ReferralPathway.MATAC: ReferralState.ACTIVE,
    ReferralPathway.MASIP: ReferralState.TRIAGED,
}
NEWS: dict[str, Callable[[Play], CaseMessage]] = {
    "both allege": both_allege,
    "suspect released": released,
    "retaliation asked": retaliation_asked,
}


def _referral_news(
    play: Play, ref: str, pathway: ReferralPathway, *, state: ReferralState, **facts: Any
) -> ReferralChanged:
    return ReferralChanged(
        message_id=f"{ref}:{state.value}:{play.state.next_seq}",
        referral_ref=ref,
        pathway=pathway,
        perpetrator_ref=SUSPECT,
        state=state,
        at=play.now,
        submitted_at=play.now,
        **facts,
    )
