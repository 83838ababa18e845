"""Walk-through (v): support withdrawn, no contact asked for, a new incident (docs/domain.md 16).

Where the text leaves it open: she is high-risk by 15 ticks of the DASH on the night of the further
assault; the MARAC agrees no further action; the officer reaches her every Monday until she asks for
no contact. Tellings are calls, logged as contacts too. Repeats have tests of their own."""

from __future__ import annotations

from datetime import date, datetime

from models.commands import (
    ChangeSuspectStatus,
    Refer,
)
from models.commands.victims_code import RecordCourtEvent
from models.enums import (
    ClockType,
    ConsentStatus,
    ContactResult,
    DisclosureBasis,
    MaracCriterion,
    ReferralPathway,
    SuspectStatus,
)
from models.enums.victims_code import CourtEvent
from models.ids import referral_stream
from models.instants import show
from store.tables import case, recommendation, referral, report, victim_notification
from tests.evaluation.history import fraction
from tests.walkthroughs.conftest import Opened
from tests.walkthroughs.stage import DALO, OIC, Stage, at
from tests.walkthroughs.withdrawn import (
    FURTHER,
    may_call,
    no_contact_asked,
    opened_and_referred,
    reached,
    shouting,
    told,
)

C = ClockType


async def test_support_is_withdrawn_contact_rests_and_a_new_incident_allows_one_approach(
    opened: Opened,
) -> None:
    async with opened("2027-01-11 09:00") as stage:
        await opened_and_referred(stage)
        await no_contact_asked(stage)
        await dormant(stage)
        await nothing_fires(stage)
        await released(stage)
        await a_neighbour_reports(stage)
        await one_safe_approach(stage)
        await referred_again(stage)
        await stage.replayed()


async def dormant(stage: Stage) -> None:
    """Dormant, notices but for releases off; the charge stands, and the withdrawal beside it."""
    row = await stage.row(case, case_ref=stage.case_ref)
    assert (row["state"], row["cadence_plan"]) == ("DORMANT_MONITORED", "NO_CONTACT")
    assert row["wishes"]["notification_opt_out"] == "ALL_EXCEPT_RELEASE"
    withdrawn_at = datetime.fromisoformat(row["wishes"]["support_withdrawn_at"])
    assert withdrawn_at == at("2027-03-01 10:30")
    (asked,) = await stage.events(stage.case, "contact:none:agreed")
    assert (asked.data["alone"], asked.data["verified"]) == (True, True)
    (support,) = await stage.events(stage.case, "case:support:withdrawn")
    assert (support.data["reasons"], support.data["statement"]) == (["WANT_IT_OVER"], "GIVEN")
    charged = await stage.row(report, incident_ref=FURTHER)
    assert (charged["version"], charged["outcome_code"]) == (2, 1)
    assert await may_call(stage, "2027-03-02 10:30") == "NO_CONTACT_ASKED"
    table = await stage.measured(date(2027, 1, 1), date(2027, 3, 1))
    assert fraction(table, "M16b", "support_withdrawn_after_charge")[:2] == (1, 1)
    assert fraction(table, "M16", "outcome_14_or_16")[0] == 0


async def nothing_fires(stage: Stage) -> None:
    """15 Mar: the cadence must not fire, and does not; of a court date she is not told."""
    before = await stage.fired(stage.case, "clock:breached", C.CONTACT_CADENCE)
    await stage.to("2027-03-16 09:00")
    assert not [c for c in await stage.clocks(stage.case) if c.clock_type is C.CONTACT_CADENCE]
    assert await stage.fired(stage.case, "clock:breached", C.CONTACT_CADENCE) == before
    assert await stage.tasks(stage.case, "CONTACT_AT_EVENT", "RECONTACT") == []
    now = await stage.to("2027-04-06 09:00")
    court = RecordCourtEvent(at=now, event=CourtEvent.COURT_DATE, court_day=date(2027, 6, 14))
    await stage.do(OIC, stage.incident(FURTHER), court)
    (row,) = await stage.rows(victim_notification, event_kind="COURT_DATE")
    assert (row["outcome"], row["notified_at"]) == ("OPTED_OUT", None)


