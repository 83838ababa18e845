"""What the services do about referrals (IDVA, MARAC, MATAC, MASIP): one entry a state, task or
clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from demo.desk import Cast, Order, Row, Situation, Work
from demo.people import Manner, People
from models.commands import (
    AnswerForVictims,
    CarryOutDisruption,
    ChaseReferral,
    DropDisruption,
    GiveMaracFeedback,
    MoveReferral,
    PlanDisruption,
    RecordReferralAttempt,
    ReferralCommand,
    ReviewReferral,
)
from models.enums import (
    AttemptResult,
    IdvaOutcome,
    ReferralState,
    RetaliationRisk,
    Role,
)

S = ReferralState
WITH_SERVICE = {
    "IDVA": Role.IDVA_PARTNER,
    "MARAC": Role.MARAC_COORDINATOR,
    "MATAC": Role.MATAC_COORDINATOR,
    "MASIP": Role.MASIP_LEAD,
}
HEARD_FROM = 92
"""The score from which the coordinator has a subject heard."""
ENGAGED_FOR = timedelta(days=35)


class PartnerWork:
    """Turns what partners and coordinators owe into commands."""

    def __init__(self, cast: Cast, people: People) -> None:
        self._cast = cast
        self._people = people

    def services(self, now: Situation) -> Iterator[Order]:
        """Each service goes through the referrals that it has."""
        for stream, row in now.referrals.items():
            actor = self._cast.of(WITH_SERVICE[row["pathway"]])
            step = STEPS.get((row["pathway"], row["state"]))
            if step is not None:
                for command in step(self, row, now.now):
                    yield Order(actor, stream, command)
        for work in now.of(*SERVICE_DOES):
            found = now.referrals.get(work.stream)
            if found is not None:
                actor = self._cast.of(WITH_SERVICE[found["pathway"]])
                for command in SERVICE_DOES[work.kind](self, work, found, now.now):
                    yield Order(actor, work.stream, command)

    def dalo(self, now: Situation) -> Iterator[Order]:
        """What came back to the officer who referred."""
        for work in now.of("REFERRAL_RETURNED", "CHASE_REFERRAL"):
            actor = self._cast.acting(work.owner, now.now)
            if work.kind == "CHASE_REFERRAL":
                yield Order(actor, work.stream, ChaseReferral(at=now.now))
                continue
            gp = {"gp_ref": f"GP-{self._people.rng('gp', work.subject).randint(10, 99)}"}
            again = MoveReferral(at=now.now, to=S.SUBMITTED, facts=gp)
            yield Order(actor, f"referral/{work.subject}", again)

    def sergeant(self, now: Situation) -> Iterator[Order]:
        """Whether a planned disruption is safe for victims who have no DALO to ask."""
        for work in now.of("RETALIATION_UNASKED"):
            safe = self._people.rng("unasked", work.stream, work.subject).random() < 0.8
            answer = AnswerForVictims(
                at=now.now,
                disruption_id=work.subject,
                answer=RetaliationRisk.SAFE if safe else RetaliationRisk.NOT_SAFE,
                reason="LIVES_APART" if safe else "SUSPECT_BLAMES_VICTIM",
            )
            yield Order(self._cast.acting(work.owner, now.now), work.stream, answer)

    def acknowledge(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The IDVA service has it."""
        yield MoveReferral(at=now, to=S.ACKNOWLEDGED)

    def attempt(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The IDVA calls, day after day, until she is reached or it was tried enough."""
        tried = (row["details"] or {}).get("attempts", 0)
        rng = self._people.rng("idva", row["referral_ref"], tried)
        manner = self._people.manner(row["victim_ref"])
        if rng.random() < (0.55 if manner is Manner.ANSWERING else 0.25):
            yield RecordReferralAttempt(at=now, result=AttemptResult.REACHED)
            if rng.random() < 0.15:
                no = IdvaOutcome.DECLINED.value
                yield MoveReferral(at=now, to=S.CLOSED, outcome=no)
            else:
                yield MoveReferral(at=now, to=S.ENGAGED)
        elif tried < 4:
            yield RecordReferralAttempt(at=now, result=AttemptResult.NO_ANSWER)
        else:
            unable = IdvaOutcome.UNABLE_TO_CONTACT.value
            yield MoveReferral(at=now, to=S.CLOSED, outcome=unable)

    def end_work(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The IDVA's work is done after some weeks."""
        since = (row["details"] or {}).get("engaged_at")
        if since and now - datetime.fromisoformat(since) > ENGAGED_FOR:
            done = IdvaOutcome.CLOSED_PLANNED.value
            yield MoveReferral(at=now, to=S.CLOSED, outcome=done)

    def screen(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The MARAC coordinator reads the form: sent back, not met, or taken."""
        given = (row["details"] or {}).get("fields", ())
        if "gp_ref" not in given:
            yield MoveReferral(at=now, to=S.RETURNED, reason="FORM_INCOMPLETE")
        elif self._people.rng("screen", row["referral_ref"]).random() < 0.06:
            yield MoveReferral(at=now, to=S.NOT_MET, reason="NO_CRITERION")
        else:
            yield MoveReferral(at=now, to=S.ACCEPTED)

    def nominate(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The highest go to the meeting, as many as it can hear; for the others there is no
        room."""
        if ((row["details"] or {}).get("score") or 0) >= HEARD_FROM:
            yield MoveReferral(at=now, to=S.NOMINATED)
        else:
            yield MoveReferral(at=now, to=S.NOT_SELECTED, reason="NO_ROOM_AT_THE_MEETING")

    def profile(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The subject is profiled, and work begins."""
        ref = f"PROFILE-{row['perpetrator_ref']}"
        yield MoveReferral(at=now, to=S.PROFILED, facts={"profile_ref": ref})
        yield MoveReferral(at=now, to=S.ACTIVE)
        if row["case_ref"] or (row["details"] or {}).get("fields"):
            yield PlanDisruption(at=now, action="TENANCY_ACTION")

    def triage(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The stalking programme looks at it."""
        yield MoveReferral(at=now, to=S.TRIAGED)

    def consult(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """Advice to the officer only, or taken on."""
        if self._people.rng("masip", row["referral_ref"]).random() < 0.3:
            yield MoveReferral(at=now, to=S.CONSULTATION_ONLY, reason="ADVICE_IS_ENOUGH")
        else:
            yield MoveReferral(at=now, to=S.ACCEPTED)

    def formulate(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """What drives the stalking, and what follows from it."""
        facts = {"motive": "REJECTED", "risk_tool": "SRP"}
        yield MoveReferral(at=now, to=S.FORMULATION, facts=facts)

    def manage(self, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The plan is carried out."""
        yield MoveReferral(at=now, to=S.MANAGEMENT)

    def feedback(self, work: Work, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The IDVA tells her what the MARAC decided."""
        yield GiveMaracFeedback(at=now)

    def review(self, work: Work, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """The forum looks again at what it took on."""
        if work.due_at > now + timedelta(hours=20):
            return
        yield ReviewReferral(at=now)

    def disrupt(self, work: Work, row: Row, now: datetime) -> Iterator[ReferralCommand]:
        """Every DALO has answered: it is done, or dropped."""
        if "carry-out-disruption" in work.detail:
            yield CarryOutDisruption(at=now, disruption_id=work.subject)
        else:
            yield DropDisruption(at=now, disruption_id=work.subject, reason="RETALIATION_RISK")


Step = Callable[[PartnerWork, Row, datetime], Iterator[ReferralCommand]]
STEPS: dict[tuple[str, str], Step] = {
    ("IDVA", "SUBMITTED"): PartnerWork.acknowledge,
    ("IDVA", "ACKNOWLEDGED"): PartnerWork.attempt,
    ("IDVA", "ATTEMPTING"): PartnerWork.attempt,
    ("IDVA", "ENGAGED"): PartnerWork.end_work,
    ("MARAC", "SUBMITTED"): PartnerWork.screen,
    ("MATAC", "SCORED"): PartnerWork.nominate,
    ("MATAC", "SELECTED"): PartnerWork.profile,
    ("MASIP", "REFERRED"): PartnerWork.triage,
    ("MASIP", "TRIAGED"): PartnerWork.consult,
    ("MASIP", "ACCEPTED"): PartnerWork.formulate,
    ("MASIP", "FORMULATION"): PartnerWork.manage,
}
Does = Callable[[PartnerWork, Work, Row, datetime], Iterator[ReferralCommand]]
SERVICE_DOES: dict[str, Does] = {
    "IDVA_MARAC_FEEDBACK": PartnerWork.feedback,
    "MATAC_REVIEW": PartnerWork.review,
    "MASIP_REVIEW": PartnerWork.review,
    "DISRUPTION_ANSWERED": PartnerWork.disrupt,
}
