"""What a unit meets now and then and must not get wrong: a threat to life, a grave injury, a hold,
a conflict of interest, a move to another area, two references of one person, and what a victim may
ask for. Each is played once, by whoever may, on a case that has had none of it before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Literal

from sqlalchemy import exists

from demo.case_work import FORM
from demo.desk import Desk, Later
from demo.people import SISTER, People
from demo.scenes import CaseScenes, Scene
from models import registry
from models.commands import (
    AcceptTransfer,
    AskOtherOfficer,
    DeclareConflict,
    LiftFreeze,
    LiftLegalHold,
    NameThirdParty,
    OfferTransfer,
    PauseContact,
    PlaceLegalHold,
    RecordAttempt,
    RecordDeathOrSeriousInjury,
    RecordDisclosureRequest,
    RecordReviewReferral,
    RecordThreatToLife,
    Refer,
    RestrictCase,
    ResumeContact,
    UnrestrictCase,
)
from models.enums import (
    Channel,
    ConsentStatus,
    ContactResult,
    GraveHarm,
    MaracCriterion,
    Party,
    ReferralPathway,
    ReviewReferral,
    Role,
    Sex,
)
from store.merging import Merge, merge
from store.tables import case, referral

ELSEWHERE, THEIR_SERGEANT, THEIR_DALO = "Swale", "PS-4400", "PC-4400"
HOLD = "HOLD-001"
AFTER_INJURY: tuple[tuple[int, ReviewReferral, Literal["REFERRED", "NOT_NEEDED"], str], ...] = (
    (3, ReviewReferral.COMPLAINTS_REFERRAL, "REFERRED", "POLICE_CONTACT"),
    (26, ReviewReferral.DOMESTIC_HOMICIDE_REVIEW, "NOT_NEEDED", "VICTIM_SURVIVED"),
)
"""So many hours after a grave injury the inspector decides."""


class Rare(CaseScenes):
    """One method a scene; what follows from it days later is in the plot by then."""

    def __init__(self, desk: Desk, later: Later, met: set[str], people: People) -> None:
        super().__init__(desk, later, met)
        self._people = people

    def scenes(self) -> Iterator[Scene]:
        """All of them, within the first weeks."""
        yield 3, time(16), self.threat_to_life
        yield 4, time(11), self.restricted
        yield 5, time(11, 20), self.disclosure
        yield 6, time(11, 40), self.legal_hold
        yield 6, time(13), self.other_officer
        yield 7, time(10), self.conflict
        yield 9, time(11), self.third_party
        yield 10, time(11, 10), self.grave_injury
        yield 11, time(10), self.pause
        yield 11, time(12), self.moved
        yield 12, time(15), self.one_person

    # --- danger -------------------------------------------------------------------------------

    async def threat_to_life(self, now: datetime) -> None:
        """He threatens to kill her: she is warned, and an emergency MARAC is asked for. The
        sergeant reviews the threat every day."""
        mine = referral.c.case_ref == case.c.case_ref
        asked = exists().where(mine, referral.c.pathway == ReferralPathway.MARAC.value)
        row = await self._one(~asked)
        if row is None:
            return
        dalo = row["dalo_id"]
        warned = RecordThreatToLife(
            at=now,
            warned=row["victim_ref"],
            warned_by=dalo,
            authorised_by=self._desk.cast.of(Role.INSPECTOR),
        )
        await self._give(dalo, row, warned, "He said that he would come back tonight.")
        meet = Refer(
            at=now,
            pathway=ReferralPathway.MARAC,
            criteria=(MaracCriterion.PROFESSIONAL_JUDGEMENT,),
            consent_status=ConsentStatus.GIVEN,
            reason="THREAT_TO_LIFE",
            emergency=True,
            facts=FORM,
        )
        await self._give(dalo, row, meet)

    async def grave_injury(self, now: datetime) -> None:
        """She is gravely hurt: the case freezes, the inspector decides what follows, and contact is
        owed again when she is better."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is None:
            return
        hurt = RecordDeathOrSeriousInjury(at=now, party=Party.VICTIM, harm=GraveHarm.SERIOUS_INJURY)
        await self._give(row["dalo_id"], row, hurt, "She is in hospital.")
        for hours, which, decision, reason in AFTER_INJURY:
            at = now + timedelta(hours=hours)
            decided = RecordReviewReferral(at=at, referral=which, decision=decision, reason=reason)
            self._then(at, Role.INSPECTOR, row, decided)
        at = now + timedelta(days=6)
        self._then(at, Role.INSPECTOR, row, LiftFreeze(at=at, reason="RECOVERED"))

    # --- courts -------------------------------------------------------------------------------

    async def disclosure(self, now: datetime) -> None:
        """Prosecutors ask for the contact log."""
        row = await self._one()
        if row is not None:
            asked = RecordDisclosureRequest(at=now, request_ref="CPIA-1", asked_by="CPS")
            await self._give(row["dalo_id"], row, asked)

    async def legal_hold(self, now: datetime) -> None:
        """Somebody sues: nothing may be erased until it is settled."""
        row = await self._one()
        if row is not None:
            held = PlaceLegalHold(at=now, reason="CIVIL_CLAIM")
            await self._give(self._desk.cast.of(Role.INSPECTOR), row, held)
            at = now + timedelta(days=9)
            lifted = LiftLegalHold(at=at, hold_id=HOLD, reason="CLAIM_SETTLED")
            self._then(at, Role.INSPECTOR, row, lifted)

    # --- who may, and who does ----------------------------------------------------------------

    async def restricted(self, now: datetime) -> None:
        """A party works for the force: the record is locked for a week."""
        row = await self._one()
        if row is not None:
            locked = RestrictCase(at=now, reason="PARTY_IS_STAFF")
            await self._give(self._desk.cast.of(Role.INSPECTOR), row, locked)
            at = now + timedelta(days=7)
            self._then(at, Role.INSPECTOR, row, UnrestrictCase(at=at, reason="NO_LONGER_NEEDED"))

    async def conflict(self, now: datetime) -> None:
        """The officer knows the suspect and says so."""
        row = await self._one()
        if row is not None:
            dalo = row["dalo_id"]
            known = DeclareConflict(at=now, officer_id=dalo, reason="KNOWS_A_PARTY")
            await self._give(dalo, row, known)
            self._desk.cast.related(dalo, row["case_ref"])

    async def other_officer(self, now: datetime) -> None:
        """She asks for a woman officer."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is not None:
            wish = AskOtherOfficer(at=now, sex=Sex.F, reason="VICTIM_WISH")
            await self._give(row["dalo_id"], row, wish)

    async def moved(self, now: datetime) -> None:
        """She moves: the area that she moves to takes the case."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is None:
            return
        await self._give(self._desk.cast.of(Role.SUPERVISOR), row, moved_there(now))

        async def take(then: datetime) -> None:
            await self._give(THEIR_SERGEANT, row, AcceptTransfer(at=then, dalo_id=THEIR_DALO))

        self._later(now + timedelta(hours=3), take)

    async def one_person(self, now: datetime) -> None:
        """Two references prove to be one person: the later case goes into the earlier."""
        kept, gone = await self._one(), await self._one()
        if kept is None or gone is None:
            return
        refs = kept["victim_ref"], gone["victim_ref"]
        sergeant = self._desk.cast.of(Role.SUPERVISOR)
        runtime = self._desk.runtime
        for ref in refs:
            grant = await runtime.gate.authorise(sergeant, "merge-victims", ref)
        asked = Merge(
            kept=refs[0],
            merged=refs[1],
            reason="SAME_PERSON_BY_DOB",
            decided_by=sergeant,
            role=grant.role.value,
            at=now,
        )
        async with runtime.engine.begin() as conn:
            await merge(conn, runtime.keyring, asked, registry.current_policy())
        self._desk.given["merge-victims"] += 1

    # --- what she asks for --------------------------------------------------------------------

    async def third_party(self, now: datetime) -> None:
        """She wants to be reached through her sister, who is asked to ring back where that is safe
        now."""
        async for row in self._some(case.c.first_contact_at.is_not(None)):
            if not self._people.has_sister(row["victim_ref"]):
                continue
            self.met.add(row["case_ref"])
            await self._give(row["dalo_id"], row, NameThirdParty(at=now, route=SISTER))
            through = Channel.THIRD_PARTY
            if await self._desk.safe(row["case_ref"], through, SISTER, now):
                sent = ContactResult.MESSAGE_SENT
                asked = RecordAttempt(at=now, channel=through, route=SISTER, result=sent)
                await self._give(row["dalo_id"], row, asked)
            return

    async def pause(self, now: datetime) -> None:
        """She is away for some days and asked to be left in peace until then."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is not None:
            dalo = row["dalo_id"]
            until = now + timedelta(days=5)
            paused = PauseContact(at=now, until=until, owner=dalo, reason="VICTIM_AWAY")
            await self._give(dalo, row, paused)
            at = now + timedelta(days=4)
            self._then(at, Role.SUPERVISOR, row, ResumeContact(at=at))


def moved_there(now: datetime) -> OfferTransfer:
    """She lives in the neighbouring area now, and knows that her case goes there."""
    return OfferTransfer(at=now, to_area=ELSEWHERE, reason="MOVED_HOME", victim_informed=True)
