"""Which workflow a reference means, and what is said where it means none, or several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import insert

from access.gate import Gate
from casework.case_commands import _explain_absence, target_stream
from casework.case_reads import case_of
from casework.master_key import MasterKey
from casework.runtime import Runtime
from casework.settings import Settings
from models.base import Refused
from store.ciphers import MasterKeys
from store.engine import make_engine
from store.keys import Keyring
from store.secrets import SecretStore
from store.tables import report

NOW = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)
INCIDENT = "46/1/27"


@pytest_asyncio.fixture
async def runtime(database: str) -> AsyncIterator[Runtime]:
    engine = make_engine(database)
    keyring = Keyring(engine, MasterKeys((MasterKey("k", bytes(32)),)), lambda: NOW)
    yield Runtime(
        settings=Settings(),
        engine=engine,
        keyring=keyring,
        secrets=SecretStore(keyring),
        gate=Gate(engine, lambda: NOW),
        clock=lambda: NOW,
    )
    await engine.dispose()


async def told(runtime: Runtime, victim_ref: str) -> None:
    row = {
        "incident_ref": INCIDENT,
        "victim_ref": victim_ref,
        "version": 1,
        "reported_at": NOW,
        "received_at": NOW,
        "district": "Medway",
        "allocation_arm": "PILOT",
        "policy_version": "kent-2",
        "standing": "LINKED_TO_OPEN_CASE",
        "outcome": "LINKED_TO_OPEN_CASE",
        "case_ref": f"CASE-2027-{victim_ref[-5:]}",
        "child_referred": False,
        "eligible_but_for_area": True,
        "eligibility_reason": "",
        "history": False,
        "facts": {},
    }
    async with runtime.engine.begin() as conn:
        await conn.execute(insert(report).values(**row))


async def code(runtime: Runtime, ref: str, target: str) -> str:
    with pytest.raises(Refused) as refused:
        await target_stream(runtime, ref, target)
    assert refused.value.remedy
    return refused.value.code


async def test_a_reference_means_one_thing_or_is_refused(runtime: Runtime) -> None:
    assert await code(runtime, INCIDENT, "incident") == "NO_CASE"
    await told(runtime, "VIC-00001")
    assert await target_stream(runtime, INCIDENT, "incident") == f"incident/{INCIDENT}/VIC-00001"
    await told(runtime, "VIC-00002")
    assert await code(runtime, INCIDENT, "incident") == "AMBIGUOUS_REFERENCE"
    one = await target_stream(runtime, f"{INCIDENT}/VIC-00002", "case")
    assert one == "case/CASE-2027-00002"


async def test_a_screen_is_of_one_case(runtime: Runtime) -> None:
    async def refused() -> str:
        async with runtime.engine.connect() as conn:
            with pytest.raises(Refused) as why:
                await case_of(conn, INCIDENT)
        return why.value.code

    assert await refused() == "NO_CASE"
    await told(runtime, "VIC-00001")
    await told(runtime, "VIC-00002")
    assert await refused() == "AMBIGUOUS_REFERENCE"


async def test_a_command_is_for_one_kind_of_thing(runtime: Runtime) -> None:
    assert await code(runtime, "MARAC-2027-00001", "case") == "WRONG_REFERENCE"
    assert await code(runtime, "CASE-2027-00001", "referral") == "WRONG_REFERENCE"


@pytest.mark.parametrize(
    ("stream", "wanted"),
    [("incident/46/1/27/VIC-00001", "INCIDENT_ENDED"), ("referral/X", "REFERRAL_ENDED")],
)
async def test_what_has_ended_is_told_nothing(runtime: Runtime, stream: str, wanted: str) -> None:
    with pytest.raises(Refused) as refused:
        await _explain_absence(runtime, stream)
    assert (refused.value.code, bool(refused.value.remedy)) == (wanted, True)
