"""How the coordinators run their meetings, MARAC and MATAC: one entry a task or clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from demo.desk import Cast, Order, Row, Situation, Work
from demo.people import People
from models.commands import (
    ActionNotAchievable,
    AddAction,
    CompleteAction,
    FreezeList,
    HearReferral,
    IssueActions,
    IssueMinutes,
    RecordAttendance,
    RequestResearch,
    ReturnResearch,
)
from models.enums import (
    ActionType,
    Agency,
    Forum,
    HearingDecision,
    Intervention,
    ResearchResult,
)
from models.meeting.state import COORDINATORS

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


class MeetingWork:
    """Turns what a meeting owes into commands."""

    def __init__(self, cast: Cast, people: People) -> None:
        self._cast = cast
        self._people = people

    def orders(self, now: Situation, agenda: dict[str, list[str]]) -> Iterator[Order]:
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


AtMeeting = Callable[[MeetingWork, Work, Row, list[str], str, Situation], Iterator[Order]]
MEETING_DOES: dict[str, AtMeeting] = {
    "FREEZE_LIST": MeetingWork.close_list,
    "SEND_AGENDA": MeetingWork.send_agenda,
    "MARAC_RESEARCH": MeetingWork.research,
    "MATAC_RESEARCH": MeetingWork.research,
    "MARAC_HEARING": MeetingWork.hold,
    "MATAC_MEETING": MeetingWork.hold,
    "MARAC_MINUTES": MeetingWork.minutes,
    "MATAC_MINUTES": MeetingWork.minutes,
    "MEETING_ACTION": MeetingWork.act,
    "CHASE_ACTION": MeetingWork.act,
}
