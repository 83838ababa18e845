"""What those in charge decide otherwise now and then: a transfer, another officer or a visit is
refused, a conflict does not hold, a hold is kept; and what follows a death."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import exists

from demo.rare import THEIR_SERGEANT, moved_there
from demo.scenes import CaseScenes, Scene
from models.commands import (
    AcceptTransfer,
    AddNeedAction,
    AskIdva,
    AskOtherOfficer,
    DeclareConflict,
    LiftConflict,
    NeedActionEntry,
    OfferTransfer,
    PlaceLegalHold,
    RecordDeathOrSeriousInjury,
    RecordReviewReferral,
    RefuseOtherOfficer,
    RefuseTransfer,
    RefuseVisit,
    ReopenCase,
    ReviewLegalHold,
)
from models.enums import (
    ConsentStatus,
    GraveHarm,
    NeedDomain,
    Party,
    ReferralPathway,
    ReviewReferral,
    RiskGrade,
    Role,
)
from store.tables import case, referral, visit

HOLD = "HOLD-001"
AFTER_DEATH = (
    (2, ReviewReferral.COMPLAINTS_REFERRAL),
    (20, ReviewReferral.DOMESTIC_HOMICIDE_REVIEW),
)
"""So many hours after it the inspector decides."""


class RareDecisions(CaseScenes):
    """One method a scene."""

    def scenes(self) -> Iterator[Scene]:
        """All of them, within the first weeks."""
        yield 9, time(16), self.officer_refused
        yield 10, time(13), self.hold_kept
        yield 11, time(16), self.transfer_refused
        yield 12, time(10, 40), self.conflict_lifted
        yield 13, time(11), self.asks_for_idva
        yield 13, time(13), self.one_need_more
        yield 14, time(12), self.death
        yield 15, time(11), self.left_the_force
        for day in range(8, 20):
            yield day, time(10), self.visit_refused

    async def death(self, now: datetime) -> None:
        """She dies: nothing is sent and nobody is called any more, the record is held, and the
        inspector asks for the reviews that the law wants."""
        row = await self._one()
        if row is None:
            return
        died = RecordDeathOrSeriousInjury(at=now, party=Party.VICTIM, harm=GraveHarm.DEATH)
        await self._give(row["dalo_id"], row, died, "Found dead at home.")
        for hours, which in AFTER_DEATH:
            at = now + timedelta(hours=hours)
            asked = RecordReviewReferral(
                at=at, referral=which, decision="REFERRED", reason="DEATH_OF_A_VICTIM"
            )
            self._then(at, Role.INSPECTOR, row, asked)

    async def hold_kept(self, now: datetime) -> None:
        """A complaint is made: the record is held, and still needed when the hold is reviewed."""
        row = await self._one()
        if row is None:
            return
        inspector = self._desk.cast.of(Role.INSPECTOR)
        await self._give(inspector, row, PlaceLegalHold(at=now, reason="COMPLAINT"))
        at = now + timedelta(days=6)
        kept = ReviewLegalHold(at=at, hold_id=HOLD, reason="STILL_NEEDED")
        self._then(at, inspector, row, kept)

    async def transfer_refused(self, now: datetime) -> None:
        """Another area is offered a case and finds that she has not moved."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is None:
            return
        await self._give(self._desk.cast.of(Role.SUPERVISOR), row, moved_there(now))
        at = now + timedelta(hours=2)
        self._then(at, THEIR_SERGEANT, row, RefuseTransfer(at=at, reason="LIVES_THERE_STILL"))

    async def left_the_force(self, now: datetime) -> None:
        """She goes to the coast of another force, which takes her case: here it closes. Five days
        later she is back, and the same case goes on."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is None:
            return
        offered = OfferTransfer(
            at=now,
            to_area="Hastings",
            out_of_force=True,
            reason="MOVED_HOME",
            victim_informed=True,
            consent=ConsentStatus.GIVEN,
        )
        await self._give(self._desk.cast.of(Role.SUPERVISOR), row, offered)
        taken, back = now + timedelta(hours=5), now + timedelta(days=5)
        receipt = AcceptTransfer(
            at=taken, receipt="SUSSEX_4711", override_reason="THE_OTHER_FORCE_GOES_ON_WITH_IT"
        )
        self._then(taken, Role.INSPECTOR, row, receipt)
        self._then(back, Role.SUPERVISOR, row, ReopenCase(at=back, reason="CAME_BACK"))

    async def officer_refused(self, now: datetime) -> None:
        """She asks for an officer who speaks her language, and there is none."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is None:
            return
        await self._give(row["dalo_id"], row, AskOtherOfficer(at=now, reason="VICTIM_WISH"))
        at = now + timedelta(hours=1)
        self._then(at, Role.SUPERVISOR, row, RefuseOtherOfficer(at=at, reason="NOBODY_FREE"))

    async def conflict_lifted(self, now: datetime) -> None:
        """A colleague is thought to know the suspect; the inspector finds that it is not so."""
        row = await self._one()
        if row is None:
            return
        colleague = self._desk.cast.colleague(row["dalo_id"], row["case_ref"])
        thought = DeclareConflict(at=now, officer_id=colleague, reason="KNOWS_A_PARTY")
        await self._give(self._desk.cast.of(Role.SUPERVISOR), row, thought)
        at = now + timedelta(hours=3)
        lifted = LiftConflict(at=at, officer_id=colleague, reason="ANOTHER_PERSON")
        self._then(at, Role.INSPECTOR, row, lifted)

    async def visit_refused(self, now: datetime) -> None:
        """A patrol has seen her today: the visit that waits for its authority is not made."""
        if "visit refused" in self._played:
            return
        waits = exists().where(
            visit.c.case_ref == case.c.case_ref,
            visit.c.ended_at.is_(None),
            visit.c.authorised_at.is_(None),
        )
        row = await self._one(waits)
        if row is not None:
            self._played.add("visit refused")
            no = RefuseVisit(at=now, reason="SEEN_BY_PATROL")
            await self._give(self._desk.cast.of(Role.SUPERVISOR), row, no)

    async def asks_for_idva(self, now: datetime) -> None:
        """She is not graded HIGH and asks for an adviser of her own."""
        mine = referral.c.case_ref == case.c.case_ref
        has = exists().where(mine, referral.c.pathway == ReferralPathway.IDVA.value)
        lower = case.c.risk_grade != RiskGrade.HIGH.value
        row = await self._one(case.c.first_contact_at.is_not(None), lower, ~has)
        if row is not None:
            await self._give(row["dalo_id"], row, AskIdva(at=now))

    async def one_need_more(self, now: datetime) -> None:
        """Her dog cannot come to the refuge."""
        row = await self._one(case.c.first_contact_at.is_not(None))
        if row is not None:
            more = NeedActionEntry(
                domain=NeedDomain.PETS,
                action="FOSTERING",
                owner=row["dalo_id"],
                due_at=now + timedelta(days=3),
            )
            await self._give(row["dalo_id"], row, AddNeedAction(at=now, action=more))
