"""What does not happen every day: a scoring run, leave, a handover, closures, a reopening."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select

from casework import leave, matac
from demo.desk import Desk, Order
from models import registry
from models.commands import AskClosure, HandOver, ReopenCase
from models.enums import ClosureReason, ReferralState, Role
from models.ids import case_stream
from store import meetings
from store.tables import case, referral, visit

AREA = "Medway"
AWAY = timedelta(days=10)
STABLE = timedelta(days=57)
GOES_ON_ALONE = (ReferralState.DRAFT, ReferralState.SUBMITTED, ReferralState.RETURNED)
GIVER, TAKER, ON_LEAVE = "PC-4011", "PC-4013", "PC-4012"


class Unusual:
    """Each is done once, or now and then, by whoever may."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._runtime = desk.runtime

    async def open_lists(self, now: datetime) -> None:
        """What production's schedules do: open the meeting lists that should be open."""
        policy, calendar = registry.current_policy(), registry.current_calendar()
        for series in policy.of_duties.meetings.series:
            await meetings.open_wanted(
                self._runtime.engine,
                self._runtime.keyring,
                series.forum,
                series.area,
                policy,
                calendar,
                now,
            )

    async def score(self, now: datetime) -> None:
        """The MATAC coordinator's monthly run."""
        who = self._desk.cast.of(Role.MATAC_COORDINATOR)
        grant = await self._runtime.gate.authorise(who, "matac-run")
        await matac.run(self._runtime, AREA, actor=grant)
        self._desk.given["matac-run"] += 1

    async def take_leave(self, now: datetime) -> None:
        """An officer goes on leave; another covers every case."""
        sergeant = self._desk.cast.of(Role.SUPERVISOR)
        grant = await self._runtime.gate.authorise(sergeant, "record-leave", ON_LEAVE)
        until = now + AWAY
        absence = leave.Leave(
            officer_id=ON_LEAVE,
            away_from=now,
            away_until=until,
            cover_id=TAKER,
            reason="ANNUAL_LEAVE",
        )
        done = await leave.take_leave(self._runtime, absence, grant)
        self._desk.cast.away(ON_LEAVE, now, until, TAKER)
        self._desk.given["record-cover"] += sum(each.outcome == "COVERED" for each in done)

    async def hand_over(self, now: datetime) -> None:
        """Three cases go to another officer for good."""
        query = (
            select(case.c.case_ref)
            .where(case.c.dalo_id == GIVER, case.c.closed_at.is_(None))
            .order_by(case.c.case_ref)
            .limit(3)
        )
        for ref in await self._refs(query):
            given = HandOver(at=now, dalo_id=TAKER, reason="ROTATION", over_capacity=True)
            sergeant = self._desk.cast.of(Role.SUPERVISOR)
            await self._desk.give(Order(sergeant, case_stream(ref), given))

    async def ask_closure(self, now: datetime) -> None:
        """Officers ask to close what has been quiet for eight weeks."""
        waiting = exists().where(
            referral.c.case_ref == case.c.case_ref,
            referral.c.state.in_([state.value for state in GOES_ON_ALONE]),
        )
        visited = exists().where(visit.c.case_ref == case.c.case_ref, visit.c.ended_at.is_(None))
        query = (
            select(case.c.case_ref)
            .where(
                case.c.state == "ACTIVE_SUPPORT",
                case.c.closed_at.is_(None),
                case.c.ladder_step == "L0",
                case.c.opened_at < now - STABLE,
                case.c.last_contact_at > now - timedelta(days=30),
                ~waiting,
                ~visited,
            )
            .order_by(case.c.opened_at, case.c.case_ref)
            .limit(4)
        )
        for ref in await self._refs(query):
            asked = AskClosure(at=now, reason=ClosureReason.RISK_REDUCED, victim_told=True)
            holder = select(case.c.dalo_id).where(case.c.case_ref == ref)
            (dalo,) = await self._refs(holder)
            actor = self._desk.cast.acting(dalo, now)
            await self._desk.give(Order(actor, case_stream(ref), asked))

    async def reopen(self, now: datetime) -> None:
        """One closed case is opened again: something new came to be known."""
        query = (
            select(case.c.case_ref)
            .where(case.c.closed_at.is_not(None), case.c.closure_reason == "RISK_REDUCED")
            .order_by(case.c.closed_at.desc(), case.c.case_ref)
            .limit(1)
        )
        for ref in await self._refs(query):
            again = ReopenCase(at=now, reason="NEW_INFORMATION")
            sergeant = self._desk.cast.of(Role.SUPERVISOR)
            await self._desk.give(Order(sergeant, case_stream(ref), again))

    async def _refs(self, query: Select[Any]) -> list[str]:
        async with self._runtime.engine.connect() as conn:
            return [row[0] for row in await conn.execute(query)]
