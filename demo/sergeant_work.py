"""What the sergeant does about a case's open tasks and clocks: one entry a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from demo.case_work import event
from demo.desk import Cast, Order, Row, Situation, Work
from demo.people import People
from models.commands import (
    AnswerDisclosureRequest,
    ApproveCadence,
    ApproveWait,
    AuthoriseVisit,
    CaseCommand,
    CloseCase,
    ConsiderMissingPerson,
    Reassign,
    RecordPressureCheck,
    RecordPrimaryAggressor,
    RefuseClosure,
    RefuseVisit,
    RestoreChannel,
    ReviewCase,
    ReviewGrade,
    ReviewMerge,
    ReviewRecommendation,
    ReviewThreatToLife,
    ReviewVisit,
)
from models.enums import (
    Aggressor,
    CadencePlan,
    Channel,
    CheckResult,
    ClosureReason,
    LifeConcern,
    PressureCheck,
    RiskGrade,
    VisitCheck,
)

AHEAD = timedelta(days=2)
OPENS_IN = (timedelta(hours=6), timedelta(minutes=30), timedelta(hours=22, minutes=30))


class SergeantWork:
    """Turns what waits for a supervisor into commands."""

    def __init__(self, cast: Cast, people: People, planned: set[str]) -> None:
        self._cast = cast
        self._people = people
        self._planned = planned
        self._decided: set[str] = set()
        self._looked: Counter[str] = Counter()

    def orders(self, now: Situation) -> Iterator[Order]:
        """Everything that waits. Some clocks of the officer's are met by what only the supervisor
        may do."""
        for work in now.of(*DOES):
            case = now.cases.get(work.stream)
            if case is None or not work.owner:
                continue
            actor = self._cast.acting(case["supervisor_id"] or work.owner, now.now)
            for command in DOES[work.kind](self, work, case, now):
                yield Order(actor, work.stream, command)

    def restore(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """A suspended route is looked at, and safe again."""
        channel, _, route = work.subject.partition(":")
        yield RestoreChannel(
            at=now.now, channel=Channel(channel), route=route, reason="CODE_WORD_GIVEN"
        )

    def look(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """A case review."""
        if work.due_at < now.now + AHEAD:
            yield ReviewCase(at=now.now)

    def cadence(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Sign off that a victim wants less contact."""
        if work.due_at < now.now + AHEAD:
            yield ApproveCadence(at=now.now, approve=True, reason="WISH_VERIFIED")

    def wait(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """There is no safer way than to wait for the safe window."""
        yield ApproveWait(at=now.now, reason="NO_SAFER_ROUTE")

    def grade(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Review the officer's grade: mostly upheld."""
        high = case["risk_grade"] == RiskGrade.HIGH.value
        if high and self._people.rng("uphold", work.stream, work.since).random() < 0.12:
            yield ReviewGrade(at=now.now, grade=RiskGrade.MEDIUM, reason="NO_NEW_INDICATORS")
        else:
            yield ReviewGrade(at=now.now, reason="JUDGEMENT_UPHELD")

    def declined(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """What an officer declined: upheld, or overruled."""
        overrule = self._people.rng("overrule", work.stream, work.subject).random() < 0.25
        yield ReviewRecommendation(
            at=now.now,
            recommendation_id=work.subject,
            decision="OVERRULE" if overrule else "UPHOLD",
            reason="RISK_TOO_HIGH" if overrule else "",
        )

    def authorise(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Let a visit go ahead, at another time of day than before."""
        row = now.visits.get(work.stream)
        if row is None or work.case_ref not in self._planned:
            return
        if case["cadence_plan"] == CadencePlan.NO_CONTACT.value:
            yield _not_made(row, now)
            return
        until = row["authorised_until"]
        if work.kind == "HHV_REATTEMPT" and until is not None and until > now.now:
            return
        # In the evening, then about noon, then the next morning.
        opens = now.now + OPENS_IN[min(row["attempts"] or 0, 2)]
        yield AuthoriseVisit(
            at=now.now,
            opens_at=opens,
            until=opens + timedelta(hours=4),
            safer_because="SUSPECT_AT_WORK_THEN",
            checks=dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND),
        )

    def failed(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """A visit that found nobody: once more, or not again."""
        row = now.visits.get(work.stream)
        again = row is not None and (row["attempts"] or 0) < 3
        yield ReviewVisit(
            at=now.now,
            decision="ANOTHER_ATTEMPT" if again else "END",
            reason="CONCERN" if again else "SEEN_BY_ANOTHER_AGENCY",
        )

    def unsafe_visit(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """A visit against the rules was looked at."""
        yield ReviewVisit(at=now.now, decision="NOTED", reason="NO_HARM_CAME_OF_IT")

    def missing(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Nobody has seen her: entry, a missing-person report, or she is found."""
        made = now.recommendations.get((work.stream, work.subject))
        if made is not None and made["recommends"] == "MISSING_PERSON_OR_S17":
            yield ConsiderMissingPerson(at=now.now, outcome=LifeConcern.FOUND_SAFE)

    def aggressor(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Both allege: who is the primary aggressor."""
        yield RecordPrimaryAggressor(
            at=now.now,
            incident_ref=work.subject,
            aggressor=Aggressor.SUSPECT,
            reason="HISTORY",
        )

    def threat(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """A threat to life is looked at every day: on the third it is over."""
        self._looked[work.stream] += 1
        over = self._looked[work.stream] > 2
        yield ReviewThreatToLife(
            at=now.now,
            threat_id=work.subject,
            stands="ENDED" if over else "STANDS",
            reason="SUSPECT_REMANDED" if over else "STILL_AT_LARGE",
        )

    def disclose(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """What was asked for is scheduled, some days later."""
        if now.now - work.since > timedelta(days=4):
            yield AnswerDisclosureRequest(
                at=now.now,
                request_ref=work.subject,
                decision="SCHEDULED",
                reason="SCHEDULE_MG6C",
            )

    def another(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Another officer has the case: she asked for one, or the one before knows a party."""
        wish = work.kind == "OTHER_OFFICER"
        yield Reassign(
            at=now.now,
            dalo_id=self._cast.colleague(case["dalo_id"], case["case_ref"]),
            reason="VICTIM_WISH" if wish else "CONFLICT_OF_INTEREST",
        )

    def pressure(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Nobody put her under pressure to withdraw."""
        yield RecordPressureCheck(at=now.now, pressure=PressureCheck.NONE_FOUND)

    def merged(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """What a merge carried in was looked through."""
        yield ReviewMerge(at=now.now)

    def closure(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Agree to closure, or let the case go on."""
        refuses = self._people.rng("closure", work.stream, work.since).random() < 0.2
        if refuses or work.stream in self._decided:
            yield RefuseClosure(at=now.now, reason="RISK_NOT_CLEAR_YET")
            return
        self._decided.add(work.stream)
        yield CloseCase(
            at=now.now,
            reason=ClosureReason.RISK_REDUCED,
            victim_told=True,
            hand_to=self._cast.acting(work.owner, now.now),
        )


Does = Callable[[SergeantWork, Work, Row, Situation], Iterator[CaseCommand]]
DOES: dict[str, Does] = {
    "WRONG_PERSON": SergeantWork.restore,
    "UNSAFE_ENDED": SergeantWork.restore,
    "UNSAFE_ATTEMPT": SergeantWork.look,
    "SAFETY_OVERRIDE": SergeantWork.look,
    "CLOSURE_REFUSED": SergeantWork.look,
    "LOCKED_OUT_OWNERS": SergeantWork.look,
    "NOW_INELIGIBLE": SergeantWork.look,
    "UNDER_16": SergeantWork.look,
    "CASE_REVIEW": SergeantWork.look,
    "APPROACH_MADE": SergeantWork.look,
    "DECIDE_EVENT_CONTACT": event,
    "APPROVE_CADENCE": SergeantWork.cadence,
    "CADENCE_SIGNOFF_REVIEW": SergeantWork.cadence,
    "APPROVE_WAIT": SergeantWork.wait,
    "RISK_SUPERVISOR_REVIEW": SergeantWork.grade,
    "REVIEW_DECLINED": SergeantWork.declined,
    "AUTHORISE_VISIT": SergeantWork.authorise,
    "HHV_REATTEMPT": SergeantWork.authorise,
    "VISIT_REVIEW": SergeantWork.failed,
    "UNSAFE_VISIT": SergeantWork.unsafe_visit,
    "DECIDE": SergeantWork.missing,
    "PRIMARY_AGGRESSOR_REVIEW": SergeantWork.aggressor,
    "DECIDE_CLOSURE": SergeantWork.closure,
    "THREAT_TO_LIFE": SergeantWork.threat,
    "DISCLOSURE": SergeantWork.disclose,
    "OTHER_OFFICER": SergeantWork.another,
    "CONFLICT_REASSIGN": SergeantWork.another,
    "PRESSURE_CHECK": SergeantWork.pressure,
    "MERGE_REVIEW": SergeantWork.merged,
}


def _not_made(visit: Row, now: Situation) -> CaseCommand:
    """She asked for no contact, and nobody threatens her life."""
    if visit["state"] == "SELECTED":
        return RefuseVisit(at=now.now, reason="NO_CONTACT_ASKED")
    return ReviewVisit(at=now.now, decision="END", reason="NO_CONTACT_ASKED")
