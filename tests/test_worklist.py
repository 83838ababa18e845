"""One worklist: theirs, their role's, whom they cover; the most urgent first, each with a reason
and the command that settles it."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert

from access.gate import Gate
from casework.master_key import MasterKey
from casework.runtime import Runtime
from casework.settings import Settings
from casework.worklist import Item, worklist_of
from models import registry
from models.clocks import Clock, Limit
from models.enums import ClockType
from models.settling import BY_KEY, SETTLED_BY, settled_by
from store.ciphers import MasterKeys
from store.engine import make_engine
from store.keys import Keyring
from store.secrets import SecretStore
from store.tables import case, case_register, clock, conflict_of_interest, officer, task

NOW = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)
T = ClockType


class Office:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.number = 0

    async def put(self, table: Any, **values: Any) -> None:
        async with self.runtime.engine.begin() as conn:
            await conn.execute(insert(table).values(**values))

    async def owes(
        self,
        owner: str,
        kind: str,
        ref: str,
        hours: float,
        subject: str = "",
        command: str = "review-case",
    ) -> None:
        self.number += 1
        await self.put(
            task,
            stream=f"case/{ref}",
            task_id=f"{kind}:{self.number}",
            kind=kind,
            owner=owner,
            subject=subject,
            case_ref=ref,
            why=f"why {kind}",
            command=f"dalo do {ref} {command}",
            raised_at=NOW - timedelta(days=1),
            due_at=NOW + timedelta(hours=hours),
        )

    async def runs(self, owner: str, clock_type: ClockType, ref: str, hours: float) -> None:
        self.number += 1
        policy, calendar = registry.current_policy(), registry.current_calendar()
        await self.put(
            clock,
            stream=f"case/{ref}",
            clock_id=f"{clock_type.value}:{self.number}",
            clock_type=clock_type.value,
            subject="",
            case_ref=ref,
            limit="W 1",
            owner=owner,
            status="OPEN",
            start_event="case:opened",
            policy_version=policy.version,
            calendar_version=calendar.version,
            started_at=NOW,
            due_at=NOW + timedelta(hours=hours),
        )

    async def list(self, who: str) -> tuple[Item, ...]:
        return (await worklist_of(self.runtime, who, 50)).items


@pytest_asyncio.fixture
async def office(database: str) -> AsyncIterator[Office]:
    registry.load_shipped()
    engine = make_engine(database)
    keyring = Keyring(engine, MasterKeys((MasterKey("k", bytes(32)),)), lambda: NOW)
    runtime = Runtime(
        settings=Settings(),
        engine=engine,
        keyring=keyring,
        secrets=SecretStore(keyring),
        gate=Gate(engine, lambda: NOW),
        clock=lambda: NOW,
    )
    office = Office(runtime)
    await office.put(officer, officer_id="PC-1", role="DALO", area="Medway")
    away = {"absent_from": NOW - timedelta(days=1), "absent_until": NOW + timedelta(days=1)}
    await office.put(officer, officer_id="PC-2", role="DALO", area="Medway", **away)
    await office.put(officer, officer_id="PC-3", role="DALO", area="Medway", covers="PC-2")
    await office.put(officer, officer_id="DI-1", role="INSPECTOR", area="Medway")
    await office.put(case, case_ref="CASE-2027-00001", risk_grade="MEDIUM")
    await office.put(case, case_ref="CASE-2027-00002", risk_grade="HIGH")
    yield office
    await engine.dispose()


async def test_urgency_comes_before_the_due_time(office: Office) -> None:
    one, two = "CASE-2027-00001", "CASE-2027-00002"
    await office.owes("PC-1", "CASE_NOTE", one, -5)
    await office.owes("PC-1", "LADDER", two, 20)
    await office.owes("PC-1", "BREACH", one, 30, "CHILD_REFERRAL:1")
    await office.owes("PC-1", "REVIEW_THREAT_TO_LIFE", one, 40)
    await office.owes("PC-1", "ORDER_BREACH", one, 10)
    await office.runs("PC-1", ClockType.CASE_REVIEW, one, -1)
    found = await office.list("PC-1")
    assert [item.urgency for item in found] == [
        "THREAT_TO_LIFE",
        "CHILD",
        "HIGH",
        "ORDER_BREACH",
        "ROUTINE",
        "ROUTINE",
    ]
    assert [item.what for item in found[-2:]] == ["CASE_NOTE", "CASE_REVIEW"]
    assert all(item.why and item.command for item in found)
    assert "because the case was opened" in found[-1].explanation


async def test_a_tasks_command_is_listed_whole(office: Office) -> None:
    await office.owes("PC-1", "CONFLICT_REASSIGN", "CASE-2027-00001", 1, command="hand-over")
    (item,) = await office.list("PC-1")
    line = "dalo do CASE-2027-00001 hand-over --dalo-id DALO_ID --reason REASON"
    assert item.command == line


async def test_a_role_and_an_absent_officer_are_on_the_list_of_who_answers(office: Office) -> None:
    ref = "CASE-2027-00001"
    await office.owes("INSPECTOR@Medway", "HHV", ref, 1)
    await office.put(officer, officer_id="DI-3", role="INSPECTOR", area="Thanet")
    await office.owes("INSPECTOR@Thanet", "HHV", ref, 1, "elsewhere")
    await office.owes("PC-2", "LADDER", ref, 1)
    assert [i.on_behalf_of for i in await office.list("DI-1")] == ["INSPECTOR@Medway"]
    assert [i.on_behalf_of for i in await office.list("PC-3")] == ["PC-2"]
    assert await office.list("PC-1") == ()


async def test_who_has_no_area_holds_the_role_in_all(office: Office) -> None:
    await office.put(officer, officer_id="MC-1", role="MARAC_COORDINATOR")
    await office.owes("MARAC_COORDINATOR@Thanet", "CHASE", "CASE-2027-00001", 1)
    await office.runs("MARAC_COORDINATOR@Swale", T.MARAC_SCREENING, "CASE-2027-00001", 1)
    found = await office.list("MC-1")
    assert sorted(item.on_behalf_of for item in found) == [
        "MARAC_COORDINATOR@Swale",
        "MARAC_COORDINATOR@Thanet",
    ]


async def test_an_officer_has_what_extracts_say_is_theirs(office: Office) -> None:
    await office.put(officer, officer_id="OIC-1", role="OIC", area="Medway", known_as="PC 7001")
    await office.runs("PC 7001", T.DVPN_HEARING, "CASE-2027-00001", 4)
    (item,) = await office.list("OIC-1")
    assert (item.what, item.on_behalf_of) == ("DVPN_HEARING", "PC 7001")


async def in_charge(office: Office, ref: str, victim: str, **changes: Any) -> None:
    """A case of the sergeant's; another sergeant works in the same area."""
    await office.put(
        case_register,
        case_ref=ref,
        victim_ref=victim,
        state="ALLOCATED",
        priority_score=0,
        risk_grade="MEDIUM",
        opened_at=NOW,
        **{"area": "Medway", "supervisor_id": "PS-1", "dalo_id": "PC-1", **changes},
    )


