"""Promises that no history of a case may break, tried on random long ones: every command with
right and wrong arguments by every role, every message, time, another calendar, closure, a new
beginning."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis.stateful import invariant

from models.case.contact import safe_now
from models.commands import MessageVictim, RecordAttempt, Regrade
from models.enums import CadencePlan, CaseState, Channel, ClockType, RiskGrade, Role
from models.instants import LONDON, london
from models.stream import change_calendar
from tests.models.random_case import new_case
from tests.models.random_closing import Closing, register_answers, reopen, wind_down
from tests.models.random_contact import LOOKS, dangers
from tests.models.random_kernel import Kernel
from tests.models.random_machine import USUAL, RandomStream, begun, came_across, run_histories
from tests.models.random_scenes import SCENES, SOMEBODY_ELSE, play_scene

OPENED = datetime(2027, 3, 20, 9, tzinfo=LONDON)


class RandomCase(RandomStream):
    """A case to which anything that may happen happens, in any order."""

    closing: Closing
    stored: dict[str, Any]

    def begin(self, random: Random) -> None:
        grade = random.choice(list(RiskGrade))
        self.stream = new_case(grade, OPENED, pending=random.random() < 0.3)
        self.stored = {}
        self.closing = Closing(self.stream)
        self.stream.watch, self.stream.heard = self._watch, self.closing.heard
        if random.random() < 0.2:
            self.play.wait()
        else:
            self.play.allocate()

    @property
    def play(self) -> Any:
        return self.stream.play

    def is_allocated(self, _: Random) -> None:
        if self.stream.state.live:
            self.play.allocate()

    def a_story_is_played(self, random: Random) -> None:
        name = random.choice(sorted(SCENES))
        play_scene(self.stream, name, random, self._everything_holds)

    def somebody_else_answers_the_telephone(self, random: Random) -> None:
        """By a plan that is open now."""
        if self.stream.ask_for("set-safe-contact-plan", random):
            kind, given = SOMEBODY_ELSE
            self.seen["wrong person"] += self.stream.ask_for(kind, random, **given)

    def its_work_is_done_and_it_closes(self, random: Random) -> None:
        if self.stream.state.live:
            self.seen["wound down"] += wind_down(self.stream, random)

    def the_register_answers(self, random: Random) -> None:
        if self.stream.state.closing is not None:
            joins = random.random() < 0.3
            self.seen["incident joined" if joins else "register answered"] += 1
            self.stored = register_answers(self.stream, joins=joins)

    def is_over(self) -> bool:
        """Another case has all of it."""
        state = self.stream.state
        return not state.live and state.handover.merge_target is not None

    def begins_again(self, _: Random) -> None:
        if self.stream.ended() and not self.is_over():
            self.seen["reopened"] += 1
            reopen(self.stream, self.stored, "PS 4001")
            self.closing.reopened()

    def another_calendar(self, _: Random) -> None:
        """One more holiday, tomorrow."""
        if not self.stream.state.live:
            return
        tomorrow = london(self.play.now).date() + timedelta(days=1)
        held = self.play.calendar
        name = f"{held.version}+1"[-40:]
        holidays = (*held.bank_holidays, tomorrow)
        self.play.calendar = held.model_copy(update={"version": name, "bank_holidays": holidays})
        change_calendar(self.stream.state, Kernel(self.play).context(), name)
        self.play.settle()

    happenings = (
        *USUAL,
        (4, a_story_is_played),
        (1, somebody_else_answers_the_telephone),
        (1, its_work_is_done_and_it_closes),
        (3, the_register_answers),
        (4, begins_again),
        (1, is_allocated),
        (1, another_calendar),
    )

    def _watch(self, command: Any, grant: Any) -> Any:
        """What must be true of a command that was accepted."""
        state, now = self.stream.state, self.play.now
        may_close = self.closing.watch(command, grant)
        seen = self._dangers_of(command)
        reviewed = state.risk.review_since is not None or state.grade_pending_review

        def judge() -> None:
            may_close()
            if isinstance(command, MessageVictim):
                assert not seen, seen
            if isinstance(command, RecordAttempt) and seen and not command.safety_override:
                attempt = [e for e in state.unrecorded if e.tag == "contact:attempt:recorded"][-1]
                assert not attempt.data["safe"] or command.at != now, seen
            if isinstance(command, Regrade) and grant.role is Role.DALO and not reviewed:
                again = self.stream.state
                assert again.risk.review_since is not None or again.grade_pending_review

        return judge

    def _dangers_of(self, command: Any) -> list[str]:
        """What speaks against a message or a call now."""
        if not isinstance(command, MessageVictim | RecordAttempt):
            return []
        channel = Channel(command.channel)
        if channel not in (Channel.CALL, Channel.SMS):
            return []
        now, calendar = self.play.now, self.play.calendar
        return dangers(self.stream.state, channel, command.route, now, calendar)

    # --- what holds after every step -------------------------------------------------------------

    def _everything_holds(self) -> None:
        self.stream.check_promises()
        self.nobody_is_called_against_plan_wish_or_freeze()
        self.an_open_case_has_a_live_obligation()

    @invariant()
    @begun
    def an_open_case_has_a_live_obligation(self) -> None:
        state = self.stream.state
        live = [c for c in state.clocks.values() if not c.paused]
        pause = state.interruption
        assert not state.live or live or (pause and pause.owner and pause.reason)

    @invariant()
    @begun
    def a_case_without_an_officer_waits_by_a_clock(self) -> None:
        state = self.stream.state
        if state.state is CaseState.WAITLISTED and not state.dalo_id:
            kinds = [clock.clock_type for clock in state.clocks.values()]
            assert kinds.count(ClockType.WAITLIST_REVIEW) == 1

    @invariant()
    @begun
    def every_breach_has_a_task(self) -> None:
        state = self.stream.state
        tasks = {t.subject: t for t in state.tasks.values() if t.kind == "BREACH"}
        for clock in state.clocks.values():
            if clock.breached_at is not None and state.closing is None:
                assert tasks[clock.clock_id].owner, clock.clock_id

    @invariant()
    @begun
    def contact_owed_has_exactly_one_clock(self) -> None:
        state = self.stream.state
        kinds = ("FIRST_CONTACT", "CONTACT_CADENCE")
        contact = [c for c in state.clocks.values() if c.clock_type.value in kinds]
        assert len(contact) == (1 if state.contact_owed else 0)

    @invariant()
    @begun
    def nobody_is_called_against_plan_wish_or_freeze(self) -> None:
        """Now, and on the next Wednesday, when now and then no one may call."""
        state, calendar, now = self.stream.state, self.play.calendar, self.play.now
        wednesday = london(now) + timedelta(days=(2 - london(now).weekday()) % 7)
        for at in (now, wednesday.replace(hour=13)):
            for channel, route in LOOKS:
                allowed = safe_now(state, channel, route, at, calendar).allowed
                self.seen[f"safe {allowed}"] += 1
                if allowed:
                    against = dangers(state, channel, route, at, calendar)
                    assert not against, against

    @invariant()
    @begun
    def no_more_approaches_are_made_than_allowed(self) -> None:
        tags = [event.tag for event in self.stream.state.unrecorded]
        open_now = self.stream.state.asked.approach == "ALLOWED"
        allowed = tags.count("contact:approach:allowed") + tags.count("merge:received")
        assert tags.count("contact:approach:made") + open_now <= allowed

    @invariant()
    @begun
    def who_holds_contact_back_answers_for_it_by_a_clock(self) -> None:
        state = self.stream.state
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
        state = self.stream.state
        events = [c for c in state.clocks.values() if c.clock_type is ClockType.CONTACT_AT_EVENT]
        kinds = ("CONTACT_AT_EVENT", "DECIDE_EVENT_CONTACT")
        asked = [task.subject for task in state.tasks.values() if task.kind in kinds]
        assert sorted(clock.subject for clock in events) == sorted(asked)


def test_random_histories_of_a_case_keep_its_promises() -> None:
    run_histories(RandomCase, 40, 50)
    looks = RandomCase.seen["safe True"] + RandomCase.seen["safe False"]
    came_across(
        RandomCase,
        kinds=52,
        commands=700,
        task_done=20,
        wound_down=4,
        reopened=2,
        wrong_person=5,
        register_answered=4,
        incident_joined=1,
        safe_True=looks // 30,
    )
