"""The notifier: writes what somebody should be told, sends it, and escalates what nobody answers.

At least once: a row is marked sent after the server took the message; a crash between sends it
again under the same Message-ID, so that the recipient's mail program shows it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiosmtplib import SMTPException
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from casework.notices.mail import Mailer
from casework.notices.texts import subject_of, text_of
from casework.settings import Settings
from models import registry
from models.duties.notices import NoticePolicy
from models.events import Json
from models.notices import (
    NoticeKind,
    NoticeState,
    acknowledge_by,
    may_leave_at,
    out_of_hours,
)
from models.urgency import Urgency, urgency_of
from store import notices
from store.notices import Due

log = structlog.get_logger(__name__)

BATCH = 200
TOGETHER = 20
"""Messages of one transaction: a crash repeats at most so many."""


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
            while taken := await self._send(policy):
                sent += taken
        await self._escalate(policy)
        return sent

    async def _write(self, policy: NoticePolicy) -> None:
        now = self._clock()
        before = timedelta(hours=policy.remind_before_hours)
        async with self._engine.begin() as conn:
            found = await notices.to_be_told(conn, now, before, BATCH)
            await notices.write(conn, [self._row(due, now, policy) for due in found])

    def _row(self, due: Due, now: datetime, policy: NoticePolicy) -> Json:
        urgency = urgency_of(due.what, due.subject, due.risk_grade)
        facts = {
            "notice_id": due.notice_id,
            "what": due.what,
            "subject": due.subject,
            "ref": due.case_ref or due.stream.partition("/")[2],
            "due_at": due.due_at.isoformat() if due.due_at else None,
            "command": due.command,
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
        }

    def _message_id(self, notice_id: str) -> str:
        digest = hashlib.sha256(notice_id.encode()).hexdigest()[:32]
        return f"{digest}@{self._settings.mail_domain}"

    # --- sending -------------------------------------------------------------------------------

    async def _send(self, policy: NoticePolicy) -> int:
        async with self._engine.begin() as conn:
            rows = await notices.claim(conn, self._clock(), TOGETHER)
            return sum([await self._send_one(conn, row, policy) for row in rows])

    async def _send_one(self, conn: AsyncConnection, row: Row[Any], policy: NoticePolicy) -> int:
        now = self._clock()
        urgency = Urgency[row.urgency]
        if await notices.is_settled(conn, row.notice_id):
            await notices.finish(conn, row.notice_id, NoticeState.OVERTAKEN, now)
            return 0
        people = await notices.addresses(conn, self._recipients(row.recipient, urgency, policy))
        if not people:
            await notices.finish(conn, row.notice_id, NoticeState.NO_ADDRESS, now)
            return 0
        kind = NoticeKind(row.kind)
        subject, text = (make(kind, urgency, row.facts) for make in (subject_of, text_of))
        try:
            for officer, address in people.items():
                own = row.message_id if officer == row.recipient else f"{officer}.{row.message_id}"
                await self._mailer.send(address, subject, text, own.replace(" ", ""), now)
        except (SMTPException, OSError) as error:
            code = type(error).__name__
            log.warning("notice.waits", error=code, attempts=row.attempts + 1)
            await notices.put_off(conn, row.notice_id, row.attempts, code, now)
            return 0
        answer_by = acknowledge_by(urgency, now, policy)
        await notices.finish(conn, row.notice_id, NoticeState.SENT, now, answer_by)
        return len(people)

    def _recipients(self, owner: str, urgency: Urgency, policy: NoticePolicy) -> list[str]:
        """The owner; out of hours, for what is urgent, the DA Hub or the duty sergeant as well."""
        also = out_of_hours(urgency, self._clock(), policy, registry.current_calendar())
        hub = self._settings.hub_officer if also.hub else None
        sergeant = self._settings.duty_sergeant if also.duty_sergeant else None
        return [each for each in (owner, hub, sergeant) if each]

    # --- escalation ----------------------------------------------------------------------------

    async def _escalate(self, policy: NoticePolicy) -> None:
        now = self._clock()
        async with self._engine.begin() as conn:
            rows = await notices.unanswered(conn, now, BATCH)
            above = [row for row in rows if row.supervisor_id]
            await notices.write(conn, [self._above(row, now) for row in above])
            for row in rows:
                await notices.mark_escalated(conn, row.notice_id, now)

    def _above(self, row: Row[Any], now: datetime) -> Json:
        notice_id = f"{NoticeKind.ESCALATION.value}/{row.notice_id}"
        return {
            "notice_id": notice_id,
            "stream": row.stream,
            "kind": NoticeKind.ESCALATION.value,
            "recipient": row.supervisor_id,
            "template": NoticeKind.ESCALATION.value,
            "facts": {**row.facts, "notice_id": notice_id, "owner": row.recipient},
            "urgency": row.urgency,
            "state": NoticeState.WAITING.value,
            "message_id": self._message_id(notice_id),
            "created_at": now.isoformat(),
            "not_before": now.isoformat(),
            "escalates": row.notice_id,
        }
