"""What becomes of things in the demonstration: answers to a risk tool, a suspect's way through the
police station, a visit. Seeded like everything there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from demo.people import People
from models.commands import (
    AssessRisk,
    ChangeSuspectStatus,
    IncidentCommand,
    RecordBreach,
    RecordCourtEvent,
    RecordCustodyArrival,
    RecordHearing,
    RecordOrder,
    RecordVisit,
)
from models.enums import (
    ArrestReason,
    HearingResult,
    OrderType,
    PoliceRank,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    SafetyMeasure,
    SuspectStatus,
    ViewsSought,
    VisitOutcome,
)
from models.enums.victims_code import CourtEvent
from models.instants import london_date

S = SuspectStatus
AT_LARGE = (S.UNKNOWN, S.ON_SCENE, S.OUTSTANDING, S.CIRCULATED)
AFTER_ARREST = {S.BAILED_PRECHARGE: 45, S.CHARGED_BAIL: 20, S.REMANDED: 8, S.RUI: 10, S.NFA: 17}
TICKS = {RiskGrade.STANDARD: (2, 9), RiskGrade.MEDIUM: (7, 15), RiskGrade.HIGH: (13, 21)}
QUESTIONS = 27


class Fate(NamedTuple):
    """What is told to an incident, and when."""

    at: datetime
    command: IncidentCommand


def dash(people: People, case_ref: str, grade: str, now: datetime) -> AssessRisk:
    """Answers to the DASH, more of them yes where the grade is higher; now and then one is refused
    or could not be asked."""
    rng = people.rng("dash", case_ref, now)
    ticks = rng.randint(*TICKS[RiskGrade(grade)])
    numbers = rng.sample(range(1, QUESTIONS + 1), ticks + 1)
    answers = {f"Q{number}": RiskAnswer.YES for number in numbers[:ticks]}
    if rng.random() < 0.15:
        answers[f"Q{numbers[ticks]}"] = rng.choice((RiskAnswer.REFUSED, RiskAnswer.NOT_ASKED))
    return AssessRisk(
        at=now,
        tool=RiskTool.DASH_ACPO_27,
        answers=answers,
        others=RiskAnswer.NO,
        completer="DALO",
    )


def suspect(
    people: People, incident_ref: str, status: SuspectStatus | None, now: datetime
) -> Iterator[Fate]:
    """A suspect's way from here: found or not, arrested, bailed or charged, and to court."""
    rng = people.rng("suspect", incident_ref)
    at = now
    if status is None or status in AT_LARGE:
        found = rng.random()
        if found > 0.8:
            return
        at += timedelta(minutes=rng.randint(60, 60 * 50))
        if found > 0.68:
            yield Fate(at, ChangeSuspectStatus(at=at, status=S.INTERVIEWED_VOLUNTARILY))
            return
        ground = ArrestReason.SUBSTANTIVE_OFFENCE
        yield Fate(at, ChangeSuspectStatus(at=at, status=S.ARRESTED, arrest_reason=ground))
    elif status is S.ARRESTED:
        at += timedelta(minutes=5)
        confirmed = ChangeSuspectStatus(
            at=at, status=S.ARRESTED, arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE
        )
        yield Fate(at, confirmed)
    else:
        return
    yield from after_arrest(people, incident_ref, at)


def after_arrest(people: People, incident_ref: str, arrested: datetime) -> Iterator[Fate]:
    """Custody, and what the night ends with."""
    rng = people.rng("custody", incident_ref, london_date(arrested))
    at = arrested + timedelta(minutes=rng.randint(35, 80))
    yield Fate(at, RecordCustodyArrival(at=at))
    at += timedelta(minutes=rng.randint(9 * 60, 20 * 60))
    status = rng.choices(list(AFTER_ARREST), list(AFTER_ARREST.values()))[0]
    views = ViewsSought.SOUGHT if status is S.BAILED_PRECHARGE else None
    yield Fate(at, ChangeSuspectStatus(at=at, status=status, views_sought=views))
    if status in (S.RUI, S.NFA, S.BAILED_PRECHARGE) and rng.random() < 0.3:
        yield from _notice(people, incident_ref, at + timedelta(minutes=20))
    if status in (S.BAILED_PRECHARGE, S.RUI):
        at += timedelta(days=rng.randint(12, 45), minutes=rng.randint(10, 200))
        status = rng.choices((S.CHARGED_BAIL, S.NFA), (45, 55))[0]
        yield Fate(at, ChangeSuspectStatus(at=at, status=status))
    if status in (S.CHARGED_BAIL, S.REMANDED):
        yield from _court(people, incident_ref, at, status)


