"""Promises that no history may break, tried on random ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models.base import Refused
from models.clocks import next_wake
from models.commands import (
    ApproveCadence,
    CaseCommand,
    CompleteNeedsAssessment,
    PauseContact,
    RecordAttempt,
    RecordLadderStep,
    Regrade,
    ResumeContact,
    ReviewCase,
    SetCadence,
)
from models.enums import CadencePlan, Channel, ContactResult, LadderStep, RiskGrade, Role
from models.instants import LONDON
from models.messages import ReportArrived
from tests.models.play import DALO, SERGEANT, Play, a_report
from tests.models.test_case_contact import all_needs
from tests.models.wished import no_contact

OPENED = datetime(2027, 3, 20, 9, tzinfo=LONDON)


class RandomCase(RuleBasedStateMachine):
    """A case to which anything that may happen happens, in any order."""

    play: Play

    @initialize(grade=st.sampled_from(RiskGrade), pending=st.booleans(), waits=st.booleans())
    def open(self, grade: RiskGrade, pending: bool, waits: bool) -> None:
        self.play = Play(OPENED, grade, pending=pending)
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

    @rule(result=st.sampled_from(ContactResult), back=st.integers(0, 48))
    def attempt(self, result: ContactResult, back: int) -> None:
        when = self.play.now - timedelta(hours=back)
        self._try(RecordAttempt(at=when, channel=Channel.CALL, result=result, route="mobile"))

    @rule(step=st.sampled_from([s.value for s in LadderStep][1:]), outcome=st.integers(0, 2))
    def ladder(self, step: str, outcome: int) -> None:
        from models.case.ladder import OUTCOMES

        outcomes = OUTCOMES[LadderStep(step)]
        command = RecordLadderStep.model_validate(
            {"at": self.play.now, "step": step, "outcome": outcomes[outcome % len(outcomes)]}
        )
        self._try(command, SERGEANT, Role.SUPERVISOR)

    @rule(plan=st.sampled_from(CadencePlan), days=st.integers(1, 60))
    def wishes(self, plan: CadencePlan, days: int) -> None:
        interval = days if plan is CadencePlan.CUSTOM else None
        if plan is CadencePlan.NO_CONTACT:
            self._try(no_contact(self.play.now))
            return
        self._try(SetCadence(at=self.play.now, plan=plan, interval_days=interval, victim_wish=True))

    @rule(approve=st.booleans())
    def sign_off(self, approve: bool) -> None:
        command = ApproveCadence(at=self.play.now, approve=approve, reason="R")
        self._try(command, SERGEANT, Role.SUPERVISOR)

    @rule(grade=st.sampled_from(RiskGrade))
    def regrade(self, grade: RiskGrade) -> None:
        command = Regrade(at=self.play.now, grade=grade, reason="R")
        self._try(command, SERGEANT, Role.SUPERVISOR)

    @rule(days=st.integers(1, 30))
    def pause(self, days: int) -> None:
        until = self.play.now + timedelta(days=days)
        self._try(PauseContact(at=self.play.now, until=until, owner=SERGEANT, reason="R"))

    @rule()
    def resume(self) -> None:
        self._try(ResumeContact(at=self.play.now))

    @rule()
    def review(self) -> None:
        self._try(ReviewCase(at=self.play.now))

    @rule()
    def needs(self) -> None:
        self._try(CompleteNeedsAssessment(at=self.play.now, needs=all_needs()))

    @rule(number=st.integers(2, 4), version=st.integers(1, 3), grade=st.sampled_from(RiskGrade))
    def incident(self, number: int, version: int, grade: RiskGrade) -> None:
        self.play.tell(
            ReportArrived(
                message_id=f"r{number}.{version}",
                report=a_report(self.play.now, incident_ref=f"46/{number}/27", version=version),
                received_at=self.play.now,
                grade=grade,
            )
        )

    def _try(self, command: CaseCommand, actor: str = DALO, role: Role = Role.DALO) -> None:
        before = self.play.state.model_dump_json()
        try:
            self.play.do(command, actor, role)
        except Refused:
            assert self.play.state.model_dump_json() == before

    @invariant()
    def an_open_case_has_a_live_obligation(self) -> None:
        if not hasattr(self, "play"):
            return
        state = self.play.state
        live = [c for c in state.clocks.values() if not c.paused]
        assert not state.live or live or state.interruption is not None

    @invariant()
    def nothing_due_is_left_unsaid(self) -> None:
        if not hasattr(self, "play"):
            return
        for clock in self.play.state.clocks.values():
            wake = next_wake(clock)
            assert wake is None or wake > self.play.now

    @invariant()
    def contact_owed_has_exactly_one_clock(self) -> None:
        if not hasattr(self, "play"):
            return
        state = self.play.state
        contact = [
            c
            for c in state.clocks.values()
            if c.clock_type.value in ("FIRST_CONTACT", "CONTACT_CADENCE")
        ]
        assert len(contact) == (1 if state.contact_owed else 0)

    @invariant()
    def every_event_has_its_number(self) -> None:
        if not hasattr(self, "play"):
            return
        numbers = [event.seq for event in self.play.state.unrecorded]
        assert numbers == list(range(1, self.play.state.next_seq))

    @invariant()
    def open_state_stays_small(self) -> None:
        if not hasattr(self, "play"):
            return
        state = self.play.state.model_dump_json(exclude={"unrecorded"})
        assert len(state) < 128 * 1024


TestRandomCase = RandomCase.TestCase
TestRandomCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
