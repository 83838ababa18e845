"""A case to which anything that may happen happens: commands through the real kernel, messages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from models.base import Refused
from models.case import handle
from models.case.handover.carrying import carried_of
from models.case.state import CaseFacts
from models.commands import ENVELOPES, CaseEnvelope, Grant, Refer, kinds_of
from models.enums import (
    Channel,
    NeedDomain,
    OrderType,
    ReferralPathway,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    Role,
    SuspectStatus,
)
from models.enums.victims_code import CourtEvent
from models.messages import (
    Allocated,
    BailChanged,
    CaseMessage,
    CourtDated,
    EarlierReport,
    OrderBreached,
    OrderChanged,
    PairReferral,
    PartyMerged,
    ReferralChanged,
    ReportArrived,
    RetaliationAnswer,
    SuspectChanged,
    Under16Party,
    VictimMessageDone,
    VictimTold,
    Waitlisted,
)
from models.safe_contact import DoNotContact, Route, SafeContactPlan, SafeWindow
from models.stream import Context
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play, a_report
from tests.models.random_commands import Maker
from workflows.core import Core

OTHER_SERGEANT, INSPECTOR = "PS 4002", "INS 3001"
GRANTS = (
    *[Grant(actor=DALO, role=Role.DALO, access_log_id="1")] * 5,
    *[Grant(actor=SERGEANT, role=Role.SUPERVISOR, access_log_id="1")] * 4,
    Grant(actor=OTHER_SERGEANT, role=Role.SUPERVISOR, access_log_id="1"),
    Grant(actor=OTHER_SERGEANT, role=Role.SUPERVISOR, access_log_id="1"),
    *[Grant(actor=INSPECTOR, role=Role.INSPECTOR, access_log_id="1")] * 2,
    Grant(actor=OTHER_DALO, role=Role.DALO, access_log_id="1"),
    Grant(actor="SUPT 2001", role=Role.SUPERINTENDENT, access_log_id="1"),
    Grant(actor="IDVA 1", role=Role.IDVA_PARTNER, access_log_id="1"),
    Grant(actor="AUD 1", role=Role.AUDITOR, access_log_id="1"),
)
KINDS = {model.model_fields["kind"].default: model for model in kinds_of("case")}
SUSPECT = "PER-0001"
REFERRALS = tuple(f"{pathway.value}-2027-00001" for pathway in ReferralPathway)


class Kernel(Core[CaseFacts]):
    """The workflows' own kernel, which knows a command done already, without an engine."""

    def __init__(self, play: Play) -> None:
        self.state = play.state
        self.play = play

    def context(self, actor: str = "SYSTEM", role: str = "SYSTEM", command_id: str = "") -> Context:
        return self.play.context(actor, role, command_id)


def a_plan(maker: Maker) -> SafeContactPlan:
    """A safe-contact plan: some routes, windows within a day, now and then times to avoid."""
    random = maker.random
    names = (("mobile", Channel.CALL), ("m", Channel.SMS), ("sister", Channel.THIRD_PARTY))
    return SafeContactPlan(
        routes=tuple(
            Route(
                route_id=name,
                channel=channel,
                verified_at=maker.now if random.random() < 0.8 else None,
                third_party=channel is Channel.THIRD_PARTY,
            )
            for name, channel in names
            if random.random() < 0.8
        ),
        safe_windows=tuple(
            SafeWindow(
                weekdays=tuple(sorted(random.sample(range(7), random.randint(1, 7)))),
                opens=time(random.randint(0, 12)),
                closes=time(random.randint(13, 23)),
                bank_holidays=random.random() < 0.5,
            )
            for _ in range(random.randint(0, 2))
        ),
        do_not_contact=(DoNotContact(weekdays=(2,), opens=time(12), closes=time(14)),)
        if random.random() < 0.3
        else (),
        sms_allowed=random.random() < 0.5,
        sms_wording_ref="agreed-1",
        third_party_allowed=random.random() < 0.5,
        device_compromised=random.random() < 0.1,
        plan_reviewed_at=maker.now,
    )


