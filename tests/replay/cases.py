"""Stories of cases."""

from __future__ import annotations

from datetime import timedelta

from casework.reopening import reopen
from models import registry
from models.commands import (
    ApproveCadence,
    AskClosure,
    AskOtherOfficer,
    AssessRisk,
    AuthoriseVisit,
    CheckVisit,
    CloseCase,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    Grant,
    HandOver,
    NeedActionEntry,
    NeedEntry,
    PauseContact,
    PlaceLegalHold,
    Reassign,
    RecordDeathOrSeriousInjury,
    RecordLadderStep,
    RecordThreatToLife,
    RecordVisit,
    RecordWithdrawal,
    Refer,
    RefuseOtherOfficer,
    Regrade,
    ReopenCase,
    ReviewCase,
    ScreenStalking,
    SelectVisit,
    SetCadence,
)
from models.commands.contact import NotificationOptOut
from models.commands.handover import AcceptHandover
from models.enums import (
    CadencePlan,
    CheckResult,
    ClosureReason,
    ConsentStatus,
    GraveHarm,
    MaracCriterion,
    NeedDomain,
    NeedLevel,
    NoContactOffer,
    Party,
    PressureCheck,
    RecordingType,
    ReferralPathway,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    Role,
    SuspectStatus,
    VisitCheck,
    VisitOutcome,
    VisitRule,
    WithdrawalReason,
    YesNoUnknown,
)
from models.enums.report import Statement
from models.messages import (
    ReferralChanged,
    Renewed,
    SuspectChanged,
    Waitlisted,
)
from store.roster import RosterEntry
from tests.models.play import DALO, OTHER_DALO, SERGEANT, a_report
from tests.replay.acting import (
    ANSWERED,
    CHIEF,
    LEADING,
    SUSPECT,
    UNANSWERED,
    Handle,
    arrived,
    call,
    first_release,
    given_to_officer,
    open_case,
    plan,
)
from tests.replay.theatre import Theatre


async def case_worked(theatre: Theatre) -> Handle:
    """Contact, needs, a breach and its ladder, a pause, another officer, and closure."""
    handle = await open_case(theatre, 1, RiskGrade.HIGH)
    await plan(theatre, handle, await theatre.until(hours=1))
    await call(theatre, handle, UNANSWERED, hours=2)
    await call(theatre, handle, ANSWERED, hours=20)
    at = await theatre.until(days=3)
    needs = dict.fromkeys(NeedDomain, NeedLevel.NONE) | {NeedDomain.HOUSING: NeedLevel.HIGH}
    entries = tuple(NeedEntry(domain=domain, level=level) for domain, level in needs.items())
    action = NeedActionEntry(
        domain=NeedDomain.HOUSING, action="REFER", owner=DALO, due_at=at + timedelta(days=7)
    )
    assessed = CompleteNeedsAssessment(at=at, needs=entries, actions=(action,))
    await theatre.do(handle, assessed, DALO)
    at = await theatre.until(days=5)
    await theatre.do(handle, CompleteNeedAction(at=at, action_id="ACT-001"), DALO)
    at = await theatre.until(days=8, hours=3)
    step = RecordLadderStep(at=at, step="L1", outcome="VARIED_TIME")
    await theatre.do(handle, step, DALO)
    await call(theatre, handle, ANSWERED, days=8, hours=5)
    at = await theatre.until(days=10)
    cadence = SetCadence(at=at, plan=CadencePlan.CUSTOM, interval_days=5, victim_wish=True)
    await theatre.do(handle, cadence, DALO)
    at = await theatre.until(days=11)
    until = at + timedelta(days=10)
    pause = PauseContact(at=at, until=until, owner=SERGEANT, reason="ABROAD")
    await theatre.do(handle, pause, *CHIEF)
    at = await theatre.until(days=22)
    regrade = Regrade(at=at, grade=RiskGrade.MEDIUM, reason="RISK_REDUCED")
    await theatre.do(handle, regrade, *CHIEF)
    at = await theatre.until(days=23)
    reassign = Reassign(at=at, dalo_id=OTHER_DALO, reason="LEAVE")
    await theatre.do(handle, reassign, *CHIEF)
    await call(theatre, handle, ANSWERED, OTHER_DALO, days=24)
    at = await theatre.until(days=27)
    await theatre.do(handle, ReviewCase(at=at), *CHIEF)
    at = await theatre.until(days=60)
    reason = ClosureReason.RISK_REDUCED
    ask = AskClosure(at=at, reason=reason, victim_told=True)
    await theatre.do(handle, ask, OTHER_DALO)
    close = CloseCase(at=at, reason=reason, victim_told=True, override_reason="MOVED_ABROAD")
    await theatre.do(handle, close, *LEADING, settle=False)
    await theatre.ended(handle)
    return handle


