"""One referral as it is now: from its workflow at that moment, else from the read model, marked so.

Callers have passed the gate with `view-referral`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.case_reads import READ_MODEL, WORKFLOW, ask
from casework.runtime import Runtime
from models.base import Record, Refused
from models.enums import ReferralPathway, ReferralState
from models.events import Event, Json
from models.ids import REFERRAL_REF, referral_stream
from models.referral.view import ReferralView
from store import reads, referrals


class ReferralScreen(Record):
    """What one screen of a referral shows; from the read model `view` has neither form nor next
    steps."""

    source: str
    view: ReferralView
    timeline: tuple[tuple[str, Event], ...]


async def referral_screen(runtime: Runtime, ref: str, *, events: int = 40) -> ReferralScreen:
    """The whole screen of one referral. Raises Refused for what is no referral's reference, and for
    one of which nothing is recorded yet."""
    plain = ref.strip().removeprefix("referral/")
    if not REFERRAL_REF.match(plain):
        raise Refused(
            "WRONG_REFERENCE",
            "this is not a referral's reference",
            "give one such as MARAC-2027-00012; dalo case REF shows a case's",
            "ref",
        )
    stream = referral_stream(plain)
    live = await ask(runtime, stream, "view", ReferralView)
    async with runtime.engine.connect() as conn:
        view = live or await _stored(conn, plain, runtime.clock())
        timeline = await reads.timeline(conn, [stream], events)
    return ReferralScreen(
        source=WORKFLOW if live else READ_MODEL, view=view, timeline=tuple(timeline)
    )


async def _stored(conn: AsyncConnection, ref: str, now: datetime) -> ReferralView:
    row = await referrals.row_of(conn, ref)
    if row is None:
        raise Refused(
            "NOT_RECORDED_YET",
            "the referral has its reference, and nothing of it is recorded yet",
            "try again in a moment; see that a worker and the relay run",
            "ref",
        )
    stream = referral_stream(ref)
    return ReferralView(
        as_of=now,
        referral_ref=ref,
        pathway=ReferralPathway(row["pathway"]),
        state=ReferralState(row["state"]),
        since=_since(row, now),
        area=row["area"] or "",
        case_ref=row["case_ref"] or "",
        lead=row["owner"] or "",
        service=row["service"] or "",
        ended=row["ended_at"] is not None,
        facts={},
        clocks=tuple(await referrals.open_clocks(conn, stream)),
        tasks=tuple(await referrals.open_tasks(conn, stream)),
        summary=row,
    )


def _since(row: Json, now: datetime) -> datetime:
    """The newest instant that the row tells of: the read model does not keep when a state began."""
    told = [value for value in row.values() if isinstance(value, datetime) and value <= now]
    return max(told, default=now)
