"""What a scoring run reads, and what it writes: ledger events, references, starts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import ReferralPathway, ReferralState
from models.events import Effect, Event, Json, start_effect, tell_effect
from models.ids import referral_stream
from models.instants import end_of_day
from models.matac_run import Scored, Standing, score_area
from models.messages import ReferralStart, SubjectScored
from models.report import Report
from models.rfgv import RfgvScore
from models.stream import SYSTEM
from store.keys import Keyring
from store.ledger import lock_stream
from store.matac_runs import (
    COMPLETED,
    SCORED,
    Asked,
    MatacRun,
    Subject,
    run_of,
    stored_run,
    subject_of,
)
from store.recording import record
from store.referrals import reference_for
from store.subjects import open_cases, score_of, victims_of
from store.tables import referral, report

_OVER = (
    ReferralState.NOT_SELECTED.value,
    ReferralState.DISCHARGED.value,
    ReferralState.WITHDRAWN_IN_ERROR.value,
)
_MONTH_AT_MOST = timedelta(days=31)


class _Running(NamedTuple):
    """A nomination that runs, its subject and the area whose MATAC has it."""

    referral_ref: str
    perpetrator_ref: str
    area: str


async def work_out(conn: AsyncConnection, asked: Asked) -> list[Scored]:
    """Everybody's place, from the stored reports. Writes nothing."""
    reports = await _reports(conn, asked)
    return score_area(
        reports,
        asked.area,
        asked.run_on,
        asked.policy,
        [each.perpetrator_ref for each in await _active(conn)],
    )


async def _reports(conn: AsyncConnection, asked: Asked) -> list[Report]:
    """Reports of everybody who was reported in the area in the window, wherever they were made.
    Months are bounded generously here and counted exactly by the rules."""
    rule = asked.policy.of_duties.rfgv
    until = end_of_day(asked.run_on)
    of_window = until - rule.window_months * _MONTH_AT_MOST
    longest = until - max(rule.window_months, rule.serial_months) * _MONTH_AT_MOST
    columns = report.c
    here = select(columns.perpetrator_ref).where(
        func.lower(columns.district) == asked.area.casefold(),
        columns.reported_at >= of_window,
        columns.perpetrator_ref.is_not(None),
    )
    query = select(columns.facts).where(
        columns.perpetrator_ref.in_(here),
        columns.reported_at >= longest,
        columns.reported_at <= min(until, asked.now),
    )
    return [Report.model_validate(facts) for facts in await conn.scalars(query)]


async def _active(conn: AsyncConnection) -> list[_Running]:
    """Nominations that still run."""
    columns = referral.c
    query = select(columns.referral_ref, columns.perpetrator_ref, columns.area).where(
        columns.pathway == ReferralPathway.MATAC.value,
        columns.perpetrator_ref.is_not(None),
        columns.ended_at.is_(None),
        or_(columns.state.is_(None), columns.state.not_in(_OVER)),
    )
    rows = await conn.execute(query.order_by(columns.referral_ref))
    return [_Running(row.referral_ref, row.perpetrator_ref, row.area or "") for row in rows]


async def reported_before(conn: AsyncConnection, area: str, before: datetime) -> bool:
    """Whether a report of the area was there at that instant."""
    columns = report.c
    query = select(columns.incident_ref).where(
        func.lower(columns.district) == area.casefold(), columns.received_at <= before
    )
    return (await conn.scalar(query.limit(1))) is not None


