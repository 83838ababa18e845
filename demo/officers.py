"""The demonstration's officers and partners: they work from the same worklist as real ones would,
through the same gate and the same commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import select

from demo import fates
from demo.case_work import CaseWork
from demo.contact_work import ContactWork
from demo.desk import Act, Desk, Later, Order, Situation
from demo.incident_work import IncidentWork
from demo.meeting_work import MeetingWork
from demo.partner_work import PartnerWork
from demo.people import People
from demo.sergeant_work import SergeantWork
from models.commands import ChangeSuspectStatus, EvidenceEntry, RecordEvidence
from models.enums import AgendaState, ArrestReason, RecordingType, SuspectStatus
from models.ids import incident_stream
from models.incident import IncidentView
from store.tables import agenda_item, report


class Officers:
    """Everybody on the roster, in turn."""

    def __init__(self, desk: Desk, people: People, later: Later) -> None:
        self._desk = desk
        self._people = people
        self._later = later
        self.oic: dict[str, str] = {}
        """The officer in the case, by incident."""
        self._children: dict[str, int] = {}
        planned: set[str] = set()
        self._cases = CaseWork(desk.cast, people, planned)
        self._sergeant = SergeantWork(desk.cast, people, planned)
        self._incidents = IncidentWork(desk.cast, people, self.oic, self._children)
        self._partners = PartnerWork(desk.cast, people)
        self._meetings = MeetingWork(desk.cast, people)
        self._contact = ContactWork(desk, people, self._incidents, planned)

    # --- at the scene -------------------------------------------------------------------------

    async def attend(self, incident_ref: str, victim_ref: str, now: datetime) -> None:
        """Somebody goes out. What will be secured of a new incident, what becomes of its suspect,
        and when, is decided by the seed."""
        stream = incident_stream(incident_ref, victim_ref)
        view = await self._view(stream)
        start = max(view.reported_at or now, now - timedelta(minutes=10))
        planned: dict[datetime, list[EvidenceEntry]] = {}
        for item in view.items:
            if item.pending:
                due = self._people.capture(incident_ref, item.code, start)
                entry = EvidenceEntry(
                    item=item.code,
                    status=due.status,
                    at=due.at,
                    reason=due.reason,
                    reference=f"EV-{item.code.value}" if due.reason is None else "",
                )
                planned.setdefault(due.at, []).append(entry)
        for at, entries in planned.items():
            self._later(max(at, now), self._secure(stream, entries))
        if stream not in self._children:
            await self._meet(stream, incident_ref, view, now)

    async def _meet(
        self, stream: str, incident_ref: str, view: IncidentView, now: datetime
    ) -> None:
        """Who there is: children, the officer in the case, a suspect with a fate."""
        crime, self._children[stream] = await self._facts(incident_ref)
        if not self._desk.cast.known(view.oic_id):
            return
        self.oic[stream] = view.oic_id
        if crime:
            for fate in fates.suspect(self._people, incident_ref, view.suspect_status, now):
                self._later(fate.at, self._befall(view.oic_id, stream, fate))

    def _befall(self, officer: str, stream: str, fate: fates.Fate) -> Act:
        async def act(now: datetime) -> None:
            await self._desk.give(Order(officer, stream, fate.command))

        return act

    def _secure(self, stream: str, entries: list[EvidenceEntry]) -> Act:
        """Record what is still open of what was planned."""

        async def act(now: datetime) -> None:
            view = await self._view(stream)
            pending = {item.code for item in view.items if item.pending}
            wanted = tuple(entry for entry in entries if entry.item in pending)
            if wanted and view.dalo_id:
                await self._desk.give(Order(view.dalo_id, stream, RecordEvidence(entries=wanted)))

        return act

    async def _facts(self, incident_ref: str) -> tuple[bool, int]:
        """Whether it is recorded as a crime, and how many children it counts."""
        facts = report.c.facts
        query = (
            select(
                facts["recording_type"].astext.label("kind"),
                facts["children_resident"].as_integer().label("resident"),
                facts["children_present"].as_integer().label("present"),
            )
            .where(report.c.incident_ref == incident_ref)
            .limit(1)
        )
        async with self._desk.runtime.engine.connect() as conn:
            row = (await conn.execute(query)).one()
        return row.kind == RecordingType.CRIME.value, max(row.resident or 0, row.present or 0)

    async def _view(self, stream: str) -> IncidentView:
        handle = self._desk.runtime.client.get_workflow_handle(stream)
        view: IncidentView = await handle.query("view", result_type=IncidentView)
        return view

    # --- shifts -------------------------------------------------------------------------------

    async def before_school(self, now: datetime) -> None:
        """Schools and social care hear before the day begins."""
        await self._desk.give_all(self._incidents.safeguarding(await self._desk.look(now)))

    async def work_list(self, now: datetime) -> None:
        """Each DALO makes the calls that are due and safe, then does the rest of the list."""
        found = await self._desk.look(now)
        await self._contact.calls(found)
        await self._desk.give_all(
            chain(self._cases.dalo(found), self._incidents.dalo(found), self._partners.dalo(found))
        )

    async def supervise(self, now: datetime) -> None:
        """The sergeant settles what waits for a supervisor."""
        found = await self._desk.look(now)
        await self._desk.give_all(
            chain(
                self._sergeant.orders(found),
                self._incidents.sergeant(found),
                self._partners.sergeant(found),
            )
        )
        await self._contact.climb(found)

    async def serve(self, now: datetime) -> None:
        """The services go through their referrals, the coordinators run their meetings."""
        found = await self._desk.look(now)
        agenda = await self._agenda()
        await self._desk.give_all(
            chain(self._partners.services(found), self._meetings.orders(found, agenda))
        )

    async def evening(self, now: datetime) -> None:
        """Visits that were authorised for the evening, and what the officers in the case owe."""
        found = await self._desk.look(now)
        await self._desk.give_all(chain(self._cases.visits(found), self._incidents.oic(found)))

    async def night(self, now: datetime) -> None:
        """Suspects met at a visit are recorded as arrested."""
        found = await self._desk.look(now)
        await self._desk.give_all(self._arrests(found))

    def _arrests(self, now: Situation) -> Iterator[Order]:
        for case_ref in now.by_case("ARREST_AT_VISIT"):
            mine = [s for s, row in now.incidents.items() if row["case_ref"] == case_ref]
            wanted = [s for s in mine if now.incidents[s]["suspect_status"] in fates.AT_LARGE]
            stream = next((s for s in wanted if s in self.oic), None)
            if stream is None:
                continue
            officer = self.oic[stream]
            yield Order(
                officer,
                stream,
                ChangeSuspectStatus(
                    at=now.now,
                    status=SuspectStatus.ARRESTED,
                    arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE,
                ),
            )
            ref = now.incidents[stream]["incident_ref"]
            for fate in fates.after_arrest(self._people, ref, now.now):
                self._later(fate.at, self._befall(officer, stream, fate))

    async def _agenda(self) -> dict[str, list[str]]:
        item = agenda_item.c
        query = (
            select(item.stream, item.referral_ref)
            .where(item.state == AgendaState.LISTED.value)
            .order_by(item.stream, item.position)
        )
        found: dict[str, list[str]] = {}
        async with self._desk.runtime.engine.connect() as conn:
            for row in await conn.execute(query):
                found.setdefault(row.stream, []).append(row.referral_ref)
        return found

    @property
    def given(self) -> Counter[str]:
        """How many commands of each kind were taken."""
        return self._desk.given

    @property
    def refused(self) -> Counter[tuple[str, str]]:
        """How many were refused, by kind and code."""
        return self._desk.refused
