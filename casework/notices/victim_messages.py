"""Sends messages to victims: never without the case's word at that moment, and never twice.

The row is marked `SENDING` and that is committed; then the case is asked; then the provider is
called. Whoever finds a row so after a crash cannot know more: `UNKNOWN`, a task for a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiosmtplib import SMTPException
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.notices.mail import NOT_TAKEN, Mailer
from casework.notices.notify import Notify, NotTaken, Unsure
from casework.settings import Settings
from models import registry
from models.enums import Channel
from models.safe_decision import SafeDecision
from store import victim_messages
from store.keys import KeyFault
from store.secrets import SecretStore

log = structlog.get_logger(__name__)

ABANDONED_AFTER = timedelta(minutes=10)
"""Longer than any provider is waited for: who marked the row is dead by then."""
Ask = Callable[[str, Channel, str, datetime], Awaitable[SafeDecision]]
"""Case reference, channel, route, instant: the case's decision; no answer in 5 s is a no."""


class VictimMessenger:
    """Sends what waits, one message at a time."""

    def __init__(
        self,
        engine: AsyncEngine,
        secrets: SecretStore,
        settings: Settings,
        clock: Callable[[], datetime],
        ask: Ask,
    ) -> None:
        self._engine = engine
        self._secrets = secrets
        self._settings = settings
        self._clock = clock
        self._ask = ask
        self._mailer = Mailer(settings)
        self._notify = Notify(settings)

    async def once(self) -> int:
        """One round; returns how many messages left."""
        await self._give_up_abandoned()
        left = 0
        while (row := await self._take()) is not None:
            outcome, reason = await self._deliver(row)
            async with self._engine.begin() as conn:
                await victim_messages.finish(conn, row, outcome, reason, self._clock())
            log.info("victim_message.done", outcome=outcome, reason=reason)
            left += outcome == "SENT"
        return left

    async def _take(self) -> Row[Any] | None:
        async with self._engine.begin() as conn:
            return await victim_messages.take_one(conn, self._clock())

    async def _give_up_abandoned(self) -> None:
        now = self._clock()
        async with self._engine.begin() as conn:
            for row in await victim_messages.abandoned(conn, now - ABANDONED_AFTER):
                await victim_messages.finish(conn, row, "UNKNOWN", "SENDER_DIED", now)

    async def _deliver(self, row: Row[Any]) -> tuple[str, str]:
        """Outcome and reason of one message; whatever is not certain is `UNKNOWN`."""
        channel = Channel(row.channel)
        text = registry.current_policy().of_duties.notices.wordings.get(row.wording_ref)
        if text is None:
            return "FAILED", "UNKNOWN_WORDING"
        try:
            async with self._engine.begin() as conn:
                address = (await self._secrets.read_routes(conn, row.victim_ref)).get(row.route)
        except KeyFault:
            return "FAILED", "KEY_UNAVAILABLE"
        if address is None:
            return "FAILED", "NO_ADDRESS"
        # Asked last, so that nothing but the call itself lies between the answer and the message.
        decision = await self._ask(row.case_ref, channel, row.route, self._clock())
        if not decision.allowed:
            return "BLOCKED", decision.reason_code
        return await self._call(channel, address, text, row.message_id)

    async def _call(self, channel: Channel, to: str, text: str, ref: str) -> tuple[str, str]:
        try:
            if self._notify.takes(channel):
                await self._notify.send(channel, to, text, ref)
            elif (
                channel is Channel.EMAIL
                and self._settings.victim_mail_from
                and self._settings.smtp_address
            ):
                await self._mailer.send_neutral(to, text, self._clock())
            else:
                return "FAILED", "NO_PROVIDER"
        except NotTaken as error:
            return "FAILED", str(error)
        except NOT_TAKEN as error:
            return "FAILED", type(error).__name__
        except Unsure as error:
            return "UNKNOWN", str(error)
        except (SMTPException, OSError, TimeoutError) as error:
            return "UNKNOWN", type(error).__name__
        return "SENT", ""
