"""What stands in a meeting's documents, from the record and as far as the reader's role goes.

References and codes come from the read models. Names come from the identity table, and only where
the role that asks may see them; a restricted case stays without a name whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.documents.model import Document, Section
from casework.runtime import Runtime
from models.access import cell
from models.base import Refused
from models.commands import Grant
from models.data_classes import DataClass
from models.enums import Agency, AgendaState, Role
from models.events import Json
from models.ids import meeting_stream
from models.instants import show
from store import meetings, reads
from store.tables import case_register, referral_register

WITHHELD = "not shown to this role"
RESTRICTED = "restricted: ask the chair"
NOT_KNOWN = "not recorded"
_AGENDA = ("no.", "referral", "case", "victim", "name", "perpetrator", "type", "DALO")


class Asked(NamedTuple):
    """Who asks for a document, and for whom it is made."""

    runtime: Runtime
    grant: Grant
    recipient: str


class Parties(NamedTuple):
    """Who a referral is about."""

    victim_ref: str = ""
    name: str = ""
    phone: str = ""
    perpetrator_ref: str = ""


def stream_of(ref: str) -> str:
    """The stream of a meeting's reference, with or without `meeting/` before it."""
    return meeting_stream(*ref.removeprefix("meeting/").split("/"))


async def agenda(asked: Asked, ref: str) -> Document:
    """What will be heard, in order."""
    row, items, people = await _listed(asked, ref)
    section = Section(heading="Cases", columns=_AGENDA, rows=_rows(items, people))
    return _document(asked, row, "agenda", (_about(row), section))


async def research_request(asked: Asked, ref: str) -> Document:
    """What one agency is asked about each case, and by when."""
    row, items, people = await _listed(asked, ref)
    due = [item["research_due_at"] for item in items if item["research_due_at"]]
    request = Section(
        heading="What is asked",
        facts=(
            ("Return by", show(min(due)) if due else "the meeting"),
            ("Agency", asked.recipient),
        ),
        paragraphs=(
            "Say for each case what your agency holds that bears on the safety of the victim, the"
            " children or others, or that nothing is held. An answer is needed in both events.",
        ),
    )
    cases = Section(
        heading="Cases",
        columns=(*_AGENDA[:6], "held / nothing held"),
        rows=tuple((*row_[:6], "") for row_ in _rows(items, people)),
    )
    return _document(asked, row, "research request", (_about(row), request, cases))


async def action_list(asked: Asked, ref: str) -> Document:
    """Who does what by when; nothing in it names anybody. Every agency's where the list is made
    for the police, otherwise the recipient's own."""
    async with asked.runtime.engine.connect() as conn:
        row = await _meeting(conn, ref)
        actions = await meetings.actions_of(conn, row["stream"])
    if asked.recipient != Agency.POLICE.value:
        actions = [each for each in actions if each["agency"] == asked.recipient]
    return _document(asked, row, "action list", (_about(row), _actions(actions)))


async def minutes(asked: Asked, ref: str) -> Document:
    """The cover, what was decided, and the text as it was stored."""
    async with asked.runtime.engine.connect() as conn:
        row = await _meeting(conn, ref)
        items = await meetings.agenda_of(conn, row["stream"])
        actions = await meetings.actions_of(conn, row["stream"])
        held = await reads.last_event(conn, row["stream"], ["meeting:held"])
        issued = await reads.last_event(conn, row["stream"], ["meeting:minutes:issued"])
        if issued is None:
            raise Refused(
                "MINUTES_MISSING",
                "the minutes of this meeting are not issued",
                f"issue them first: dalo do {ref} issue-minutes --note -",
                "ref",
            )
        text = await asked.runtime.secrets.read_note(conn, str(issued.data["note_ref"]))
    present = tuple(held.data.get("present", ())) if held else ()
    apologies = tuple(held.data.get("apologies", ())) if held else ()
    attendance = Section(
        heading="Attendance",
        facts=(
            ("Held", show(row["held_at"]) if row["held_at"] else "-"),
            ("Present", ", ".join(present)),
            ("Apologies", ", ".join(apologies) or "none"),
        ),
    )
    decided = Section(
        heading="Decisions",
        columns=("no.", "referral", "case", "state", "decision"),
        rows=tuple(
            (
                str(item["position"] or ""),
                item["referral_ref"],
                item["case_ref"] or "-",
                item["state"] or "-",
                item["decision"] or "-",
            )
            for item in items
        ),
    )
    body = Section(heading="Minutes", paragraphs=(text or NOT_KNOWN,))
    sections = (_about(row), attendance, decided, _actions(actions), body)
    return _document(asked, row, "minutes", sections)


