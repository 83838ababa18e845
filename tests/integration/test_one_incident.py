"""One incident through every duty: the messages between case, incident, referrals and meeting are
real, and at the end ledger, engine and read models agree and hold nobody's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.leave import Leave, take_leave
from casework.watchdog import check
from cli.ledger import Heads
from models.base import Refused
from models.commands import (
    AcceptHandover,
    AddAction,
    AskClosure,
    AssessRisk,
    AuthoriseVisit,
    ChangeSuspectStatus,
    CheckVisit,
    CloseCase,
    CompleteAction,
    DeclareConflict,
    FreezeList,
    HandOver,
    HearReferral,
    IssueActions,
    IssueMinutes,
    MoveReferral,
    RecordAttendance,
    RecordNotification,
    RecordVisit,
    Refer,
    ReferChild,
    Regrade,
    ReopenCase,
    RequestResearch,
    ReturnResearch,
    SelectVisit,
)
from models.enums import (
    Agency,
    ArrestReason,
    CaseState,
    Channel,
    CheckResult,
    ClockType,
    ClosureReason,
    ConsentStatus,
    HearingDecision,
    MaracCriterion,
    MeetingState,
    ReferralPathway,
    ReferralState,
    ResearchResult,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    SuspectStatus,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)
from store.rebuild import compare, rebuild
from store.seal import seal
from store.tables import case_register, contact, referral, visit
from store.verify import verify
from tests.integration.force import IDVA, INSPECTOR, MARAC, OIC, OTHER, THIRD, Force
from tests.models.play_referral import WHOLE_FORM
from tests.privacy.needles import Scanner
from tests.site import DALO, SERGEANT

NAME, PHONE = "Fictional Person", "07700 900000"
NOTE = f"{NAME} asks to be called on {PHONE} only"


async def assessed_and_graded(force: Force) -> None:
    """Answers recommend HIGH; the officer grades, and social care hears of the child."""
    before = await force.incident_now()
    assert ClockType.CHILD_REFERRAL not in {c.clock_type for c in before.clocks}
    yes = {f"Q{n}": RiskAnswer.YES for n in range(1, 16)}
    await force.do(
        DALO,
        force.case_ref,
        AssessRisk,
        tool=RiskTool.DASH_ACPO_27,
        answers=yes,
        others=RiskAnswer.NO,
    )
    waits = (await force.case_now()).tasks
    assert "DECIDE" in {task.kind for task in waits}
    await force.do(DALO, force.case_ref, Regrade, grade=RiskGrade.HIGH, reason="DASH_AND_JUDGEMENT")
    after = await force.incident_now()
    assert ClockType.CHILD_REFERRAL in {c.clock_type for c in after.clocks}
    await force.do(DALO, force.incident, ReferChild, referral="REFERRAL", service="MASH_MEDWAY")
    settled = await force.incident_now()
    assert ClockType.CHILD_REFERRAL not in {c.clock_type for c in settled.clocks}


async def referred(force: Force) -> tuple[str, str]:
    """The references of the IDVA's and the MARAC referral."""
    asked = {c.clock_type for c in (await force.case_now()).clocks}
    assert {ClockType.IDVA_REFERRAL, ClockType.MARAC_SUBMIT} <= asked
    idva, *_ = await force.do(
        DALO,
        force.case_ref,
        Refer,
        pathway=ReferralPathway.IDVA,
        consent_status=ConsentStatus.GIVEN,
        facts={"reason": "HIGH_RISK", "safe_contact_ref": "PLAN-1"},
    )
    marac, *_ = await force.do(
        DALO,
        force.case_ref,
        Refer,
        pathway=ReferralPathway.MARAC,
        perpetrator_ref=force.perpetrator_ref,
        criteria=(MaracCriterion.VISIBLE_HIGH_RISK,),
        consent_status=ConsentStatus.GIVEN,
        emergency=True,
        facts=WHOLE_FORM,
    )
    left = {c.clock_type for c in (await force.case_now()).clocks}
    assert not left & {ClockType.IDVA_REFERRAL, ClockType.MARAC_SUBMIT}
    return idva, marac


