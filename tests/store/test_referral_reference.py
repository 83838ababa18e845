"""A referral's reference: given out before it is sent, the same at a retry, back if refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from access.gate import Gate
from casework.case_referrals import never_sent, with_reference
from casework.runtime import Runtime
from casework.settings import Settings
from models import registry
from models.base import Refused
from models.commands import AskIdva, CarryOutDisruption, Command, PlanDisruption, Refer
from models.enums import ReferralPathway
from models.events import Effect, EffectKind
from models.ids import referral_stream
from models.referral.fields import accept
from models.referral.pathways import PATHWAYS
from store.outbox import put
from store.referrals import reference_for
from store.secrets import SecretStore
from store.tables import case_register, referral_register, report, victim_alias
from tests.intake.conftest import keyring_of
from tests.store.test_matac_run import (
    PERSON,
    RUN,
    a_report,
    open_case,
    runtime_at,
    store,
    walk_through,
)

NOW = datetime(2027, 5, 10, 12, tzinfo=UTC)
CASE = "case/CASE-2027-00001"


@pytest.fixture
def runtime(engine: AsyncEngine) -> Runtime:
    keyring = keyring_of(engine)
    return Runtime(
        settings=Settings(),
        engine=engine,
        keyring=keyring,
        secrets=SecretStore(keyring),
        gate=Gate(engine, lambda: NOW),
        clock=lambda: NOW,
    )


def referral(pathway: ReferralPathway = ReferralPathway.MARAC) -> Refer:
    return Refer(at=NOW, pathway=pathway)


async def given(runtime: Runtime, command_id: str, command: Command) -> str:
    found = await with_reference(runtime, CASE, command, command_id)
    assert isinstance(found, Refer)
    return found.assigned_ref


async def waits(runtime: Runtime) -> dict[str, bool]:
    """Whether a referral is waited for, by reference."""
    columns = referral_register.c
    async with runtime.engine.connect() as conn:
        rows = await conn.execute(select(columns.referral_ref, columns.ended_at))
        return {row.referral_ref: row.ended_at is None for row in rows}


async def test_a_retry_gets_the_reference_that_it_had_and_another_command_the_next(
    runtime: Runtime,
) -> None:
    first = await given(runtime, "c1", referral())
    assert first == "MARAC-2027-00001"
    assert await given(runtime, "c1", referral()) == first
    assert await given(runtime, "c2", referral()) == "MARAC-2027-00002"
    assert await given(runtime, "c3", referral(ReferralPathway.IDVA)) == "IDVA-2027-00001"


async def test_a_nomination_is_scored_by_the_data_that_the_run_takes(engine: AsyncEngine) -> None:
    await store(engine, *walk_through())
    runtime = runtime_at(engine, RUN)
    typed = referral(ReferralPathway.MATAC).model_copy(
        update={"perpetrator_ref": PERSON, "facts": {"score": "99", "reason": "SERIAL"}}
    )
    sent = await with_reference(runtime, CASE, typed, "c1")
    assert isinstance(sent, Refer)
    assert accept(PATHWAYS[ReferralPathway.MATAC], sent.facts) == {
        "score": 80.2,
        "recency": 100,
        "frequency": 80,
        "gravity": 72,
        "victims": 75,
        "weights_version": registry.current_policy().of_duties.rfgv.weights_version,
        "reason": "SERIAL",
    }


async def test_a_nomination_that_names_nobody_is_of_the_suspect_of_the_newest_report(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    async with engine.begin() as conn:
        newest = update(report).where(report.c.incident_ref == "46/1/27")
        await conn.execute(newest.values(case_ref="CASE-2027-00001"))
    unnamed = referral(ReferralPathway.MATAC)
    sent = await with_reference(runtime_at(engine, RUN), CASE, unnamed, "c1")
    assert isinstance(sent, Refer)
    assert (sent.perpetrator_ref, sent.facts["score"]) == (PERSON, "80.2")


async def nominated(engine: AsyncEngine) -> str:
    """A nomination of the walk-through's subject; its stream."""
    await store(engine, *walk_through())
    async with engine.begin() as conn:
        ref = await reference_for(
            conn, "run", ReferralPathway.MATAC, "Medway", RUN, perpetrator_ref=PERSON
        )
    return referral_stream(ref)


