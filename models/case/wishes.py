"""The victim's wishes: what they ask of police, and which notices they opt out of, with scope and
date (docs/domain.md 4.3). Declining contact is the cadence's affair and kept apart."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened, owner_only
from models.case.state import CaseFacts
from models.commands import Grant, RecordWishes
from models.stream import Context, append


def check(state: CaseFacts, ctx: Context, command: RecordWishes, grant: Grant) -> None:
    """Only what the victim said counts: nothing is inferred from silence."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.first_contact_at is None:
        raise Refused(
            "NO_CONTACT_YET",
            "wishes are the victim's own words, and there was no contact yet",
            "record the contact first (record-attempt)",
        )
    if command.notification_opt_out is None and not command.note_ref:
        raise Refused(
            "NOTHING_RECORDED",
            "neither a wish nor an opt-out was given",
            "give --notification-opt-out or --note",
            "note",
        )


def apply(state: CaseFacts, ctx: Context, command: RecordWishes) -> tuple[str, ...]:
    """Keep the newest; the ledger keeps every one. What was not spoken of stands."""
    changes: dict[str, object] = {}
    if command.notification_opt_out is not None:
        changes = {
            "notification_opt_out": command.notification_opt_out,
            "opted_out_at": command.at,
        }
    if command.note_ref:
        changes |= {"note_ref": command.note_ref, "noted_at": command.at}
    state.wishes = state.wishes.model_copy(update=changes)
    append(
        state,
        ctx,
        "case:wishes:recorded",
        command.at,
        case_ref=state.case_ref,
        at=command.at,
        notification_opt_out=command.notification_opt_out,
        note_ref=command.note_ref,
    )
    return ()
