"""What befalls an incident now and then: a suspect taken to hospital from custody, a decision that
nobody asked for, an order varied or discharged, an adult at risk, a child of no school."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Table, and_, exists, select

from demo.desk import Row
from demo.scenes import IncidentScenes, Scene, stream_of
from models.commands import (
    AddEvidenceItem,
    EndOrder,
    EndPoliceProtection,
    ExtendCustody,
    RecordCareNeeds,
    RecordChild,
    RecordDecision,
    RecordPoliceContact,
    ReferChild,
    ResumeCustodyClock,
    SkipCareActConcern,
    SkipChildReferral,
    SkipEncompass,
    StopCustodyClock,
    VaryOrder,
)
from models.enums import CustodyAuthority, EvidenceCode, OrderEnd, OrderType, Role
from models.enums.safeguarding import (
    CareNeed,
    ChildAge,
    ChildPresence,
    ChildReferralKind,
    NoCareActConcern,
    NoChildReferral,
    NoEncompass,
    ProtectionEnd,
)
from models.enums.victims_code import DecidedBy, DecisionTold
from store.tables import clock, court_order, incident

DAYS = range(2, 20)
YOUNG_CUSTODY = timedelta(hours=20)
"""Left of a day in custody that has hardly begun."""
LONGER = timedelta(days=90)


class RareLaw(IncidentScenes):
    """Each is played once, on the first day on which there is an incident for it."""

    def scenes(self) -> Iterator[Scene]:
        """All of them, within the first weeks."""
        for day in DAYS:
            yield day, time(15, 30), self.as_it_happens
        yield 5, time(12), self.camera
        yield 8, time(16, 30), self.not_investigated
        yield 9, time(12, 30), self.adult_at_risk
        yield 10, time(12, 30), self.no_adult_at_risk
        yield 11, time(14), self.protected

    async def as_it_happens(self, now: datetime) -> None:
        """What needs something to have happened: tried every day until it was played."""
        for scene in (
            self.hospital, self.varied, self.discharged, self.no_school, self.no_child_referral
        ):  # fmt: skip
            await scene(now)

    async def hospital(self, now: datetime) -> None:
        """He is taken to hospital from custody and not questioned there; back, a superintendent
        gives twelve hours more."""
        held = self._owes("CUSTODY", clock.c.due_at > now + YOUNG_CUSTODY)
        row = await self._first("hospital", held)
        if row is None:
            return
        oic = self._oic[stream_of(row)]
        back, more = now + timedelta(hours=1), now + timedelta(hours=2)
        await self._give(oic, row, StopCustodyClock(at=now))
        self._then(back, row, ResumeCustodyClock(at=back), oic)
        longer = ExtendCustody(
            at=more,
            authority=CustodyAuthority.SUPERINTENDENT,
            indictable=True,
            authorised_by=self._desk.cast.of(Role.SUPERINTENDENT),
        )
        self._then(more, row, longer, oic)

    async def not_investigated(self, now: datetime) -> None:
        """A part of what she told of cannot be investigated: she is owed the news."""
        row = await self._first("not investigated")
        if row is not None:
            part = RecordDecision(
                at=now, decision=DecisionTold.NOT_INVESTIGATED, decided_by=DecidedBy.POLICE
            )
            await self._give(self._oic[stream_of(row)], row, part)

    async def camera(self, now: datetime) -> None:
        """A neighbour's doorbell has filmed it; the report knew of no camera."""
        row = await self._first("camera")
        if row is not None:
            oic = self._oic[stream_of(row)]
            found = AddEvidenceItem(at=now, item=EvidenceCode.CCTV_DOORBELL)
            await self._give(oic, row, found)
            there = row["reported_at"] + timedelta(minutes=18)
            await self._give(oic, row, RecordPoliceContact(at=there))

    # --- orders -------------------------------------------------------------------------------

    async def varied(self, now: datetime) -> None:
        """A court lets an order run three months longer."""
        found = await self._an_order("varied")
        if found is not None:
            row, order = found
            last = date.fromisoformat(order["last_day"]) + LONGER
            longer = VaryOrder(at=now, order_id=order["order_id"], last_day=last)
            await self._give(self._oic[stream_of(row)], row, longer)

    async def discharged(self, now: datetime) -> None:
        """A court discharges an order: she is to be told."""
        found = await self._an_order("discharged")
        if found is not None:
            row, order = found
            over = EndOrder(at=now, order_id=order["order_id"], reason=OrderEnd.DISCHARGED)
            await self._give(self._oic[stream_of(row)], row, over)

    async def _an_order(self, scene: str) -> tuple[Row, Row] | None:
        lasting = and_(
            court_order.c.order_type.in_((OrderType.NON_MOLESTATION, OrderType.RESTRAINING)),
            court_order.c.last_day.is_not(None),
            court_order.c.ended_at.is_(None),
        )
        row = await self._first(scene, _has(court_order, lasting))
        if row is None:
            return None
        query = select(court_order).where(court_order.c.stream == stream_of(row), lasting)
        return row, (await self._rows(query))[0]

    # --- safeguarding -------------------------------------------------------------------------

    async def adult_at_risk(self, now: datetime) -> None:
        """She is frail and cannot protect herself: adult social care is owed a concern."""
        row = await self._first("adult at risk")
        if row is not None:
            await self._give(row["dalo_id"], row, _frail(now))

    async def no_adult_at_risk(self, now: datetime) -> None:
        """It is raised for another, and found on a second look that the Act does not ask for it."""
        row = await self._first("no adult at risk")
        if row is not None:
            await self._give(row["dalo_id"], row, _frail(now))
            at = now + timedelta(hours=1)
            no = SkipCareActConcern(at=at, reason=NoCareActConcern.CRITERIA_NOT_MET)
            self._then(at, row, no)

    async def protected(self, now: datetime) -> None:
        """A child is in danger tonight and taken into police protection; two days later it is with
        its grandmother."""
        row = await self._first("protected")
        if row is None:
            return
        dalo, child = row["dalo_id"], "CHD-00911"
        found = RecordChild(
            at=now,
            child_ref=child,
            age=ChildAge.PRE_SCHOOL,
            resident=True,
            presence=ChildPresence.PRESENT,
        )
        await self._give(dalo, row, found)
        taken = ReferChild(
            at=now,
            referral=ChildReferralKind.POLICE_PROTECTION,
            child_ref=(child,),
            reason="IMMEDIATE_DANGER",
            service="MASH_MEDWAY",
        )
        await self._give(dalo, row, taken)
        at = now + timedelta(hours=44)
        safe = EndPoliceProtection(at=at, child_ref=child, outcome=ProtectionEnd.WITH_FAMILY)
        self._then(at, row, safe)

    async def no_school(self, now: datetime) -> None:
        """The child whom the report counts is a baby: there is no school to tell."""
        owed = self._owes("ENCOMPASS", clock.c.subject == "UNNAMED")
        row = await self._first("no school", owed)
        if row is not None:
            none = SkipEncompass(at=now, reason=NoEncompass.NOT_SCHOOL_AGE)
            await self._give(row["dalo_id"], row, none)

    async def no_child_referral(self, now: datetime) -> None:
        """The health visitor has referred the child already: the sergeant lets that stand."""
        row = await self._first("no child referral", self._owes("CHILD_REFERRAL"))
        if row is not None:
            made = SkipChildReferral(at=now, reason=NoChildReferral.MADE_BY_PARTNER)
            await self._give(self._desk.cast.of(Role.SUPERVISOR), row, made)

    # --- the same for all ---------------------------------------------------------------------

    def _owes(self, clock_type: str, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return _has(clock, clock.c.clock_type == clock_type, clock.c.status == "OPEN", *where)

    async def _first(self, scene: str, *where: ColumnElement[bool]) -> Row | None:
        """An incident of an officer with an account; none where the scene was played before."""
        if scene in self._played:
            return None
        async for row in self._some(*where):
            if stream_of(row) in self._oic:
                self._played.add(scene)
                self.met.add(row["case_ref"])
                return row
        return None


def _has(table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        table.c.incident_ref == incident.c.incident_ref,
        table.c.victim_ref == incident.c.victim_ref,
        *where,
    )


def _frail(now: datetime) -> RecordCareNeeds:
    return RecordCareNeeds(at=now, care_needs=(CareNeed.FRAILTY,), unable_to_protect=True)
