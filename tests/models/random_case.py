"""A case to which anything that may happen happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from models.case import handle
from models.case.handover.carrying import carried_of
from models.case.ladder import OUTCOMES
from models.case.state import CaseFacts
from models.commands import Grant, HandOver, OfferTransfer
from models.enums import (
    Channel,
    CheckResult,
    ConsentStatus,
    MaracCriterion,
    NeedDomain,
    ReferralPathway,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    Role,
    VisitCheck,
)
from models.messages import CaseMessage, PartyMerged
from models.safe_contact import DoNotContact, Route, SafeContactPlan, SafeWindow
from tests.models.conftest import at
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play
from tests.models.random_commands import Maker
from tests.models.random_kernel import Stream
from tests.models.random_messages import SUSPECT, a_message
from tests.models.wished import no_contact

OPENED = at("2027-03-22 09:00")
OTHER_SERGEANT, INSPECTOR, SUPERINTENDENT = "PS 4002", "INS 3001", "SUPT 2001"
GRANTS = (
    *[Grant(actor=DALO, role=Role.DALO, access_log_id="1")] * 5,
    *[Grant(actor=SERGEANT, role=Role.SUPERVISOR, access_log_id="1")] * 4,
    *[Grant(actor=OTHER_SERGEANT, role=Role.SUPERVISOR, access_log_id="1")] * 2,
    *[Grant(actor=INSPECTOR, role=Role.INSPECTOR, access_log_id="1")] * 2,
    Grant(actor=OTHER_DALO, role=Role.DALO, access_log_id="1"),
    Grant(actor="PC 5003", role=Role.DALO, access_log_id="1"),
    Grant(actor=SUPERINTENDENT, role=Role.SUPERINTENDENT, access_log_id="1"),
    Grant(actor="IDVA 1", role=Role.IDVA_PARTNER, access_log_id="1"),
    Grant(actor="AUD 1", role=Role.AUDITOR, access_log_id="1"),
)
WEEK = tuple(range(7))
ROUTES = (("mobile", Channel.CALL), ("m", Channel.SMS), ("sister", Channel.THIRD_PARTY))
CLOSED_WITH = ("RISK_REDUCED", "RISK_REDUCED", "VICTIM_REQUEST", "DIED")


def a_plan(random: Random, now: datetime) -> SafeContactPlan:
    """A safe-contact plan: some routes, windows within a day, now and then times to avoid. Every
    third one is as open as a plan can be."""
    drawn = random.random()
    open_plan = drawn < 0.35
    likely = 1.0 if open_plan else 0.8
    windows = tuple(
        SafeWindow(
            weekdays=tuple(sorted(random.sample(range(7), random.randint(1, 7)))),
            opens=time(random.randint(0, 12)),
            closes=time(random.randint(13, 23)),
            bank_holidays=random.random() < 0.5,
        )
        for _ in range(random.randint(0, 2))
    )
    if drawn > 0.85:
        # The only window was yesterday: the next is after any limit of a high risk.
        weekday = (now - timedelta(days=1)).weekday()
        windows = (SafeWindow(weekdays=(weekday,), opens=time(9), closes=time(11)),)
    whole = SafeWindow(weekdays=WEEK, opens=time(0), closes=time(23, 59), bank_holidays=True)
    return SafeContactPlan(
        routes=tuple(
            Route(
                route_id=name,
                channel=channel,
                verified_at=now if random.random() < likely else None,
                third_party=channel is Channel.THIRD_PARTY,
            )
            for name, channel in ROUTES
            if random.random() < likely
        ),
        safe_windows=(whole,) if open_plan else windows,
        do_not_contact=(DoNotContact(weekdays=(2,), opens=time(12), closes=time(14)),)
        if random.random() < 0.5
        else (),
        sms_allowed=open_plan or random.random() < 0.5,
        sms_wording_ref="agreed-1",
        third_party_allowed=random.random() < 0.5,
        device_compromised=not open_plan and random.random() < 0.2,
        plan_reviewed_at=now,
    )


def pools_of(state: CaseFacts) -> dict[str, list[Any]]:
    """References that the case has, and some that it does not."""
    officers = [DALO, OTHER_DALO, SERGEANT, OTHER_SERGEANT, "PC 5003"]
    tasks = [task.subject for task in state.tasks.values() if task.subject]
    asked = [subject for subject in tasks if "-2027-" in subject]
    ladder = [outcome for step in OUTCOMES.values() for outcome in step]
    pools: dict[str, list[Any]] = {
        "recommendation_id": [*state.recommendations, *state.risk.declined, "REC-999"],
        "action_id": [*state.actions, "ACT-999"],
        "hold_id": [*state.essentials.holds, "HOLD-999"],
        "threat_id": [*state.essentials.threats, "TTL-999"],
        "request_ref": [*state.essentials.disclosures, "REQ-1", "REQ-2"],
        "incident_ref": [*state.incidents, *state.essentials.aggressor_reviews, "46/99/27"],
        "referral": [*asked, *state.referrals.made, "MARAC-2027-09999"],
        "perpetrator_ref": [SUSPECT, SUSPECT, "PER-0002"],
        "route": ["mobile", "m", "sister", ""],
        "subject": [*tasks, "46/1/27:RUI"],
        "answers.key": [f"Q{number}" for number in range(1, 12)],
        "answers": [RiskAnswer.YES],
        "tool": [RiskTool.DASH_ACPO_27, RiskTool.DARA, RiskTool.SDASH],
        "completer": ["IDVA"],
        "to_area": ["Maidstone", "SUSSEX_POLICE"],
        "wording_ref": ["agreed-1"],
        "warned": ["VIC-0001"],
        "warned_by": [DALO],
        "authorised_by": [SERGEANT],
        "outcome": [*ladder, "DONE", "NOT_ACHIEVABLE", "REPORTED_MISSING", "FOUND_SAFE"],
        "note_ref": ["note-1"],
        "safety_override": ["", "", "THREAT_TO_LIFE"],
    }
    pools |= dict.fromkeys(("dalo_id", "officer_id", "cover_id", "owner"), officers)
    pools |= {"supervisor_id": [SERGEANT, OTHER_SERGEANT], "hand_to": [SERGEANT, ""]}
    return pools


def given_by(play: Play, maker: Maker, kind: str) -> dict[str, Any]:
    """What a person who gives such a command would mostly give."""
    random, state, now = maker.random, play.state, play.now
    if kind != "set-safe-contact-plan" and random.random() < 0.2:
        return {}
    mostly: dict[str, Callable[[], dict[str, Any]]] = {
        "set-safe-contact-plan": lambda: {"plan": a_plan(random, now)},
        "complete-needs-assessment": lambda: {
            "needs": [{"domain": domain, "level": "LOW"} for domain in NeedDomain]
        },
        "message-victim": lambda: {"channel": "SMS", "route": "m"},
        "record-ladder-step": lambda: {"step": state.ladder_step.value},
        "restore-channel": lambda: _suspended(state, random),
        "set-cadence": lambda: no_contact(now).model_dump(exclude={"kind", "at"}),
        "authorise-visit": lambda: _authority(now),
        "pause-contact": lambda: {"until": now + timedelta(days=3)},
        "ask-closure": lambda: {"reason": random.choice(CLOSED_WITH)},
        "close-case": lambda: {"reason": random.choice(CLOSED_WITH)},
        "refer": lambda: _referral(state, random),
    }
    if kind not in mostly or (kind == "set-cadence" and random.random() < 0.5):
        return {}
    return mostly[kind]()


def _suspended(state: CaseFacts, random: Random) -> dict[str, Any]:
    if not state.suspended:
        return {}
    channel, _, route = random.choice(state.suspended).partition(":")
    return {"channel": channel, "route": route}


def _authority(now: datetime) -> dict[str, Any]:
    checks = dict.fromkeys(VisitCheck, CheckResult.NOTHING_FOUND)
    until = now + timedelta(hours=3)
    return {"opens_at": now, "until": until, "safer_because": "R", "checks": checks}


def _referral(state: CaseFacts, random: Random) -> dict[str, Any]:
    pathway = random.choice(list(ReferralPathway))
    marac = pathway is ReferralPathway.MARAC
    return {
        "pathway": pathway,
        "perpetrator_ref": SUSPECT,
        "criteria": [random.choice(list(MaracCriterion))] if marac else [],
        "consent_status": ConsentStatus.GIVEN,
        "emergency": False,
        "event_at": None,
        "facts": {},
        "assigned_ref": f"{pathway.value}-2027-{len(state.referrals.made) + 1:05d}",
    }


def a_case(seed: int) -> Stream:
    """A case of some grade, allocated; one is being handed over, the next transferred."""
    stream = new_case(list(RiskGrade)[seed % 3])
    play = stream.play
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
    return stream


def new_case(grade: RiskGrade, opened_at: datetime = OPENED, *, pending: bool = False) -> Stream:
    """A case that nobody has yet."""
    return _stream(Play(opened_at, grade, pending=pending))


def _stream(play: Play) -> Stream:
    return Stream(
        target="case",
        play=play,
        grants=GRANTS,
        pools=lambda: pools_of(play.state),
        news=lambda maker, name: a_message(
            play, maker, name, lambda: merged_party(play.now, maker.random, name)
        ),
        checked=handle.check,
        applied=handle.apply,
        pass_time=play.until,
        ending=frozenset({"close-case", "record-death-or-serious-injury"}),
        given=lambda maker, kind: given_by(play, maker, kind),
        nobody_yet=lambda: not play.state.supervisor_id,
        ended=lambda: not play.state.live,
    )


def merged_party(now: datetime, random: Random, name: str) -> CaseMessage:
    """The case of a reference that proved to be the same person, after some steps of its own."""
    other = Play(now - timedelta(days=5), RiskGrade.MEDIUM)
    other.state.case_ref, other.state.victim_ref = "CASE-2027-00002", "VIC-0002"
    other.state.incidents = {"46/90/27": 1}
    other.allocate(OTHER_DALO)
    stream = _stream(other)
    for kind in random.sample(sorted(stream.kinds), 8):
        if kind != "close-case":
            stream.ask_for(kind, random)
    other.until(now)
    return PartyMerged(
        message_id=name,
        from_case_ref=other.state.case_ref,
        from_victim_ref=other.state.victim_ref,
        carried=carried_of(other.state),
    )
