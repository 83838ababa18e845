"""The relay's part in meetings: which list a referral goes on, and when one is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from models import registry
from models.enums import Forum
from models.events import Effect, EffectKind
from models.messages import ListRequest
from store import meetings, outbox
from store.keys import Keyring
from store.outbox import Pending

AFTER = "after"
"""Beside a request that a meeting passes on: the next meeting starts later than this instant."""


class NotYet(Exception):
    """The receiver has not been started yet, or cannot be; holds a code only."""


class Lists:
    """Finds, or opens, the meeting on whose list a referral belongs."""

    def __init__(
        self, engine: AsyncEngine, keyring: Keyring | None, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._keyring = keyring
        self._clock = clock

    async def place(self, rows: Sequence[Pending]) -> None:
        """Tell the right meeting of each request. The message that tells it is written once a
        request, so a request delivered twice stays with the meeting found first. Raises NotYet
        where the policy in force has no meetings of that forum and area: the request waits, the
        watchdog shows it, and it leaves when the policy has them."""
        if self._keyring is None:
            raise NotYet("NO_KEYRING")
        name, _, area = rows[0].target.partition("/")
        versions = meetings.Versions(registry.current_policy(), registry.current_calendar())
        for row in rows:
            after = row.payload.get(AFTER)
            request = ListRequest.model_validate(row.payload)
            now = self._clock()
            async with self._engine.begin() as conn:
                stream = await meetings.place_for(
                    conn,
                    self._keyring,
                    Forum(name),
                    area,
                    versions,
                    now,
                    emergency=request.emergency,
                    after=datetime.fromisoformat(after) if after else None,
                )
                if stream is None:
                    raise NotYet("NO_MEETING_SERIES")
                effect = Effect(
                    effect_id=f"placed:{row.effect_id}",
                    kind=EffectKind.TELL,
                    target=stream,
                    payload=request.model_dump(mode="json"),
                )
                await outbox.put(conn, row.stream, [effect], now)

    async def ask_again(self, target: str, tells: Sequence[Any]) -> None:
        """A meeting that is over takes no request: each asks for a place on the next list."""
        kind, _, rest = target.partition("/")
        if kind != "meeting":
            return
        forum, area = rest.split("/")[:2]
        now = self._clock()
        effects = [
            Effect(
                effect_id=f"again:{target}:{tell['message_id']}",
                kind=EffectKind.LIST,
                target=f"{forum}/{area}",
                payload=tell,
            )
            for tell in tells
            if tell.get("kind") == "list-request"
        ]
        async with self._engine.begin() as conn:
            await outbox.put(conn, target, effects, now)

    async def ended(self, rows: Sequence[Pending]) -> None:
        """The register follows meetings that are over."""
        async with self._engine.begin() as conn:
            for row in rows:
                at = datetime.fromisoformat(row.payload["ended_at"])
                await meetings.mark_ended(conn, row.target, at)
