"""Intake's transaction: judge rows under their victims' register locks and write what follows.

A feed is taken one row a transaction, so that a crash loses nothing and repeats nothing; history in
batches, because it starts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Integer, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import IntakeOutcome, RiskGrade
from models.ids import case_ref as new_case_ref
from models.instants import london
from models.judging import Judgement, VictimFacts, apply, judge
from models.report import Report
from store import child_tasks, outbox
from store import intake_plan as planning
from store.bulk import ROWS, insert_new, recordset, upsert_from
from store.intake_plan import Plan, Stamp
from store.keys import Keyring
from store.marac_flags import tell_flagged_referral
from store.pairs import load_pairs
from store.persons import Incoming, join_facts, joined, lock_persons
from store.secrets import SecretsOf, SecretStore
from store.tables import case_register, counter, report
from store.victims import OpenCase, Victims, append_many, load_victims

_REPORT = (
    "incident_ref",
    "victim_ref",
    "version",
    "perpetrator_ref",
    "reported_at",
    "district",
    "outcome",
    "effect",
    "standing",
    "child_referred",
    "outcome_code",
    "received_at",
    "history",
    "eligible_but_for_area",
    "eligibility_reason",
    "allocation_arm",
    "policy_version",
    "case_ref",
    "facts",
)
_CASE = (
    "case_ref",
    "victim_ref",
    "area",
    "state",
    "priority_score",
    "risk_grade",
    "opened_at",
    "previous_case_ref",
)


@dataclass(frozen=True)
class RowResult:
    """What became of a row. `case_ref` is the case that opened because of it."""

    incident_ref: str
    victim_ref: str
    version: int
    outcome: IntakeOutcome
    effect: str = ""
    case_ref: str = ""
    child_referred: bool = False


class IntakeStore:
    """Takes rows, always in the caller's transaction."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._secrets = SecretStore(keyring)

    async def take_rows(
        self, conn: AsyncConnection, rows: Sequence[Incoming], stamp: Stamp, *, history: bool
    ) -> list[RowResult]:
        """Judge rows in the order given and write everything that follows from them. The victims
        stay locked until the caller's transaction ends. Doing it again changes nothing."""
        parties = {row.report.perpetrator_ref for row in rows} - {""}
        heads, merged = await lock_persons(conn, {row.report.victim_ref for row in rows})
        victims = {stream.partition("/")[2] for stream in heads}
        known = await load_victims(conn, victims, parties)
        await join_facts(conn, known, merged)
        rows = [joined(row, known, merged) for row in rows]
        known.pairs = await load_pairs(conn, _pairs_of(rows, known))
        plan = Plan()
        results = []
        kept = []
        for row in rows:
            result = await _take(conn, plan, known, row.report, stamp, history=history)
            results.append(result)
            if result.outcome not in (IntakeOutcome.DUPLICATE, IntakeOutcome.STALE):
                kept.append(
                    SecretsOf(result.victim_ref, result.incident_ref, result.version, row.secrets)
                )
        if kept:
            await self._secrets.save_many(conn, kept, stamp.now)
            await self._write(conn, plan, stamp)
            await append_many(conn, heads, plan.events)
            await child_tasks.project(conn, plan)
        return results

    async def _write(self, conn: AsyncConnection, plan: Plan, stamp: Stamp) -> None:
        scopes = plan.scopes | set(plan.events)
        await self._keyring.make_many(conn, scopes)
        await conn.execute(_save_reports(), {ROWS: list(plan.reports.values())})
        if plan.cases:
            await conn.execute(insert_new(case_register, _CASE), {ROWS: plan.cases})
        if plan.raised:
            await conn.execute(_raise_rank(), plan.raised)
        for stream, effects in plan.effects.items():
            await outbox.put(conn, stream, effects, stamp.now)


def _pairs_of(rows: Sequence[Incoming], known: Victims) -> list[Report]:
    """The batch's reports, and those that it may make open a case."""
    again = [
        each.report
        for facts in known.facts.values()
        for each in facts.reports
        if each.standing is IntakeOutcome.NOT_ELIGIBLE
    ]
    return [*(row.report for row in rows), *again]


async def _take(
    conn: AsyncConnection,
    plan: Plan,
    known: Victims,
    row: Report,
    stamp: Stamp,
    *,
    history: bool,
) -> RowResult:
    facts = known.facts[row.victim_ref]
    judgement = judge(row, facts, stamp.policy, history=history)
    if judgement.changes_nothing:
        return RowResult(row.incident_ref, row.victim_ref, row.version, judgement.outcome)
    opened = ""
    if judgement.opens or judgement.opener is not None:
        opened = await _next_case_ref(conn, stamp)
    _keep_row(known, row, judgement, stamp, history=history)
    before, after = facts, apply(row, facts, judgement, opened)
    known.facts[row.victim_ref] = after
    _plan_own(plan, known, before, after, judgement, row, stamp)
    _plan_judged_again(plan, known, after, judgement, stamp)
    if opened:
        known.open_cases[row.victim_ref] = OpenCase(opened)
    return RowResult(
        row.incident_ref,
        row.victim_ref,
        row.version,
        judgement.outcome,
        judgement.effect,
        opened,
        judgement.refer_child,
    )