async def heard(force: Force, marac: str) -> None:
    """Accepted, listed, frozen, researched, heard, acted on, minuted: the flag is left."""
    meeting = await force.soon_a_meeting(8)
    ref = meeting.removeprefix("meeting/")
    await force.do(MARAC, marac, MoveReferral, to=ReferralState.ACCEPTED)
    assert (await force.referral_now(marac)).state is ReferralState.LISTED
    on_list = await force.meeting_now(meeting)
    assert [item.referral_ref for item in on_list.agenda] == [marac]
    await force.do(MARAC, ref, FreezeList)
    assert (await force.referral_now(marac)).state is ReferralState.RESEARCH
    await force.do(MARAC, ref, RequestResearch)
    for agency in (await force.meeting_now(meeting)).research_asked:
        await force.do(
            MARAC, ref, ReturnResearch, agency=agency, result=ResearchResult.NOTHING_HELD
        )
    await force.until(on_list.starts_at)
    present = {DALO: Agency.POLICE, IDVA: Agency.IDVA}
    await force.do(MARAC, ref, RecordAttendance, present=present, chaired_by=INSPECTOR)
    what = {"action_type": "HOUSING", "action": "MANAGED_MOVE", "agency": Agency.HOUSING}
    await force.do(MARAC, ref, AddAction, referral_ref=marac, owner=MARAC, **what)
    await force.do(
        MARAC, ref, HearReferral, referral_ref=marac, decision=HearingDecision.ACTIONS_AGREED
    )
    assert (await force.referral_now(marac)).state is ReferralState.ACTIONS_OPEN
    await force.do(MARAC, ref, IssueActions)
    await force.do(MARAC, ref, CompleteAction, action_id="1")
    flagged = await force.referral_now(marac)
    assert flagged.state is ReferralState.FLAGGED_12M
    async with force.site.runtime.engine.begin() as conn:
        note_ref = await force.site.runtime.secrets.save_note(conn, meeting, NOTE, force.now())
    await force.do(MARAC, ref, IssueMinutes, note_ref=note_ref)
    await force.quiet()
    made = (await force.case_now()).referrals
    assert made is not None
    assert made.made[marac].heard_at is not None
    assert made.made[marac].flag_until is not None
    assert (await force.meeting_now(meeting)).stage is MeetingState.ENDED


async def arrested_and_told(force: Force) -> None:
    """The suspect's arrest is told within the working day, by a route that the case calls safe."""
    await force.do(
        OIC,
        force.incident,
        ChangeSuspectStatus,
        status=SuspectStatus.ARRESTED,
        arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE,
    )
    owed = {c.clock_type for c in (await force.incident_now()).clocks}
    assert ClockType.VICTIM_NOTIFICATION in owed
    what = {"event_kind": "SUSPECT_ARRESTED", "outcome": "TOLD", "channel": Channel.CALL}
    codes = await force.do(DALO, force.incident, RecordNotification, route="mobile", **what)
    assert "UNSAFE_NOTIFICATION" not in codes
    left = {c.clock_type for c in (await force.incident_now()).clocks}
    assert ClockType.VICTIM_NOTIFICATION not in left


async def visited(force: Force) -> None:
    """Selected by the officer, authorised by the sergeant, made, over."""
    await force.do(DALO, force.case_ref, SelectVisit, selected_for=(VisitRule.HARM_INTELLIGENCE,))
    checks = dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)
    await force.do(DALO, force.case_ref, CheckVisit, checks=checks)
    window: dict[str, Any] = {
        "opens_at": force.now(),
        "until": force.now() + timedelta(hours=1),
    }
    await force.do(
        SERGEANT, force.case_ref, AuthoriseVisit, safer_because="SUSPECT_IN_CUSTODY", **window
    )
    await force.do(DALO, force.case_ref, RecordVisit, outcomes=(VisitOutcome.SEEN_ALONE,))
    visits = (await force.case_now()).visits
    assert visits is not None
    assert visits.visit is None


async def handed_over(force: Force, *referrals: str) -> None:
    """Everything follows to the other DALO: case, incident, referrals, register."""
    await force.do(SERGEANT, force.case_ref, HandOver, dalo_id=OTHER, reason="WORKLOAD")
    await force.do(OTHER, force.case_ref, AcceptHandover)
    case = await force.case_now()
    assert case.summary["dalo_id"] == OTHER
    assert DALO not in {c.owner for c in case.clocks} | {t.owner for t in case.tasks}
    incident = await force.incident_now()
    assert DALO not in {c.owner for c in incident.clocks} | {t.owner for t in incident.tasks}
    for ref in referrals:
        told = await force.referral_now(ref)
        assert told.lead == OTHER
        assert DALO not in {c.owner for c in told.clocks} | {t.owner for t in told.tasks}
    assert await force.refused(DALO, force.case_ref, AcceptHandover) in (
        "NO_HANDOVER",
        "REASON_NEEDED",
        "NOT_YOUR_CASE",
    )


