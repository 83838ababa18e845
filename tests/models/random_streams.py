"""Incidents, referrals and meetings to which anything may happen; every workflow by its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from models import incident
from models.commands import Grant
from models.enums import (
    Forum,
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
from models.referral.state import ReferralFacts
from tests.models import play_incident, play_meeting, play_referral
from tests.models.conftest import at
from tests.models.random_case import a_case
from tests.models.random_commands import Maker
from tests.models.random_kernel import Stream

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

    def news(maker: Maker, name: str) -> Any:
        random, now, state = maker.random, maker.now, play.state
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
        pools=lambda: _of_the_incident(play.state),
        news=news,
        checked=incident.check,
        applied=incident.apply,
        pass_time=play.to,
    )


def a_referral(seed: int) -> Stream:
    """A referral on one of the four pathways."""
    pathway = list(ReferralPathway)[seed % len(ReferralPathway)]
    play = play_referral.Play(pathway, OPENED)
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
                    referral_ref=play.state.referral_ref,
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
        checked=referral_handle.check,
        applied=referral_handle.apply,
        pass_time=play.to,
        ending=frozenset({"withdraw-referral", "transfer-referral"}),
        given=lambda maker, kind: _moved(play.state, maker) if kind == "move-referral" else {},
    )


def _moved(state: ReferralFacts, maker: Maker) -> dict[str, Any]:
    """A move that the pathway has from here, sooner than one that it has not."""
    path = state.path
    leads = [move.to for move in path.moves if state.state in move.sources]
    if not leads or maker.random.random() < 0.02:
        return {}
    on = [to for to in leads if any(to in move.sources for move in path.moves)]
    return {"to": maker.random.choice(on if on and maker.random.random() < 0.95 else leads)}


def a_meeting(seed: int) -> Stream:
    """A MARAC or MATAC meeting with two referrals on its list."""
    play = play_meeting.Play(forum=list(Forum)[seed % 2])
    refs = [play.ask(1), play.ask(2)]

    def pools() -> dict[str, list[Any]]:
        return {
            "referral_ref": [*refs, "MARAC-2027-09999"],
            "action_id": [*play.state.actions, "ACT-999"],
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
        ref = f"{play.state.forum.value}-2027-{maker.random.randint(1, 9):05d}"
        return maker.make(ListRequest, message_id=name, referral_ref=ref, at=maker.now)

    return Stream(
        target="meeting",
        play=play,
        grants=MEETING_GRANTS,
        pools=pools,
        news=news,
        checked=checks.check,
        applied=doing.apply,
        pass_time=play.to,
        ending=frozenset({"cancel-meeting", "close-meeting"}),
    )


MAKERS: dict[str, Callable[[int], Stream]] = {
    "case": a_case,
    "incident": an_incident,
    "referral": a_referral,
    "meeting": a_meeting,
}


def step(stream: Stream, seed: int) -> None:
    """One thing that may happen, by a seed."""
    random = Random(seed)
    drawn = random.random()
    if drawn < 0.2:
        stream.pass_time(stream.play.now + timedelta(hours=random.randint(1, 24 * 12)))
    elif drawn < 0.3:
        stream.hear(seed)
    else:
        stream.ask_for(stream.any_kind(random), random)
