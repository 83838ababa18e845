"""What becomes of referrals now and then: unwanted contact that makes a repeat, a move to another
area's MARAC, one put off, one made in error; an action nobody wants any more, a score worked out
anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select

from demo.desk import Order, Row
from demo.rare import ELSEWHERE
from demo.scenes import Scene, Scenes
from models import registry
from models.commands import (
    AmendReferral,
    CancelAction,
    CaseCommand,
    ConfirmTransfer,
    DeferReferral,
    MeetingCommand,
    RecordUnwantedAct,
    ReferralCommand,
    RescoreSubject,
    TransferReferral,
    WithdrawReferral,
)
from models.enums import (
    ActionStatus,
    AgendaState,
    ReferralPathway,
    ReferralState,
    Role,
    TransferAnswer,
)
from models.ids import case_stream, referral_stream
from models.instants import london_date
from store.subjects import score_of
from store.tables import action, agenda_item, case, meeting, referral

DAYS = range(8, 20)
TAKEN_ON = (ReferralState.LISTED, ReferralState.RESEARCH, ReferralState.ACTIONS_OPEN)
TAKEN_BACK = (ReferralState.SUBMITTED, ReferralState.ACKNOWLEDGED)
SCORED = (ReferralState.NOMINATED, ReferralState.SELECTED, ReferralState.ACTIVE)


class RareReferrals(Scenes):
    """Each is played once, on the first day on which there is a referral for it."""

    def scenes(self) -> Iterator[Scene]:
        """All of them, within the first weeks."""
        for day in DAYS:
            yield day, time(14, 30), self.as_it_happens

    async def as_it_happens(self, now: datetime) -> None:
        """Tried every day until it was played."""
        for scene in (
            self.unwanted, self.moved_away, self.put_off, self.in_error, self.amended,
            self.not_wanted, self.scored_anew,
        ):  # fmt: skip
            await scene(now)

    # --- MARAC --------------------------------------------------------------------------------

    async def unwanted(self, now: datetime) -> None:
        """He has rung her nine times since she was referred: no crime, and a repeat."""
        row = await self._first("unwanted contact", ReferralPathway.MARAC, TAKEN_ON)
        if row is not None:
            rung = RecordUnwantedAct(at=now, count=9, last_act_at=now - timedelta(hours=2))
            await self._case(row["dalo_id"], row, rung)

    async def moved_away(self, now: datetime) -> None:
        """She has moved: referral, minutes and plan go to the MARAC there, which takes them on."""
        row = await self._first("moved away", ReferralPathway.MARAC, TAKEN_ON)
        if row is None:
            return
        coordinator = self._desk.cast.of(Role.MARAC_COORDINATOR)
        await self._give(coordinator, row, TransferReferral(at=now, to_area=ELSEWHERE))
        for hours, answer in ((4, TransferAnswer.RECEIVED), (50, TransferAnswer.ACCEPTED)):
            at = now + timedelta(hours=hours)
            self._then(at, coordinator, row, ConfirmTransfer(at=at, answer=answer))

    async def put_off(self, now: datetime) -> None:
        """Her IDVA cannot come: the meeting hears her at its next."""
        listed = (
            select(agenda_item.c.stream, agenda_item.c.referral_ref)
            .join(meeting, meeting.c.stream == agenda_item.c.stream)
            .where(
                agenda_item.c.state == AgendaState.LISTED.value,
                meeting.c.forum == ReferralPathway.MARAC.value,
                meeting.c.held_at.is_(None),
            )
            .order_by(agenda_item.c.position.desc())
        )
        row = await self._once("put off", listed)
        if row is not None:
            later = DeferReferral(at=now, referral_ref=row["referral_ref"], reason="IDVA_ABSENT")
            await self._meeting(row, later)

    async def not_wanted(self, now: datetime) -> None:
        """What a meeting agreed on has no sense any more."""
        agreed = (
            select(action)
            .where(
                action.c.stream.startswith("meeting/MARAC/"),
                action.c.status == ActionStatus.OPEN.value,
            )
            .order_by(action.c.due_at.desc())
        )
        row = await self._once("not wanted", agreed)
        if row is not None:
            off = CancelAction(at=now, action_id=row["action_id"], reason="MOVED_AWAY")
            await self._meeting(row, off)

    async def amended(self, now: datetime) -> None:
        """She knows of the referral now: the form says so."""
        row = await self._first("amended", ReferralPathway.MARAC, TAKEN_ON)
        if row is not None:
            knows = AmendReferral(at=now, facts={"victim_aware": "YES"})
            await self._give(row["dalo_id"], row, knows)

    # --- the other pathways -------------------------------------------------------------------

    async def in_error(self, now: datetime) -> None:
        """A referral that was meant for another case."""
        row = await self._first("in error", ReferralPathway.IDVA, TAKEN_BACK)
        if row is not None:
            back = WithdrawReferral(at=now, reason="WRONG_CASE")
            await self._give(row["dalo_id"], row, back)

    async def scored_anew(self, now: datetime) -> None:
        """Between two monthly runs the analyst works a subject's score out again."""
        nominated = select(referral).where(
            referral.c.pathway == ReferralPathway.MATAC.value, referral.c.state.in_(SCORED)
        )
        row = await self._once("scored anew", nominated.order_by(referral.c.referral_ref))
        if row is None:
            return
        async with self._desk.runtime.engine.connect() as conn:
            found = await score_of(
                conn, row["perpetrator_ref"], london_date(now), registry.current_policy()
            )
        anew = RescoreSubject(
            at=now,
            score=found.score,
            recency=found.r,
            frequency=found.f,
            gravity=found.g,
            victims=found.v,
            weights_version=found.weights_version,
        )
        await self._give(self._desk.cast.of(Role.MATAC_COORDINATOR), row, anew)

    # --- the same for all ---------------------------------------------------------------------

    async def _first(
        self, scene: str, pathway: ReferralPathway, states: tuple[ReferralState, ...]
    ) -> Row | None:
        """A referral of an open case to which nothing rare has happened; none where the scene was
        played before."""
        query = (
            select(referral, case.c.dalo_id)
            .join(case, case.c.case_ref == referral.c.case_ref)
            .where(
                referral.c.pathway == pathway.value,
                referral.c.state.in_(states),
                case.c.closed_at.is_(None),
                case.c.case_ref.not_in(self.met),
            )
            .order_by(referral.c.referral_ref)
        )
        row = await self._once(scene, query)
        if row is not None:
            self.met.add(row["case_ref"])
        return row

    async def _once(self, scene: str, query: Select[Any]) -> Row | None:
        """The first row; none where the scene was played before."""
        if scene in self._played:
            return None
        for row in await self._rows(query.limit(1)):
            self._played.add(scene)
            return row
        return None

    async def _case(self, actor: str, row: Row, command: CaseCommand) -> None:
        await self._desk.give(Order(actor, case_stream(row["case_ref"]), command))

    async def _give(self, actor: str, row: Row, command: ReferralCommand) -> None:
        await self._desk.give(Order(actor, referral_stream(row["referral_ref"]), command))

    async def _meeting(self, row: Row, command: MeetingCommand) -> None:
        coordinator = self._desk.cast.of(Role.MARAC_COORDINATOR)
        await self._desk.give(Order(coordinator, row["stream"], command))

    def _then(self, at: datetime, actor: str, row: Row, command: ReferralCommand) -> None:
        async def act(now: datetime) -> None:
            await self._give(actor, row, command)

        self._later(at, act)