async def sergeants(office: Office, **changes: Any) -> None:
    for name in ("PS-1", "PS-2"):
        more = changes if name == "PS-1" else {}
        await office.put(officer, officer_id=name, role="SUPERVISOR", area="Medway", **more)


async def test_what_nobody_answers_for_is_on_the_case_supervisors_list(office: Office) -> None:
    ref = "CASE-2027-00001"
    await sergeants(office)
    await in_charge(office, ref, "VIC-1")
    await office.runs("PC 7001", T.DVPN_HEARING, ref, 4)
    await office.owes("IDVA_PARTNER@Medway", "ACKNOWLEDGE", ref, 5)
    await office.owes("", "ORPHAN", ref, 6)
    await office.put(officer, officer_id="PC-8", role="OIC", area="Medway", active=False)
    await office.owes("PC-8", "LEFT", ref, 7)
    found = await office.list("PS-1")
    assert [item.what for item in found] == ["DVPN_HEARING", "ACKNOWLEDGE", "ORPHAN", "LEFT"]
    assert all(item.why.startswith("nobody on the roster answers") for item in found)
    assert [item.on_behalf_of for item in found][:2] == ["PC 7001", "IDVA_PARTNER@Medway"]
    assert await office.list("PS-2") == await office.list("PC-1") == ()
    await office.put(officer, officer_id="PC-9", role="OIC", covers="PC-8")
    assert [item.what for item in await office.list("PC-9")] == ["LEFT"]
    assert "LEFT" not in {item.what for item in await office.list("PS-1")}


@pytest.mark.parametrize("supervisor", [None, "PS-1"])
async def test_without_a_supervisor_who_answers_it_is_everybodys_who_supervises_the_area(
    office: Office, supervisor: str | None
) -> None:
    await sergeants(office, active=False)
    await office.put(officer, officer_id="PS-3", role="SUPERVISOR", area="Swale")
    await in_charge(office, "CASE-2027-00001", "VIC-1", supervisor_id=supervisor)
    await office.owes("PC 7001", "SERVE_ORDER", "CASE-2027-00001", 4)
    assert [item.what for item in await office.list("PS-2")] == ["SERVE_ORDER"]
    assert [item.what for item in await office.list("DI-1")] == ["SERVE_ORDER"]
    assert await office.list("PS-3") == ()


