"""Walk-through (iv): a serial perpetrator goes to MATAC (docs/domain.md 16).

Where the text leaves something to the reader: each of the three victims has an open case, so that
there is a Liaison Officer to ask; two others are scored higher; an eighth report is just too old
for the window. The run of Thu 1 Jul reaches the meeting of Mon 5 Jul because the MATAC's list
closes one working day before it. The Right to Know is run on the incident of the last victim, as
the new partner has no incident of her own.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from casework import matac
from models import registry
from models.base import Refused
from models.commands import (
    AddAction,
    AnswerRetaliationCheck,
    ApplyDvds,
    CarryOutDisruption,
    HearReferral,
    IssueActions,
    MoveReferral,
    PlanDisruption,
    RecordAttendance,
    RecordDvds,
    RescoreSubject,
    ReviewReferral,
)
from models.commands.meeting import FreezeList
from models.enums import (
    ActionType,
    Agency,
    ClockType,
    DvdsOutcome,
    DvdsRoute,
    HearingDecision,
    Intervention,
    RecordingType,
    ReferralState,
    RetaliationRisk,
    RiskGrade,
    Role,
)
from models.ids import case_stream, incident_stream, referral_stream
from models.instants import show
from models.report import Report
from store.matac_runs import MatacRun
from store.roster import RosterEntry, load_roster
from store.tables import agenda_item, case_register, referral
from tests.opening import AREA, take_in
from tests.walkthroughs.conftest import Opened
from tests.walkthroughs.stage import DALO, OIC, SERGEANT, Stage, at

C = ClockType
MATAC_CO, SECOND_DALO = "MC-6002", "PC-5002"
SUBJECT = "PER-0004"
MEETING = "MATAC/Medway/2027-07-05/1"
LAST = "46/0407/27"
NON_CRIME = {"recording_type": RecordingType.NON_CRIME_DA, "ho_class": ()}
EVENTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("46/0400/25", "VIC-0004", "2025-06-20 21:00", {}),
    ("46/0401/26", "VIC-0004", "2026-02-14 21:00", {}),
    ("46/0402/26", "VIC-0004", "2026-09-05 21:00", NON_CRIME),
    ("46/0403/26", "VIC-0005", "2026-09-12 21:00", {}),
    ("46/0404/26", "VIC-0006", "2026-10-10 21:00", NON_CRIME),
    ("46/0405/27", "VIC-0005", "2027-06-05 20:00", {"ho_class": ("8U",)}),
    ("46/0406/27", "VIC-0006", "2027-06-12 20:00", {"ho_class": ("8N",), "strangulation": True}),
    (LAST, "VIC-0004", "2027-06-19 20:00", {}),
)
"""Too old; then seven: two that are no crimes, three common assaults, one coercive control, one
strangulation; three victims; the last twelve days before the run."""
OPENS_CASES = 5
"""From this one on a report is taken as it comes, and opens a case."""


def a_report(ref: str, victim: str, when: str, **changes: Any) -> Report:
    """A report of common assault, unless something else is said."""
    facts: dict[str, Any] = {
        "incident_ref": ref,
        "victim_ref": victim,
        "version": 1,
        "perpetrator_ref": SUBJECT,
        "recording_type": RecordingType.CRIME,
        "ho_class": ("105A",),
        "occurred_from": at(when) - timedelta(minutes=30),
        "reported_at": at(when),
        "district": AREA,
        "victim_age": 31,
        "risk_grade": RiskGrade.MEDIUM,
        "oic_id": OIC,
        **changes,
    }
    return Report.model_validate(facts)


async def the_years_before(stage: Stage) -> None:
    """Reports of two who harm more, and of the subject."""
    for who, count in (("PER-0401", 10), ("PER-0402", 6)):
        for number in range(count):
            ref = f"46/{who[-3:]}{number}/27"
            victim = f"VIC-{who[-3:]}{number % 4}"
            when = f"2027-05-{10 + number:02d} 12:00"
            grave = {"perpetrator_ref": who, "ho_class": ("5D",)}
            await take_in(
                stage.runtime, a_report(ref, victim, when, **grave), stage.now, history=True
            )
    for ref, victim, when, changes in EVENTS[:OPENS_CASES]:
        old = a_report(ref, victim, when, **changes)
        await take_in(stage.runtime, old, stage.now, history=True)


async def three_cases(stage: Stage) -> dict[str, str]:
    """June 2027: each victim is a repeat victim and gets a Liaison Officer; case by victim."""
    cases = {}
    for ref, victim, when, changes in EVENTS[OPENS_CASES:]:
        await stage.to(when)
        assert (
            await stage.receive(a_report(ref, victim, when, **changes))
        ).outcome == "CASE_OPENED"
        await stage.allocate()
        cases[victim] = stage.case_ref
    return cases


async def test_a_serial_perpetrator_is_scored_selected_and_reviewed_as_written(
    opened: Opened,
) -> None:
    async with opened("2027-06-05 19:30") as stage:
        await stage.staffed(dalo_at_work_from="2027-06-05 19:45")
        people = (
            RosterEntry(officer_id=MATAC_CO, role=Role.MATAC_COORDINATOR, area=AREA),
            RosterEntry(
                officer_id=SECOND_DALO,
                role=Role.DALO,
                area=AREA,
                capacity=40,
                supervisor_id=SERGEANT,
            ),
        )
        async with stage.runtime.engine.begin() as conn:
            await load_roster(conn, people, stage.now)
        await the_years_before(stage)
        cases = await three_cases(stage)
        ref = await scored(stage, cases)
        await selected(stage, ref)
        await disrupted(stage, ref, cases)
        await reviewed_in_summer(stage, ref)
        await right_to_know(stage)
        await reviewed_in_winter(stage, ref)
        await stage.replayed()


async def the_run(stage: Stage, *, dry_run: bool = False) -> MatacRun:
    """The scoring run, as the coordinator starts it."""
    grant = await stage.runtime.gate.authorise(MATAC_CO, "matac-run")
    made = await matac.run(stage.runtime, AREA, "", grant, dry_run=dry_run)
    await stage.settle()
    return made


async def scored(stage: Stage, cases: dict[str, str]) -> str:
    """Thu 1 Jul: R 100, F 80, G 72, V 75 make 80.2, rank 3; the coordinator nominates."""
    await stage.to("2027-07-01 09:00")
    run = await the_run(stage)
    assert run.run_on == date(2027, 7, 1)
    found = next(each for each in run.subjects if each.perpetrator_ref == SUBJECT)
    assert (found.r, found.f, found.g, found.v) == (100, 80, 72, 75)
    assert (found.score, found.rank) == (80.2, 3)
    assert (found.events, found.victims, found.serial) == (7, 3, True)
    assert (found.standing, set(found.cases)) == ("NOMINATED", set(cases.values()))
    (kept,) = [
        each
        for each in await stage.events(f"matac/{AREA}/2027-07", "matac:run:scored")
        if each.data["perpetrator_ref"] == SUBJECT
    ]
    assert sorted(kept.data["points"].values()) == [1, 1, 5, 5, 5, 15, 40]
    assert kept.data["weights_version"] == run.weights_version
    made = await stage.row(referral, referral_ref=found.referral_ref)
    assert made["state"] == "SCORED"
    nominated = MoveReferral(at=stage.now, to=ReferralState.NOMINATED)
    await stage.do(MATAC_CO, found.referral_ref, nominated)
    made = await stage.row(referral, referral_ref=found.referral_ref)
    assert (made["state"], made["meeting"]) == ("NOMINATED", f"meeting/{MEETING}")
    return found.referral_ref


async def selected(stage: Stage, ref: str) -> None:
    """Mon 5 Jul: selected, profiled, active; the other nominations wait for their own decision."""
    await stage.to("2027-07-02 16:00")
    await stage.do(MATAC_CO, MEETING, FreezeList(at=stage.now))
    now = await stage.to("2027-07-05 10:00")
    present = {MATAC_CO: Agency.POLICE, "PROB-1": Agency.PROBATION}
    await stage.do(MATAC_CO, MEETING, RecordAttendance(at=now, present=present))
    chosen = HearReferral(at=now, referral_ref=ref, decision=HearingDecision.SELECTED)
    await stage.do(MATAC_CO, MEETING, chosen)
    row = await stage.row(referral, referral_ref=ref)
    assert (row["state"], row["details"]["score"], row["details"]["entry_score"]) == (
        "SELECTED",
        80.2,
        80.2,
    )
    (item,) = await stage.rows(agenda_item, referral_ref=ref)
    assert (item["state"], item["decision"]) == ("HEARD", "SELECTED")
    assert await stage.fired(referral_stream(ref), "clock:breached", C.MATAC_SELECTION) == []


def action(
    stage: Stage, ref: str, what: str, kind: Intervention, disruption_id: str = ""
) -> AddAction:
    """An action of the meeting."""
    return AddAction(
        at=stage.now,
        referral_ref=ref,
        action_type=ActionType.PERPETRATOR,
        action=what,
        agency=Agency.POLICE,
        owner=OIC,
        intervention=kind,
        disruption_id=disruption_id,
    )


async def disrupted(stage: Stage, ref: str, cases: dict[str, str]) -> None:
    """Support and enforcement at once; disruption only after each victim's Liaison Officer has said
    that it is safe."""
    for what, kind in (
        ("ALCOHOL_SUPPORT", Intervention.SUPPORT),
        ("BAIL_CHECK", Intervention.ENFORCEMENT),
    ):
        await stage.do(MATAC_CO, MEETING, action(stage, ref, what, kind))
    disruption = action(stage, ref, "TRAFFIC_STOP", Intervention.DISRUPTION)
    assert await refused(stage, MEETING, disruption) == "DISRUPTION_NEEDED"
    (planned,) = await stage.do(MATAC_CO, ref, PlanDisruption(at=stage.now, action="TRAFFIC_STOP"))
    early = CarryOutDisruption(at=stage.now, disruption_id=planned)
    disruption = action(stage, ref, "TRAFFIC_STOP", Intervention.DISRUPTION, planned)
    for case_ref in cases.values():
        (asked,) = await stage.tasks(case_stream(case_ref), "RETALIATION_CHECK")
        assert asked[1] == await officer_of(stage, case_ref)
        assert await refused(stage, ref, early) == "RETALIATION_NOT_CHECKED"
        assert await refused(stage, MEETING, disruption) == "RETALIATION_NOT_CHECKED"
        await stage.to((stage.now + timedelta(minutes=10)).strftime("2027-07-05 11:%M"))
        answer = AnswerRetaliationCheck(at=stage.now, referral=ref, answer=RetaliationRisk.SAFE)
        await stage.do(asked[1], case_ref, answer)
    await stage.settle()
    agreed = disruption.model_copy(update={"at": stage.now})
    assert await stage.do(MATAC_CO, MEETING, agreed)
    done = CarryOutDisruption(at=stage.now, disruption_id=planned)
    await stage.do(MATAC_CO, ref, done)
    (carried,) = await stage.events(referral_stream(ref), "referral:disruption:carried_out")
    assert set(carried.data["cases"]) == set(cases.values())
    await stage.do(MATAC_CO, MEETING, IssueActions(at=stage.now))
    profile = MoveReferral(
        at=stage.now, to=ReferralState.PROFILED, facts={"profile_ref": "PROFILE-4"}
    )
    await stage.do(MATAC_CO, ref, profile)
    await stage.do(MATAC_CO, ref, MoveReferral(at=stage.now, to=ReferralState.ACTIVE))


async def officer_of(stage: Stage, case_ref: str) -> str:
    """Who has the case."""
    return str((await stage.row(case_register, case_ref=case_ref))["dalo_id"])


async def refused(stage: Stage, ref: str, command: Any) -> str:
    """The code with which the coordinator's command is refused."""
    with pytest.raises(Refused) as caught:
        await stage.do(MATAC_CO, ref, command)
    return caught.value.code