def maker_for(play: Play, seed: int) -> Maker:
    """Values that fit the case as it stands, and some that do not."""
    state = play.state
    officers = [DALO, OTHER_DALO, SERGEANT, OTHER_SERGEANT, "PC 5003"]
    tasks = [task.subject for task in state.tasks.values() if task.subject]
    pools: dict[str, list[Any]] = {
        "recommendation_id": [*state.recommendations, *state.risk.declined, "REC-999"],
        "action_id": [*state.actions, "ACT-999"],
        "hold_id": [*state.essentials.holds, "HOLD-999"],
        "threat_id": [*state.essentials.threats, "TTL-999"],
        "request_ref": ["REQ-1", "REQ-2"],
        "incident_ref": [*state.incidents, *state.essentials.aggressor_reviews, "46/99/27"],
        "referral": [*state.referrals.made, "MARAC-2027-09999"],
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
        "outcome": _outcomes(state),
        "note_ref": ["note-1"],
        "safety_override": ["", "", "THREAT_TO_LIFE"],
    }
    pools |= dict.fromkeys(("dalo_id", "officer_id", "cover_id", "owner"), officers)
    pools |= {"supervisor_id": [SERGEANT, OTHER_SERGEANT], "hand_to": [SERGEANT, ""]}
    return Maker(seed, play.now, pools)


def _outcomes(state: CaseFacts) -> list[str]:
    from models.case.ladder import OUTCOMES

    ladder = [outcome for step in OUTCOMES.values() for outcome in step]
    return [*ladder, "DONE", "NOT_ACHIEVABLE", "REPORTED_MISSING", "FOUND_SAFE"]


def a_command(play: Play, kind: str, seed: int) -> Any | None:
    """A command of this kind, with whatever a person might give; None where its model refuses."""
    maker = maker_for(play, seed)
    given: dict[str, Any] = {}
    if kind == "set-safe-contact-plan":
        given["plan"] = a_plan(maker)
    if kind == "complete-needs-assessment" and maker.random.random() < 0.8:
        given["needs"] = [{"domain": domain, "level": "LOW"} for domain in NeedDomain]
    if kind == "message-victim":
        given["channel"], given["route"] = "SMS", "m"
    if kind == "record-ladder-step" and maker.random.random() < 0.8:
        given["step"] = play.state.ladder_step.value
    if kind in ("ask-closure", "close-case") and maker.random.random() < 0.9:
        given["reason"] = "RISK_REDUCED"
    made = maker.make(KINDS[kind], **given)
    if isinstance(made, Refer):
        number = len(play.state.referrals.made) + 1
        return made.model_copy(update={"assigned_ref": f"{made.pathway}-2027-{number:05d}"})
    return made


def tell_command(play: Play, command: Any, grant: Grant, command_id: str) -> str:
    """Give a command as the gate would pass it on, by the kernel; the code of a refusal, or "".
    A refused one changes nothing."""
    kernel = Kernel(play)
    envelope = ENVELOPES["case"].model_validate(
        {"command_id": command_id, "grant": grant, "command": command}
    )
    assert isinstance(envelope, CaseEnvelope)
    before = image(play)
    ctx = kernel._context_of(envelope)
    try:
        handle.check(play.state, ctx, command, grant)
    except Refused as refused:
        assert image(play) == before, f"{command.kind} was refused and changed something"
        assert refused.remedy, f"{refused.code} says no remedy"
        return refused.code
    assert image(play) == before, f"checking {command.kind} changed something"
    kernel.handle(envelope, lambda ctx: handle.apply(play.state, ctx, command))
    play.settle()
    return ""


def image(play: Play) -> tuple[str, int, int]:
    """Everything that a step could change."""
    open_state = play.state.model_dump_json(exclude={"unrecorded", "effects"})
    return open_state, len(play.state.unrecorded), len(play.state.effects)


# --- messages ------------------------------------------------------------------------------------


def a_message(play: Play, seed: int) -> CaseMessage:
    """What another workflow, intake or the allocator may say."""
    maker = maker_for(play, seed)
    random, now, name = maker.random, play.now, f"x{play.state.next_seq}:{seed}"
    incident = random.choice([*play.state.incidents, "46/77/27"])
    referral = random.choice([*play.state.referrals.made, *REFERRALS])
    asked = play.state.asked.sending
    makers: tuple[Any, ...] = (
        lambda: _report(maker, name),
        lambda: _report(maker, name),
        lambda: maker.make(Allocated, message_id=name, allocated_at=now, supervisor_id=SERGEANT),
        lambda: Waitlisted(message_id=name, supervisor_id=SERGEANT, at=now),
        lambda: Under16Party(message_id=name, incident_ref=incident),
        lambda: SuspectChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            status=random.choice(list(SuspectStatus)),
            at=now - timedelta(hours=random.randint(0, 40)),
            release_planned_at=random.choice([None, None, now + timedelta(days=4)]),
        ),
        lambda: OrderChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            order_id=random.choice(["ORD-001", "ORD-002"]),
            order_type=random.choice(list(OrderType)),
            in_force=random.random() < 0.6,
            at=now,
        ),
        *_of_incidents(maker, name, incident),
        lambda: maker.make(
            ReferralChanged,
            message_id=name,
            referral_ref=referral,
            pathway=ReferralPathway(referral.split("-", 1)[0]),
            at=now,
        ),
        lambda: VictimMessageDone(
            message_id=name,
            victim_message_id=asked.message_id if asked else "unknown",
            outcome=random.choice(["SENT", "BLOCKED", "FAILED", "UNKNOWN"]),
            at=now,
        ),
        lambda: RetaliationAnswer(
            message_id=name, referral_ref=referral, case_ref="CASE-2027-00001", safe=True, at=now
        ),
        lambda: merged_party(now, seed, name),
    )
    while True:
        made: CaseMessage | None = random.choice(makers)()
        if made is not None:
            return made