async def score_month(conn: AsyncConnection, keyring: Keyring, asked: Asked) -> MatacRun:
    """Score, record and nominate, once a month and area: whoever comes second gets what the first
    one found. In the caller's transaction."""
    head = await lock_stream(conn, asked.stream)
    if head.seq:
        found = await stored_run(conn, asked.area, asked.month)
        if found is not None:
            return found
    places = await work_out(conn, asked)
    cases = await open_cases(conn, {ref for place in places for ref in place.victims})
    subjects, effects = [], []
    for place in places:
        own = tuple(sorted({cases[ref] for ref in place.victims if ref in cases}))
        ref = ""
        if place.standing is Standing.NOMINATED:
            ref = await _reference(conn, asked, place.score.perpetrator_ref)
            effects.append(_start(asked, place.score, ref, own))
        subjects.append(subject_of(place, ref, own))
    events = [
        _event(asked, SCORED, _told(asked, place.score, subject))
        for place, subject in zip(places, subjects, strict=True)
    ]
    events.append(_event(asked, COMPLETED, _completed(asked, subjects)))
    await keyring.make_many(conn, {effect.target for effect in effects})
    effects += await _rescored(conn, asked, places)
    await record(conn, asked.stream, None, events, effects, asked.now)
    return run_of(asked, subjects, stored=True)


async def _rescored(conn: AsyncConnection, asked: Asked, places: list[Scored]) -> list[Effect]:
    """The score of this run for each nomination of the area that runs, one that nothing places any
    more included."""
    placed = {place.score.perpetrator_ref: place.score for place in places}
    effects = []
    for each in await _active(conn):
        if each.area.casefold() != asked.area.casefold():
            continue
        found = placed.get(each.perpetrator_ref) or await score_of(
            conn, each.perpetrator_ref, asked.run_on, asked.policy
        )
        victims = await victims_of(conn, each.perpetrator_ref)
        cases = tuple(sorted(case for case in victims.values() if case))
        message = SubjectScored(
            message_id=f"{asked.stream}/{each.referral_ref}",
            score=found.score,
            recency=found.r,
            frequency=found.f,
            gravity=found.g,
            victims=found.v,
            weights_version=found.weights_version,
            rank=found.rank,
            run=asked.stream,
            cases=cases,
            at=asked.now,
        )
        effects.append(tell_effect(message.message_id, referral_stream(each.referral_ref), message))
    return effects


async def _reference(conn: AsyncConnection, asked: Asked, perpetrator_ref: str) -> str:
    return await reference_for(
        conn,
        f"{asked.stream}/{perpetrator_ref}",
        ReferralPathway.MATAC,
        asked.area,
        asked.now,
        perpetrator_ref=perpetrator_ref,
    )


def _start(asked: Asked, found: RfgvScore, ref: str, cases: tuple[str, ...]) -> Effect:
    start = ReferralStart(
        referral_ref=ref,
        pathway=ReferralPathway.MATAC,
        area=asked.area,
        asked_by=SYSTEM,
        perpetrator_ref=found.perpetrator_ref,
        submitted_at=asked.now,
        facts={
            "score": found.score,
            "rank": found.rank,
            "recency": found.r,
            "frequency": found.f,
            "gravity": found.g,
            "victims": found.v,
            "run": asked.stream,
            "weights_version": found.weights_version,
            "cases": list(cases),
        },
        policy_version=asked.policy.version,
        calendar_version=asked.calendar_version,
    )
    return start_effect(referral_stream(ref), start)


def _event(asked: Asked, tag: str, data: Json) -> Event:
    return Event(
        seq=0,
        tag=tag,
        occurred_at=asked.now,
        recorded_at=asked.now,
        actor=asked.actor,
        role=asked.role,
        data=data,
        policy_version=asked.policy.version,
    )


def _told(asked: Asked, found: RfgvScore, subject: Subject) -> Json:
    """A score with all that it came from: points by incident, weights, window."""
    return {
        **subject.model_dump(mode="json"),
        "run": asked.stream,
        "run_on": found.run_on.isoformat(),
        "weights_version": found.weights_version,
        "points": found.points,
    }


def _completed(asked: Asked, subjects: list[Subject]) -> Json:
    standings = [subject.standing for subject in subjects]
    return {
        "area": asked.area,
        "month": asked.month,
        "run_on": asked.run_on.isoformat(),
        "weights_version": asked.policy.of_duties.rfgv.weights_version,
        "rule": asked.policy.of_duties.rfgv.model_dump(mode="json"),
        "calendar_version": asked.calendar_version,
        **{standing.value.lower(): standings.count(standing) for standing in Standing},
    }