async def review(stage: Stage, ref: str, when: str) -> None:
    """A review held in time."""
    now = await stage.to(when)
    await stage.do(MATAC_CO, ref, ReviewReferral(at=now))


async def review_day(stage: Stage, ref: str) -> str:
    """The day on which the next review is due."""
    return (await stage.due(referral_stream(ref), C.MATAC_REVIEW)).removesuffix(" 23:59")


async def reviewed_in_summer(stage: Stage, ref: str) -> None:
    """Every 28 days from 5 Jul; what a bank holiday moves does not move the next."""
    assert await review_day(stage, ref) == "Mon 2 Aug 2027"
    await review(stage, ref, "2027-08-02 10:00")
    assert await review_day(stage, ref) == "Tue 31 Aug 2027"
    await review(stage, ref, "2027-08-31 10:00")
    assert await review_day(stage, ref) == "Mon 27 Sep 2027"


async def right_to_know(stage: Stage) -> None:
    """6 Sep: a new partner is found; she is told by 4 Oct."""
    found = await stage.to("2027-09-06 12:00")
    incident = incident_stream(LAST, "VIC-0004")
    asked = ApplyDvds(at=found, route=DvdsRoute.RIGHT_TO_KNOW)
    (disclosure,) = await stage.do(DALO, incident, asked)
    assert await stage.due(incident, C.DVDS) == "Mon 4 Oct 2027 23:59"
    told = await stage.to("2027-09-23 12:00")
    outcome = RecordDvds(at=told, dvds_id=disclosure, outcome=DvdsOutcome.DISCLOSED)
    await stage.do(DALO, incident, outcome)
    assert await stage.fired(incident, "clock:breached", C.DVDS) == []


