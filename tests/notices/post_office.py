"""A real SMTP server on loopback that keeps what it takes, and can refuse or break off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """Messages taken, in order. `answer` is what the next message gets, then 250 again."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Message]] = []
        self.answer = ""
        self.greeted_as: list[str] = []
        """What each client called itself: servers write it into `Received:`."""
        self.refused: set[str] = set()
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer, self.answer = self.answer, ""
        if answer.startswith(("4", "5")):
            return answer
        self.greeted_as.append(str(session.host_name))
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append((envelope.rcpt_tos[0], message_from_bytes(content, policy=default)))
        if answer == "BREAK":
            # Taken, and the sender never hears of it.
            assert server.transport is not None
            server.transport.close()
        return "250 OK"

    @property
    def to(self) -> list[str]:
        """Whom the messages went to."""
        return [recipient for recipient, _ in self.taken]


class _Free(Controller):
    """Binds to a free port of loopback."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        sockets: Any = self.server.sockets  # type: ignore[attr-defined]
        self.port = sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """The server, while the block runs."""
    office = PostOffice()
    controller = _Free(office, hostname="127.0.0.1", port=0)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def body(message: Message) -> str:
    """The text of a message."""
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()
