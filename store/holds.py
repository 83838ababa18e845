"""Legal holds: what must not be erased (docs/domain.md 16a). A hold on one case is on the
person: on all references that mean her, and on every stream about her."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import REFERRAL_REF
from store.locks import persons_of, with_aliases
from store.tables import agenda_item, case, case_register, referral_register, report


async def is_held(conn: AsyncConnection, stream: str) -> bool:
    """Whether a case of anybody whom this stream is about is under legal hold."""
    persons = await _about(conn, stream)
    if not persons:
        return False
    held = (
        exists()
        .where(case_register.c.case_ref == case.c.case_ref)
        .where(case_register.c.victim_ref.in_(persons), case.c.flags["legal_hold"].as_boolean())
    )
    return bool((await conn.execute(select(held))).scalar_one())


async def _about(conn: AsyncConnection, stream: str) -> set[str]:
    """Victims of a stream: of a meeting, those whose referrals are on its list."""
    kind, _, ref = stream.partition("/")
    if kind == "meeting":
        query = select(agenda_item.c.referral_ref).where(agenda_item.c.stream == stream)
        listed = (await conn.execute(query)).scalars().all()
        return {person for each in listed for person in await _of_referral(conn, each)}
    if kind == "referral" and REFERRAL_REF.match(ref):
        return await _of_referral(conn, ref)
    return await persons_of(conn, stream)


async def _of_referral(conn: AsyncConnection, ref: str) -> set[str]:
    """The victim it is about; where it is about a perpetrator alone, everybody who named them."""
    found = await persons_of(conn, ref)
    if found:
        return found
    query = (
        select(report.c.victim_ref)
        .join(referral_register, referral_register.c.perpetrator_ref == report.c.perpetrator_ref)
        .where(referral_register.c.referral_ref == ref)
    )
    return await with_aliases(conn, set((await conn.execute(query)).scalars()))
