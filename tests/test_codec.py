"""What the engine stores is unreadable without the stream's key."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from google.protobuf import json_format
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payloads
from temporalio.client import Client, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from casework.codec import StreamCodec, data_converter, scope_of
from casework.codec_server import codec_app, serve
from casework.errors import ServerError
from casework.master_key import MasterKey
from casework.settings import Settings
from store.engine import make_engine
from store.keys import SHARED_SCOPE, KeyDestroyed, Keyring, MasterKeys, UnknownScope
from store.tables import access_log
from tests.encrypted_workflow import FAILING, Keeper, echo

OLD, NEW = MasterKey("old", os.urandom(32)), MasterKey("new", os.urandom(32))
STREAM = "case/CASE-2026-00001"
TEXTS = ["SECRET-input", "SECRET-update", "failed", "SECRET-signal"]
TOKEN = "codec-token-for-tests"


@pytest_asyncio.fixture
async def codec_engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database)
    yield engine
    await engine.dispose()


def ring(engine: AsyncEngine, *keys: MasterKey) -> Keyring:
    return Keyring(engine, MasterKeys(keys or (OLD,)))


async def play(env: WorkflowEnvironment, keyring: Keyring, stream: str) -> WorkflowHandle:  # type: ignore[type-arg]
    """A whole life of `Keeper` on the real server; the client is an encrypting one."""
    config = env.client.config()
    config["data_converter"] = data_converter(keyring)
    client = Client(**config)
    queue = f"codec-{stream}"
    async with Worker(client, task_queue=queue, workflows=[Keeper], activities=[echo]):
        handle = await client.start_workflow(
            Keeper.run, TEXTS[0], id=stream, task_queue=queue, memo={"note": "SECRET-memo"}
        )
        assert await handle.execute_update(Keeper.keep, TEXTS[1]) == TEXTS[1]
        assert await handle.execute_update(Keeper.keep, FAILING) == "failed"
        assert await handle.query(Keeper.kept, "SECRET-u") == [TEXTS[1]]
        await handle.signal(Keeper.end, TEXTS[3])
        assert await handle.result() == TEXTS
        assert await (await handle.describe()).memo() == {"note": "SECRET-memo"}
    return handle


async def test_histories_hold_no_plain_text_and_replay(
    temporal_env: WorkflowEnvironment, codec_engine: AsyncEngine
) -> None:
    keyring = ring(codec_engine)
    async with codec_engine.begin() as conn:
        key = await keyring.make(conn, STREAM)
    history = await (await play(temporal_env, keyring, STREAM)).fetch_history()
    raw = b"".join(event.SerializeToString() for event in history.events)
    # A failure's type stays readable; its message does not.
    assert b"SECRET" not in raw
    assert b"failed on" not in raw
    assert raw.count(key.key_id.encode()) >= len(TEXTS)
    await Replayer(workflows=[Keeper], data_converter=data_converter(keyring)).replay_workflow(
        history
    )


async def test_master_key_rotation_leaves_histories_readable(
    temporal_env: WorkflowEnvironment, codec_engine: AsyncEngine
) -> None:
    stream = "case/CASE-2026-00002"
    keyring = ring(codec_engine)
    async with codec_engine.begin() as conn:
        await keyring.make(conn, stream)
    history = await (await play(temporal_env, keyring, stream)).fetch_history()
    await ring(codec_engine, NEW, OLD).rotate_master()
    converter = data_converter(ring(codec_engine, NEW))
    await Replayer(workflows=[Keeper], data_converter=converter).replay_workflow(history)


async def test_a_destroyed_key_erases_the_history(
    temporal_env: WorkflowEnvironment, codec_engine: AsyncEngine
) -> None:
    stream = "incident/46/1/26/VIC-1"
    keyring = ring(codec_engine)
    async with codec_engine.begin() as conn:
        await keyring.make(conn, stream)
    handle = await play(temporal_env, keyring, stream)
    await keyring.destroy(stream)
    with pytest.raises(KeyDestroyed):
        await handle.result()


async def test_no_stream_starts_without_its_key_but_tooling_has_a_shared_one(
    temporal_env: WorkflowEnvironment, codec_engine: AsyncEngine
) -> None:
    keyring = ring(codec_engine)
    with pytest.raises(UnknownScope):
        await play(temporal_env, keyring, "case/CASE-2026-00003")
    await play(temporal_env, keyring, "demo-driver-codec")
    assert (await keyring.get(SHARED_SCOPE)).scope == SHARED_SCOPE


@pytest.mark.parametrize(
    ("workflow_id", "scope"),
    [
        ("case/CASE-2026-00001", "case/CASE-2026-00001"),
        ("referral/MARAC-2027-00012", "referral/MARAC-2027-00012"),
        ("demo-driver", SHARED_SCOPE),
        ("case/", SHARED_SCOPE),
        ("victim/VIC-1", SHARED_SCOPE),
        (None, SHARED_SCOPE),
    ],
)
def test_the_key_is_chosen_by_the_streams_name(workflow_id: str | None, scope: str) -> None:
    assert scope_of(workflow_id) == scope


async def _ask(engine: AsyncEngine, path: str, body: str, token: str = TOKEN) -> httpx.Response:
    app = codec_app(engine, ring(engine), TOKEN, ("https://temporal.example",))
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://temporal.example"}
    async with httpx.AsyncClient(transport=transport, base_url="http://codec") as client:
        return await client.post(path, content=body, headers=headers)


async def _encrypted(engine: AsyncEngine) -> str:
    codec = StreamCodec(ring(engine))
    plain = await DataConverter.default.encode(["SECRET"])
    return json_format.MessageToJson(Payloads(payloads=await codec.encode(plain)))


async def test_the_endpoint_decodes_for_the_token_and_logs_it(codec_engine: AsyncEngine) -> None:
    answer = await _ask(codec_engine, "/decode", await _encrypted(codec_engine))
    payloads = json_format.Parse(answer.content, Payloads())
    assert payloads.payloads[0].data == b'"SECRET"'
    assert answer.headers["access-control-allow-origin"] == "https://temporal.example"
    async with codec_engine.connect() as conn:
        (row,) = await conn.execute(select(access_log))
    assert (row.actor, row.action, row.allowed) == ("SVC-CODEC", "decode-payloads", True)


async def test_the_endpoint_refuses(codec_engine: AsyncEngine) -> None:
    body = await _encrypted(codec_engine)
    assert (await _ask(codec_engine, "/decode", body, token="wrong")).status_code == 401
    assert (await _ask(codec_engine, "/encode", body)).json()["code"] == "ENCODE_REFUSED"
    assert (await _ask(codec_engine, "/decode", "not json")).json()["code"] == "MALFORMED_BODY"
    await ring(codec_engine).destroy(SHARED_SCOPE)
    assert (await _ask(codec_engine, "/decode", body)).json()["code"] == "KEY_DESTROYED"
    down = make_engine("postgresql://nobody:x@127.0.0.1:1/none")
    assert (await _ask(down, "/decode", body)).json()["code"] == "ACCESS_LOG_UNAVAILABLE"
    await down.dispose()


def test_the_endpoint_does_not_start_without_a_token() -> None:
    with pytest.raises(ServerError, match="DALO_CODEC_TOKEN"):
        serve(Settings())