async def case_reopened(theatre: Theatre) -> Handle:
    """The same, opened again two days later, and gone on with."""
    handle = await case_worked(theatre)
    chief, dalo = CHIEF[0], OTHER_DALO
    await theatre.staff(
        RosterEntry(officer_id=chief, role=Role.SUPERVISOR, area="Medway"),
        RosterEntry(
            officer_id=dalo, role=Role.DALO, area="Medway", capacity=5, supervisor_id=chief
        ),
    )
    at = await theatre.until(days=62)
    command = ReopenCase(at=at, reason="NEW_FACTS", dalo_id=dalo)
    by = Grant(actor=chief, role=CHIEF[1], access_log_id="story")
    await reopen(theatre.product, handle.id, command, by, "story-reopened")
    again = theatre.client.get_workflow_handle(handle.id)
    await theatre.settled(again)
    await call(theatre, again, ANSWERED, dalo, days=63)
    await theatre.until(days=75)
    await theatre.settled(again)
    return again


async def case_waited(theatre: Theatre) -> Handle:
    """A case that waits for a place, past its clock, and is then allocated and let be."""
    handle = await open_case(theatre, 2, RiskGrade.MEDIUM, allocated=False)
    at = await theatre.until(days=1)
    await theatre.tell(handle, Waitlisted(message_id="w1", supervisor_id=SERGEANT, at=at))
    at = await theatre.until(days=20)
    await theatre.tell(handle, given_to_officer(at))
    await theatre.until(days=50)
    await theatre.settled(handle)
    return handle


async def case_duties(theatre: Theatre) -> Handle:
    """Risk, referrals, a visit, a threat to life, a hold, and a handover."""
    handle = await open_case(theatre, 4, RiskGrade.MEDIUM, perpetrator_ref=SUSPECT)
    await plan(theatre, handle, await theatre.until(hours=1))
    at = await call(theatre, handle, ANSWERED, hours=2)
    yes = {f"Q{number}": RiskAnswer.YES for number in range(2, 17)}
    dash = AssessRisk(at=at, tool=RiskTool.DASH_ACPO_27, answers=yes, others=RiskAnswer.NO)
    await theatre.do(handle, dash, DALO)
    await theatre.do(handle, Regrade(at=at, grade=RiskGrade.HIGH, reason="TOOL_RESULT"), DALO)
    all_yes = YesNoUnknown.YES
    screen = ScreenStalking(
        at=at,
        fixated=all_yes,
        obsessive=all_yes,
        unwanted=all_yes,
        repeated=all_yes,
        unwanted_acts=4,
    )
    await theatre.do(handle, screen, DALO)
    at = await theatre.until(hours=5)
    consent = ConsentStatus.GIVEN
    for number, pathway in enumerate((ReferralPathway.MARAC, ReferralPathway.IDVA), 1):
        marac = pathway is ReferralPathway.MARAC
        refer = Refer(
            at=at,
            pathway=pathway,
            criteria=(MaracCriterion.VISIBLE_HIGH_RISK,) if marac else (),
            consent_status=consent,
            assigned_ref=f"{pathway.value}-2028-0000{number}",
        )
        await theatre.do(handle, refer, DALO)
    await _visited(theatre, handle)
    at = await theatre.until(days=4)
    threat = RecordThreatToLife(
        at=at, warned="VIC-4", warned_by=DALO, authorised_by="SUP 1001", note_ref="NOTE/4"
    )
    await theatre.do(handle, threat, DALO)
    await theatre.do(handle, PlaceLegalHold(at=at, reason="TRIAL"), *LEADING)
    at = await theatre.until(days=5)
    hand_over = HandOver(at=at, dalo_id=OTHER_DALO, reason="LEAVE")
    await theatre.do(handle, hand_over, *CHIEF)
    at = await theatre.until(days=7)
    await theatre.do(handle, AcceptHandover(at=at), OTHER_DALO)
    await theatre.until(days=14)
    await theatre.settled(handle)
    return handle


async def _visited(theatre: Theatre, handle: Handle) -> None:
    at = await theatre.until(hours=6)
    rule = VisitRule.HARM_INTELLIGENCE
    await theatre.do(handle, SelectVisit(at=at, selected_for=(rule,)), DALO)
    checks = dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)
    await theatre.do(handle, CheckVisit(at=at, checks=checks), DALO)
    authorise = AuthoriseVisit(
        at=at,
        opens_at=at + timedelta(hours=2),
        until=at + timedelta(hours=6),
        safer_because="SUSPECT_AT_WORK",
    )
    await theatre.do(handle, authorise, *CHIEF)
    at = await theatre.until(hours=9)
    nobody = RecordVisit(at=at, outcomes=(VisitOutcome.NO_REPLY,), double_crew=True)
    await theatre.do(handle, nobody, DALO)


