"""Incidents, referrals, meetings and cases to which anything may happen, seen in one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models import incident
from models.base import Refused
from models.case import handle as case_handle
from models.clocks import next_wake
from models.commands import Grant, HandOver, OfferTransfer, kinds_of
from models.enums import (
    ConsentStatus,
    Forum,
    NeedDomain,
    ReferralPathway,
    RiskGrade,
    Role,
    SuspectStatus,
)
from models.incident import IncidentState
from models.meeting import checks, doing
from models.messages import (
    ActionsSettled,
    CaseClosed,
    GradeChanged,
    Heard,
    Listed,
    ListRequest,
    MeasureAgreed,
    OwnerChanged,
    RepeatEvent,
    ReportArrived,
    RetaliationAnswer,
    WishesChanged,
)
from models.referral import handle as referral_handle
from tests.models import play_incident, play_meeting, play_referral
from tests.models.conftest import at
from tests.models.play import OTHER_DALO
from tests.models.play import Play as CasePlay
from tests.models.random_case import GRANTS as CASE_GRANTS
from tests.models.random_case import a_command, a_message, maker_for
from tests.models.random_commands import Maker

OPENED = at("2027-03-22 09:00")
PARTNERS = tuple(play_referral.GRANTS.values())
INCIDENT_GRANTS = (
    *[Grant(actor=play_incident.DALO, role=Role.DALO, access_log_id="1")] * 3,
    *[Grant(actor=play_incident.OIC, role=Role.OIC, access_log_id="1")] * 3,
    *[Grant(actor=play_incident.SERGEANT, role=Role.SUPERVISOR, access_log_id="1")] * 3,
    *[Grant(actor="INS 3001", role=Role.INSPECTOR, access_log_id="1")] * 2,
    *[Grant(actor="SUPT 2001", role=Role.SUPERINTENDENT, access_log_id="1")] * 2,
    Grant(actor="PC 9999", role=Role.DALO, access_log_id="1"),
    Grant(actor="WCU 1", role=Role.WITNESS_CARE, access_log_id="1"),
)
MEETING_GRANTS = (
    *[play_meeting.COORDINATOR] * 3,
    *[play_meeting.MATAC] * 3,
    *[play_meeting.CHAIR] * 2,
    play_meeting.DALO,
    Grant(actor="HSG-1", role=Role.IDVA_PARTNER, access_log_id="1"),
)


@dataclass
class Stream:
    """One workflow's state with what may be done to it."""

    target: str
    play: Any
    grants: Sequence[Grant]
    pools: Callable[[], dict[str, list[Any]]]
    news: Callable[[Maker, str], Any]
    checked: Callable[[Any, Any, Grant], None]
    applied: Callable[[Any, Any], object]
    pass_time: Callable[[datetime], object]

    @property
    def state(self) -> Any:
        return self.play.state

    @property
    def kinds(self) -> dict[str, Any]:
        """The commands' models by kind."""
        return {model.model_fields["kind"].default: model for model in kinds_of(self.target)}

    def image(self) -> tuple[str, int, int]:
        """Everything that a step could change."""
        open_state = self.state.model_dump_json(exclude={"unrecorded", "effects"})
        return open_state, len(self.state.unrecorded), len(self.state.effects)

    def make(self, kind: str, seed: int, **given: Any) -> Any | None:
        """A command with whatever a person might give; None where its model refuses it."""
        if self.target == "case" and not given:
            return a_command(self.play, kind, seed)
        return self._maker(seed).make(self.kinds[kind], **_whole(kind), **given)

    def _maker(self, seed: int) -> Maker:
        if self.target == "case":
            return maker_for(self.play, seed)
        return Maker(seed, self.play.now, self.pools())

    def try_check(self, command: Any, grant: Grant) -> Refused | None:
        """What a check says; it changes nothing."""
        before = self.image()
        try:
            self.checked(self.play.context(grant), command, grant)
        except Refused as refused:
            assert self.image() == before
            return refused
        assert self.image() == before
        return None

    def tell(self, kind: str, grant: Grant, seed: int) -> None:
        """A command as it comes: refused with a remedy and without a trace, or done."""
        command = self.make(kind, seed)
        if command is None:
            return
        refused = self.try_check(command, grant)
        if refused is not None:
            assert refused.remedy, refused.code
            return
        self.applied(self.play.context(grant), command)
        self.play.settle()

    def hear(self, seed: int) -> None:
        """A message, twice: the second changes nothing."""
        message = self.news(self._maker(seed), f"x{self.state.next_seq}:{seed}")
        if message is None:
            return
        self.play.tell(message)
        before = self.image()
        self.play.tell(message)
        assert self.image() == before


