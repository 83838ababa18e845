"""What DALO and sergeant do about a case's open tasks and clocks: one entry a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from demo import fates
from demo.desk import Cast, Order, Row, Situation, Work
from demo.people import People
from models.case.risk.reviewing import OVERRULED
from models.commands import (
    AcceptHandover,
    AnswerRetaliationCheck,
    ApproveCadence,
    ApproveWait,
    AuthoriseVisit,
    CaseCommand,
    CheckVisit,
    CloseCase,
    ConfirmSafeContactPlan,
    ConsiderMissingPerson,
    DeclineRecommendation,
    NoteReferral,
    RecordPrimaryAggressor,
    Refer,
    RefuseClosure,
    Regrade,
    RestoreChannel,
    ReviewCase,
    ReviewGrade,
    ReviewRecommendation,
    ReviewVisit,
    ScreenStalking,
    SelectVisit,
    SettleContactAtEvent,
)
from models.enums import (
    Aggressor,
    Channel,
    CheckResult,
    ClosureReason,
    ConsentStatus,
    DisclosureBasis,
    LifeConcern,
    MaracCriterion,
    ReferralPathway,
    ReferralStep,
    RetaliationRisk,
    RiskGrade,
    VisitCheck,
    VisitRule,
    YesNoUnknown,
)

AHEAD = timedelta(days=2)
FORM = {
    "agency": "POLICE",
    "safe_contact_ref": "SAFE-CONTACT-PLAN",
    "gp_ref": "UNKNOWN",
    "relationship": "EX_PARTNER",
    "children": "NONE",
    "risk_checklist_ref": "DASH",
    "reason": "RISK_OF_SERIOUS_HARM",
    "victim_aware": "YES",
    "afraid_of": "SUSPECT",
    "must_not_be_told_ref": "NONE",
    "idva_status": "REFERRED",
    "prior_marac_dates": "NONE",
}
MASIP_FORM = {
    "relationship": "EX_PARTNER",
    "behaviours": "MESSAGES,LOITERING",
    "channels": "PHONE,IN_PERSON",
    "duration_days": "60",
    "contacts": "44",
    "threats": "UNKNOWN",
    "breaches": "NO",
    "investigation_stage": "ACTIVE",
}
ARRANGED = (VisitCheck.COVER_STORY, VisitCheck.DOUBLE_CREW, VisitCheck.PLAIN_CLOTHES)


class CaseWork:
    """Turns what is owed on cases into commands."""

    def __init__(self, cast: Cast, people: People, planned: set[str]) -> None:
        self._cast = cast
        self._people = people
        self._planned = planned
        self._decided: set[str] = set()

    def dalo(self, now: Situation) -> Iterator[Order]:
        """Everything that the officers of the cases settle without calling anybody."""
        for work in now.of(*DALO_DOES):
            yield from self._orders(DALO_DOES, work, now)

    def visits(self, now: Situation) -> Iterator[Order]:
        """The visits that were authorised for this time of day."""
        for work in now.of("VISIT"):
            yield from self._orders(DALO_DOES, work, now)

    def sergeant(self, now: Situation) -> Iterator[Order]:
        """Everything that waits for a supervisor."""
        for work in now.of(*SERGEANT_DOES):
            yield from self._orders(SERGEANT_DOES, work, now)

    def _orders(self, table: dict[str, Does], work: Work, now: Situation) -> Iterator[Order]:
        if not work.stream.startswith("case/") or not work.owner:
            return
        case = now.cases.get(work.stream)
        if case is None:
            return
        # Some clocks of the officer's are met by what only the supervisor may do.
        owner = work.owner if table is DALO_DOES else case["supervisor_id"] or work.owner
        actor = self._cast.acting(owner, now.now)
        for command in table[work.kind](self, work, case, now):
            yield Order(actor, work.stream, command)

    # --- the officer ------------------------------------------------------------------------

    def decide(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """A recommendation: mostly followed, now and then declined with a reason."""
        made = now.recommendations.get((work.stream, work.subject))
        if made is None:
            return
        rng = self._people.rng("decide", work.stream, work.subject)
        at, rule, ref = now.now, made["rule"], made["recommendation_id"]
        # What a supervisor brought back, only a supervisor may decline.
        if OVERRULED not in made["inputs"] and rng.random() < DECLINED.get(rule, 0.0):
            reason = "OTHER_SERVICE_HAS_IT" if rule == "IDVA_REFERRAL" else "NOT_PROPORTIONATE"
            yield DeclineRecommendation(at=at, recommendation_id=ref, reason=reason)
        elif rule == "HHV":
            if work.stream not in now.visits and work.case_ref in self._planned:
                yield SelectVisit(at=at, selected_for=(VisitRule(_rule(work)),))
        elif made["recommends"] in set(RiskGrade):
            grade = RiskGrade(made["recommends"])
            reason = "TOOL_RESULT"
            if _lower(grade, case["risk_grade"]):
                grade, reason = RiskGrade(case["risk_grade"]), "PROFESSIONAL_JUDGEMENT"
            yield Regrade(at=at, grade=grade, reason=reason)
        elif rule in REFERS:
            yield self._refer(REFERS[rule], case, made, now)

    def _refer(self, pathway: ReferralPathway, case: Row, made: Row, now: Situation) -> Refer:
        rng = self._people.rng("consent", case["case_ref"], pathway)
        agreed = rng.random() < 0.8
        given = ConsentStatus.GIVEN if agreed else ConsentStatus.REFUSED
        high = case["risk_grade"] == RiskGrade.HIGH.value
        basis = None if agreed else DisclosureBasis.SERIOUS_HARM_HIGH_RISK
        if not agreed and not high:
            basis = DisclosureBasis.CDA1998_S115
        if pathway is ReferralPathway.MASIP:
            return Refer(at=now.now, pathway=pathway, facts=MASIP_FORM)
        if pathway is ReferralPathway.IDVA:
            return Refer(
                at=now.now,
                pathway=pathway,
                consent_status=given,
                disclosure_basis=basis,
                reason="RISK_OF_SERIOUS_HARM",
                facts={"post_type": "COMMUNITY", "safe_contact_ref": "SAFE-CONTACT-PLAN"},
            )
        criteria = _criteria(made)
        form = {k: v for k, v in FORM.items() if k != "gp_ref" or rng.random() > 0.15}
        return Refer(
            at=now.now,
            pathway=pathway,
            criteria=criteria or (MaracCriterion.PROFESSIONAL_JUDGEMENT,),
            consent_status=given,
            disclosure_basis=basis,
            reason="RISK_OF_SERIOUS_HARM",
            facts=form,
        )

    def assess(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Assess again, once the victim was spoken to."""
        if case["first_contact_at"] is not None and work.due_at < now.now + AHEAD:
            yield fates.dash(self._people, work.case_ref, case["risk_grade"], now.now)

    def screen(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """The stalking screen; of four in ten all questions are answered yes."""
        rng = self._people.rng("screen", work.stream, work.since)
        yes = YesNoUnknown.YES
        last = yes if rng.random() < 0.5 else YesNoUnknown.NO
        yield ScreenStalking(
            at=now.now,
            fixated=yes,
            obsessive=last,
            unwanted=yes,
            repeated=yes,
            unwanted_acts=rng.randint(4, 60),
        )

    def checks(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """All that is looked at or chosen before a visit."""
        found = {
            check: CheckResult.ARRANGED if check in ARRANGED else CheckResult.NOTHING_FOUND
            for check in VisitCheck
        }
        yield CheckVisit(at=now.now, checks=found)

    def visit(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Go, within the times that were authorised."""
        row = now.visits.get(work.stream)
        if row is None or row["state"] != "AUTHORISED":
            return
        opens, until = row["authorised_from"], row["authorised_until"]
        if (opens and now.now < opens) or (until and now.now > until):
            return
        mine = [i for i in now.incidents.values() if i["case_ref"] == work.case_ref]
        large = any(i["suspect_status"] in fates.AT_LARGE for i in mine)
        made = fates.visit(self._people, work.case_ref, row["attempts"] or 0, large, False, now.now)
        yield made

    def event(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """No call of its own is needed: she was told with the notice, or did not want to be."""
        reason = "TOLD_WITH_NOTICE" if work.kind == "CONTACT_AT_EVENT" else "HER_WISH"
        # The clock stands beside the task; what is settled is settled once.
        if work.detail and now.now - work.since > timedelta(hours=20):
            yield SettleContactAtEvent(at=now.now, subject=work.subject, reason=reason)

    def relook(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """The plan is as safe as it was."""
        yield ConfirmSafeContactPlan(at=now.now)

    def returned(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """What came back from a service was read."""
        yield NoteReferral(
            at=now.now,
            referral=work.subject,
            step=ReferralStep.CONTACT_BY_DALO
            if work.kind != "REFERRAL_TELL_VICTIM"
            else ReferralStep.VICTIM_TOLD,
        )

    def retaliation(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Whether the victim is safe from what is planned against the suspect."""
        safe = self._people.rng("retaliation", work.stream, work.subject).random() < 0.8
        yield AnswerRetaliationCheck(
            at=now.now,
            referral=work.subject,
            answer=RetaliationRisk.SAFE if safe else RetaliationRisk.NOT_SAFE,
            reason=None if safe else "SUSPECT_BLAMES_VICTIM",
        )

    def accept(self, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
        """Take on what was handed over."""
        yield AcceptHandover(at=now.now)

    # --- the sergeant -----------------------------------------------------------------------

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
            yield ReviewGrade(at=now.now)

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
        until = row["authorised_until"]
        if work.kind == "HHV_REATTEMPT" and until is not None and until > now.now:
            return
        tried = row["attempts"] or 0
        opens = now.now + timedelta(minutes=30) if tried % 2 else now.now + timedelta(hours=6)
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


Does = Callable[[CaseWork, Work, Row, Situation], Iterator[CaseCommand]]
DALO_DOES: dict[str, Does] = {
    "DECIDE": CaseWork.decide,
    "REASSESS_RISK": CaseWork.assess,
    "RISK_REVIEW": CaseWork.assess,
    "STALKING_SCREEN": CaseWork.screen,
    "PRE_VISIT_CHECKS": CaseWork.checks,
    "VISIT": CaseWork.visit,
    "CONTACT_AT_EVENT": CaseWork.event,
    "RELOOK_PLAN": CaseWork.relook,
    "RETALIATION_CHECK": CaseWork.retaliation,
    "ACCEPT_HANDOVER": CaseWork.accept,
    "REFERRAL_NOT_MET": CaseWork.returned,
    "REFERRAL_NOT_SUITABLE": CaseWork.returned,
    "REFERRAL_CONSULTATION_ONLY": CaseWork.returned,
    "REFERRAL_UNABLE_TO_CONTACT": CaseWork.returned,
    "REFERRAL_DECLINED": CaseWork.returned,
    "REFERRAL_INAPPROPRIATE": CaseWork.returned,
    "REFERRAL_TRANSFERRED": CaseWork.returned,
    "REFERRAL_TELL_VICTIM": CaseWork.returned,
}
SERGEANT_DOES: dict[str, Does] = {
    "WRONG_PERSON": CaseWork.restore,
    "UNSAFE_ENDED": CaseWork.restore,
    "UNSAFE_ATTEMPT": CaseWork.look,
    "NOW_INELIGIBLE": CaseWork.look,
    "UNDER_16": CaseWork.look,
    "CASE_REVIEW": CaseWork.look,
    "APPROACH_MADE": CaseWork.look,
    "DECIDE_EVENT_CONTACT": CaseWork.event,
    "APPROVE_CADENCE": CaseWork.cadence,
    "CADENCE_SIGNOFF_REVIEW": CaseWork.cadence,
    "APPROVE_WAIT": CaseWork.wait,
    "RISK_SUPERVISOR_REVIEW": CaseWork.grade,
    "REVIEW_DECLINED": CaseWork.declined,
    "AUTHORISE_VISIT": CaseWork.authorise,
    "HHV_REATTEMPT": CaseWork.authorise,
    "VISIT_REVIEW": CaseWork.failed,
    "UNSAFE_VISIT": CaseWork.unsafe_visit,
    "DECIDE": CaseWork.missing,
    "PRIMARY_AGGRESSOR_REVIEW": CaseWork.aggressor,
    "DECIDE_CLOSURE": CaseWork.closure,
}
DECLINED = {"HHV": 0.5, "IDVA_REFERRAL": 0.08, "MARAC_REFERRAL": 0.06}
REFERS = {
    "IDVA_REFERRAL": ReferralPathway.IDVA,
    "MARAC_REFERRAL": ReferralPathway.MARAC,
    "MASIP_REFERRAL": ReferralPathway.MASIP,
}


def _rule(work: Work) -> str:
    """Which rule asks for the visit: the task's command names it."""
    return work.detail.rpartition(" ")[2]


def _criteria(made: Row) -> tuple[MaracCriterion, ...]:
    return tuple(MaracCriterion(name) for name in made["inputs"].get("criteria", {}))


def _lower(grade: RiskGrade, than: str) -> bool:
    order = list(RiskGrade)
    return order.index(grade) < order.index(RiskGrade(than))
