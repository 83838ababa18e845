"""The relay's part where a case or a referral has ended: what it was told goes to the person's open
case, or to the people who must decide; nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from models import registry
from models.events import Effect, tell_effect
from models.ids import case_stream
from models.messages import CaseMessage, PartyMerged
from models.unheard import (
    Named,
    about_the_person,
    repeat_of,
    tasks_of,
    unheard,
    unheard_repeat,
)
from store import outbox, told
from store.told import Person


async def case_told(
    conn: AsyncConnection, case_ref: str, tells: Sequence[Any], now: datetime
) -> None:
    """What is about the person goes to their open case, found by whatever reference they have now.
    Where none is open, what matters is a task of the area's supervisors."""
    messages = [found for tell in tells if (found := about_the_person(tell)) is not None]
    person = await told.person_of_case(conn, case_ref) if messages else None
    if person is None:
        return
    passed = [each for each in messages if _has_case(person, case_ref, each)]
    effects = [_onward(person, each) for each in passed]
    await outbox.put(conn, case_stream(case_ref), effects, now)
    await _ask(conn, person, [each for each in messages if each not in passed], now)


def _has_case(person: Person, ended: str, message: CaseMessage) -> bool:
    """Whether another case can hear it; the one that a merge came from knows it already."""
    came_from = message.from_case_ref if isinstance(message, PartyMerged) else ""
    return person.open_case not in ("", ended, came_from)


def _onward(person: Person, message: CaseMessage) -> Effect:
    """The same message, so that a case that has it already ignores it."""
    return tell_effect(
        f"onward:{person.open_case}:{message.message_id}", case_stream(person.open_case), message
    )


async def _ask(
    conn: AsyncConnection, person: Person, messages: Iterable[CaseMessage], now: datetime
) -> None:
    policy = registry.current_policy()
    tasks = [
        task
        for message in messages
        if (found := unheard(message, policy)) is not None
        for task in tasks_of(found, message.message_id, person.as_named, now)
    ]
    if tasks:
        await told.ask(conn, person.victim_ref, tasks, now, policy)


async def referral_told(
    conn: AsyncConnection, referral_ref: str, tells: Sequence[Any], now: datetime
) -> None:
    """A report of a pair whose MARAC referral has ended is decided by coordinator and supervisor
    all the same: its window is judged by dates."""
    policy = registry.current_policy()
    repeats = [found for tell in tells if (found := repeat_of(tell)) is not None]
    person = await told.person_of_referral(conn, referral_ref) if repeats else None
    if person is None:
        return
    tasks = [
        task
        for message in repeats
        for task in tasks_of(
            unheard_repeat(message, policy),
            message.message_id,
            Named(referral_ref, person.area),
            now,
        )
    ]
    await told.ask(conn, person.victim_ref, tasks, now, policy)
