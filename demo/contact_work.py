"""A DALO's calls: only when the case says that it is safe, by the first route in use. What the
victim must hear is told in the same call, and what she says is recorded."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from demo import fates
from demo.desk import Desk, Order, Situation, Work
from demo.incident_work import TOLD_BY_CALL, IncidentWork
from demo.people import ACTIONS, Manner, People
from models.case.ladder import OUTCOMES
from models.case.view import CaseView
from models.commands import (
    CaseCommand,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    NeedActionEntry,
    NeedEntry,
    NotificationOptOut,
    RecordAttempt,
    RecordLadderStep,
    RecordWishes,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    Channel,
    ClockType,
    ContactResult,
    LadderStep,
    NeedLevel,
    NoContactOffer,
)
from models.ids import case_stream

CONTACT = (ClockType.FIRST_CONTACT.value, ClockType.CONTACT_CADENCE.value)
CONTACT_AHEAD = timedelta(hours=30)
WORK_AHEAD = timedelta(days=3)
APART = timedelta(hours=5)
"""Nobody is called twice in so short a time."""
DALO_STEPS, SERGEANT_STEPS = ("L1", "L2", "L4", "L5"), ("L3", "L6")
VISITED = ("L3", "L4", "L5")
NEWS = (*TOLD_BY_CALL, "CONTACT_AT_EVENT", "RECONTACT", "RENEW_WISHES")


class ContactWork:
    """Calls, needs and the ladder after failed contact."""

    def __init__(
        self, desk: Desk, people: People, incidents: IncidentWork, planned: set[str]
    ) -> None:
        self._desk = desk
        self._planned = planned
        self._people = people
        self._incidents = incidents
        self._calls: Counter[str] = Counter()
        self._assessed: set[str] = set()
        self._laddered: set[str] = set()

    async def calls(self, now: Situation) -> None:
        """Every DALO's turn at the cases where something is due soon."""
        owed = now.by_case(
            *CONTACT, *NEWS, "NEEDS_ASSESSMENT", "NEED_ACTION", "LADDER_STEP", "HHV_DUE"
        )
        self._laddered = set(now.by_case("LADDER"))
        turns = []
        for case_ref, works in sorted(owed.items()):
            row = now.cases.get(case_stream(case_ref))
            soon = any(work.due_at < now.now + _ahead(work.kind) for work in works)
            if row is not None and row["allocated_at"] is not None and soon:
                turns.append(self._turn(case_ref, works, now))
        await self._desk.side_by_side(turns)

    async def climb(self, now: Situation) -> None:
        """The steps of the ladder that are the sergeant's."""
        self._laddered = set(now.by_case("LADDER"))
        open_ = [ref for ref in sorted(self._laddered) if case_stream(ref) in now.cases]
        await self._desk.give_all(
            Order(now.cases[case_stream(ref)]["supervisor_id"], case_stream(ref), step)
            for ref in open_
            if (step := self._step(ref, now, SERGEANT_STEPS)) is not None
        )

    async def _turn(self, case_ref: str, works: list[Work], now: Situation) -> None:
        stream = case_stream(case_ref)
        handle = self._desk.runtime.client.get_workflow_handle(stream)
        view: CaseView = await handle.query("view", result_type=CaseView)
        if not view.summary["dalo_id"]:
            return
        dalo = self._desk.cast.acting(view.summary["dalo_id"], now.now)
        if view.plan is None:
            plan = self._people.plan(view.victim_ref, now.now)
            await self._tell(dalo, stream, SetSafeContactPlan(at=now.now, plan=plan))
        self._planned.add(case_ref)
        for work in works:
            if work.kind == "NEED_ACTION" and work.due_at < now.now + timedelta(days=1):
                done = CompleteNeedAction(at=now.now, action_id=work.subject)
                await self._tell(dalo, stream, done)
            elif work.kind == "NEEDS_ASSESSMENT" and work.due_at < now.now + WORK_AHEAD:
                await self._assess(view, dalo, now.now)
        called = any(
            work.kind in (*CONTACT, *NEWS) and work.due_at < now.now + CONTACT_AHEAD
            for work in works
        ) and await self._call(view, dalo, works, now)
        step = None if called else self._step(case_ref, now, DALO_STEPS)
        if step is not None:
            await self._tell(dalo, stream, step)

    async def _call(self, view: CaseView, dalo: str, works: list[Work], now: Situation) -> bool:
        """Whether a call was made."""
        today = [a for a in view.attempts if now.now - a.at < APART]
        route = "work" if "CALL:mobile" in view.suspended or len(view.attempts) % 3 else "mobile"
        if today or not await self._desk.safe(view.case_ref, Channel.CALL, route, now.now):
            return False
        victim, stream = view.victim_ref, case_stream(view.case_ref)
        self._calls[victim] += 1
        result = self._people.answer(victim, self._calls[victim])
        call = RecordAttempt(at=now.now, channel=Channel.CALL, result=result, route=route)
        await self._tell(dalo, stream, call)
        if result is ContactResult.SUCCESSFUL_TWO_WAY:
            await self._spoken(view, dalo, route, works, now)
        return True

    async def _spoken(
        self, view: CaseView, dalo: str, route: str, works: list[Work], now: Situation
    ) -> None:
        """She answered: she hears the news, and is asked what she wishes and what she fears."""
        stream = case_stream(view.case_ref)
        news = [work for work in works if work.kind in TOLD_BY_CALL]
        for order in self._incidents.tell(news, route, now):
            await self._desk.give(order)
        if any(work.kind == "RENEW_WISHES" for work in works):
            wishes = RecordWishes(at=now.now, notification_opt_out=NotificationOptOut.NONE)
            await self._tell(dalo, stream, wishes)
        if view.case_ref not in self._assessed:
            self._assessed.add(view.case_ref)
            grade = view.summary["risk_grade"]
            asked = fates.dash(self._people, view.case_ref, grade, now.now)
            await self._tell(dalo, stream, asked)
        refusing = self._people.manner(view.victim_ref) is Manner.REFUSING
        if refusing and self._calls[view.victim_ref] >= 4 and view.summary["first_contact_at"]:
            await self._desk.give(Order(dalo, stream, _no_contact(now.now), "She wants no calls."))

    async def _assess(self, view: CaseView, dalo: str, now: datetime) -> None:
        if self._people.rng("assess", view.case_ref, now).random() < 0.5:
            return
        needs = self._people.needs(view.victim_ref)
        actions = tuple(
            NeedActionEntry(
                domain=domain, action=action, owner=dalo, due_at=now + timedelta(days=10)
            )
            for domain, action in ACTIONS.items()
            if needs[domain] is NeedLevel.HIGH
        )
        entries = tuple(NeedEntry(domain=d, level=level) for d, level in needs.items())
        command = CompleteNeedsAssessment(at=now, needs=entries, actions=actions)
        await self._tell(dalo, case_stream(view.case_ref), command)

    def _step(
        self, case_ref: str, now: Situation, steps: tuple[str, ...]
    ) -> RecordLadderStep | None:
        """The open step of the ladder as done, some hours after it was entered; a visit that is
        open is the step's own answer."""
        stream = case_stream(case_ref)
        step = now.cases[stream]["ladder_step"]
        waits = case_ref in self._laddered
        if step not in steps or not waits or (stream in now.visits and step in VISITED):
            return None
        if self._people.rng("ladder", case_ref, step, now.now).random() >= 0.7:
            return None
        outcome = OUTCOMES[LadderStep(step)][-1]
        return RecordLadderStep.model_validate({"at": now.now, "step": step, "outcome": outcome})

    async def _tell(self, actor: str, stream: str, command: CaseCommand) -> None:
        await self._desk.give(Order(actor, stream, command))


def _ahead(kind: str) -> timedelta:
    match kind:
        case "NEEDS_ASSESSMENT":
            return WORK_AHEAD
        case "NEED_ACTION":
            return timedelta(days=1)
        case "LADDER_STEP" | "HHV_DUE":
            return timedelta(days=365)
    return CONTACT_AHEAD


def _no_contact(now: datetime) -> SetCadence:
    """Alone, verified, offered another way, and asked about notices: no contact any more."""
    return SetCadence(
        at=now,
        plan=CadencePlan.NO_CONTACT,
        victim_wish=True,
        alone=True,
        verified=True,
        offers=(NoContactOffer.IDVA, NoContactOffer.THIRD_PARTY),
        notices=NotificationOptOut.ALL_EXCEPT_RELEASE,
        no_recontact=True,
    )