async def test_in_an_area_without_supervisors_it_is_everybodys_who_supervises(
    office: Office,
) -> None:
    await sergeants(office)
    await in_charge(office, "CASE-2027-00001", "VIC-1", supervisor_id=None, area="Thanet")
    await office.owes("PC 7001", "SERVE_ORDER", "CASE-2027-00001", 4)
    for who in ("PS-1", "PS-2", "DI-1"):
        assert [item.what for item in await office.list(who)] == ["SERVE_ORDER"]


@pytest.mark.parametrize("lock", ["restricted", "conflict"])
async def test_what_a_lock_keeps_from_its_owner_is_its_supervisors(
    office: Office, lock: str
) -> None:
    ref = "CASE-2027-00001"
    await sergeants(office)
    await office.put(officer, officer_id="OIC-1", role="OIC", area="Medway", known_as="PC 7001")
    await in_charge(office, ref, "VIC-1", restricted=lock == "restricted")
    await office.owes("PC 7001", "SERVE_ORDER", ref, 4)
    if lock == "conflict":
        given = {"reason_code": "RELATED", "declared_at": NOW, "declared_by": "OIC-1"}
        await office.put(conflict_of_interest, case_ref=ref, officer_id="OIC-1", **given)
    assert await office.list("OIC-1") == ()
    (item,) = await office.list("PS-1")
    assert item.why.startswith("its owner may not open this case: ")
    assert await office.list("PS-2") == ()


async def test_what_a_lock_keeps_from_the_supervisor_too_is_the_inspectors(
    office: Office,
) -> None:
    ref = "CASE-2027-00001"
    await sergeants(office)
    await in_charge(office, ref, "VIC-1", restricted=True)
    await office.owes("PC 7001", "SERVE_ORDER", ref, 4)
    given = {"reason_code": "RELATED", "declared_at": NOW, "declared_by": "PS-1"}
    await office.put(conflict_of_interest, case_ref=ref, officer_id="PS-1", **given)
    assert await office.list("PS-1") == await office.list("PS-2") == ()
    assert [item.what for item in await office.list("DI-1")] == ["SERVE_ORDER"]


async def test_a_breach_is_on_the_list_once(office: Office) -> None:
    ref = "CASE-2027-00001"
    await office.runs("PC-1", ClockType.NEEDS_ASSESSMENT, ref, -2)
    await office.owes("PC-1", "BREACH", ref, -2, "NEEDS_ASSESSMENT:1")
    (item,) = await office.list("PC-1")
    assert item.what == "BREACH NEEDS_ASSESSMENT:1"
    assert item.command.startswith(f"dalo do {ref} complete-needs-assessment ")
    assert "because the case was opened" in item.explanation


async def test_a_breach_that_reached_somebody_else_says_what_meets_the_clock(
    office: Office,
) -> None:
    ref = "CASE-2027-00001"
    await office.runs("PC-1", ClockType.RISK_REVIEW, ref, -2)
    await office.owes("DI-1", "BREACH", ref, -2, "RISK_REVIEW:1")
    (item,) = await office.list("DI-1")
    assert item.command == f"dalo do {ref} assess-risk --tool TOOL"


OF_INCIDENTS = {
    *(T.GOLDEN_HOUR, T.EVIDENCE_ITEM, T.SUPPORT_REFERRAL, T.VICTIM_NOTIFICATION, T.RIGHT_TO_REVIEW),
    *(T.SUSPECT_ARREST, T.SUSPECT_REVIEW, T.CUSTODY, T.BAIL_EXPIRY, T.RELEASE_PLANNED),
    *(T.DVPN_HEARING, T.DVPO_EXPIRY, T.ORDER_EXPIRY, T.SPO_NOTIFICATION, T.DVDS),
    T.COURT_RESULT,
    *(T.ENCOMPASS, T.CHILD_REFERRAL, T.POLICE_PROTECTION, T.CARE_ACT_CONCERN),
}
OF_REFERRALS = {
    *(T.IDVA_ACK, T.IDVA_FIRST_ATTEMPT, T.IDVA_ATTEMPTS, T.IDVA_MARAC_FEEDBACK, T.REFERRAL_CHASE),
    *(T.MARAC_SCREENING, T.MARAC_TRANSFER, T.MATAC_SELECTION, T.MATAC_REVIEW),
    *(T.MASIP_TRIAGE, T.MASIP_FORMULATION, T.MASIP_REVIEW),
}
OF_MEETINGS = {
    *(T.MARAC_CUTOFF, T.MARAC_RESEARCH, T.MARAC_HEARING, T.MARAC_ACTIONS_ISSUED),
    *(T.MARAC_MINUTES, T.MARAC_ACTION, T.MATAC_CUTOFF, T.MATAC_RESEARCH, T.MATAC_MEETING),
    *(T.MATAC_ACTIONS_ISSUED, T.MATAC_MINUTES, T.MATAC_ACTION, T.ACTION_ESCALATION),
    # The referral's clock, which the meeting's list settles.
    T.MARAC_LISTING,
}