async def released(stage: Stage) -> None:
    """Tue 18 May the release is planned, and she hears of it before; Thu 20 May he is released, due
    to be told by Fri 21 May, each time by her one safe route and none other."""
    scene = stage.incident(FURTHER)
    now = await stage.to("2027-05-18 09:00")
    planned = ChangeSuspectStatus(
        at=now, status=SuspectStatus.REMANDED, release_planned_at=at("2027-05-20 10:00")
    )
    await stage.do(OIC, scene, planned)
    assert await stage.due(scene, C.RELEASE_PLANNED) == "Thu 20 May 2027 10:00"
    assert await stage.tasks(scene, "NOTIFY_VICTIM") == [("NOTIFY_VICTIM", DALO)]
    assert await may_call(stage, "2027-05-18 09:00") != "SAFE"
    assert await may_call(stage, "2027-05-18 10:30") == "SAFE"
    await stage.to("2027-05-18 10:30")
    await told(stage, "RELEASE_PLANNED")
    warned = await stage.clock(scene, C.RELEASE_PLANNED, ended=True)
    assert (warned.status, warned.breached_at) == ("MET", None)
    assert await may_call(stage, "2027-05-19 10:30") == "NO_CONTACT_ASKED"
    now = await stage.to("2027-05-20 10:00")
    await stage.do(OIC, scene, ChangeSuspectStatus(at=now, status=SuspectStatus.RELEASED))
    (row,) = await stage.rows(victim_notification, event_kind="RELEASED")
    assert show(row["due_at"]) == "Fri 21 May 2027 23:59"
    await stage.to("2027-05-21 10:30")
    await told(stage, "RELEASED")
    (row,) = await stage.rows(victim_notification, event_kind="RELEASED")
    assert (row["outcome"], row["notified_at"]) == ("TOLD", stage.now)
    decisions = {
        each.data["event_kind"]: each.data["decision_code"]
        for each in await stage.events(scene, "notification:told")
    }
    assert decisions["RELEASE_PLANNED"] == decisions["RELEASED"] == "SAFE"
    assert await may_call(stage, "2027-05-24 10:30") == "NO_CONTACT_ASKED"
    assert (await stage.row(case, case_ref=stage.case_ref))["state"] == "DORMANT_MONITORED"


async def a_neighbour_reports(stage: Stage) -> None:
    """Mon 17 Jan 2028, 14:00: no crime, and yet a repeat; the case is reopened."""
    await stage.to("2028-01-17 14:00")
    assert (await stage.receive(shouting("2028-01-17 14:00"))).outcome == "LINKED_TO_OPEN_CASE"
    assert (await stage.row(case, case_ref=stage.case_ref))["state"] == "REOPENED"
    assert await stage.due(stage.case, C.MARAC_SUBMIT) == "Tue 18 Jan 2028 23:59"
    verdicts = await judged(stage)
    assert verdicts == {
        "ANY_ABUSE/REFERRAL": True,
        "ANY_ABUSE/HEARING": True,
        "CRIMINAL_ONLY/REFERRAL": False,
        "CRIMINAL_ONLY/HEARING": False,
    }


async def judged(stage: Stage) -> dict[str, bool]:
    """What the recommendation to refer as a repeat rests on, by definition and anchor."""
    rows = await stage.rows(recommendation, stream=stage.case, rule="MARAC_REFERRAL", decision=None)
    (row,) = rows
    assert set(row["inputs"]["criteria"]) == {"REPEAT"}
    found = row["inputs"]["criteria"]["REPEAT"]
    assert found["in_force"] == "ANY_ABUSE/REFERRAL"
    return {name: verdict["repeat"] for name, verdict in found["verdicts"].items()}


async def one_safe_approach(stage: Stage) -> None:
    """One call by her safe route, and no second one until her wishes are renewed."""
    (allowed,) = [
        each
        for each in await stage.events(stage.case, "contact:approach:allowed")
        if each.data["reason"] == "NEW_INCIDENT"
    ]
    assert show(allowed.occurred_at) == "Mon 17 Jan 2028 14:00"
    assert await may_call(stage, "2028-01-18 13:00") == "OUTSIDE_SAFE_WINDOW"
    assert await may_call(stage, "2028-01-18 10:30") == "SAFE"
    await reached(stage, "2028-01-18 10:30", ContactResult.NO_ANSWER)
    assert await may_call(stage, "2028-01-18 11:00") == "WISHES_NOT_RENEWED"
    assert await stage.tasks(stage.case, "RENEW_WISHES") == [("RENEW_WISHES", DALO)]


async def referred_again(stage: Stage) -> None:
    """Submitted on Tue 18 Jan as a repeat of the first."""
    now = await stage.to("2028-01-18 11:00")
    (ref, *_) = await stage.tell_case(
        Refer(
            at=now,
            pathway=ReferralPathway.MARAC,
            criteria=(MaracCriterion.REPEAT,),
            consent_status=ConsentStatus.NOT_ASKED_UNSAFE,
            disclosure_basis=DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
            reason="NO_CONTACT_ASKED",
        )
    )
    met = await stage.clock(stage.case, C.MARAC_SUBMIT, ended=True)
    assert (met.status, met.ended_at, met.breached_at) == ("MET", now, None)
    row = await stage.row(referral, referral_ref=ref)
    assert (row["referral_type"], row["repeat_of"]) == ("REPEAT", stage.refs["MARAC"])
    assert show(row["flag_until"]) == "Wed 17 Jan 2029 23:59"
    first = await stage.row(referral, referral_ref=stage.refs["MARAC"])
    assert (first["state"], show(first["flag_until"])) == ("FLAGGED_12M", "Mon 31 Jan 2028 23:59")
    stream = referral_stream(stage.refs["MARAC"])
    assert await stage.fired(stream, "clock:breached", C.MARAC_REPEAT_WINDOW) == []
