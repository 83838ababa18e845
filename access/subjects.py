"""What a reference means, and what it is to the actor: case, incident, victim or officer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from access.sharing import CASE_SHARED, PARTNERS, REFERRAL_SHARED, relation_by
from models.access import Relation
from models.enums import Forum, Role
from models.ids import CASE_REF, MEETING_REF, REFERRAL_REF, VICTIM_REF, meeting_stream
from models.meeting.state import COORDINATORS
from store.tables import action, case_register, meeting_register, officer, referral_register, report

_LONGEST = 120
POLICE = (Role.DALO, Role.OIC, Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT)


class Account(NamedTuple):
    """Who asks: an officer or partner of the roster, or a service. `covering` is the absent officer
    whose work the account covers now."""

    actor: str
    role: Role
    active: bool = True
    area: str = ""
    covering: str = ""
    known_as: str = ""
    """What an extract calls the account's holder, where that is not its id."""


class Subject(NamedTuple):
    """What is asked for, and who holds it. `label` is what the access log calls it."""

    label: str
    holder: str = ""
    supervisor: str = ""
    area: str = ""
    is_oic: bool = False
    run_by: Role | None = None
    """Who runs the meeting that is asked for, where it is one: that role, in its area."""
    shared: str = ""
    """The pathway on which it is referred to the account's service, if it is."""
    is_referral: bool = False


def plausible(text: str) -> bool:
    """Whether a text can be an id or reference at all, so that it is worth looking up."""
    return 0 < len(text) <= _LONGEST and text.isprintable()


async def find_account(conn: AsyncConnection, actor: str, now: datetime) -> Account | None:
    """The roster's account, with whom it covers at `now`; None if there is none."""
    absent = officer.alias("absent")
    away = or_(
        absent.c.absent_from.is_(None),
        and_(
            absent.c.absent_from <= now,
            or_(absent.c.absent_until.is_(None), absent.c.absent_until > now),
        ),
    )
    query = (
        select(
            officer.c.role,
            officer.c.active,
            officer.c.area,
            officer.c.known_as,
            absent.c.officer_id.label("covering"),
        )
        .select_from(officer.outerjoin(absent, and_(absent.c.officer_id == officer.c.covers, away)))
        .where(officer.c.officer_id == actor)
    )
    row = (await conn.execute(query)).first()
    if row is None:
        return None
    return Account(
        actor,
        Role(row.role),
        row.active,
        row.area or "",
        row.covering or "",
        row.known_as or "",
    )


async def roster_is_empty(conn: AsyncConnection) -> bool:
    """Whether no officer was ever loaded."""
    return not (await conn.execute(select(exists().select_from(officer)))).scalar_one()


async def find_cases(conn: AsyncConnection, ref: str, actor: str) -> list[Subject]:
    """The cases behind a reference, none if it is unknown.

    A case reference, a victim reference (the open case, else the newest), an incident reference
    (every victim's), or `<incident>/<victim>`; a stream's name does too. A report without a case
    stands for itself in its district.
    """
    plain = re.sub(r"^(case|incident|victim|referral|meeting)/", "", ref)
    if REFERRAL_REF.match(plain):
        return await _by_referral(conn, plain, actor)
    if MEETING_REF.match(plain):
        return await _by_meeting(conn, plain, actor)
    if CASE_REF.match(plain):
        return await _by_case(conn, plain, actor)
    if VICTIM_REF.match(plain):
        return await _by_victim(conn, plain, actor)
    incident_ref, _, victim_ref = plain.rpartition("/")
    if incident_ref and VICTIM_REF.match(victim_ref):
        return await _by_report(conn, incident_ref, actor, victim_ref)
    return await _by_report(conn, plain, actor)


async def find_officer(conn: AsyncConnection, officer_id: str) -> list[Subject]:
    """The officer whose list is asked for."""
    query = select(officer).where(officer.c.officer_id == officer_id)
    rows = await conn.execute(query)
    return [
        Subject(officer_id, officer_id, row.supervisor_id or "", row.area or "") for row in rows
    ]


def relation_of(account: Account, subject: Subject) -> Relation:
    """What the subject is to the account."""
    if subject.run_by is not None and account.area and subject.area == account.area:
        if account.role is subject.run_by:
            return Relation.LISTED
        if subject.holder == account.actor and account.role not in POLICE:
            return Relation.REFERRED
    if subject.holder == account.actor or subject.is_oic:
        return Relation.OWN
    if account.role in PARTNERS:
        return relation_by(subject.shared, itself=subject.is_referral)
    if account.covering and account.covering in (subject.holder, subject.supervisor):
        return Relation.COVERING
    same_area = bool(account.area) and subject.area == account.area
    if subject.supervisor == account.actor or (same_area and not subject.supervisor):
        return Relation.SUPERVISES
    return Relation.AREA if same_area else Relation.NONE


_CLOSENESS = list(Relation)


def weakest_relation(account: Account, subjects: list[Subject]) -> Relation:
    """The relation to all of them: access to an incident of two victims needs access to both."""
    return max((relation_of(account, each) for each in subjects), key=_CLOSENESS.index)