def _keep_row(
    known: Victims, row: Report, judgement: Judgement, stamp: Stamp, *, history: bool
) -> None:
    """The newest row's outcome; a report stays received when, and as, it first was."""
    key = (row.incident_ref, row.victim_ref)
    first = known.rows.get(key, {"received_at": stamp.now.isoformat(), "history": history})
    known.rows[key] = {
        **first,
        "outcome": judgement.outcome.value,
        "effect": judgement.effect or None,
    }


def _plan_own(
    plan: Plan,
    known: Victims,
    before: VictimFacts,
    after: VictimFacts,
    judgement: Judgement,
    row: Report,
    stamp: Stamp,
) -> None:
    own, found = after.known(row.incident_ref), judgement.assessment
    if own is None or found is None:
        raise ValueError("a judged row has an assessment and is known")
    stored = before.known(row.incident_ref)
    kept = known.rows[row.incident_ref, row.victim_ref]
    planning.write_report(plan, stamp, own, found, kept)
    tag = "report:received" if stored is None else "report:updated"
    told = {**kept, "received_at": stamp.now.isoformat()}
    planning.tell_of_report(plan, stamp, own, told, found, tag)
    runs = stored is not None and bool(stored.case_ref)
    known.pairs.add(row, own.case_ref)
    if stored is None:
        planning.tell_other_victims(plan, stamp, row, known.pairs)
    message = planning.arrived(
        row,
        found,
        stamp.now,
        known.pairs,
        stamp.policy,
        of=after,
        now_ineligible=judgement.now_ineligible,
    )
    if judgement.opens:
        previous = known.last_case.get(row.victim_ref, "")
        planning.open_case(plan, stamp, own.case_ref, previous, message, found, incident_runs=runs)
    elif judgement.joins or judgement.tells:
        planning.tell_case(plan, own.case_ref, message, found)
        case_of = known.open_cases[row.victim_ref]
        planning.add_incident(plan, stamp, case_of, message, runs=runs)
    else:
        tell_flagged_referral(plan, stamp, row, known.pairs)
    if judgement.refer_child:
        cases = [
            known.open_cases[party].case_ref
            for party in (row.victim_ref, row.perpetrator_ref)
            if party in known.open_cases
        ]
        planning.refer_child(plan, stamp, row, cases)
        if not cases:
            child_tasks.ask_supervisors(plan, stamp, row)


def _plan_judged_again(
    plan: Plan, known: Victims, after: VictimFacts, judgement: Judgement, stamp: Stamp
) -> None:
    for again in judgement.judged_again:
        own = after.known(again.report.incident_ref)
        if own is None:
            raise ValueError("a report judged again is known")
        kept = known.rows[again.report.incident_ref, again.report.victim_ref]
        planning.write_report(plan, stamp, own, again.assessment, kept)
        planning.tell_of_report(plan, stamp, own, kept, again.assessment, "report:judged_again")
        if again.opens:
            received = datetime.fromisoformat(kept["received_at"])
            message = planning.arrived(
                again.report, again.assessment, received, known.pairs, stamp.policy, of=after
            )
            previous = known.last_case.get(again.report.victim_ref, "")
            planning.open_case(
                plan, stamp, own.case_ref, previous, message, again.assessment, incident_runs=False
            )


async def _next_case_ref(conn: AsyncConnection, stamp: Stamp) -> str:
    """The next reference of the year of opening; numbers of a year have no gaps."""
    year = london(stamp.now).year
    made = insert(counter).values(name=f"case/{year}", value=1)
    statement = made.on_conflict_do_update(
        index_elements=[counter.c.name], set_={"value": counter.c.value + 1}
    ).returning(counter.c.value)
    return new_case_ref(year, (await conn.execute(statement)).scalar_one())


@cache
def _save_reports() -> Any:
    given = recordset(report, _REPORT)
    return upsert_from(report, _REPORT, select(*(given.c[name] for name in _REPORT)))


@cache
def _raise_rank() -> Any:
    """A case ranks as its most urgent report does; a grade only rises here: officers lower it."""
    high = bindparam("high", type_=Boolean)
    return (
        update(case_register)
        .where(case_register.c.case_ref == bindparam("of_case"))
        .values(
            priority_score=func.greatest(
                case_register.c.priority_score, bindparam("score", type_=Integer)
            ),
            risk_grade=case((high, RiskGrade.HIGH.value), else_=case_register.c.risk_grade),
        )
    )
