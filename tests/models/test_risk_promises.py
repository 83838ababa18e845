"""Promises of risk that no history may break, tried on random ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models.base import Refused
from models.case.state import CaseFacts
from models.commands import (
    AssessRisk,
    CaseCommand,
    DeclineRecommendation,
    RecordUnwantedAct,
    Regrade,
    ReviewGrade,
    ReviewRecommendation,
    ScreenStalking,
)
from models.enums import ClockType, RiskAnswer, RiskGrade, RiskTool, Role, YesNoUnknown
from models.instants import LONDON
from models.messages import ReportArrived
from models.risk_tools import TOOLS
from models.stream import open_clock
from tests.models.play import DALO, SERGEANT, Play, a_report

OPENED = datetime(2027, 3, 20, 9, tzinfo=LONDON)


class RandomRisk(RuleBasedStateMachine):
    """A case whose risk is assessed, graded, declined and reviewed in any order."""

    play: Play
    reports = 1

    @initialize(grade=st.sampled_from(RiskGrade), pending=st.booleans())
    def open(self, grade: RiskGrade, pending: bool) -> None:
        self.play = Play(OPENED, grade, pending=pending)
        self.play.allocate()

    def _try(self, command: CaseCommand, *, supervisor: bool = False) -> None:
        before = self.play.state.model_dump()
        try:
            if supervisor:
                self.play.do(command, SERGEANT, Role.SUPERVISOR)
            else:
                self.play.do(command, DALO)
        except Refused as refusal:
            assert refusal.remedy
            assert self.play.state.model_dump() == before

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.play.until(self.play.now + timedelta(hours=hours))

    @rule(tool=st.sampled_from(list(TOOLS)), data=st.data(), back=st.integers(0, 48))
    def assess(self, tool: RiskTool, data: st.DataObject, back: int) -> None:
        codes = st.sampled_from(TOOLS[tool].codes)
        answers = data.draw(st.dictionaries(codes, st.sampled_from(RiskAnswer), max_size=20))
        others = data.draw(st.sampled_from(RiskAnswer))
        at = self.play.now - timedelta(hours=back)
        self._try(AssessRisk(at=at, tool=tool, answers=answers, others=others))

    @rule(tool=st.sampled_from(RiskTool))
    def refuse_all(self, tool: RiskTool) -> None:
        self._try(AssessRisk(at=self.play.now, tool=tool, refused=True))

    @rule(grade=st.sampled_from(RiskGrade), supervisor=st.booleans())
    def grade(self, grade: RiskGrade, supervisor: bool) -> None:
        command = Regrade(at=self.play.now, grade=grade, reason="R")
        self._try(command, supervisor=supervisor)

    @rule(grade=st.sampled_from([None, *RiskGrade]))
    def review_grade(self, grade: RiskGrade | None) -> None:
        command = ReviewGrade(at=self.play.now, grade=grade, reason="R")
        self._try(command, supervisor=True)

    @rule(data=st.data(), supervisor=st.booleans())
    def decline(self, data: st.DataObject, supervisor: bool) -> None:
        if known := list(self.play.state.recommendations):
            ref = data.draw(st.sampled_from(known))
            command = DeclineRecommendation(at=self.play.now, recommendation_id=ref, reason="R")
            self._try(command, supervisor=supervisor)

    @rule(data=st.data(), overrule=st.booleans())
    def review(self, data: st.DataObject, overrule: bool) -> None:
        if known := list(self.play.state.risk.declined):
            command = ReviewRecommendation(
                at=self.play.now,
                recommendation_id=data.draw(st.sampled_from(known)),
                decision="OVERRULE" if overrule else "UPHOLD",
                reason="R",
            )
            self._try(command, supervisor=True)

    @rule(count=st.integers(1, 3))
    def acts(self, count: int) -> None:
        self._try(RecordUnwantedAct(at=self.play.now, count=count))

    @rule(answer=st.sampled_from(YesNoUnknown))
    def screen(self, answer: YesNoUnknown) -> None:
        four = dict.fromkeys(("fixated", "obsessive", "unwanted", "repeated"), answer)
        given = {"at": self.play.now, "unwanted_acts": 2, **four}
        self._try(ScreenStalking.model_validate(given))

    @rule(grade=st.sampled_from(RiskGrade), stalking=st.booleans())
    def report(self, grade: RiskGrade, stalking: bool) -> None:
        self.reports += 1
        name = f"46/{self.reports}/27"
        now = self.play.now
        report = a_report(now, incident_ref=name, stalking=stalking, perpetrator_ref="PER-1")
        self.play.tell(ReportArrived(message_id=name, report=report, received_at=now, grade=grade))

    @invariant()
    def what_waits_has_exactly_one_task(self) -> None:
        state = self.play.state
        for kind, waiting in (
            ("DECIDE", state.recommendations),
            ("REVIEW_DECLINED", state.risk.declined),
        ):
            asked = [t.subject for t in state.tasks.values() if t.kind == kind]
            assert sorted(asked) == sorted(waiting)
            assert all(t.owner for t in state.tasks.values())

    @invariant()
    def an_event_without_assessment_is_a_task(self) -> None:
        state = self.play.state
        asked = [t for t in state.tasks.values() if t.kind == "REASSESS_RISK"]
        assert len(asked) == (state.risk.reassess_since is not None)

    @invariant()
    def reassessment_and_review_are_owed_by_grade(self) -> None:
        state = self.play.state
        owed = state.risk_grade is not RiskGrade.STANDARD
        assert (open_clock(state, ClockType.RISK_REVIEW) is not None) is owed
        waits = state.grade_pending_review or state.risk.review_since is not None
        assert (open_clock(state, ClockType.RISK_SUPERVISOR_REVIEW) is not None) is waits
        due = state.risk.screen_since is not None
        assert (open_clock(state, ClockType.STALKING_SCREEN) is not None) is due

    @invariant()
    def open_questions_leave_no_standard_grade_to_an_officer(self) -> None:
        state = self.play.state
        if state.grade_pending_review and state.risk.last and not state.risk.last.complete:
            assert state.risk_grade is not RiskGrade.STANDARD

    @invariant()
    def the_whole_state_can_be_handed_to_the_next_run(self) -> None:
        state = self.play.state
        again = CaseFacts.model_validate(state.model_dump(mode="json"))
        assert again.risk == state.risk
        assert again.recommendations == state.recommendations


TestRandomRisk = RandomRisk.TestCase
TestRandomRisk.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