_ACTOR: BindParameter[str] = bindparam("actor")
_OIC = func.coalesce(report.c.facts["oic_id"].astext, "")
_KNOWN_AS = select(officer.c.known_as).where(officer.c.officer_id == _ACTOR).scalar_subquery()
_NAMED = or_(_OIC == _ACTOR, func.coalesce(_KNOWN_AS, _ACTOR) == _OIC)
"""Whether a report names the actor as its OIC: by id, or as the extract calls them."""
_IS_OIC = exists().where(report.c.case_ref == case_register.c.case_ref, _NAMED)
_CASES = select(
    case_register.c.case_ref,
    case_register.c.dalo_id,
    case_register.c.supervisor_id,
    case_register.c.area,
    _IS_OIC.label("is_oic"),
    CASE_SHARED.label("shared"),
)
_CASE = _CASES.where(case_register.c.case_ref == bindparam("named"))
_VICTIMS_CASE = (
    _CASES.where(case_register.c.victim_ref == bindparam("named"))
    .order_by(case_register.c.closed_at.is_not(None), case_register.c.opened_at.desc())
    .limit(1)
)
_REFERRAL = (
    select(
        case_register.c.dalo_id,
        case_register.c.supervisor_id,
        referral_register.c.area,
        _IS_OIC.label("is_oic"),
        REFERRAL_SHARED.label("shared"),
    )
    .select_from(
        referral_register.outerjoin(
            case_register, case_register.c.case_ref == referral_register.c.case_ref
        )
    )
    .where(referral_register.c.referral_ref == bindparam("named"))
)
_MEETING = select(
    meeting_register.c.area,
    meeting_register.c.forum,
    exists()
    .where(action.c.stream == meeting_register.c.stream, action.c.owner == _ACTOR)
    .label("owns"),
).where(meeting_register.c.stream == bindparam("named"))
_REPORTS = select(
    report.c.case_ref,
    case_register.c.dalo_id,
    case_register.c.supervisor_id,
    func.coalesce(case_register.c.area, report.c.district).label("area"),
    _NAMED.label("is_oic"),
    CASE_SHARED.label("shared"),
).select_from(report.outerjoin(case_register, case_register.c.case_ref == report.c.case_ref))
_INCIDENT = _REPORTS.where(report.c.incident_ref == bindparam("named"))
_INCIDENT_OF_VICTIM = _INCIDENT.where(report.c.victim_ref == bindparam("victim"))
_VICTIMS_REPORTS = _REPORTS.where(report.c.victim_ref == bindparam("named"))


async def _rows(
    conn: AsyncConnection, query: Select[Any], named: str, actor: str, **more: str
) -> Sequence[Any]:
    rows: Sequence[Any] = (
        await conn.execute(query, {"named": named, "actor": actor, **more})
    ).all()
    return rows


async def _by_case(conn: AsyncConnection, case_ref: str, actor: str) -> list[Subject]:
    return [_subject(row, case_ref) for row in await _rows(conn, _CASE, case_ref, actor)]


async def _by_referral(conn: AsyncConnection, ref: str, actor: str) -> list[Subject]:
    """The referral, held by whom its case is; without a case, by nobody in its area."""
    return [
        Subject(
            ref,
            row.dalo_id or "",
            row.supervisor_id or "",
            row.area,
            bool(row.is_oic),
            shared=row.shared or "",
            is_referral=True,
        )
        for row in await _rows(conn, _REFERRAL, ref, actor)
    ]


async def _by_meeting(conn: AsyncConnection, name: str, actor: str) -> list[Subject]:
    """The meeting: listed for its forum's coordinator in its area; the owner of one of its actions
    may settle that."""
    stream = meeting_stream(*name.split("/"))
    return [
        Subject(
            name,
            holder=actor if row.owns else "",
            area=row.area,
            run_by=COORDINATORS[Forum(row.forum)],
        )
        for row in await _rows(conn, _MEETING, stream, actor)
    ]


async def _by_victim(conn: AsyncConnection, victim_ref: str, actor: str) -> list[Subject]:
    rows = await _rows(conn, _VICTIMS_CASE, victim_ref, actor) or await _rows(
        conn, _VICTIMS_REPORTS, victim_ref, actor
    )
    return [_subject(row, victim_ref) for row in rows]


async def _by_report(
    conn: AsyncConnection, incident_ref: str, actor: str, victim_ref: str = ""
) -> list[Subject]:
    if victim_ref:
        query, more = _INCIDENT_OF_VICTIM, {"victim": victim_ref}
    else:
        query, more = _INCIDENT, {}
    rows = await _rows(conn, query, incident_ref, actor, **more)
    return [_subject(row, incident_ref) for row in rows]


def _subject(row: Any, label: str) -> Subject:
    return Subject(
        row.case_ref or label,
        row.dalo_id or "",
        row.supervisor_id or "",
        row.area or "",
        row.is_oic,
        shared=row.shared or "",
    )