def _whole(kind: str) -> dict[str, Any]:
    """Fields without which a command is mostly refused for them alone."""
    if kind == "complete-needs-assessment":
        return {"needs": [{"domain": domain, "level": "LOW"} for domain in NeedDomain]}
    return {}


def a_case(seed: int) -> Stream:
    """A case of some grade, allocated; one is being handed over, the next transferred."""
    play = CasePlay(OPENED, list(RiskGrade)[seed % 3])
    play.allocate()
    if seed % 2:
        play.supervise(HandOver(at=play.now, dalo_id=OTHER_DALO, reason="LEAVE"))
    else:
        offer = OfferTransfer(
            at=play.now,
            to_area="Maidstone",
            reason="MOVED",
            victim_informed=True,
            consent=ConsentStatus.GIVEN,
        )
        play.supervise(offer)

    def context(grant: Grant | None = None) -> Any:
        who = (grant.actor, grant.role.value) if grant else ("SYSTEM", "SYSTEM")
        return CasePlay.context(play, *who)

    stream = Stream(
        target="case",
        play=play,
        grants=CASE_GRANTS,
        pools=dict,
        news=lambda maker, name: a_message(play, maker.random.randrange(2**32)),
        checked=lambda ctx, command, grant: case_handle.check(play.state, ctx, command, grant),
        applied=lambda ctx, command: case_handle.apply(play.state, ctx, command),
        pass_time=play.until,
    )
    play.context = context  # type: ignore[method-assign, assignment]
    return stream


def _of_the_incident(state: IncidentState) -> dict[str, list[Any]]:
    """References of the incident that a command may name, and some that it does not have."""
    return {
        "order_id": [*state.orders.orders, *state.orders.past, "ORD-999"],
        "dvds_id": [*state.orders.disclosures, "DVDS-999"],
        "hearing_id": [*state.code.hearings, "", "HRG-999"],
        "notification_id": [*state.code.owed, "", "NOT-999"],
        "child_ref": ["CHD-1", "CHD-2"],
        "perpetrator_ref": ["PER-0001", ""],
        "authorised_by": ["SUPT 2001"],
        "reference": ["BWV-7"],
        "service": ["MASH_MEDWAY"],
        "school_ref": ["URN_118000"],
        "event_kind": ["", "SUSPECT_ARRESTED"],
        "route": ["mobile"],
        "decision_code": ["", "ALLOWED"],
        "safety_override": [""],
        "hours": [36, 72, 96],
        "length_days": [28, 60],
        "respondent_age": [30],
        "note_ref": ["note-1"],
    }


def an_incident(seed: int) -> Stream:
    """A crime with an officer in the case."""
    given = play_incident.report(
        OPENED, oic_id=play_incident.OIC, perpetrator_ref="PER-0001", children_resident=seed % 2
    )
    play = play_incident.Play(given)
    state = play.state

    def news(maker: Maker, name: str) -> Any:
        random, now = maker.random, maker.now
        assert state.report is not None
        facts = state.report.model_copy(
            update={
                "version": state.report.version + 1,
                "suspect_status": random.choice([None, *SuspectStatus]),
                "children_resident": random.choice([0, 1]),
            }
        )
        return random.choice(
            [
                ReportArrived(
                    message_id=name, report=facts, received_at=now, grade=RiskGrade.MEDIUM
                ),
                OwnerChanged(message_id=name, dalo_id="PC 5002", supervisor_id="PS 4002"),
                CaseClosed(message_id=name, handed_to="PS 4001"),
                maker.make(WishesChanged, message_id=name, at=now),
                maker.make(MeasureAgreed, message_id=name, at=now),
                GradeChanged(
                    message_id=name, grade=random.choice(list(RiskGrade)), at=now, told_at=now
                ),
            ]
        )

    return Stream(
        target="incident",
        play=play,
        grants=INCIDENT_GRANTS,
        pools=lambda: _of_the_incident(state),
        news=news,
        checked=lambda ctx, command, grant: incident.check(state, ctx, command, grant),
        applied=lambda ctx, command: incident.apply(state, ctx, command),
        pass_time=play.to,
    )


