"""A force at work on a site: its people, commands through the gate, and the relay until all is
quiet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from casework.case_commands import send, target_stream
from models import registry
from models.base import Refused
from models.case.view import CaseView
from models.commands import Command, SetSafeContactPlan, target_of
from models.enums import Channel, Forum, RiskGrade, Role
from models.ids import case_stream, incident_stream, referral_stream
from models.incident.view import IncidentView
from models.meeting.view import MeetingView
from models.referral.view import ReferralView
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store import meetings, outbox
from store.allocation import allocate
from store.roster import RosterEntry, load_roster
from store.tables import outbox as messages
from tests.models.play import a_report
from tests.opening import AREA, open_case, take_in
from tests.site import DALO, SERGEANT, Site

OTHER, THIRD, OIC, INSPECTOR = "PC-4012", "PC-4013", "DC-7001", "DI-2001"
IDVA, MARAC, MATAC = "IDVA-1", "MC-6001", "MC-6002"
WITNESS_CARE = "WCU-1"
_ROLES = {
    SERGEANT: Role.SUPERVISOR,
    INSPECTOR: Role.INSPECTOR,
    OIC: Role.OIC,
    IDVA: Role.IDVA_PARTNER,
    MARAC: Role.MARAC_COORDINATOR,
    MATAC: Role.MATAC_COORDINATOR,
}
_DALOS = {DALO: 900, OTHER: 10, THIRD: 10}
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass
class Force:
    """People of one area, and the case that a test is about."""

    site: Site
    case_ref: str = ""
    victim_ref: str = ""
    incident_ref: str = ""
    perpetrator_ref: str = "PER-0001"

    @property
    def case(self) -> str:
        """Stream of the case."""
        return case_stream(self.case_ref)

    @property
    def incident(self) -> str:
        """Stream of the incident."""
        return incident_stream(self.incident_ref, self.victim_ref)

    def now(self) -> datetime:
        """The machine's time."""
        return self.site.now()

    async def employ(self) -> None:
        """Everybody on the roster."""
        entries = [
            RosterEntry(officer_id=person, role=role, area=AREA) for person, role in _ROLES.items()
        ]
        entries += [
            RosterEntry(
                officer_id=person,
                role=Role.DALO,
                area=AREA,
                capacity=capacity,
                supervisor_id=SERGEANT,
            )
            for person, capacity in _DALOS.items()
        ]
        async with self.site.runtime.engine.begin() as conn:
            await load_roster(conn, entries)

    async def report(self, number: str, **changes: Any) -> None:
        """One report of an hour ago opens the case, and the allocator gives it to a DALO."""
        self.incident_ref, self.victim_ref = f"46/{number}/26", f"VIC-{number}"
        facts = {
            "incident_ref": self.incident_ref,
            "victim_ref": self.victim_ref,
            "perpetrator_ref": self.perpetrator_ref,
            "oic_id": OIC,
            "risk_grade": RiskGrade.MEDIUM,
            "children_resident": 1,
            **changes,
        }
        report = a_report(self.now() - timedelta(minutes=5), **facts)
        taken_at = self.now() - timedelta(minutes=1)
        runtime = self.site.runtime
        self.case_ref = await open_case(runtime, report, taken_at)
        await allocate(runtime.engine, AREA, taken_at, registry.current_policy())
        await self.quiet()

    async def another_report(self, **facts: Any) -> str:
        """A report that joins what there is; its outcome."""
        report = a_report(self.now() - timedelta(minutes=2), **facts)
        taken = await take_in(self.site.runtime, report, self.now())
        await self.quiet()
        return taken.outcome

    async def do(
        self, who: str, ref: str, kind: type[Any], *, why: str | None = None, **given: Any
    ) -> tuple[str, ...]:
        """A command of `who`, now, through the gate; what it answers, once all is quiet."""
        codes = await self.send_only(who, ref, kind, why=why, **given)
        await self.quiet()
        return codes

    async def send_only(
        self, who: str, ref: str, kind: type[Any], *, why: str | None = None, **given: Any
    ) -> tuple[str, ...]:
        """A command that is listed, while messages wait."""
        command: Command = kind.model_validate({"at": self.now(), **given})
        runtime = self.site.runtime
        grant = await runtime.gate.authorise(who, command.kind, ref, why)
        stream = await target_stream(runtime, ref, target_of(command))
        sent = await send(runtime, stream, command, grant, str(uuid4()))
        assert sent.listed
        return sent.codes

    async def refused(self, who: str, ref: str, kind: type[Any], **given: Any) -> str:
        """The code with which gate or workflow refuses."""
        try:
            await self.do(who, ref, kind, **given)
        except Refused as refusal:
            return refusal.code
        raise AssertionError("it was not refused")

    async def streams(self) -> list[str]:
        """Everything that was ever started."""
        query = select(messages.c.target).where(messages.c.kind == "START").distinct()
        async with self.site.runtime.engine.connect() as conn:
            return list((await conn.execute(query)).scalars())

    async def quiet(self) -> None:
        """Carry messages until none waits and every workflow is recorded."""
        runtime = self.site.runtime
        for _ in range(100):
            await runtime.relay_once()
            await self.site.settled(*await self.streams())
            async with runtime.engine.connect() as conn:
                if not await outbox.count_pending(conn):
                    return
            await asyncio.sleep(0.02)
        raise AssertionError("messages wait for ever")

    # --- looks ---------------------------------------------------------------------------------

    async def case_now(self) -> CaseView:
        """The case at this moment."""
        view: CaseView = await self.site.runtime.client.get_workflow_handle(self.case).query(
            "view", result_type=CaseView
        )
        return view

    async def incident_now(self) -> IncidentView:
        """The incident at this moment."""
        view: IncidentView = await self.site.runtime.client.get_workflow_handle(
            self.incident
        ).query("view", result_type=IncidentView)
        return view

    async def referral_now(self, ref: str) -> ReferralView:
        """A referral at this moment."""
        view: ReferralView = await self.site.runtime.client.get_workflow_handle(
            referral_stream(ref)
        ).query("view", result_type=ReferralView)
        return view

    async def meeting_now(self, stream: str) -> MeetingView:
        """A meeting at this moment."""
        view: MeetingView = await self.site.runtime.client.get_workflow_handle(stream).query(
            "view", result_type=MeetingView
        )
        return view

    # --- what a real clock needs ---------------------------------------------------------------

    async def soon_a_meeting(self, seconds: float) -> str:
        """An emergency MARAC so many seconds from now, its list open."""
        runtime = self.site.runtime
        now = self.now()
        async with runtime.engine.begin() as conn:
            stream = await meetings.open_one(
                conn,
                runtime.keyring,
                Forum.MARAC,
                AREA,
                now + timedelta(seconds=seconds),
                meetings.Versions(registry.current_policy(), registry.current_calendar()),
                now,
                chair=INSPECTOR,
                emergency=True,
            )
        await self.quiet()
        return stream

    async def until(self, when: datetime) -> None:
        """Wait for an instant of the machine's clock."""
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()) + 0.05)
        await self.quiet()

    async def plan(self, who: str) -> None:
        """A safe-contact plan with one telephone, safe at any time."""
        plan = SafeContactPlan(
            routes=(Route(route_id="mobile", channel=Channel.CALL, verified_at=self.now()),),
            safe_windows=(
                SafeWindow(
                    weekdays=EVERY_DAY, opens=time(0), closes=time(23, 59, 59), bank_holidays=True
                ),
            ),
            plan_reviewed_at=self.now(),
        )
        await self.do(who, self.case_ref, SetSafeContactPlan, plan=plan)
