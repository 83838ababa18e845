"""The notifier: writes what somebody should be told, sends it, and escalates what nobody answers.

At least once: a row is marked sent after the server took the message; a crash between sends it
again under the same Message-ID, so that the recipient's mail program shows it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
)
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from casework.notices.mail import Mailer
from casework.notices.texts import subject_of, text_of
from casework.settings import Settings
from models import registry
from models.duties.notices import NoticePolicy
from models.enums import SUPERVISORY, Role
from models.events import Json
from models.notices import (
    NoticeKind,
    NoticeState,
    acknowledge_by,
    may_leave_at,
    out_of_hours,
)
from models.settling import command_of
from models.urgency import Urgency, urgency_of
from store import notices
from store.answering import Account, accounts_of
from store.charge import able, in_charge, managing
from store.notices_due import Due, Standing, standing, to_be_told, write

log = structlog.get_logger(__name__)

BATCH = 200
TOGETHER = 20
"""Messages of one transaction: a crash repeats at most so many."""
REFUSED_ONE = (SMTPDataError, SMTPRecipientRefused, SMTPRecipientsRefused)
"""The server's word on one message or mailbox; any other failure is about the server itself."""


class Notifier:
    """Writes, sends and escalates notices. Several may run: rows are taken under lock."""

    def __init__(
        self, engine: AsyncEngine, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._mailer = Mailer(settings)

    async def once(self) -> int:
        """One round: write what is new, send what may leave, escalate what is unanswered. Returns
        how many messages the server took."""
        policy = registry.current_policy().of_duties.notices
        await self._write(policy)
        sent = 0
        if self._mailer.configured:
            more = True
            while more:
                taken, more = await self._send(policy)
                sent += taken
        await self._escalate()
        return sent

    async def _write(self, policy: NoticePolicy) -> None:
        now = self._clock()
        before = timedelta(hours=policy.remind_before_hours)
        async with self._engine.begin() as conn:
            found = await to_be_told(conn, now, before, BATCH)
            await write(conn, [self._row(due, now, policy) for due in found])

    def _row(self, due: Due, now: datetime, policy: NoticePolicy) -> Json:
        urgency = urgency_of(due.what, due.subject, due.risk_grade)
        facts = {
            "notice_id": due.notice_id,
            "what": due.what,
            "subject": due.subject,
            "ref": due.case_ref or due.stream.partition("/")[2],
            "due_at": due.due_at.isoformat() if due.due_at else None,
            "command": command_of(due.stream, due.command),
        }
        return {
            "notice_id": due.notice_id,
            "stream": due.stream,
            "kind": due.kind.value,
            "recipient": due.owner,
            "template": due.kind.value,
            "facts": facts,
            "urgency": urgency.name,
            "state": NoticeState.WAITING.value,
            "message_id": self._message_id(due.notice_id),
            "created_at": now.isoformat(),
            "not_before": may_leave_at(urgency, now, policy).isoformat(),
            "escalates": None,
            "about": due.about,
            "turn": due.turn,
            "reached": [],
        }

    def _message_id(self, notice_id: str) -> str:
        digest = hashlib.sha256(notice_id.encode()).hexdigest()[:32]
        return f"{digest}@{self._settings.mail_domain}"

    # --- sending -------------------------------------------------------------------------------

    async def _send(self, policy: NoticePolicy) -> tuple[int, bool]:
        """One batch: how many messages the server took, and whether there may be more."""
        sent = 0
        async with self._engine.begin() as conn:
            rows = await notices.claim(conn, self._clock(), TOGETHER)
            for row in rows:
                try:
                    sent += await self._send_one(conn, row, policy)
                except (SMTPException, OSError) as error:
                    await self._put_off(conn, row, NoticeState.WAITING, type(error).__name__)
                    return sent, False
        return sent, bool(rows)

    async def _send_one(self, conn: AsyncConnection, row: Row[Any], policy: NoticePolicy) -> int:
        """To everybody who has what it is about now; raises where the server takes nothing."""
        now, urgency = self._clock(), Urgency[row.urgency]
        now_with = await standing(conn, row.stream, row.about)
        escalates = row.kind == NoticeKind.ESCALATION.value
        if now_with is None or not (escalates or now_with.owner == row.recipient):
            await notices.overtaken(conn, row.notice_id)
            return 0
        people = await self._people(conn, row, now_with)
        others = await able(conn, row.stream, self._on_duty(urgency, policy), now)
        reached, refused = await self._to_each(row, [*people, *others])
        answer_by = acknowledge_by(urgency, now, policy)
        if refused or not any(person.email for person in people):
            state = NoticeState.WAITING if refused else NoticeState.NO_ADDRESS
            error = refused or NoticeState.NO_ADDRESS.value
            await self._put_off(conn, row, state, error, reached, answer_by)
        else:
            await notices.sent(conn, row, {*row.reached, *reached}, now, answer_by)
        return len(reached)

    async def _people(
        self, conn: AsyncConnection, row: Row[Any], now_with: Standing
    ) -> list[Account]:
        """The accounts that answer for the recipient and may open the case; where there are none,
        of an owner's notice, whoever is in charge."""
        now = self._clock()
        found = await able(conn, row.stream, [row.recipient], now)
        if found or row.kind == NoticeKind.ESCALATION.value:
            return found
        return await in_charge(conn, row.stream, now_with.supervisor, now_with.area, now)

    async def _to_each(self, row: Row[Any], people: list[Account]) -> tuple[list[str], str]:
        """Send it to each who has an address and was not reached before: whom the server took it
        for, and a code if it refused somebody's mailbox, which keeps it from nobody else."""
        reached: list[str] = []
        refused = ""
        kind, urgency = NoticeKind(row.kind), Urgency[row.urgency]
        subject = subject_of(kind, urgency, row.facts)
        for person in {each.officer_id: each for each in people if each.email}.values():
            officer = person.officer_id
            if officer in row.reached:
                continue
            facts = row.facts if officer == row.recipient else {"owner": row.recipient, **row.facts}
            own = row.message_id if officer == row.recipient else f"{officer}.{row.message_id}"
            text = text_of(kind, urgency, facts)
            try:
                await self._mailer.send(
                    person.email, subject, text, own.replace(" ", ""), self._clock()
                )
            except REFUSED_ONE as error:
                refused = type(error).__name__
            else:
                reached.append(officer)
        return reached, refused

    async def _put_off(
        self,
        conn: AsyncConnection,
        row: Row[Any],
        state: NoticeState,
        error: str,
        reached: Sequence[str] = (),
        answer_by: datetime | None = None,
    ) -> None:
        log.warning("notice.waits", error=error, attempts=row.attempts + 1)
        await notices.put_off(conn, row, state, error, self._clock(), reached, answer_by)

    def _on_duty(self, urgency: Urgency, policy: NoticePolicy) -> list[str]:
        """Out of hours, for what is urgent, the DA Hub or the duty sergeant beside the owner."""
        also = out_of_hours(urgency, self._clock(), policy, registry.current_calendar())
        hub = self._settings.hub_officer if also.hub else None
        sergeant = self._settings.duty_sergeant if also.duty_sergeant else None
        return [each for each in (hub, sergeant) if each]

    # --- escalation ----------------------------------------------------------------------------

    async def _escalate(self) -> None:
        now = self._clock()
        async with self._engine.begin() as conn:
            for row in await notices.unanswered(conn, now, BATCH):
                above = await self._above(conn, row)
                await write(conn, [self._escalation(row, each, now) for each in above])
                await notices.mark_escalated(conn, row.notice_id, now, nobody=not above)

    async def _above(self, conn: AsyncConnection, row: Row[Any]) -> list[str]:
        """Who is told next: the recipients' supervisors, else the area's inspectors, else its
        superintendents, else everybody who supervises; nobody twice, and nobody whom a lock keeps
        from the case."""
        now = self._clock()
        now_with = await standing(conn, row.stream, row.about)
        area = now_with.area if now_with is not None else ""
        told = await notices.told(conn, row)
        recipients = await accounts_of(conn, [row.recipient, *row.reached], now)
        supervisors = sorted({each.supervisor_id for each in recipients} - {""})
        for people in (
            await able(conn, row.stream, supervisors, now),
            await managing(conn, row.stream, [Role.INSPECTOR], area),
            await managing(conn, row.stream, [Role.SUPERINTENDENT], area),
            await managing(conn, row.stream, SUPERVISORY),
        ):
            found = [each.officer_id for each in people if each.officer_id not in told]
            if found:
                return found
        return []

    def _escalation(self, row: Row[Any], to: str, now: datetime) -> Json:
        root = row.escalates or row.notice_id
        notice_id = f"{NoticeKind.ESCALATION.value}/{root}/{to}"
        return {
            "notice_id": notice_id,
            "stream": row.stream,
            "kind": NoticeKind.ESCALATION.value,
            "recipient": to,
            "template": NoticeKind.ESCALATION.value,
            "facts": {"owner": row.recipient, **row.facts, "notice_id": notice_id},
            "urgency": row.urgency,
            "state": NoticeState.WAITING.value,
            "message_id": self._message_id(notice_id),
            "created_at": now.isoformat(),
            "not_before": now.isoformat(),
            "escalates": root,
            "about": row.about,
            "turn": row.turn,
            "reached": [],
        }
