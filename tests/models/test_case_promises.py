"""Promises that no history of a case may break, tried on random long ones: every command with right
and wrong arguments by every role, every message, time, another calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from models.case import approach, closure
from models.case.closure import blockers
from models.case.contact import safe_now
from models.clocks import next_wake
from models.commands import CaseEnvelope, CloseCase, RecordAttempt, Regrade
from models.enums import CadencePlan, Channel, ClockType, RiskGrade, Role
from models.instants import LONDON, london
from models.stream import change_calendar
from tests.models.play import Play
from tests.models.random_case import (
    GRANTS,
    KINDS,
    Kernel,
    a_command,
    a_message,
    image,
    tell_command,
)
from tests.models.wished import no_contact

OPENED = datetime(2027, 3, 20, 9, tzinfo=LONDON)
MOST_BYTES = 128 * 1024
SEEDS = st.integers(0, 2**32)
DAILY = ("record-attempt", "review-case", "regrade", "set-safe-contact-plan", "set-cadence")
"""What happens in most weeks of a case."""


def begun(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """An invariant of a case that exists."""

    @wraps(check)
    def checked(self: Any) -> None:
        if hasattr(self, "play"):
            check(self)

    return checked


class RandomCase(RuleBasedStateMachine):
    """A case to which anything that may happen happens, in any order."""

    play: Play
    done: list[tuple[Any, Any, str]]

    @initialize(grade=st.sampled_from(RiskGrade), pending=st.booleans(), waits=st.booleans())
    def open(self, grade: RiskGrade, pending: bool, waits: bool) -> None:
        self.play = Play(OPENED, grade, pending=pending)
        self.done = []
        if waits:
            self.play.wait()
        else:
            self.play.allocate()

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.play.until(self.play.now + timedelta(hours=hours))

    @rule()
    def is_allocated(self) -> None:
        self.play.allocate()

    @rule(kind=st.sampled_from(sorted(KINDS)), grant=st.sampled_from(GRANTS), seed=SEEDS)
    def anything_is_told(self, kind: str, grant: Any, seed: int) -> None:
        self._tell(a_command(self.play, kind, seed), grant)

    @rule(kind=st.sampled_from(DAILY), seed=SEEDS)
    def the_usual_is_told(self, kind: str, seed: int) -> None:
        self._tell(a_command(self.play, kind, seed), GRANTS[seed % 9])

    @rule(seed=SEEDS)
    def a_task_is_done(self, seed: int) -> None:
        """By somebody, as the task says."""
        named = [
            kind
            for task in self.play.state.tasks.values()
            for kind in task.command.split()[3:4]
            if kind in KINDS
        ]
        if named:
            kind = named[seed % len(named)]
            self._tell(a_command(self.play, kind, seed), GRANTS[seed % len(GRANTS)])

    @rule()
    def no_contact_is_wished_and_signed(self) -> None:
        dalo, sergeant = GRANTS[0], GRANTS[5]
        self._tell(no_contact(self.play.now), dalo)
        self._tell(a_command(self.play, "approve-cadence", 1), sergeant)

    @rule(seed=SEEDS)
    def is_told_something(self, seed: int) -> None:
        self.play.tell(a_message(self.play, seed))

    @rule(seed=SEEDS)
    def is_told_something_twice(self, seed: int) -> None:
        message = a_message(self.play, seed)
        self.play.tell(message)
        before = image(self.play)
        self.play.tell(message)
        assert image(self.play) == before

    @precondition(lambda self: bool(self.done))
    @rule(which=st.integers(0, 100))
    def a_command_comes_again(self, which: int) -> None:
        """Under its own id: it gets its old answer and changes nothing."""
        command, grant, command_id = self.done[which % len(self.done)]
        before = image(self.play)
        kernel = Kernel(self.play)
        known = kernel._memo(command_id)
        if known is None:
            return
        envelope = CaseEnvelope(command_id=command_id, grant=grant, command=command)
        answer = kernel.handle(envelope, lambda ctx: ("DONE_TWICE",))
        assert answer.model_dump(mode="json") == known.answer
        assert image(self.play) == before

    @rule()
    def another_calendar(self) -> None:
        """One more holiday, tomorrow."""
        tomorrow = london(self.play.now).date() + timedelta(days=1)
        held = self.play.calendar
        name = f"{held.version}+1"[-40:]
        holidays = (*held.bank_holidays, tomorrow)
        self.play.calendar = held.model_copy(update={"version": name, "bank_holidays": holidays})
        change_calendar(self.play.state, self.play.context(), name)
        self.play.settle()

    @precondition(lambda self: self.play.state.closing is not None)
    @rule(joins=st.booleans())
    def the_register_answers(self, joins: bool) -> None:
        state, ctx = self.play.state, self.play.context()
        event = closure.request(state, ctx).event
        state.unrecorded.append(event)
        if joins:
            state.unrecorded.pop()
            closure.joining(state, ctx, event)
            state.unrecorded.append(state.unrecorded.pop(0))
        else:
            closure.confirmed(state, ctx, event)
            assert state.clocks == {}
            assert state.tasks == {}
        self.play.settle()

    def _tell(self, command: Any, grant: Any) -> None:
        if command is None:
            return
        state, command_id = self.play.state, f"c{len(self.done)}"
        open_items = closing_blocked(self.play, command)
        asked = state.handover.asked
        held = approach.held_back(state)
        if tell_command(self.play, command, grant, command_id):
            return
        self.done.append((command, grant, command_id))
        if isinstance(command, CloseCase):
            assert not open_items or (command.override_reason and grant.role is not Role.SUPERVISOR)
            assert asked is not None
            assert asked.asked_by != grant.actor
        if isinstance(command, RecordAttempt) and held and not command.safety_override:
            attempt = [e for e in state.unrecorded if e.tag == "contact:attempt:recorded"][-1]
            assert not attempt.data["safe"]
        if isinstance(command, Regrade) and grant.role is Role.DALO:
            assert state.risk.review_since is not None or state.grade_pending_review

    # --- what holds after every step -------------------------------------------------------------

    @invariant()
    @begun
    def an_open_case_has_a_live_obligation(self) -> None:
        state = self.play.state
        live = [c for c in state.clocks.values() if not c.paused]
        pause = state.interruption
        assert not state.live or live or (pause and pause.owner and pause.reason)

    @invariant()
    @begun
    def every_clock_has_an_owner_and_every_breach_a_task(self) -> None:
        state = self.play.state
        tasks = {t.subject: t for t in state.tasks.values() if t.kind == "BREACH"}
        for clock in state.clocks.values():
            assert clock.owner or not state.supervisor_id, clock.clock_id
            if clock.breached_at is not None and state.closing is None:
                assert tasks[clock.clock_id].owner, clock.clock_id
        assert set(tasks) <= set(state.clocks)

    @invariant()
    @begun
    def no_task_is_nobodys(self) -> None:
        state = self.play.state
        assert all(task.owner for task in state.tasks.values() if state.supervisor_id)

    @invariant()
    @begun
    def nothing_due_is_left_unsaid(self) -> None:
        for clock in self.play.state.clocks.values():
            wake = next_wake(clock)
            assert wake is None or wake > self.play.now

    @invariant()
    @begun
    def a_clock_that_began_runs_or_has_ended(self) -> None:
        events = self.play.state.unrecorded
        begun_ids = [e.data["clock"]["clock_id"] for e in events if e.tag == "clock:started"]
        over = ("clock:met", "clock:cancelled")
        ended = [e.data["clock"]["clock_id"] for e in events if e.tag in over]
        assert len(begun_ids) == len(set(begun_ids))
        assert sorted([*ended, *self.play.state.clocks]) == sorted(begun_ids)

    @invariant()
    @begun
    def contact_owed_has_exactly_one_clock(self) -> None:
        state = self.play.state
        kinds = ("FIRST_CONTACT", "CONTACT_CADENCE")
        contact = [c for c in state.clocks.values() if c.clock_type.value in kinds]
        assert len(contact) == (1 if state.contact_owed else 0)

    @invariant()
    @begun
    def nobody_is_called_against_plan_wish_or_freeze(self) -> None:
        state, now, calendar = self.play.state, self.play.now, self.play.calendar
        for channel, route in ((Channel.CALL, "mobile"), (Channel.SMS, "m"), (Channel.CALL, "")):
            if not safe_now(state, channel, route, now, calendar).allowed:
                continue
            assert state.live
            assert not state.essentials.frozen
            assert not state.essentials.aggressor_reviews
            assert state.asked.approach != "USED"
            silent = state.cadence_plan is CadencePlan.NO_CONTACT
            assert not silent or state.asked.approach == "ALLOWED"
            assert not {channel.value, f"{channel.value}:{route}"} & set(state.suspended)
            assert state.plan is not None
            at = london(now)
            assert any(
                at.weekday() in w.weekdays and w.opens <= at.time() <= w.closes
                for w in state.plan.safe_windows
            )
            assert not any(
                at.weekday() in d.weekdays and d.opens <= at.time() < d.closes
                for d in state.plan.do_not_contact
                if d.opens and d.closes
            )

    @invariant()
    @begun
    def no_more_approaches_are_made_than_allowed(self) -> None:
        tags = [event.tag for event in self.play.state.unrecorded]
        open_now = self.play.state.asked.approach == "ALLOWED"
        allowed = tags.count("contact:approach:allowed")
        assert tags.count("contact:approach:made") + open_now <= allowed + self._merged(tags)

    def _merged(self, tags: list[str]) -> int:
        return tags.count("merge:received")

    @invariant()
    @begun
    def who_holds_contact_back_answers_for_it_by_a_clock(self) -> None:
        state = self.play.state
        if not state.live or state.essentials.frozen:
            return
        open_types = {clock.clock_type for clock in state.clocks.values()}
        waits = state.asked.approach == "USED"
        assert (ClockType.WISHES_RENEWAL in open_types) == waits
        lower = state.cadence_plan in (CadencePlan.CONTACT_ON_EVENT, CadencePlan.NO_CONTACT)
        assert not lower or ClockType.CADENCE_SIGNOFF_REVIEW in open_types

    @invariant()
    @begun
    def contact_at_an_event_has_a_clock_and_a_task(self) -> None:
        state = self.play.state
        events = [c for c in state.clocks.values() if c.clock_type is ClockType.CONTACT_AT_EVENT]
        kinds = ("CONTACT_AT_EVENT", "DECIDE_EVENT_CONTACT")
        asked = [task.subject for task in state.tasks.values() if task.kind in kinds]
        assert sorted(clock.subject for clock in events) == sorted(asked)

    @invariant()
    @begun
    def every_event_has_its_number(self) -> None:
        numbers = [event.seq for event in self.play.state.unrecorded]
        assert sorted(numbers) == list(range(1, self.play.state.next_seq))

    @invariant()
    @begun
    def open_state_stays_small(self) -> None:
        assert len(image(self.play)[0]) < MOST_BYTES


def closing_blocked(play: Play, command: Any) -> list[str]:
    """What keeps the case open at the moment of a closure."""
    return blockers(play.state, play.context(), command) if isinstance(command, CloseCase) else []


TestRandomCase = RandomCase.TestCase
TestRandomCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