async def case_wishes(theatre: Theatre) -> Handle:
    """Another officer, support withdrawn, no contact, a release, a new incident; then a grave
    injury freezes all of it."""
    handle = await open_case(theatre, 5, RiskGrade.MEDIUM, perpetrator_ref=SUSPECT)
    await plan(theatre, handle, await theatre.until(hours=1))
    at = await call(theatre, handle, ANSWERED, hours=2)
    await theatre.do(handle, AskOtherOfficer(at=at, reason="WISH"), DALO)
    await theatre.do(handle, RefuseOtherOfficer(at=at, reason="NOBODY_FREE"), *CHIEF)
    withdrawal = RecordWithdrawal(
        at=at,
        reasons=(WithdrawalReason.WANT_IT_OVER,),
        statement=Statement.GIVEN,
        pressure=PressureCheck.NONE_FOUND,
    )
    await theatre.do(handle, withdrawal, DALO)
    wish = SetCadence(
        at=at,
        plan=CadencePlan.NO_CONTACT,
        victim_wish=True,
        alone=True,
        verified=True,
        offers=(NoContactOffer.IDVA,),
        notices=NotificationOptOut.ALL_EXCEPT_RELEASE,
        recontact_on=(at + timedelta(days=60)).date(),
        note_ref="NOTE/5",
    )
    await theatre.do(handle, wish, DALO)
    at = await theatre.until(hours=4)
    await theatre.do(handle, ApproveCadence(at=at, approve=True, reason="FREE_WISH"), *CHIEF)
    at = await theatre.until(days=10)
    let_go = SuspectChanged(
        message_id="s1",
        incident_ref="46/5/28",
        perpetrator_ref=SUSPECT,
        status=SuspectStatus.RELEASED,
        at=at,
    )
    await theatre.tell(handle, let_go)
    at = await theatre.until(days=20)
    shouting = a_report(
        at,
        incident_ref="46/55/28",
        victim_ref="VIC-5",
        recording_type=RecordingType.NON_CRIME_DA,
        perpetrator_ref=SUSPECT,
        ho_class=(),
    )
    await theatre.tell(handle, arrived(shouting, at))
    await call(theatre, handle, UNANSWERED, days=21, hours=2)
    at = await theatre.until(days=22)
    hurt = RecordDeathOrSeriousInjury(at=at, party=Party.VICTIM, harm=GraveHarm.SERIOUS_INJURY)
    await theatre.do(handle, hurt, *CHIEF)
    await theatre.until(days=30)
    await theatre.settled(handle)
    return handle


async def case_told(theatre: Theatre) -> Handle:
    """What other workflows tell a case: a referral's answers."""
    handle = await open_case(theatre, 6, RiskGrade.HIGH, perpetrator_ref=SUSPECT)
    at = await theatre.until(hours=3)
    refer = Refer(
        at=at,
        pathway=ReferralPathway.MASIP,
        perpetrator_ref=SUSPECT,
        facts={"behaviours": "GIFTS,MESSAGES"},
        assigned_ref="MASIP-2028-00006",
    )
    await theatre.do(handle, refer, DALO)
    at = await theatre.until(days=4)
    for number, state in enumerate(("TRIAGED", "NOT_SUITABLE"), 1):
        answer = {
            "message_id": f"m{number}",
            "referral_ref": "MASIP-2028-00006",
            "pathway": ReferralPathway.MASIP,
            "perpetrator_ref": SUSPECT,
            "state": state,
            "at": at,
            "submitted_at": at,
            "ended": state == "NOT_SUITABLE",
        }
        await theatre.tell(handle, ReferralChanged.model_validate(answer))
    await theatre.until(days=12)
    await theatre.settled(handle)
    return handle


async def case_renewed(theatre: Theatre) -> Handle:
    """A case of the first release, moved to the second in its third week, which then goes by it."""
    handle = await open_case(theatre, 7, RiskGrade.HIGH, policy=first_release())
    await plan(theatre, handle, await theatre.until(hours=1))
    await call(theatre, handle, ANSWERED, hours=20)
    await theatre.until(days=16)
    renewed = Renewed(message_id="renew", policy_version=registry.current_policy().version)
    await theatre.renew(handle, renewed)
    at = await theatre.until(days=17)
    dash = AssessRisk(at=at, tool=RiskTool.DASH_ACPO_27, others=RiskAnswer.NO)
    await theatre.do(handle, dash, DALO)
    await call(theatre, handle, ANSWERED, days=18)
    await theatre.until(days=40)
    await theatre.settled(handle)
    return handle
