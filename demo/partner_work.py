"""What the services do about referrals (IDVA, MARAC, MATAC, MASIP), and how the meetings are run:
one entry a state, task or clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from demo.desk import Cast, Order, Row, Situation, Work
from demo.people import Manner, People
from models.commands import (
    ActionNotAchievable,
    AddAction,
    CarryOutDisruption,
    ChaseReferral,
    CompleteAction,
    DropDisruption,
    FreezeList,
    GiveMaracFeedback,
    HearReferral,
    IssueActions,
    IssueMinutes,
    MoveReferral,
    PlanDisruption,
    RecordAttendance,
    RecordReferralAttempt,
    ReferralCommand,
    RequestResearch,
    ReturnResearch,
    ReviewReferral,
)
from models.enums import (
    ActionType,
    Agency,
    AttemptResult,
    Forum,
    HearingDecision,
    IdvaOutcome,
    Intervention,
    ReferralState,
    ResearchResult,
    Role,
)
from models.meeting.state import COORDINATORS

S = ReferralState
WITH_SERVICE = {
    "IDVA": Role.IDVA_PARTNER,
    "MARAC": Role.MARAC_COORDINATOR,
    "MATAC": Role.MATAC_COORDINATOR,
    "MASIP": Role.MASIP_LEAD,
}
PRESENT = {
    "DI-4100": Agency.POLICE,
    "IDVA-4601": Agency.IDVA,
    "CSC-1": Agency.CHILDREN_SOCIAL_CARE,
    "HSG-1": Agency.HOUSING,
    "PRB-1": Agency.PROBATION,
}
AGREED = (
    (ActionType.HOUSING, "SANCTUARY_SCHEME", Agency.HOUSING, "HSG-1"),
    (ActionType.CHILDREN, "CHILD_IN_NEED_VISIT", Agency.CHILDREN_SOCIAL_CARE, "CSC-1"),
    (ActionType.PERPETRATOR, "LICENCE_CONDITIONS_REVIEWED", Agency.PROBATION, "PRB-1"),
    (ActionType.SAFEGUARDING, "SAFETY_PLAN_REVIEWED", Agency.IDVA, "IDVA-4601"),
)
HEARD_FROM = 92
"""The score from which the coordinator has a subject heard."""
ENGAGED_FOR = timedelta(days=35)


class PartnerWork:
    """Turns what partners and coordinators owe into commands."""

    def __init__(self, cast: Cast, people: People) -> None:
        self._cast = cast
        self._people = people

    # --- referrals --------------------------------------------------------------------------

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

    # --- meetings ---------------------------------------------------------------------------

    def meetings(self, now: Situation, agenda: dict[str, list[str]]) -> Iterator[Order]:
        """Close lists, ask agencies, hold meetings, see to actions and minutes. `agenda` is what
        waits to be heard, by meeting."""
        for work in now.of(*MEETING_DOES):
            row = now.meetings.get(work.stream)
            if row is not None:
                coordinator = self._cast.of(COORDINATORS[Forum(row["forum"])])
                listed = agenda.get(work.stream, [])
                yield from MEETING_DOES[work.kind](self, work, row, listed, coordinator, now)

    def close_list(
        self, work: Work, row: Row, listed: list[str], who: str, now: Situation
    ) -> Iterator[Order]:
        """The list closes today, and the agenda goes out."""
        yield Order(who, work.stream, FreezeList(at=now.now))
        yield from self.send_agenda(work, row, listed, who, now)

    def send_agenda(
        self, work: Work, row: Row, listed: list[str], who: str, now: Situation
    ) -> Iterator[Order]:
        """The list closed by itself: the agenda goes out."""
        if listed:
            yield Order(who, work.stream, RequestResearch(at=now.now))

    def research(
        self, work: Work, row: Row, listed: list[str], who: str, now: Situation
    ) -> Iterator[Order]:
        """An agency answers in its own time; one in fifty never does."""
        rng = self._people.rng("research", work.stream, work.subject)
        at = work.due_at - timedelta(hours=rng.randint(4, 60))
        if rng.random() > 0.02 and at <= now.now:
            held = rng.random() < 0.3
            result = ResearchResult.HELD if held else ResearchResult.NOTHING_HELD
            answer = ReturnResearch(at=now.now, agency=Agency(work.subject), result=result)
            yield Order(who, work.stream, answer, "Known to the agency." if held else "")

    def hold(
        self, work: Work, row: Row, listed: list[str], who: str, now: Situation
    ) -> Iterator[Order]:
        """The meeting: who was there, every case, its actions."""
        if row["starts_at"] > now.now or not listed:
            return
        met = RecordAttendance(
            at=now.now, present=PRESENT, apologies=(Agency.HEALTH,), chaired_by="DI-4100"
        )
        yield Order(who, work.stream, met)
        forum = Forum(row["forum"])
        for ref in listed:
            for command in self._heard(forum, ref, now):
                yield Order(who, work.stream, command)
        yield Order(who, work.stream, IssueActions(at=now.now))

    def _heard(self, forum: Forum, ref: str, now: Situation) -> Iterator[AddAction | HearReferral]:
        rng = self._people.rng("heard", ref, now.now)
        at = now.now
        if forum is Forum.MATAC:
            chosen = rng.choices(
                (HearingDecision.SELECTED, HearingDecision.NOT_SELECTED, HearingDecision.DEFERRED),
                (55, 35, 10),
            )[0]
            if chosen is HearingDecision.SELECTED:
                yield AddAction(
                    at=at,
                    referral_ref=ref,
                    action_type=ActionType.PERPETRATOR,
                    action="PERPETRATOR_PROGRAMME_OFFERED",
                    agency=Agency.PROBATION,
                    owner="PRB-1",
                    intervention=Intervention.DIVERSION,
                )
            yield HearReferral(at=at, referral_ref=ref, decision=chosen)
            return
        found = now.referrals.get(f"referral/{ref}")
        case = now.cases.get(f"case/{found['case_ref']}") if found else None
        agreed = rng.sample(AGREED, rng.randint(1, 2))
        for kind, action, agency, owner in agreed:
            yield AddAction(
                at=at,
                referral_ref=ref,
                action_type=kind,
                action=action,
                agency=agency,
                owner=owner,
            )
        yield AddAction(
            at=at,
            referral_ref=ref,
            action_type=ActionType.FLAG_FILE,
            action="ADDRESS_FLAG",
            agency=Agency.POLICE,
            owner=case["dalo_id"] if case else None,
            asks_visit=rng.random() < 0.15,
        )
        yield HearReferral(at=at, referral_ref=ref, decision=HearingDecision.ACTIONS_AGREED)

    def minutes(
        self, work: Work, row: Row, listed: list[str], who: str, now: Situation
    ) -> Iterator[Order]:
        """Minutes go out some days after."""
        if work.due_at < now.now + timedelta(days=4):
            yield Order(
                who,
                work.stream,
                IssueMinutes(at=now.now),
                "Minutes of the demonstration's meeting.",
            )

    def act(
        self, work: Work, row: Row, listed: list[str], who: str, now: Situation
    ) -> Iterator[Order]:
        """An action is done in its time, mostly; some cannot be."""
        rng = self._people.rng("action", work.stream, work.subject)
        done_at = work.due_at - timedelta(days=rng.randint(-3, 11))
        if done_at > now.now:
            return
        owner = self._cast.acting(work.owner, now.now)
        actor = owner if self._cast.known(owner) else who
        command: CompleteAction | ActionNotAchievable
        if rng.random() < 0.07:
            command = ActionNotAchievable(
                at=now.now, action_id=work.subject, reason="NO_PLACE_FREE"
            )
        else:
            command = CompleteAction(at=now.now, action_id=work.subject)
        yield Order(actor, work.stream, command)


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
AtMeeting = Callable[[PartnerWork, Work, Row, list[str], str, Situation], Iterator[Order]]
MEETING_DOES: dict[str, AtMeeting] = {
    "FREEZE_LIST": PartnerWork.close_list,
    "SEND_AGENDA": PartnerWork.send_agenda,
    "MARAC_RESEARCH": PartnerWork.research,
    "MATAC_RESEARCH": PartnerWork.research,
    "MARAC_HEARING": PartnerWork.hold,
    "MATAC_MEETING": PartnerWork.hold,
    "MARAC_MINUTES": PartnerWork.minutes,
    "MATAC_MINUTES": PartnerWork.minutes,
    "MEETING_ACTION": PartnerWork.act,
    "CHASE_ACTION": PartnerWork.act,
}