async def covered(force: Force) -> None:
    """Away from tomorrow; the case knows who covers."""
    leave = Leave(
        officer_id=OTHER,
        away_from=force.now() + timedelta(days=1),
        away_until=force.now() + timedelta(days=8),
        cover_id=DALO,
        reason="LEAVE",
    )
    runtime = force.site.runtime
    grant = await runtime.gate.authorise(SERGEANT, "record-leave", OTHER)
    done = await take_leave(runtime, leave, grant)
    assert [(each.case_ref, each.outcome, each.who) for each in done] == [
        (force.case_ref, "COVERED", DALO)
    ]
    again = await take_leave(runtime, leave, grant)
    assert [each.outcome for each in again] == ["COVERED"]
    await force.quiet()
    handover = (await force.case_now()).handover
    assert handover is not None
    assert handover.cover is not None
    assert handover.cover.cover_id == DALO


async def closed_and_reopened(force: Force) -> None:
    """Asked for, blocked by name, closed by an inspector, reopened with its referrals."""
    await force.do(OTHER, force.case_ref, AskClosure, reason=ClosureReason.RISK_REDUCED)
    closing: dict[str, Any] = {"reason": ClosureReason.RISK_REDUCED, "victim_told": True}
    assert await force.refused(SERGEANT, force.case_ref, CloseCase, **closing) == "CLOSURE_BLOCKED"
    await force.do(
        INSPECTOR, force.case_ref, CloseCase, override_reason="MOVED_ABROAD", hand_to=OIC, **closing
    )
    for _ in range(100):
        async with force.site.runtime.engine.connect() as conn:
            closed_at = await conn.scalar(
                select(case_register.c.closed_at).where(case_register.c.case_ref == force.case_ref)
            )
        if closed_at is not None:
            break
        await force.quiet()
    assert closed_at is not None
    await force.quiet()
    incident = await force.incident_now()
    assert OTHER not in {c.owner for c in incident.clocks}
    await force.do(SERGEANT, force.case_ref, ReopenCase, reason="NEW_RISK", dalo_id=DALO)
    await force.quiet()
    case = await force.case_now()
    assert case.summary["state"] != CaseState.CLOSED
    assert case.summary["dalo_id"] == DALO


async def agree(force: Force) -> None:
    """Ledger, running workflows, read models and watchdog have nothing against each other."""
    runtime = force.site.runtime
    await seal(runtime.engine, force.now())
    heads = Heads(runtime)
    assert await verify(runtime.engine, heads) == []
    assert heads.silent == []
    assert await compare(runtime.engine) == []
    assert await check(runtime, share=1.0) == []
    await rebuild(runtime.engine)
    assert await compare(runtime.engine) == []


async def nobody_is_named(force: Force) -> None:
    """Neither name nor number is in any table or history."""
    words = (NAME.lower(), "fictional_person", "7700 900000", "7700900000")
    scanner = Scanner(word.encode() for word in words)
    raw = bytearray()
    client = force.site.runtime.client
    for stream in await force.streams():
        kept = await client.get_workflow_handle(stream).fetch_history()
        raw += b"".join(event.SerializeToString() for event in kept.events)
    assert scanner.count(bytes(raw)) == 0
    assert b"binary/encrypted" in raw
    async with force.site.runtime.engine.connect() as conn:
        assert await scanner.tables(conn) == {}


@pytest.mark.timeout(180)
async def test_one_incident_through_every_duty(force: Force) -> None:
    await force.plan(DALO)
    await assessed_and_graded(force)
    idva, marac = await referred(force)
    await force.do(IDVA, idva, MoveReferral, to=ReferralState.ACKNOWLEDGED)
    await heard(force, marac)
    await arrested_and_told(force)
    await visited(force)
    await handed_over(force, idva, marac)
    await covered(force)
    await force.do(OTHER, force.case_ref, DeclareConflict, officer_id=THIRD, reason="RELATIVE")
    with pytest.raises(Refused) as shut:
        await force.site.runtime.gate.authorise(THIRD, "view-case", force.case_ref, "curious")
    assert shut.value.code == "CONFLICT_OF_INTEREST"
    again = {"dalo_id": THIRD, "reason": "WORKLOAD"}
    assert (
        await force.refused(SERGEANT, force.case_ref, HandOver, **again) == "CONFLICT_OF_INTEREST"
    )
    await closed_and_reopened(force)
    for ref in (idva, marac):
        assert (await force.referral_now(ref)).lead == DALO
    async with force.site.runtime.engine.connect() as conn:
        rows = (await conn.execute(select(referral.c.referral_ref, referral.c.state))).all()
        made = (await conn.execute(select(visit.c.state))).scalars().all()
        assert (await conn.execute(select(contact.c.case_ref))).all()
    assert dict(map(tuple, rows)) == {idva: "ACKNOWLEDGED", marac: "FLAGGED_12M"}
    assert made
    await agree(force)
    await nobody_is_named(force)
