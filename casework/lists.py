"""The relay's part in meetings: which list a referral goes on, and when one is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from casework import ended
from models import registry
from models.enums import Forum
from models.events import Effect, EffectKind, tell_effect
from models.messages import ListRequest, Withdrawn
from store import meetings, outbox
from store.keys import Keyring
from store.outbox import Pending

AFTER = "after"
"""Beside a request that a meeting passes on: the next meeting starts later than this instant."""


_TOLD = {"case": ended.case_told, "referral": ended.referral_told}


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
                effect = tell_effect(f"placed:{row.effect_id}", stream, request)
                await outbox.put(conn, row.stream, [effect], now)

    async def not_there(self, target: str, tells: Sequence[Any]) -> None:
        """The receiver has ended. A meeting that is over takes no request: each asks for a place on
        the next list. A referral that was taken back meanwhile leaves the list it was put on. What
        else a case or referral was told goes to whoever must hear it (`casework.ended`)."""
        kind, _, rest = target.partition("/")
        effects: list[Effect] = []
        now = self._clock()
        if kind in _TOLD:
            async with self._engine.begin() as conn:
                await _TOLD[kind](conn, rest, tells, now)
        if kind == "meeting":
            effects = self._again(target, "/".join(rest.split("/")[:2]), tells)
        elif kind == "referral":
            effects = self._off_the_list(rest, tells)
        if effects:
            async with self._engine.begin() as conn:
                await outbox.put(conn, target, effects, now)

    def _again(self, target: str, where: str, tells: Sequence[Any]) -> list[Effect]:
        return [
            Effect(
                effect_id=f"again:{target}:{tell['message_id']}",
                kind=EffectKind.LIST,
                target=where,
                payload=tell,
            )
            for tell in tells
            if tell.get("kind") == "list-request"
        ]

    def _off_the_list(self, referral_ref: str, tells: Sequence[Any]) -> list[Effect]:
        effects = []
        for tell in tells:
            if tell.get("kind") != "listed" or not tell.get("meeting"):
                continue
            message = Withdrawn(
                message_id=f"ended:{tell['message_id']}",
                referral_ref=referral_ref,
                reason="REFERRAL_ENDED",
                at=self._clock(),
            )
            effects.append(tell_effect(message.message_id, tell["meeting"], message))
        return effects

    async def ended(self, rows: Sequence[Pending]) -> None:
        """The register follows meetings that are over."""
        async with self._engine.begin() as conn:
            for row in rows:
                at = datetime.fromisoformat(row.payload["ended_at"])
                await meetings.mark_ended(conn, row.target, at)
