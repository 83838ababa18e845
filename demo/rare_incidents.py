"""What comes of an incident now and then: Clare's Law, a stalking protection order, the victim's
own statement, a decision that ends the case and the review of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import exists

from demo.desk import Order
from demo.scenes import IncidentScenes, Scene, stream_of
from models.commands import (
    ApplyDvds,
    RecordDecisionTold,
    RecordDvds,
    RecordOrder,
    RecordSpoNotification,
    RecordVps,
    RecordWithdrawal,
    RequestReview,
)
from models.enums import (
    Channel,
    DvdsOutcome,
    DvdsRoute,
    OrderType,
    RecordingType,
    Statement,
    SuspectStatus,
    WithdrawalReason,
)
from models.enums.victims_code import DecidedBy, DecisionTold, VpsReadBy, VpsStatus
from models.ids import case_stream
from store.tables import case, incident, report, victim_notification

NO_CHARGE = ("NO_CHARGE", "RELEASED_NO_CHARGE")
TWO_YEARS = 731
"""Days; the shortest stalking protection order."""


class RareIncidents(IncidentScenes):
    """Each is played once, on an incident whose officers have accounts."""

    def scenes(self) -> Iterator[Scene]:
        """All of them, within the first weeks."""
        yield 4, time(13), self.clares_law
        yield 7, time(15), self.stalking_order
        yield 8, time(13, 20), self.withdrawal
        yield 9, time(14), self.statement
        for day in (7, 8, 11):
            yield day, time(12), self.decision

    async def clares_law(self, now: datetime) -> None:
        """She asks whether he has done it before; a week later she is told."""
        async for row in self._some(incident.c.suspect_status.is_not(None)):
            asked = ApplyDvds(at=now, route=DvdsRoute.RIGHT_TO_ASK)
            await self._give(row["dalo_id"], row, asked)
            at = now + timedelta(days=7)
            told = RecordDvds(at=at, dvds_id="DVDS-001", outcome=DvdsOutcome.DISCLOSED)
            self._then(at, row, told)
            return

    async def stalking_order(self, now: datetime) -> None:
        """A court makes a stalking protection order; its respondent gives his address in time."""
        async for row in self._some(incident.c.perpetrator_ref.is_not(None)):
            oic = self._oic.get(stream_of(row))
            if oic is None:
                continue
            made = RecordOrder(
                at=now,
                order_type=OrderType.SPO,
                order_id="SPO-1",
                served_at=now,
                length_days=TWO_YEARS,
                conditions=("NO_CONTACT",),
            )
            await self._give(oic, row, made)
            at = now + timedelta(days=2)
            self._then(at, row, RecordSpoNotification(at=at, order_id="SPO-1"), oic)
            return

    async def statement(self, now: datetime) -> None:
        """A suspect is charged: she is offered to say in her own words what it did to her."""
        charged = (SuspectStatus.CHARGED_BAIL.value, SuspectStatus.REMANDED.value)
        async for row in self._some(incident.c.suspect_status.in_(charged)):
            await self._give(row["dalo_id"], row, RecordVps(at=now, status=VpsStatus.OFFERED))
            at, read_by = now + timedelta(days=3), VpsReadBy.COURT_READS_SILENTLY
            taken = RecordVps(at=at, status=VpsStatus.TAKEN, read_by=read_by)
            self._then(at, row, taken)
            return

    async def decision(self, now: datetime) -> None:
        """There is no charge. The first who may be called safely is told why, asks for a review,
        and hears that the decision stands."""
        told_of = victim_notification.c
        owed = exists().where(
            told_of.incident_ref == incident.c.incident_ref,
            told_of.victim_ref == incident.c.victim_ref,
            told_of.event_kind.in_(NO_CHARGE),
            told_of.notified_at.is_(None),
        )
        async for row in self._some(owed):
            if await self._desk.safe(row["case_ref"], Channel.CALL, "mobile", now):
                asked, again = now + timedelta(days=1), now + timedelta(days=8)
                await self._give(row["dalo_id"], row, _told(now))
                self._then(asked, row, RequestReview(at=asked))
                self._then(again, row, _told(again))
                return

    async def withdrawal(self, now: datetime) -> None:
        """She does not support the prosecution any more; contact goes on as it was."""
        crime = exists().where(
            report.c.incident_ref == incident.c.incident_ref,
            report.c.facts["recording_type"].astext == RecordingType.CRIME.value,
        )
        async for row in self._some(case.c.first_contact_at.is_not(None), crime):
            if stream_of(row) not in self._oic:
                continue
            no_more = RecordWithdrawal(
                at=now, reasons=(WithdrawalReason.WANT_IT_OVER,), statement=Statement.DECLINED
            )
            await self._desk.give(Order(row["dalo_id"], case_stream(row["case_ref"]), no_more))
            return


def _told(at: datetime) -> RecordDecisionTold:
    return RecordDecisionTold(
        at=at,
        decision=DecisionTold.NO_CHARGE,
        decided_by=DecidedBy.POLICE,
        reasons_given=True,
        channel=Channel.CALL,
        route="mobile",
    )