def a_clock(clock_type: ClockType, subject: str = "", rule_key: str = "") -> Clock:
    """An open clock of a type."""
    return Clock(
        clock_id=f"{clock_type.value}:1",
        clock_type=clock_type,
        subject=subject,
        rule_key=rule_key,
        limit=Limit.model_validate({"kind": "W", "amount": 1}),
        owner="PC-1",
        start_event="case:opened",
        policy_version=registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
        started_at=NOW,
        due_at=NOW,
    )


def settling(clock_type: ClockType, key: str = "") -> str:
    registry.load_shipped()
    return settled_by("REF", a_clock(clock_type, key or "SUBJECT"))


CASES = [(kind, "") for kind in SETTLED_BY] + list(BY_KEY)


def test_every_clock_has_an_entry() -> None:
    assert set(SETTLED_BY) == set(ClockType)


@pytest.mark.parametrize(("clock_type", "key"), CASES)
def test_every_clock_says_what_settles_it(clock_type: ClockType, key: str) -> None:
    from cli.do import SPECS

    command = settling(clock_type, key)
    if clock_type is ClockType.MARAC_REPEAT_WINDOW:
        assert command == "", "nothing but time ends a flag"
        return
    if clock_type is ClockType.WAITLIST_REVIEW:
        assert command == "dalo roster load FILE"
        return
    dalo, do, ref, kind, *options = shlex.split(command)
    assert (dalo, do) == ("dalo", "do")
    assert ref == ("MEETING" if clock_type is ClockType.MARAC_LISTING else "REF")
    assert kind in SPECS, f"{clock_type.value} names a command that there is not"
    spec = SPECS[kind]
    where = {**dict.fromkeys(OF_INCIDENTS, "incident"), **dict.fromkeys(OF_REFERRALS, "referral")}
    where |= dict.fromkeys(OF_MEETINGS, "meeting")
    assert spec.target == where.get(clock_type, "case")
    known = {name.replace("_", "-") for name in spec.options}
    flags = {option.removeprefix("--") for option in options if option.startswith("--")}
    assert flags <= known
    # What a person must say yes or no to has no word that could stand for it.
    needed = {
        name.replace("_", "-")
        for name, field in spec.model.model_fields.items()
        if field.is_required() and field.annotation is not bool
    } - {"kind", "at", "entries"}
    assert needed <= flags
    # Every code that is filled in is one that the command takes.
    for option, value in itertools.pairwise(options):
        field = spec.model.model_fields.get(option.removeprefix("--").replace("-", "_"))
        choices = field.annotation if field is not None else None
        if isinstance(choices, type) and issubclass(choices, StrEnum) and value not in PLACES:
            assert value in set(choices)


PLACES = {"CHANNEL", "RESULT", "OUTCOME", "CONSENT", "REASON", "STATUS", "ANSWER", "AGGRESSOR"}
PLACES |= {"RECIPIENT", "PRESENCE", "REFERRAL", "AUTHORITY", "TOOL", "SUBJECT"}


def test_a_clock_fills_in_what_it_knows() -> None:
    registry.load_shipped()
    known = {
        (T.MARAC_SUBMIT, "PER-0001"): "--perpetrator-ref PER-0001",
        (T.DVPN_HEARING, "ORD-1/BREACH-2"): "--order-id ORD-1 ",
        (T.MARAC_RESEARCH, "HEALTH"): "--agency HEALTH ",
        (T.EVIDENCE_ITEM, "GOLDEN_HOUR_CHASE"): "--item ITEM=CAPTURED",
        (T.REFERRAL_CHASE, "IDVA_ACK"): "chase-referral",
        (T.REFERRAL_CHASE, "RETURNED"): "move-referral --to SUBMITTED",
    }
    for (kind, subject), words in known.items():
        assert words in settled_by("REF", a_clock(kind, subject))
    listing = settled_by("MARAC-2027-00001", a_clock(T.MARAC_LISTING))
    assert listing == "dalo do MEETING list-referral --referral-ref MARAC-2027-00001"
