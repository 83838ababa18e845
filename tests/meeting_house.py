"""A referral on a meeting's list, with the people who run it, on a site of the test's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models import registry
from models.enums import (
    ConsentStatus,
    DisclosureBasis,
    MaracCriterion,
    ReferralPathway,
    RiskGrade,
    Role,
)
from models.events import Effect, EffectKind
from models.ids import referral_stream
from models.messages import ListRequest, ReferralStart
from store import outbox, reads
from store.referrals import reference_for
from store.roster import RosterEntry, load_roster
from store.tables import case_register
from store.tables import outbox as messages
from tests.opening import AREA
from tests.site import DALO, SERGEANT, Site

MARAC_COORDINATOR, MATAC_COORDINATOR, CHAIR = "MC-6001", "MC-6002", "DI-2001"
REFERRER = "PC-4077"
"""Who had the case when it was referred."""
_PEOPLE = {
    MARAC_COORDINATOR: Role.MARAC_COORDINATOR,
    MATAC_COORDINATOR: Role.MATAC_COORDINATOR,
    CHAIR: Role.INSPECTOR,
    SERGEANT: Role.SUPERVISOR,
}


@dataclass(frozen=True)
class Listed:
    """What was made."""

    case_ref: str
    victim_ref: str
    referral_ref: str
    meeting: str
    """The meeting's stream."""

    @property
    def ref(self) -> str:
        """The meeting as commands name it."""
        return self.meeting.removeprefix("meeting/")


async def employ(site: Site) -> None:
    """Everybody whom a meeting needs, in the area."""
    entries = [
        RosterEntry(officer_id=person, role=role, area=AREA) for person, role in _PEOPLE.items()
    ]
    dalo = RosterEntry(
        officer_id=DALO, role=Role.DALO, area=AREA, capacity=900, supervisor_id=SERGEANT
    )
    async with site.runtime.engine.begin() as conn:
        await load_roster(conn, [*entries, dalo])


def _start(ref: str, case_ref: str, victim_ref: str, now: datetime) -> ReferralStart:
    return ReferralStart(
        referral_ref=ref,
        pathway=ReferralPathway.MARAC,
        area=AREA,
        asked_by=REFERRER,
        case_ref=case_ref,
        victim_ref=victim_ref,
        perpetrator_ref="PER-0001",
        dalo_id=DALO,
        supervisor_id=SERGEANT,
        risk_grade=RiskGrade.HIGH,
        criteria=(MaracCriterion.VISIBLE_HIGH_RISK,),
        consent_status=ConsentStatus.NOT_ASKED_UNSAFE,
        disclosure_basis=DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
        submitted_at=now,
        policy_version=registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
    )


async def a_listed_referral(site: Site) -> Listed:
    """A case's MARAC referral, running, on the list of the next meeting."""
    await employ(site)
    case, _ = await site.open()
    await site.runtime.relay_once()
    case_ref = case.removeprefix("case/")
    now = site.now()
    async with site.runtime.engine.begin() as conn:
        victim_ref = str(
            await conn.scalar(
                select(case_register.c.victim_ref).where(case_register.c.case_ref == case_ref)
            )
        )
        ref = await reference_for(
            conn,
            f"test/{case_ref}",
            ReferralPathway.MARAC,
            AREA,
            now,
            case_ref=case_ref,
            victim_ref=victim_ref,
            perpetrator_ref="PER-0001",
        )
        start = _start(ref, case_ref, victim_ref, now)
        request = ListRequest(
            message_id=f"{ref}/list/test",
            referral_ref=ref,
            case_ref=case_ref,
            victim_ref=victim_ref,
            perpetrator_ref="PER-0001",
            dalo_id=DALO,
            at=now,
        )
        stream = referral_stream(ref)
        await site.runtime.keyring.make_many(conn, [stream])
        effects = [
            Effect(
                effect_id=f"start:{stream}",
                kind=EffectKind.START,
                target=stream,
                payload=start.model_dump(mode="json"),
            ),
            Effect(
                effect_id=request.message_id,
                kind=EffectKind.LIST,
                target=f"MARAC/{AREA}",
                payload=request.model_dump(mode="json"),
            ),
        ]
        await outbox.put(conn, case, effects, now)
    await site.runtime.relay_once()
    query = select(messages.c.target).where(messages.c.effect_id == f"placed:{request.message_id}")
    async with site.runtime.engine.connect() as conn:
        meeting = str(await conn.scalar(query))
        assert await reads.resolve(conn, case_ref)
    await site.settled(meeting, referral_stream(ref))
    return Listed(case_ref, victim_ref, ref, meeting)
