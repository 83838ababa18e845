"""What the DALO does about a case's open tasks and clocks: one entry a kind."""

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
    CaseCommand,
    CheckVisit,
    ConfirmSafeContactPlan,
    DeclineRecommendation,
    NoteReferral,
    Refer,
    Regrade,
    ScreenStalking,
    SelectVisit,
    SettleContactAtEvent,
)
from models.enums import (
    CheckResult,
    ConsentStatus,
    DisclosureBasis,
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

    def dalo(self, now: Situation) -> Iterator[Order]:
        """Everything that the officers of the cases settle without calling anybody."""
        for work in now.of(*DOES):
            yield from self._orders(work, now)

    def visits(self, now: Situation) -> Iterator[Order]:
        """The visits that were authorised for this time of day."""
        for work in now.of("VISIT"):
            yield from self._orders(work, now)

    def _orders(self, work: Work, now: Situation) -> Iterator[Order]:
        case = now.cases.get(work.stream)
        if case is None or not work.owner:
            return
        actor = self._cast.acting(work.owner, now.now)
        for command in DOES[work.kind](self, work, case, now):
            yield Order(actor, work.stream, command)

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


def event(of: object, work: Work, case: Row, now: Situation) -> Iterator[CaseCommand]:
    """No call of its own is needed: she was told with the notice, or did not want to be."""
    reason = "TOLD_WITH_NOTICE" if work.kind == "CONTACT_AT_EVENT" else "HER_WISH"
    # The clock stands beside the task; what is settled is settled once.
    if work.detail and now.now - work.since > timedelta(hours=20):
        yield SettleContactAtEvent(at=now.now, subject=work.subject, reason=reason)


Does = Callable[[CaseWork, Work, Row, Situation], Iterator[CaseCommand]]
DOES: dict[str, Does] = {
    "DECIDE": CaseWork.decide,
    "REASSESS_RISK": CaseWork.assess,
    "RISK_REVIEW": CaseWork.assess,
    "STALKING_SCREEN": CaseWork.screen,
    "PRE_VISIT_CHECKS": CaseWork.checks,
    "VISIT": CaseWork.visit,
    "CONTACT_AT_EVENT": event,
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