async def test_a_disruption_is_asked_of_every_victim_as_the_register_has_them_now(
    engine: AsyncEngine,
) -> None:
    stream = await nominated(engine)
    runtime = runtime_at(engine, RUN)
    plan = PlanDisruption(at=RUN, action="TRAFFIC_STOP")

    async def asked_of(command: PlanDisruption | CarryOutDisruption) -> dict[str, str] | None:
        sent = await with_reference(runtime, stream, command, "c1")
        assert isinstance(sent, PlanDisruption | CarryOutDisruption)
        return sent.asked_of

    nobody = {"VIC-0004": "", "VIC-0005": "", "VIC-0006": ""}
    assert await asked_of(plan) == nobody
    # What somebody put in by hand counts for nothing.
    assert await asked_of(plan.model_copy(update={"asked_of": {}})) == nobody
    await open_case(engine, "CASE-2027-00001", "VIC-0005")
    await store(engine, a_report(9, 1, victim_ref="VIC-0009"))
    carry_out = CarryOutDisruption(at=RUN, disruption_id="DIS-001")
    case = {"VIC-0005": "CASE-2027-00001"}
    assert await asked_of(carry_out) == {**nobody, **case, "VIC-0009": ""}
    # VIC-0006 is found to be the same person as VIC-0005.
    async with engine.begin() as conn:
        merged = {"merged_ref": "VIC-0006", "kept_ref": "VIC-0005", "merged_at": RUN}
        merged |= {"merged_by": "PS 4001", "reason_code": "SAME_PERSON"}
        await conn.execute(insert(victim_alias).values(**merged))
    assert await asked_of(plan) == {"VIC-0004": "", **case, "VIC-0009": ""}


async def test_a_case_that_is_not_open_is_not_named_for_a_disruption(engine: AsyncEngine) -> None:
    stream = await nominated(engine)
    await open_case(engine, "CASE-2027-00001", "VIC-0005")
    plan = PlanDisruption(at=RUN, action="TRAFFIC_STOP", cases=("CASE-2027-00001",))
    runtime = runtime_at(engine, RUN)
    await with_reference(runtime, stream, plan, "c1")
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(closed_at=RUN))
    with pytest.raises(Refused, match="NO_CASES"):
        await with_reference(runtime, stream, plan, "c2")


async def test_any_other_command_is_left_as_it_is(runtime: Runtime) -> None:
    ask = AskIdva(at=NOW)
    assert await with_reference(runtime, CASE, ask, "c1") is ask
    await never_sent(runtime, ask)
    assert await waits(runtime) == {}


async def test_nobody_waits_for_what_was_refused_until_it_is_asked_for_again(
    runtime: Runtime,
) -> None:
    sent = await with_reference(runtime, CASE, referral(), "c1")
    await never_sent(runtime, sent)
    assert await waits(runtime) == {"MARAC-2027-00001": False}
    await given(runtime, "c1", referral())
    assert await waits(runtime) == {"MARAC-2027-00001": True}


async def test_what_began_is_waited_for_whatever_is_refused_later(runtime: Runtime) -> None:
    sent = await with_reference(runtime, CASE, referral(), "c1")
    stream = referral_stream("MARAC-2027-00001")
    start = Effect(effect_id=f"start:{stream}", kind=EffectKind.START, target=stream)
    async with runtime.engine.begin() as conn:
        await put(conn, CASE, [start], NOW)
    await never_sent(runtime, sent)
    assert await waits(runtime) == {"MARAC-2027-00001": True}
