"""Every sound report is held against the MARAC referrals of its pair, whatever becomes of it; and a
case hears of the incident's other victims and of reversed roles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models import registry
from models.enums import IntakeOutcome, RecordingType, RiskGrade
from models.ids import case_stream, referral_stream, victim_stream
from models.policy import Policy
from models.report import Report, ReportSecrets
from store.intake import IntakeStore, RowResult
from store.intake_plan import Stamp
from store.tables import ledger_event, outbox, referral, victim_alias
from tests.intake.conftest import keyring_of

DAY = timedelta(days=1)
REFERRED = datetime(2027, 2, 1, 11, tzinfo=UTC)
HEARD = REFERRED + 10 * DAY
EVENT = datetime(2028, 1, 17, 14, tzinfo=UTC)
FLAGGED = "MARAC-2027-00001"


def a_report(incident: str = "46/1/28", at: datetime = EVENT, **facts: Any) -> Report:
    return Report.model_validate(
        {
            "incident_ref": incident,
            "victim_ref": "VIC-7",
            "version": 1,
            "perpetrator_ref": "PER-7",
            "recording_type": RecordingType.NON_CRIME_DA,
            "occurred_from": at,
            "reported_at": at,
            "district": "Medway",
            "victim_age": 40,
            **facts,
        }
    )


@dataclass(frozen=True)
class Row:
    report: Report
    secrets: ReportSecrets


class Desk:
    """An intake that takes rows at the time of the last of them."""

    def __init__(self, engine: AsyncEngine, policy: Policy) -> None:
        self.engine, self.policy = engine, policy
        self.store = IntakeStore(keyring_of(engine))
        self.statements = 0

    async def take(self, *reports: Report, history: bool = False) -> list[RowResult]:
        stamp = Stamp(
            now=max(each.reported_at for each in reports) + timedelta(minutes=5),
            policy=self.policy,
            calendar_version=registry.current_calendar().version,
            actor="tests",
            role="SYSTEM",
        )
        async with self.engine.begin() as conn:
            return await self.store.take_rows(
                conn, [Row(each, ReportSecrets()) for each in reports], stamp, history=history
            )

    async def refer(self, ref: str = FLAGGED, **columns: Any) -> None:
        row = {
            "referral_ref": ref,
            "stream": referral_stream(ref),
            "pathway": "MARAC",
            "state": "FLAGGED_12M",
            "victim_ref": "VIC-7",
            "perpetrator_ref": "PER-7",
            "submitted_at": REFERRED,
            "heard_at": HEARD,
            **columns,
        }
        async with self.engine.begin() as conn:
            await conn.execute(insert(referral).values(**row))

    async def told(self, target: str) -> list[dict[str, Any]]:
        query = select(outbox.c.payload).where(outbox.c.target == target)
        async with self.engine.connect() as conn:
            return list(await conn.scalars(query.order_by(outbox.c.sequence)))

    async def tags(self, victim_ref: str) -> list[str]:
        query = select(ledger_event.c.tag).where(ledger_event.c.stream == victim_stream(victim_ref))
        async with self.engine.connect() as conn:
            return list(await conn.scalars(query.order_by(ledger_event.c.seq)))

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        def count(*_: object) -> None:
            self.statements += 1

        self.statements = 0
        event.listen(self.engine.sync_engine, "before_cursor_execute", count)
        yield
        event.remove(self.engine.sync_engine, "before_cursor_execute", count)


@pytest.fixture
def desk(engine: AsyncEngine, policy: Policy) -> Desk:
    return Desk(engine, policy)


@pytest.mark.parametrize(
    ("changes", "history", "outcome"),
    [
        ({}, False, IntakeOutcome.NOT_ELIGIBLE),
        ({"district": "Thanet"}, False, IntakeOutcome.OUT_OF_AREA),
        ({"victim_age": 15}, False, IntakeOutcome.UNDER_16),
        ({"district": "Thanet"}, True, IntakeOutcome.HISTORY),
    ],
)
async def test_a_flagged_pair_s_report_reaches_the_referral_whatever_its_outcome(
    desk: Desk, changes: dict[str, Any], history: bool, outcome: IntakeOutcome
) -> None:
    await desk.refer()
    taken = await desk.take(a_report(**changes), history=history)
    assert taken[0].outcome is outcome
    (told,) = await desk.told(referral_stream(FLAGGED))
    assert told["kind"] == "repeat-event"
    assert told["definitions"] == ["ANY_ABUSE/REFERRAL", "ANY_ABUSE/HEARING"]
    assert (told["incident_ref"], told["criminal"]) == ("46/1/28", False)
    assert told["district"] == changes.get("district", "Medway")
    assert "report:marac_flag:hit" in await desk.tags("VIC-7")


@pytest.mark.parametrize(
    "columns",
    [
        {"perpetrator_ref": "PER-8"},
        {"victim_ref": "VIC-8"},
        {"pathway": "IDVA"},
        {"submitted_at": None},
        {"state": "WITHDRAWN_IN_ERROR"},
        {"state": "NOT_MET"},
        {"submitted_at": EVENT + DAY, "heard_at": None},
        {"submitted_at": REFERRED - 30 * DAY, "heard_at": None},
    ],
)
async def test_no_live_flag_of_the_pair_by_dates_and_nobody_is_told(
    desk: Desk, columns: dict[str, Any]
) -> None:
    await desk.refer(**columns)
    await desk.take(a_report())
    assert await desk.told(referral_stream(FLAGGED)) == []
    assert "report:marac_flag:hit" not in await desk.tags("VIC-7")


@pytest.mark.parametrize("state", ["FLAGGED_12M", "TRANSFERRED_OUT", "FLAG_EXPIRED"])
async def test_a_window_is_judged_by_dates_whatever_became_of_the_referral_or_its_reference(
    desk: Desk, state: str
) -> None:
    await desk.refer(state=state, victim_ref="VIC-8")
    alias = {"merged_ref": "VIC-8", "kept_ref": "VIC-7", "merged_at": EVENT, "merged_by": "PS 1"}
    async with desk.engine.begin() as conn:
        await conn.execute(insert(victim_alias).values(reason_code="SAME_PERSON", **alias))
    await desk.take(a_report())
    (told,) = await desk.told(referral_stream(FLAGGED))
    assert told["incident_ref"] == "46/1/28"


async def test_the_same_row_tells_once_and_a_new_version_again(desk: Desk) -> None:
    await desk.refer()
    for version in (1, 1, 2):
        await desk.take(a_report(version=version))
    assert len(await desk.told(referral_stream(FLAGGED))) == 2


async def test_an_open_case_is_told_instead_with_every_referral_of_the_pair(desk: Desk) -> None:
    await desk.refer()
    await desk.refer("MARAC-2026-00009", submitted_at=REFERRED - 90 * DAY, heard_at=None)
    await desk.refer("MARAC-2027-00010", perpetrator_ref="PER-9")
    earlier = a_report("46/0/28", EVENT - 3 * DAY)
    await desk.take(earlier, history=True)
    taken = await desk.take(a_report(risk_grade=RiskGrade.HIGH))
    assert taken[0].outcome is IntakeOutcome.CASE_OPENED
    (start,) = await desk.told(case_stream(taken[0].case_ref))
    known = start["messages"][0]["marac_referrals"]
    assert [each["referral_ref"] for each in known] == ["MARAC-2026-00009", FLAGGED]
    assert known[1]["heard_at"] is not None
    # The history row had no case and told the referral; the report that opened one did not.
    told = await desk.told(referral_stream(FLAGGED))
    assert [each["incident_ref"] for each in told] == ["46/0/28"]


async def test_a_case_hears_of_other_victims_and_of_reversed_roles(desk: Desk) -> None:
    reversed_near = a_report(
        "46/2/27", EVENT - 300 * DAY, victim_ref="PER-7", perpetrator_ref="VIC-7"
    )
    reversed_long_ago = reversed_near.model_copy(
        update={"incident_ref": "46/3/26", "reported_at": EVENT - 366 * DAY}
    )
    await desk.take(a_report("46/0/28", EVENT - 3 * DAY), history=True)
    await desk.take(reversed_near, reversed_long_ago, history=True)
    await desk.take(a_report(victim_ref="VIC-8", perpetrator_ref="PER-7"))
    taken = await desk.take(a_report(risk_grade=RiskGrade.HIGH))
    (start,) = await desk.told(case_stream(taken[0].case_ref))
    message = start["messages"][0]
    assert message["other_victims"] == ["VIC-8"]
    assert message["counter_allegation"] == ["46/2/27"]
    assert message["marac_referrals"] == []


async def test_pairs_cost_one_statement_however_many_rows_a_batch_has(desk: Desk) -> None:
    await desk.take(a_report("46/0/26", REFERRED), history=True)
    counts = []
    for size in (1, 40):
        rows: Sequence[Report] = [
            a_report(f"46/{size}{n}/28", victim_ref=f"VIC-{size}{n}") for n in range(size)
        ]
        async with desk.counting():
            await desk.take(*rows, history=True)
        counts.append(desk.statements)
    assert counts[0] == counts[1]
