"""A referral's reference: given out before it is sent, the same at a retry, back if refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from access.gate import Gate
from casework.case_referrals import never_sent, with_reference
from casework.runtime import Runtime
from casework.settings import Settings
from models.commands import AskIdva, Command, Refer
from models.enums import ReferralPathway
from models.events import Effect, EffectKind
from models.ids import referral_stream
from store.outbox import put
from store.secrets import SecretStore
from store.tables import referral_register
from tests.intake.conftest import keyring_of

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
