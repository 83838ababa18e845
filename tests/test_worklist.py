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
from store.tables import case, clock, officer, task

NOW = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)
T = ClockType


class Office:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.number = 0

    async def put(self, table: Any, **values: Any) -> None:
        async with self.runtime.engine.begin() as conn:
            await conn.execute(insert(table).values(**values))

    async def owes(self, owner: str, kind: str, ref: str, hours: float, subject: str = "") -> None:
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
            command=f"dalo do {ref} review-case",
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


async def test_a_role_and_an_absent_officer_are_on_the_list_of_who_answers(office: Office) -> None:
    ref = "CASE-2027-00001"
    await office.owes("INSPECTOR@Medway", "HHV", ref, 1)
    await office.owes("INSPECTOR@Thanet", "HHV", ref, 1, "elsewhere")
    await office.owes("PC-2", "LADDER", ref, 1)
    assert [i.on_behalf_of for i in await office.list("DI-1")] == ["INSPECTOR@Medway"]
    assert [i.on_behalf_of for i in await office.list("PC-3")] == ["PC-2"]
    assert await office.list("PC-1") == ()


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
