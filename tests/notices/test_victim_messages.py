"""A message to a victim: at most once, and never without the case's word at that moment."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
import pytest_asyncio
from sqlalchemy import select

from casework.master_key import MasterKey
from casework.notices.victim_messages import VictimMessenger
from models.enums import Channel
from models.safe_decision import SafeDecision
from store import victim_messages
from store.ciphers import MasterKeys
from store.keys import Keyring
from store.secrets import SecretStore
from store.tables import case_register, outbox, victim_message
from tests.notices.conftest import CASE, Desk
from tests.notices.post_office import PostOffice

VICTIM = "VIC-0001"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
NOTIFY_KEY = f"test-26785a09-ab16-4eb0-8407-a37497a57506-{SECRET}"


@dataclass
class Case:
    """What the case says when it is asked, and what was on record at that moment."""

    desk: Desk
    answer: SafeDecision = field(
        default_factory=lambda: SafeDecision(allowed=True, reason_code="SAFE")
    )
    seen: list[str] = field(default_factory=list)

    async def ask(self, case_ref: str, channel: Channel, route: str, at: datetime) -> SafeDecision:
        assert (case_ref, at) == (CASE, self.desk.now)
        async with self.desk.engine.connect() as conn:
            self.seen.append(str(await conn.scalar(select(victim_message.c.state))))
        return self.answer


@dataclass
class Sending:
    desk: Desk
    case: Case
    secrets: SecretStore

    def messenger(self, **settings: Any) -> VictimMessenger:
        return VictimMessenger(
            self.desk.engine,
            self.secrets,
            self.desk.settings.model_copy(
                update={"victim_mail_from": "Sam <sam@post.example>", **settings}
            ),
            lambda: self.desk.now,
            self.case.ask,
        )

    async def queue(self, channel: Channel = Channel.EMAIL, route: str = "r1") -> None:
        payload = {
            "message_id": "VM-1",
            "case_ref": CASE,
            "channel": channel.value,
            "route": route,
            "wording_ref": "NEUTRAL_RING",
        }
        async with self.desk.engine.begin() as conn:
            await victim_messages.queue(conn, payload, self.desk.now)
            await victim_messages.queue(conn, payload, self.desk.now)

    async def outcome(self) -> tuple[str, str]:
        async with self.desk.engine.connect() as conn:
            row = (await conn.execute(select(victim_message))).one()
        return row.state, row.reason_code

    async def told(self) -> list[str]:
        async with self.desk.engine.connect() as conn:
            rows = await conn.execute(select(outbox.c.payload).where(outbox.c.kind == "TELL"))
            return [row.payload["outcome"] for row in rows]


@pytest_asyncio.fixture
async def sending(desk: Desk) -> AsyncIterator[Sending]:
    keyring = Keyring(
        desk.engine, MasterKeys((MasterKey("k", bytes(range(32))),)), lambda: desk.now
    )
    secrets = SecretStore(keyring)
    await desk.put(
        case_register,
        case_ref=CASE,
        victim_ref=VICTIM,
        area="Medway",
        state="ALLOCATED",
        priority_score=0,
        risk_grade="MEDIUM",
        opened_at=desk.now,
    )
    async with desk.engine.begin() as conn:
        await secrets.save_route(conn, VICTIM, "r1", "safe@home.example", desk.now)
        await secrets.save_route(conn, VICTIM, "r2", "+447700900576", desk.now)
    yield Sending(desk, Case(desk), secrets)


async def test_it_is_marked_and_committed_before_the_case_is_asked_and_leaves_once(
    sending: Sending, office: PostOffice
) -> None:
    await sending.queue()
    assert await sending.messenger().once() == 1
    assert await sending.messenger().once() == 0
    assert sending.case.seen == ["SENDING"]
    ((to, message),) = office.taken
    assert to == "safe@home.example"
    assert await sending.outcome() == ("SENT", "")
    assert await sending.told() == ["SENT"]
    everything = message.as_string().casefold()
    for word in ("police", "dalo", "kent", "official", "victim", "case-"):
        assert word not in everything


async def test_the_server_is_greeted_with_nothing_but_the_neutral_senders_domain(
    sending: Sending, office: PostOffice
) -> None:
    await sending.queue()
    await sending.messenger().once()
    assert office.greeted_as == ["post.example"]


async def test_what_the_case_does_not_allow_is_not_sent(
    sending: Sending, office: PostOffice
) -> None:
    sending.case.answer = SafeDecision(allowed=False, reason_code="OUTSIDE_SAFE_WINDOW")
    await sending.queue()
    assert await sending.messenger().once() == 0
    assert office.taken == []
    assert await sending.outcome() == ("BLOCKED", "OUTSIDE_SAFE_WINDOW")
    assert await sending.told() == ["BLOCKED"]


async def test_a_server_that_breaks_off_leaves_it_unknown_and_it_is_never_sent_again(
    sending: Sending, office: PostOffice
) -> None:
    office.answer = "BREAK"
    await sending.queue()
    await sending.messenger().once()
    sending.desk.now += timedelta(days=1)
    await sending.messenger().once()
    assert len(office.taken) == 1
    assert (await sending.outcome())[0] == "UNKNOWN"
    assert await sending.told() == ["UNKNOWN"]


async def test_a_sender_that_died_leaves_it_unknown_after_ten_minutes(
    sending: Sending, office: PostOffice
) -> None:
    await sending.queue()
    async with sending.desk.engine.begin() as conn:
        assert await victim_messages.take_one(conn, sending.desk.now) is not None
    await sending.messenger().once()
    assert (await sending.outcome())[0] == "SENDING"
    sending.desk.now += timedelta(minutes=11)
    await sending.messenger().once()
    assert await sending.outcome() == ("UNKNOWN", "SENDER_DIED")
    assert await sending.told() == ["UNKNOWN"]
    assert office.taken == []


@pytest.mark.parametrize(
    ("channel", "route", "settings", "reason"),
    [
        (Channel.EMAIL, "r9", {}, "NO_ADDRESS"),
        (Channel.SMS, "r2", {}, "NO_PROVIDER"),
        (Channel.EMAIL, "r1", {"victim_mail_from": None}, "NO_PROVIDER"),
    ],
)
async def test_what_cannot_be_sent_fails_for_certain_and_goes_to_a_person(
    sending: Sending,
    office: PostOffice,
    channel: Channel,
    route: str,
    settings: dict[str, Any],
    reason: str,
) -> None:
    await sending.queue(channel, route)
    assert await sending.messenger(**settings).once() == 0
    assert await sending.outcome() == ("FAILED", reason)
    assert await sending.told() == ["FAILED"]


# --- GOV.UK Notify ----------------------------------------------------------------------------


class Notify:
    """A peer that speaks Notify's protocol: it checks the token and keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.status = 201
        self.url = ""


