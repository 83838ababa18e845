"""The monthly scoring run: who is placed where, what is written; a month is scored once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from access.gate import Gate
from casework.matac import run as run_matac
from casework.runtime import Runtime
from casework.settings import Settings
from models import registry
from models.base import Refused
from models.commands import Grant
from models.enums import RecordingType, ReferralPathway, Role
from models.events import EffectKind
from models.ids import is_workflow_stream, referral_stream
from models.instants import london_date
from models.matac_run import Scored, Standing, run_day, score_area
from models.messages import SubjectScored
from models.referral.fields import accept
from models.referral.pathways import PATHWAYS
from models.report import Report
from store.ledger import events_of
from store.matac import score_month
from store.matac_runs import COMPLETED, SCORED, Asked, MatacRun, known_area, stored_run
from store.outbox import Pending, claim_pending
from store.secrets import SecretStore
from store.tables import case_register, referral, report
from store.verify import verify
from tests.intake.conftest import keyring_of
from tests.models.conftest import at

POLICY, CALENDAR = registry.load_shipped()
RUN = at("2027-07-01 09:00")
PERSON = "PER-0004"


def a_report(number: int, days: float, **changes: Any) -> Report:
    """A report so many days before the run."""
    reported = (RUN - timedelta(days=days)).astimezone(UTC)
    return Report.model_validate(
        {
            "incident_ref": f"46/{number}/27",
            "victim_ref": "VIC-0004",
            "version": 1,
            "perpetrator_ref": PERSON,
            "recording_type": RecordingType.CRIME,
            "ho_class": ("105A",),
            "occurred_from": reported,
            "reported_at": reported,
            "district": "Medway",
            "victim_age": 30,
            **changes,
        }
    )


def walk_through() -> list[Report]:
    """Seven events against three victims, the last twelve days ago: walk-through (iv)."""
    non_crime = {"recording_type": RecordingType.NON_CRIME_DA, "ho_class": ()}
    return [
        a_report(1, 12, victim_ref="VIC-0006"),
        a_report(2, 40, **non_crime),
        a_report(3, 90, **non_crime),
        a_report(4, 200),
        a_report(5, 300, victim_ref="VIC-0005"),
        a_report(6, 400, ho_class=("8U",)),
        a_report(7, 600, ho_class=("8N",), strangulation=True, victim_ref="VIC-0005"),
    ]


def place(reports: list[Report], **options: Any) -> list[Scored]:
    return score_area(reports, "Medway", london_date(RUN), POLICY, **options)


def test_a_serial_perpetrator_scores_80_2_and_is_nominated() -> None:
    (found,) = place(walk_through())
    parts = (found.score.r, found.score.f, found.score.g, found.score.v)
    assert (parts, found.score.score) == ((100, 80, 72, 75), 80.2)
    assert (found.standing, found.serial) == (Standing.NOMINATED, True)
    assert found.victims == ("VIC-0004", "VIC-0005", "VIC-0006")


def test_one_event_against_two_victims_scores_once_and_makes_somebody_serial() -> None:
    both = [a_report(1, 12), a_report(1, 12, victim_ref="VIC-0005", ho_class=("5D",))]
    (found,) = place(both)
    assert (found.score.f, found.score.g, found.score.v, found.serial) == (10, 40, 50, True)


def test_serial_looks_back_three_years_and_the_score_two() -> None:
    older = a_report(2, 1000, victim_ref="VIC-0005")
    (found,) = place([a_report(1, 12), older])
    assert (found.serial, found.score.victims, found.score.f) == (True, 1, 10)
    (alone,) = place([a_report(1, 12), a_report(2, 1100, victim_ref="VIC-0005")])
    assert not alone.serial


def test_reports_elsewhere_count_but_only_those_reported_here_are_scored() -> None:
    elsewhere = a_report(2, 20, district="Thanet", victim_ref="VIC-0005")
    stranger = a_report(3, 20, district="Thanet", perpetrator_ref="PER-0009")
    (found,) = place([a_report(1, 12), elsewhere, stranger])
    assert (found.score.perpetrator_ref, found.score.f) == (PERSON, 25)
    assert place([a_report(1, 12, victim_age=15), a_report(2, 800)]) == []


def test_the_top_go_and_all_from_the_threshold_on_and_one_who_is_active_is_not_sent_again() -> None:
    many = [
        a_report(100 + n, n + 1, perpetrator_ref=f"PER-1{n:03d}", victim_ref=f"VIC-1{n:03d}")
        for n in range(25)
    ]
    found = place([*many, *walk_through()], active=["PER-1000"])
    assert [each.score.rank for each in found] == list(range(1, 27))
    assert found[0].score.perpetrator_ref == PERSON
    standings = {each.score.perpetrator_ref: each.standing for each in found}
    assert standings["PER-1000"] is Standing.ALREADY_ACTIVE
    assert [each.standing for each in found].count(Standing.NOMINATED) == 19
    assert found[-1].standing is Standing.NOT_NOMINATED


@pytest.mark.parametrize(
    ("month", "dry_run", "expected"),
    [
        ("2027-07", False, "2027-07-01"),
        ("2027-06", True, "2027-06-30"),
        ("2024-02", True, "2024-02-29"),
        ("2026-12", True, "2026-12-31"),
        ("2027-06", False, "MONTH_OVER"),
        ("2027-08", True, "IN_FUTURE"),
        ("2028-01", False, "IN_FUTURE"),
        ("July", True, "MONTH"),
        ("2027-13", True, "MONTH"),
    ],
)
def test_a_month_is_scored_while_it_runs(month: str, dry_run: bool, expected: str) -> None:
    try:
        found = run_day(month, RUN, dry_run=dry_run).isoformat()
    except Refused as refused:
        found = refused.code
    assert found == expected


# --- on the database -----------------------------------------------------------------------------


async def store(engine: AsyncEngine, *reports: Report) -> None:
    rows = [
        {
            "incident_ref": each.incident_ref,
            "victim_ref": each.victim_ref,
            "version": each.version,
            "perpetrator_ref": each.perpetrator_ref,
            "reported_at": each.reported_at,
            "district": each.district,
            "outcome": "NOT_ELIGIBLE",
            "standing": "NOT_ELIGIBLE",
            "received_at": each.reported_at,
            "eligible_but_for_area": False,
            "eligibility_reason": "NO_REPEAT",
            "allocation_arm": "PILOT",
            "policy_version": POLICY.version,
            "facts": each.model_dump(mode="json"),
        }
        for each in reports
    ]
    async with engine.begin() as conn:
        await conn.execute(insert(report), rows)


def asked(now: datetime = RUN) -> Asked:
    day = london_date(now)
    return Asked(
        area="Medway",
        month=day.isoformat()[:7],
        run_on=day,
        now=now,
        actor="MC 1",
        role="MATAC_COORDINATOR",
        policy=POLICY,
        calendar_version=CALENDAR.version,
    )


async def run(engine: AsyncEngine, now: datetime = RUN) -> MatacRun:
    async with engine.begin() as conn:
        return await score_month(conn, keyring_of(engine), asked(now))


async def starts(engine: AsyncEngine) -> list[Pending]:
    async with engine.begin() as conn:
        pending = await claim_pending(conn, 1000)
    assert {each.kind for each in pending} <= {EffectKind.START}
    return pending


async def open_case(engine: AsyncEngine, case_ref: str, victim_ref: str) -> None:
    async with engine.begin() as conn:
        await conn.execute(
            insert(case_register).values(
                case_ref=case_ref,
                victim_ref=victim_ref,
                area="Medway",
                state="ALLOCATED",
                priority_score=0,
                risk_grade="HIGH",
                opened_at=RUN,
            )
        )


async def test_a_run_is_on_the_ledger_with_its_inputs_and_starts_its_nominations(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    await open_case(engine, "CASE-2027-00001", "VIC-0005")
    made = await run(engine)
    (subject,) = made.subjects
    assert (subject.rank, subject.score, subject.referral_ref) == (1, 80.2, "MATAC-2027-00001")
    assert subject.cases == ("CASE-2027-00001",)
    async with engine.connect() as conn:
        scored, completed = await events_of(conn, "matac/Medway/2027-07")
    assert (scored.tag, completed.tag) == (SCORED, COMPLETED)
    assert scored.data["points"]["46/7/27"] == 40
    assert scored.data["weights_version"] == POLICY.of_duties.rfgv.weights_version
    assert completed.data["nominated"] == 1
    (start,) = await starts(engine)
    assert start.target == referral_stream("MATAC-2027-00001")
    assert start.payload["pathway"] == ReferralPathway.MATAC.value
    assert start.payload["asked_by"] == "SYSTEM"
    facts = start.payload["facts"]
    assert (facts["score"], facts["rank"], facts["cases"]) == (80.2, 1, ["CASE-2027-00001"])
    assert accept(PATHWAYS[ReferralPathway.MATAC], facts) == facts


async def test_a_month_is_scored_once_whatever_arrives_after_it(engine: AsyncEngine) -> None:
    await store(engine, *walk_through())
    first = await run(engine)
    await store(engine, a_report(8, 2, ho_class=("1",), perpetrator_ref="PER-0009"))
    again = await run(engine, RUN + timedelta(days=3))
    assert again.repeated
    assert again.model_copy(update={"repeated": False}) == first
    assert len(await starts(engine)) == 1
    async with engine.connect() as conn:
        assert await stored_run(conn, "Medway", "2027-08") is None


async def test_who_was_nominated_and_runs_is_listed_and_not_sent_again(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    await run(engine)
    row = {
        "referral_ref": "MATAC-2027-00001",
        "stream": referral_stream("MATAC-2027-00001"),
        "pathway": "MATAC",
        "state": "ACTIVE",
        "perpetrator_ref": PERSON,
        "area": "Medway",
    }
    async with engine.begin() as conn:
        await conn.execute(insert(referral).values(**row))
    august = await run(engine, at("2027-08-02 09:00"))
    assert [each.standing for each in august.subjects] == [Standing.ALREADY_ACTIVE]
    async with engine.begin() as conn:
        await conn.execute(
            referral.update().values(state="DISCHARGED", ended_at=at("2027-08-20 09:00"))
        )
    september = await run(engine, at("2027-09-01 09:00"))
    assert [each.standing for each in september.subjects] == [Standing.NOMINATED]
    assert september.subjects[0].referral_ref == "MATAC-2027-00002"


async def test_a_nomination_that_runs_gets_the_score_of_each_later_month(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    await open_case(engine, "CASE-2027-00001", "VIC-0005")
    running = {
        "MATAC-2027-00007": (PERSON, "Medway"),
        # Nothing of the window places this one any more.
        "MATAC-2027-00008": ("PER-0099", "Medway"),
        # Another area's MATAC scores its own.
        "MATAC-2027-00009": (PERSON, "Thanet"),
    }
    async with engine.begin() as conn:
        for ref, (person, area) in running.items():
            row = {"referral_ref": ref, "stream": referral_stream(ref), "pathway": "MATAC"}
            row |= {"state": "ACTIVE", "perpetrator_ref": person, "area": area}
            await conn.execute(insert(referral).values(**row))
    made = await run(engine)
    async with engine.begin() as conn:
        pending = await claim_pending(conn, 1000)
    told = {each.target: SubjectScored.model_validate(each.payload) for each in pending}
    first, second = (referral_stream(f"MATAC-2027-0000{n}") for n in (7, 8))
    assert sorted(told) == [first, second]
    found = told[first]
    parts = (found.recency, found.frequency, found.gravity, found.victims, found.rank)
    assert (found.score, parts) == (80.2, (100, 80, 72, 75, 1))
    assert (found.weights_version, found.run) == (made.weights_version, "matac/Medway/2027-07")
    assert found.cases == ("CASE-2027-00001",)
    assert told[second].score == 0.0


async def test_the_ledger_verifies_with_a_run_in_it_and_asks_no_workflow_of_it(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    await run(engine)
    assert not is_workflow_stream("matac/Medway/2027-07")
    assert await verify(engine) == []


async def test_an_area_is_taken_as_reports_spell_it_and_an_unknown_one_refused(
    engine: AsyncEngine,
) -> None:
    await store(engine, a_report(1, 12))
    async with engine.connect() as conn:
        assert await known_area(conn, " medway ") == "Medway"
        with pytest.raises(Refused) as refused:
            await known_area(conn, "Atlantis")
        assert refused.value.code == "UNKNOWN_AREA"
        assert await conn.scalar(select(referral.c.referral_ref)) is None


def runtime_at(engine: AsyncEngine, now: datetime) -> Runtime:
    """The product without an engine, at this time."""
    keyring = keyring_of(engine)
    return Runtime(
        settings=Settings(),
        engine=engine,
        keyring=keyring,
        secrets=SecretStore(keyring),
        gate=Gate(engine, lambda: now),
        clock=lambda: now,
    )


async def test_a_dry_run_writes_nothing_and_the_run_gives_what_it_showed(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    runtime = runtime_at(engine, RUN)
    grant = Grant(actor="MC 1", role=Role.MATAC_COORDINATOR, access_log_id="1")
    shown = await run_matac(runtime, "medway", "", grant, dry_run=True)
    assert not shown.stored
    assert await starts(engine) == []
    made = await run_matac(runtime, "Medway", "2027-07", grant)
    assert [each.score for each in made.subjects] == [each.score for each in shown.subjects]
    assert (made.stored, made.repeated) == (True, False)
    later = await run_matac(runtime_at(engine, RUN + timedelta(days=60)), "Medway", "2027-07")
    assert later.repeated
    async with engine.connect() as conn:
        scored, _ = await events_of(conn, "matac/Medway/2027-07")
    assert (scored.actor, scored.role) == ("MC 1", "MATAC_COORDINATOR")


async def test_an_earlier_month_is_shown_as_of_its_last_day(engine: AsyncEngine) -> None:
    await store(engine, *walk_through())
    runtime = runtime_at(engine, RUN)
    (june,) = (await run_matac(runtime, "Medway", "2027-06", dry_run=True)).subjects
    assert june.last_event_at == walk_through()[0].reported_at
    (may,) = (await run_matac(runtime, "Medway", "2027-05", dry_run=True)).subjects
    assert may.events == 6