async def parties(asked: Asked, conn: AsyncConnection, refs: Iterable[str]) -> dict[str, Parties]:
    """Victim and perpetrator of each referral, with the victim's name where the role that asks may
    have it and the case is not restricted."""
    register, cases = referral_register.c, case_register.c
    query = (
        select(
            register.referral_ref, register.victim_ref, register.perpetrator_ref, cases.restricted
        )
        .select_from(
            referral_register.outerjoin(case_register, cases.case_ref == register.case_ref)
        )
        .where(register.referral_ref.in_(list(refs)))
    )
    found = {}
    for row in await conn.execute(query):
        name, phone = await _identity(asked, conn, row.victim_ref or "", bool(row.restricted))
        found[row.referral_ref] = Parties(
            row.victim_ref or "", name, phone, row.perpetrator_ref or ""
        )
    return found


def may_see_identity(role: Role) -> bool:
    """Whether a role's documents name the victim (docs/domain.md 1.3)."""
    return cell(role, DataClass.IDENTITY).read


async def _identity(
    asked: Asked, conn: AsyncConnection, victim_ref: str, restricted: bool
) -> tuple[str, str]:
    if not may_see_identity(asked.grant.role):
        return WITHHELD, WITHHELD
    if restricted:
        return RESTRICTED, RESTRICTED
    who = await asked.runtime.secrets.read_identity(conn, victim_ref) if victim_ref else None
    return (who.name or NOT_KNOWN, who.phone or NOT_KNOWN) if who else (NOT_KNOWN, NOT_KNOWN)


async def _listed(asked: Asked, ref: str) -> tuple[Json, list[Json], dict[str, Parties]]:
    """The meeting, what is on its list, and who that is about."""
    async with asked.runtime.engine.connect() as conn:
        row = await _meeting(conn, ref)
        items = [i for i in await meetings.agenda_of(conn, row["stream"]) if _waits(i)]
        return row, items, await parties(asked, conn, [i["referral_ref"] for i in items])


async def _meeting(conn: AsyncConnection, ref: str) -> Json:
    row = await meetings.meeting_row(conn, stream_of(ref))
    if row is None:
        raise Refused(
            "UNKNOWN_REFERENCE", "no such meeting was opened", "see dalo meeting list", "ref"
        )
    return row


def _waits(item: Json) -> bool:
    return item["state"] in (AgendaState.LISTED.value, AgendaState.HEARD.value)


def _rows(items: Sequence[Json], people: dict[str, Parties]) -> tuple[tuple[str, ...], ...]:
    rows = []
    for item in items:
        who = people.get(item["referral_ref"], Parties())
        more: dict[str, Any] = item["details"] or {}
        kind = "repeat" if more.get("repeat") else "first"
        kind = f"score {more['score']}" if more.get("score") is not None else kind
        late = ", late item" if more.get("late_reason") else ""
        rows.append(
            (
                str(item["position"] or ""),
                item["referral_ref"],
                item["case_ref"] or "-",
                who.victim_ref or more.get("victim_ref") or "-",
                who.name or NOT_KNOWN,
                who.perpetrator_ref or more.get("perpetrator_ref") or "-",
                f"{kind}{late}",
                more.get("dalo_id") or "-",
            )
        )
    return tuple(rows)


def _about(row: Json) -> Section:
    return Section(
        heading="Meeting",
        facts=(
            ("Forum and area", f"{row['forum']} {row['area']}"),
            ("Starts", show(row["starts_at"])),
            ("Coordinator", row["coordinator"] or "-"),
            ("Chair", row["chair"] or "-"),
            ("Emergency meeting", "yes" if row["emergency"] else "no"),
        ),
    )


def _actions(actions: Sequence[Json]) -> Section:
    return Section(
        heading="Actions",
        columns=("no.", "referral", "type", "action", "agency", "owner", "due", "status"),
        rows=tuple(
            (
                each["action_id"],
                each["referral_ref"] or "-",
                each["action_type"] or "-",
                each["action"] or "-",
                each["agency"] or "-",
                each["owner"] or "-",
                _when(each["due_at"]),
                each["status"] or "-",
            )
            for each in actions
        ),
    )


def _when(at: datetime | None) -> str:
    return show(at) if at else "on issue"


def _document(asked: Asked, row: Json, kind: str, sections: tuple[Section, ...]) -> Document:
    return Document(
        title=f"{row['forum']} {kind}",
        reference=str(row["stream"]).removeprefix("meeting/"),
        recipient=asked.recipient,
        made_at=asked.runtime.clock(),
        made_by=asked.grant.actor,
        sections=sections,
    )