def _of_incidents(maker: Maker, name: str, incident: str) -> tuple[Any, ...]:
    """What only an incident says."""
    random, now = maker.random, maker.now
    return (
        lambda: SuspectChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            status=random.choice(list(SuspectStatus)),
            at=now,
            freed=random.random() < 0.5,
            release_cancelled=random.random() < 0.5,
        ),
        lambda: BailChanged(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            in_force=random.random() < 0.5,
            last_day="2027-08-14",
            at=now,
        ),
        lambda: OrderBreached(
            message_id=name,
            incident_ref=incident,
            perpetrator_ref=SUSPECT,
            breach_id=f"ORD-001/BREACH-{random.randint(1, 9)}",
            of=random.choice(list(OrderType)),
            criminal=random.random() < 0.5,
            at=now - timedelta(hours=random.randint(0, 40)),
            known_at=now,
        ),
        lambda: CourtDated(
            message_id=name,
            incident_ref=incident,
            hearing_id=random.choice(["HRG-001", "HRG-002"]),
            event=random.choice(list(CourtEvent)),
            court_day=(now + timedelta(days=random.randint(0, 20))).date().isoformat(),
            at=now,
        ),
        lambda: VictimTold(message_id=name, incident_ref=incident, outcome="TOLD", at=now),
    )


def _report(maker: Maker, name: str) -> ReportArrived:
    random, now = maker.random, maker.now
    number = random.randint(1, 40)
    earlier = tuple(
        EarlierReport(
            incident_ref=f"46/{random.randint(200, 260)}/26",
            reported_at=now - timedelta(days=random.randint(1, 700)),
            perpetrator_ref=SUSPECT,
            criminal=random.random() < 0.5,
        )
        for _ in range(random.randint(0, 5))
    )
    report = a_report(
        now - timedelta(hours=random.randint(0, 30)),
        incident_ref=f"46/{number}/27",
        version=random.randint(1, 4),
        perpetrator_ref=SUSPECT,
        stalking=random.random() < 0.2,
        shared_home=random.random() < 0.3,
        suspect_status=random.choice([None, *SuspectStatus]),
        risk_tool=RiskTool.DASH_ACPO_27,
        risk_score=random.randint(0, 24),
    )
    return ReportArrived(
        message_id=name,
        report=report,
        received_at=now,
        grade=random.choice(list(RiskGrade)),
        grade_pending_review=random.random() < 0.2,
        now_ineligible=random.random() < 0.1,
        repeat_count_365=random.randint(0, 6),
        other_victims=("VIC-0009",) if random.random() < 0.1 else (),
        counter_allegation=("46/55/27",) if random.random() < 0.1 else (),
        earlier_reports=earlier,
        marac_referrals=(
            PairReferral(
                referral_ref="MARAC-2026-00007",
                perpetrator_ref=SUSPECT,
                submitted_at=now - timedelta(days=random.randint(10, 500)),
            ),
        )
        if random.random() < 0.2
        else (),
    )


def merged_party(now: datetime, seed: int, name: str) -> PartyMerged:
    """The case of a reference that proved to be the same person, after some steps of its own."""
    other = Play(now - timedelta(days=5), RiskGrade.MEDIUM)
    other.state.case_ref, other.state.victim_ref = "CASE-2027-00002", "VIC-0002"
    other.state.incidents = {"46/90/27": 1}
    other.allocate(OTHER_DALO)
    for step, kind in enumerate(sorted(KINDS)[seed % 7 :: 7]):
        command = a_command(other, kind, seed + step)
        if command is not None and kind not in ("close-case",):
            tell_command(other, command, GRANTS[(seed + step) % len(GRANTS)], f"o{step}")
    other.until(now)
    return PartyMerged(
        message_id=name,
        from_case_ref=other.state.case_ref,
        from_victim_ref=other.state.victim_ref,
        carried=carried_of(other.state),
    )