async def reviewed_in_winter(stage: Stage, ref: str) -> None:
    """Mon 17 Jan 2028: 65.2, above 60; and to discharge is a judgement anyway."""
    for day in ("2027-09-27", "2027-10-25", "2027-11-22", "2027-12-20"):
        await review(stage, ref, f"{day} 10:00")
    assert await review_day(stage, ref) == "Mon 17 Jan 2028"
    now = await stage.to("2028-01-17 10:00")
    run = await the_run(stage, dry_run=True)
    found = next(each for each in run.subjects if each.perpetrator_ref == SUBJECT)
    assert found.last_event_at is not None
    assert (now.date() - found.last_event_at.date()).days == 212
    assert (found.r, found.f, found.g, found.v, found.score) == (25, 80, 72, 75, 65.2)
    assert found.standing == "ALREADY_ACTIVE"
    assert found.score >= registry.current_policy().of_duties.rfgv.threshold == 60
    again = RescoreSubject(
        at=now,
        score=found.score,
        recency=found.r,
        frequency=found.f,
        gravity=found.g,
        victims=found.v,
        weights_version=run.weights_version,
    )
    assert await stage.do(MATAC_CO, ref, again) == ()
    await stage.do(MATAC_CO, ref, ReviewReferral(at=now))
    row = await stage.row(referral, referral_ref=ref)
    assert (row["state"], row["details"]["score"], row["details"]["entry_score"]) == (
        "ACTIVE",
        65.2,
        80.2,
    )
    held = await stage.clocks(referral_stream(ref), ended=True)
    reviews = [each for each in held if each.clock_type is C.MATAC_REVIEW]
    assert [show(each.due_at) for each in reviews if each.breached_at] == []
    assert show(reviews[-1].due_at) == "Mon 14 Feb 2028 23:59"
