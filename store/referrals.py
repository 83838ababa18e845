"""The register of referrals: each gets its reference before it starts, the same one at a retry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import ReferralPathway
from models.ids import referral_ref
from models.instants import london
from store.tables import counter, referral_register


async def reference_for(
    conn: AsyncConnection,
    asked_by: str,
    pathway: ReferralPathway,
    area: str,
    now: datetime,
    *,
    case_ref: str = "",
    victim_ref: str = "",
    perpetrator_ref: str = "",
) -> str:
    """The reference of the referral that `asked_by` (a command id, or a scoring run with its
    subject) asks for: new the first time, the same ever after."""
    table = referral_register.c
    found = select(table.referral_ref).where(table.asked_by == asked_by)
    old: str | None = await conn.scalar(found)
    if old is not None:
        return old
    year = london(now).year
    made = insert(counter).values(name=f"{pathway.value}/{year}", value=1)
    number = await conn.scalar(
        made.on_conflict_do_update(
            index_elements=[counter.c.name], set_={"value": counter.c.value + 1}
        ).returning(counter.c.value)
    )
    assert number is not None
    ref = referral_ref(pathway.value, year, number)
    await conn.execute(
        insert(referral_register)
        .values(
            referral_ref=ref,
            pathway=pathway.value,
            case_ref=case_ref or None,
            victim_ref=victim_ref or None,
            perpetrator_ref=perpetrator_ref or None,
            area=area,
            asked_by=asked_by,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[table.asked_by])
    )
    return str(await conn.scalar(found))