def _notice(people: People, incident_ref: str, at: datetime) -> Iterator[Fate]:
    """A domestic violence protection notice, its hearing within 48 hours, the order, and sometimes
    its breach."""
    rng = people.rng("notice", incident_ref)
    notice = RecordOrder(
        at=at,
        order_type=OrderType.DVPN,
        order_id="DVPN-1",
        served_at=at + timedelta(minutes=5),
        authorised_by_rank=PoliceRank.SUPERINTENDENT,
        conditions=("NO_CONTACT", "EXCLUSION"),
        respondent_age=34,
    )
    yield Fate(at + timedelta(minutes=10), notice)
    heard = at + timedelta(hours=rng.randint(20, 40))
    made = HearingResult.ORDER_MADE
    yield Fate(heard, RecordHearing(at=heard, order_id="DVPN-1", result=made))
    order = RecordOrder(
        at=heard,
        order_type=OrderType.DVPO,
        order_id="DVPO-1",
        served_at=heard,
        length_days=28,
        conditions=("NO_CONTACT", "EXCLUSION"),
    )
    yield Fate(heard + timedelta(minutes=10), order)
    if rng.random() < 0.25:
        at = heard + timedelta(days=rng.randint(3, 20))
        caught = at + timedelta(minutes=25)
        breach = RecordBreach(
            at=at, order_id="DVPO-1", conditions=("EXCLUSION",), arrested_at=caught
        )
        yield Fate(caught, breach)
        court = caught + timedelta(hours=14)
        brought = HearingResult.BROUGHT_BEFORE_COURT
        yield Fate(court, RecordHearing(at=court, order_id="DVPO-1", result=brought))
        yield Fate(court, ChangeSuspectStatus(at=court, status=S.RELEASED))


def _court(
    people: People, incident_ref: str, at: datetime, status: SuspectStatus
) -> Iterator[Fate]:
    rng = people.rng("court", incident_ref)
    told = at + timedelta(days=2, minutes=30)
    day = london_date(told) + timedelta(days=rng.randint(12, 30))
    yield Fate(told, RecordCourtEvent(at=told, event=CourtEvent.COURT_DATE, court_day=day))
    if status is S.REMANDED and rng.random() < 0.6:
        known = told + timedelta(days=4)
        planned = known + timedelta(days=3)
        news = ChangeSuspectStatus(at=known, status=S.REMANDED, release_planned_at=planned)
        yield Fate(known, news)
        out = planned + timedelta(minutes=40)
        yield Fate(out, ChangeSuspectStatus(at=out, status=S.RELEASED))
        return
    ended = _noon(told, day)
    yield Fate(ended, ChangeSuspectStatus(at=ended, status=S.CONVICTED))


def _noon(after: datetime, day: date) -> datetime:
    """About half past twelve of a later day."""
    return after.replace(hour=12, minute=31) + timedelta(days=(day - london_date(after)).days)


def visit(
    people: People, case_ref: str, attempt: int, at_large: bool, order: bool, now: datetime
) -> RecordVisit:
    """What a hidden-harm visit finds: mostly the victim alone, now and then the suspect, who is
    arrested, or nobody."""
    rng = people.rng("visit", case_ref, attempt, london_date(now))
    alone = VisitOutcome.SEEN_ALONE
    if at_large and rng.random() < 0.45:
        ground = ArrestReason.BREACH_NON_MOLESTATION if order else ArrestReason.SUBSTANTIVE_OFFENCE
        return RecordVisit(
            at=now,
            outcomes=(VisitOutcome.SUSPECT_ARRESTED, alone),
            primary=VisitOutcome.SUSPECT_ARRESTED,
            arrest_reason=ground,
            order_breached=order,
            double_crew=True,
            injuries_seen=True,
            injuries_photographed=True,
            children_seen=1,
            children_spoken_to=1,
            safeguarding=(SafetyMeasure.ALARM, SafetyMeasure.ADDRESS_MARKER),
            safety_details_given=True,
        )
    outcome = rng.choices((alone, VisitOutcome.NO_REPLY, VisitOutcome.SEEN_NOT_ALONE), (55, 38, 7))[
        0
    ]
    seen = outcome is alone
    return RecordVisit(
        at=now,
        outcomes=(outcome,),
        double_crew=True,
        safeguarding=(SafetyMeasure.TARGET_HARDENING,) if seen else (),
        safety_details_given=seen,
        life_concern=outcome is VisitOutcome.NO_REPLY and attempt > 1,
    )