def a_referral(seed: int) -> Stream:
    """A referral on one of the four pathways."""
    pathway = list(ReferralPathway)[seed % len(ReferralPathway)]
    play = play_referral.Play(pathway, OPENED)
    state = play.state
    meeting = "meeting/MARAC/Medway/2027-04-08/1"

    def pools() -> dict[str, list[Any]]:
        return {
            "to_area": ["Maidstone", "Thanet"],
            "disruption_id": ["DIS-001", "DIS-002"],
            "cases": ["CASE-2027-00001"],
            "incident_ref": ["46/9/27", "46/8/27"],
            "facts.key": ["gp_ref", "reason", "no_such_field"],
            "note_ref": ["note-1"],
        }

    def news(maker: Maker, name: str) -> Any:
        random, now = maker.random, maker.now
        return random.choice(
            [
                OwnerChanged(message_id=name, dalo_id="PC 5002", supervisor_id="PS 4002"),
                CaseClosed(message_id=name, handed_to="PS 4001"),
                Listed(message_id=name, meeting=meeting, starts_at=now, at=now),
                maker.make(Heard, message_id=name, meeting=meeting, at=now, decision="SELECTED"),
                Heard(
                    message_id=name,
                    meeting=meeting,
                    at=now,
                    decision=random.choice(["ACTIONS_AGREED", "NO_FURTHER_ACTION", "DEFERRED"]),
                    actions=random.randint(0, 2),
                ),
                ActionsSettled(
                    message_id=name, meeting=meeting, open_actions=random.randint(0, 1), at=now
                ),
                maker.make(RepeatEvent, message_id=name),
                RetaliationAnswer(
                    message_id=name,
                    referral_ref=state.referral_ref,
                    case_ref="CASE-2027-00001",
                    safe=random.random() < 0.7,
                    at=now,
                ),
            ]
        )

    return Stream(
        target="referral",
        play=play,
        grants=PARTNERS,
        pools=pools,
        news=news,
        checked=lambda ctx, command, grant: referral_handle.check(state, ctx, command, grant),
        applied=lambda ctx, command: referral_handle.apply(state, ctx, command),
        pass_time=play.to,
    )


def a_meeting(seed: int) -> Stream:
    """A MARAC or MATAC meeting with two referrals on its list."""
    play = play_meeting.Play(forum=list(Forum)[seed % 2])
    refs = [play.ask(1), play.ask(2)]
    state = play.state

    def pools() -> dict[str, list[Any]]:
        return {
            "referral_ref": [*refs, "MARAC-2027-09999"],
            "action_id": [*state.actions, "ACT-999"],
            "present.key": ["DI-2001", "IDVA-1", "HSG-1"],
            "owner": ["HSG-1"],
            "chaired_by": ["DI-2001"],
            "case_ref": ["CASE-2027-00003"],
            "dalo_id": ["PC-4011"],
            "victim_ref": ["VIC-0003"],
            "perpetrator_ref": ["PER-0003"],
            "note_ref": ["note-1"],
        }

    def news(maker: Maker, name: str) -> Any:
        ref = f"{state.forum.value}-2027-{maker.random.randint(1, 9):05d}"
        return maker.make(ListRequest, message_id=name, referral_ref=ref, at=maker.now)

    return Stream(
        target="meeting",
        play=play,
        grants=MEETING_GRANTS,
        pools=pools,
        news=news,
        checked=lambda ctx, command, grant: checks.check(state, ctx, command, grant),
        applied=lambda ctx, command: doing.apply(state, ctx, command),
        pass_time=play.to,
    )


MAKERS: dict[str, Callable[[int], Stream]] = {
    "case": a_case,
    "incident": an_incident,
    "referral": a_referral,
    "meeting": a_meeting,
}


def check_promises(stream: Stream) -> None:
    """What holds of every workflow after every step."""
    state, now = stream.state, stream.play.now
    events = state.unrecorded
    assert [event.seq for event in events] == list(range(1, state.next_seq))
    begun = [e.data["clock"]["clock_id"] for e in events if e.tag == "clock:started"]
    over = ("clock:met", "clock:cancelled")
    ended = [e.data["clock"]["clock_id"] for e in events if e.tag in over]
    assert len(begun) == len(set(begun))
    assert sorted([*ended, *state.clocks]) == sorted(begun)
    breaches = {task.subject for task in state.tasks.values() if task.kind == "BREACH"}
    for clock in state.clocks.values():
        wake = next_wake(clock)
        assert wake is None or wake > now, clock.clock_id
        assert clock.owner, clock.clock_id
    assert all(task.owner for task in state.tasks.values())
    assert breaches <= set(state.clocks)
    assert len(stream.image()[0]) < 128 * 1024


def step(stream: Stream, seed: int) -> None:
    """One thing that may happen, by a seed."""
    maker = Maker(seed, stream.play.now, {})
    drawn = maker.random.random()
    if drawn < 0.2:
        stream.pass_time(stream.play.now + timedelta(hours=maker.random.randint(1, 24 * 12)))
    elif drawn < 0.3:
        stream.hear(seed)
    else:
        kind = maker.random.choice(sorted(stream.kinds))
        stream.tell(kind, maker.random.choice(list(stream.grants)), seed)