@pytest.fixture
def notify() -> Iterator[Notify]:
    peer = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            token = self.headers["Authorization"].removeprefix("Bearer ")
            jwt.decode(token, SECRET, algorithms=["HS256"])
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if peer.status == 201:
                peer.taken.append((self.path, body))
            answer = b'{"id": "1", "errors": [{"error": "X", "message": "x"}], "status_code": 0}'
            self.send_response(peer.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield peer
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "outcome", "sent"),
    [
        (201, ("SENT", ""), 1),
        (400, ("FAILED", "HTTP_400"), 0),
        (500, ("UNKNOWN", "HTTP_500"), 0),
    ],
)
async def test_a_text_message_leaves_by_notify_under_our_own_reference(
    sending: Sending, notify: Notify, status: int, outcome: tuple[str, str], sent: int
) -> None:
    from pydantic import SecretStr

    notify.status = status
    await sending.queue(Channel.SMS, "r2")
    messenger = sending.messenger(
        notify_api_key=SecretStr(NOTIFY_KEY), notify_url=notify.url, notify_sms_template="t-1"
    )
    assert await messenger.once() == sent
    assert await sending.outcome() == outcome
    if sent:
        ((path, body),) = notify.taken
        assert path == "/v2/notifications/sms"
        assert (body["phone_number"], body["reference"]) == ("+447700900576", "VM-1")
        assert "ring" in body["personalisation"]["text"]
