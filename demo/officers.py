"""The demonstration's officers: they work from the same worklist as real ones would, through the
same gate and the same commands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from casework.case_commands import send
from casework.runtime import Runtime
from demo.people import ACTIONS, Manner, People
from models.base import Refused
from models.case.ladder import OUTCOMES
from models.case.view import CaseView
from models.commands import (
    ApproveCadence,
    ApproveWait,
    CaseCommand,
    CloseCase,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    EvidenceEntry,
    IncidentCommand,
    NeedActionEntry,
    NeedEntry,
    NotificationOptOut,
    RecordAttempt,
    RecordEvidence,
    RecordLadderStep,
    Regrade,
    RestoreChannel,
    ReviewCase,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    Channel,
    ClockType,
    ClosureReason,
    ContactResult,
    LadderStep,
    NeedLevel,
    NoContactOffer,
    RiskGrade,
    Role,
)
from models.ids import case_stream, incident_stream
from models.incident import IncidentView
from models.safe_decision import SafeDecision
from models.stream import Task
from store.tables import case, clock, task

AT_ONCE = 12
CONTACT_AHEAD = timedelta(hours=30)
WORK_AHEAD = timedelta(days=3)
SERGEANT_SETTLES = (
    "WRONG_PERSON",
    "UNSAFE_ENDED",
    "UNSAFE_ATTEMPT",
    "NOW_INELIGIBLE",
    "UNDER_16",
    "APPROVE_CADENCE",
    "APPROVE_WAIT",
    "LADDER",
)
CONTACT = (ClockType.FIRST_CONTACT.value, ClockType.CONTACT_CADENCE.value)


class Officers:
    """Everybody on the roster, in turn."""

    def __init__(self, runtime: Runtime, people: People) -> None:
        self._runtime = runtime
        self._people = people
        self._calls: Counter[str] = Counter()
        self._ids = 0
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self.given: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    # --- evidence ----------------------------------------------------------------------------

    async def plan_evidence(
        self, incident_ref: str, victim_ref: str, now: datetime
    ) -> dict[datetime, list[EvidenceEntry]]:
        """Which items of a new incident will be recorded at which instant."""
        view = await self._incident(incident_ref, victim_ref)
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
        return planned

    async def record_evidence(
        self, incident_ref: str, victim_ref: str, entries: list[EvidenceEntry]
    ) -> None:
        """Record what is still open of what was planned."""
        view = await self._incident(incident_ref, victim_ref)
        pending = {item.code for item in view.items if item.pending}
        wanted = tuple(entry for entry in entries if entry.item in pending)
        if wanted and view.dalo_id:
            await self._give(
                view.dalo_id,
                Role.DALO,
                f"{incident_ref}/{victim_ref}",
                incident_stream(incident_ref, victim_ref),
                RecordEvidence(entries=wanted),
            )

    async def _incident(self, incident_ref: str, victim_ref: str) -> IncidentView:
        handle = self._runtime.client.get_workflow_handle(incident_stream(incident_ref, victim_ref))
        view: IncidentView = await handle.query("view", result_type=IncidentView)
        return view

    # --- a DALO's turn at the list -------------------------------------------------------------

    async def work_list(self, now: datetime) -> None:
        """Each DALO does what is due soon on their cases."""
        soon = [
            and_(clock.c.clock_type.in_(CONTACT), clock.c.due_at < now + CONTACT_AHEAD),
            and_(clock.c.clock_type == "NEEDS_ASSESSMENT", clock.c.due_at < now + WORK_AHEAD),
            and_(clock.c.clock_type == "NEED_ACTION", clock.c.due_at < now + timedelta(days=1)),
            clock.c.clock_type.in_(["LADDER_STEP", "HHV_DUE"]),
        ]
        clocks = select(clock.c.case_ref).where(clock.c.status == "OPEN", or_(*soon))
        await self._each(await self._cases(clocks), self._dalo_turn, now)

    async def supervise(self, now: datetime) -> None:
        """The sergeant settles tasks, holds reviews and closes what is done."""
        tasks = select(task.c.case_ref).where(
            task.c.settled_at.is_(None), task.c.kind.in_(SERGEANT_SETTLES)
        )
        reviews = select(clock.c.case_ref).where(
            clock.c.status == "OPEN",
            clock.c.clock_type.in_(
                ["CASE_REVIEW", "RISK_SUPERVISOR_REVIEW", "CADENCE_SIGNOFF_REVIEW"]
            ),
            clock.c.due_at < now + WORK_AHEAD,
        )
        await self._each(await self._cases(tasks.union(reviews)), self._sergeant_turn, now)

    async def close_finished(self, now: datetime, most: int) -> None:
        """Towards the end a few cases close, as a pilot's would."""
        query = (
            select(case.c.case_ref)
            .where(case.c.state == "ACTIVE_SUPPORT", case.c.ladder_step == "L0")
            .order_by(case.c.opened_at, case.c.case_ref)
            .limit(most)
        )
        async with self._runtime.engine.connect() as conn:
            refs = list((await conn.execute(query)).scalars())
        for ref in refs:
            view = await self._case(ref)
            if view.actions or view.tasks:
                continue
            command = CloseCase(at=now, reason=ClosureReason.RISK_REDUCED, victim_told=True)
            await self._for_case(view, view.summary["supervisor_id"], Role.SUPERVISOR, command)

    async def _cases(self, refs: Any) -> list[str]:
        query = select(case.c.case_ref).where(
            case.c.case_ref.in_(refs), case.c.allocated_at.is_not(None), case.c.closed_at.is_(None)
        )
        async with self._runtime.engine.connect() as conn:
            return list((await conn.execute(query.order_by(case.c.case_ref))).scalars())

    async def _each(self, refs: Iterable[str], turn: Any, now: datetime) -> None:
        async def limited(work: Awaitable[None]) -> None:
            async with self._at_once:
                await work

        await asyncio.gather(*(limited(turn(ref, now)) for ref in refs))

    async def _dalo_turn(self, ref: str, now: datetime) -> None:
        view = await self._case(ref)
        dalo = view.summary["dalo_id"]
        if view.plan is None:
            plan = self._people.plan(view.victim_ref, now)
            await self._for_case(view, dalo, Role.DALO, SetSafeContactPlan(at=now, plan=plan))
        called = False
        for each in view.clocks:
            soon = each.due_at - now
            if each.clock_type.value in CONTACT and soon < CONTACT_AHEAD:
                called = await self._call(view, dalo, now)
            elif each.clock_type is ClockType.NEEDS_ASSESSMENT:
                await self._assess(view, dalo, now)
            elif each.clock_type is ClockType.NEED_ACTION and soon < timedelta(days=1):
                await self._for_case(
                    view, dalo, Role.DALO, CompleteNeedAction(at=now, action_id=each.subject)
                )
        if not called:
            await self._climb(view, dalo, Role.DALO, ("L1", "L2", "L4", "L5"), now)

    async def _call(self, view: CaseView, dalo: str, now: datetime) -> bool:
        """Call if the case says that it is safe at this moment, by the first route in use; returns
        whether a call was made."""
        today = [a for a in view.attempts if now - a.at < timedelta(hours=5)]
        route = "work" if "CALL:mobile" in view.suspended or len(view.attempts) % 3 else "mobile"
        if today or not await self._safe(view.case_ref, route, now):
            return False
        victim = view.victim_ref
        self._calls[victim] += 1
        result = self._people.answer(victim, self._calls[victim])
        call = RecordAttempt(at=now, channel=Channel.CALL, result=result, route=route)
        await self._for_case(view, dalo, Role.DALO, call)
        wishes_none = self._people.manner(victim) is Manner.REFUSING and self._calls[victim] == 4
        if wishes_none and view.summary["first_contact_at"]:
            await self._for_case(view, dalo, Role.DALO, _no_contact(now))
        return True

    async def _safe(self, ref: str, route: str, now: datetime) -> bool:
        handle = self._runtime.client.get_workflow_handle(case_stream(ref))
        decision: SafeDecision = await handle.query(
            "safe_contact", args=[Channel.CALL, route, now], result_type=SafeDecision
        )
        return decision.allowed

    async def _assess(self, view: CaseView, dalo: str, now: datetime) -> None:
        rng = self._people.rng("assess", view.case_ref, now)
        if rng.random() < 0.5:
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
        await self._for_case(view, dalo, Role.DALO, command)

    async def _climb(
        self, view: CaseView, actor: str, role: Role, steps: tuple[str, ...], now: datetime
    ) -> None:
        """Do the open step of the ladder, some hours after it was entered; a visit may see her."""
        step = view.summary["ladder_step"]
        if step not in steps or not any(t.kind == "LADDER" for t in view.tasks):
            return
        rng = self._people.rng("ladder", view.case_ref, step, now)
        if step in ("L4", "L5") and rng.random() < 0.55:
            visit = RecordAttempt(
                at=now,
                channel=Channel.IN_PERSON,
                result=ContactResult.SEEN_ALONE,
                safety_override="SUPERVISOR_AUTHORISED",
            )
            await self._for_case(view, actor, role, visit)
            return
        if rng.random() < 0.7:
            outcome = OUTCOMES[LadderStep(step)][-1]
            command = RecordLadderStep.model_validate({"at": now, "step": step, "outcome": outcome})
            await self._for_case(view, actor, role, command)

    async def _sergeant_turn(self, ref: str, now: datetime) -> None:
        view = await self._case(ref)
        sergeant = view.summary["supervisor_id"]
        commands = [c for t in view.tasks if (c := self._settling(t, now)) is not None]
        types = {c.clock_type for c in view.clocks if c.due_at < now + WORK_AHEAD}
        if ClockType.CADENCE_SIGNOFF_REVIEW in types:
            commands.append(ApproveCadence(at=now, approve=True, reason="STILL_HER_WISH"))
        if ClockType.CASE_REVIEW in types:
            commands.append(ReviewCase(at=now))
        if ClockType.RISK_SUPERVISOR_REVIEW in types:
            grade = RiskGrade(view.summary["risk_grade"])
            commands.append(Regrade(at=now, grade=grade, reason="SUPERVISOR_REVIEWED"))
        for command in {c.kind: c for c in commands}.values():
            await self._for_case(view, sergeant, Role.SUPERVISOR, command)
        await self._climb(view, sergeant, Role.SUPERVISOR, ("L3", "L6"), now)

    @staticmethod
    def _settling(found: Task, now: datetime) -> CaseCommand | None:
        match found.kind:
            case "WRONG_PERSON" | "UNSAFE_ENDED":
                channel, _, route = found.subject.partition(":")
                return RestoreChannel(
                    at=now, channel=Channel(channel), route=route, reason="CODE_WORD_GIVEN"
                )
            case "UNSAFE_ATTEMPT" | "NOW_INELIGIBLE" | "UNDER_16":
                return ReviewCase(at=now)
            case "APPROVE_CADENCE":
                return ApproveCadence(at=now, approve=True, reason="WISH_VERIFIED")
            case "APPROVE_WAIT":
                return ApproveWait(at=now, reason="NO_SAFER_ROUTE")
        return None

    # --- the gate and the command --------------------------------------------------------------

    async def _case(self, ref: str) -> CaseView:
        handle = self._runtime.client.get_workflow_handle(case_stream(ref))
        view: CaseView = await handle.query("view", result_type=CaseView)
        return view

    async def _for_case(self, view: CaseView, actor: str, role: Role, command: CaseCommand) -> None:
        await self._give(actor, role, view.case_ref, case_stream(view.case_ref), command)

    async def _give(
        self,
        actor: str,
        role: Role,
        ref: str,
        stream: str,
        command: CaseCommand | IncidentCommand,
    ) -> None:
        self._ids += 1
        try:
            grant = await self._runtime.gate.authorise(actor, command.kind, ref)
            await send(self._runtime, stream, command, grant, f"demo-{self._ids}", wait=False)
        except Refused as refused:
            self.refused[refused.code] += 1
        else:
            self.given[command.kind] += 1


def _no_contact(now: datetime) -> SetCadence:
    """The victim's confirmed wish for no contact at all."""
    return SetCadence(
        at=now,
        plan=CadencePlan.NO_CONTACT,
        victim_wish=True,
        alone=True,
        verified=True,
        offers=(NoContactOffer.IDVA, NoContactOffer.OTHER_OFFICER),
        notices=NotificationOptOut.ALL_EXCEPT_RELEASE,
        no_recontact=True,
        note_ref="demo-wishes",
    )
