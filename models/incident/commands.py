"""What officers may tell an incident: checked against its facts, then applied. No consequence is
drawn here; `react` does that."""

from __future__ import annotations

import re
from datetime import datetime

from models.base import Refused
from models.checks import not_later
from models.commands import (
    AddEvidenceItem,
    EvidenceEntry,
    Grant,
    IncidentCommand,
    RecordEvidence,
    RecordPoliceContact,
    VideoMedium,
)
from models.enums import (
    SUPERVISORY,
    EvidenceCode,
    EvidenceStatus,
    GoldenHourResult,
    ResponseMode,
    Role,
)
from models.evidence import ALWAYS_REQUIRED, CAPTURED, REASONED, Item, captured_status, verdict
from models.incident.facts import put, require
from models.incident.state import IncidentState, due_of
from models.stream import SYSTEM, Context, append

REFERENCE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9:/_.#-]{0,79}$")
MEDIUM = {
    ResponseMode.ATTENDANCE: VideoMedium.BODY_WORN_VIDEO,
    ResponseMode.RVR: VideoMedium.SECURE_VIDEO_LINK,
}


def check_open(state: IncidentState) -> None:
    """Nothing can be told to an incident that has ended or has no report yet."""
    if state.ended_at is not None or state.report is None:
        raise Refused(
            "INCIDENT_NOT_OPEN",
            f"{state.incident_ref} has ended or has no report yet",
            "record it on the incident that is open",
        )


def check(state: IncidentState, ctx: Context, command: IncidentCommand, grant: Grant) -> None:
    """Raise `Refused` if a command of the golden hour is impossible now; change nothing."""
    may(state, grant)
    match command:
        case RecordEvidence():
            codes = [entry.item for entry in command.entries]
            if len(set(codes)) != len(codes):
                raise Refused(
                    "EVIDENCE_REPEATED",
                    "an item stands twice in one command",
                    "give each item once",
                    "entries",
                )
            for entry in command.entries:
                _check_entry(state, ctx, entry)
        case AddEvidenceItem():
            happened(state, ctx, command.at)
            _check_add(state, command)
        case RecordPoliceContact():
            happened(state, ctx, command.at)
            officers = state.police_contact_by not in ("", "REPORT")
            if officers and command.at == state.first_police_contact_at:
                raise Refused(
                    "ALREADY_RECORDED",
                    "this first police contact is already recorded",
                    "give another time to correct it",
                    "at",
                )


def apply(state: IncidentState, ctx: Context, command: IncidentCommand) -> tuple[str, ...]:
    """Apply a checked command; returns codes worth knowing: `CAPTURED_LATE` and `CORRECTED` where
    that befell an item, `GOLDEN_HOUR_COMPLETE` when the set is now captured in time."""
    match command:
        case RecordEvidence():
            return _record(state, ctx, command)
        case AddEvidenceItem():
            return _add(state, ctx, command)
        case RecordPoliceContact():
            state.first_police_contact_at = command.at
            state.police_contact_by = ctx.actor
            append(
                state,
                ctx,
                "incident:police_contact:recorded",
                command.at,
                incident_ref=state.incident_ref,
                victim_ref=state.victim_ref,
                at=command.at,
            )
            return ()
        case _:
            raise ValueError(f"{command.kind} is not a command of the golden hour")


# --- checks -----------------------------------------------------------------------------------


def may(state: IncidentState, grant: Grant) -> None:
    """The DALO, the OIC, the attending officer, who answers after closure, whoever covers for one
    of them, a supervisor, or an officer with break-glass access."""
    attending = state.report.attending_id if state.report else ""
    own = {state.dalo_id, state.oic_id, state.handed_to, attending}
    if (
        grant.names & own
        or grant.role in SUPERVISORY
        or (grant.break_glass and grant.role in (Role.DALO, Role.OIC))
    ):
        return
    raise Refused(
        "NOT_YOUR_INCIDENT",
        f"{state.incident_ref} belongs to {state.lead or 'nobody yet'}"
        + (f" and OIC {state.oic_id}" if state.oic_id else ""),
        "ask one of them or their supervisor, or give a reason for break-glass access",
        "actor",
    )


def happened(state: IncidentState, ctx: Context, at: datetime) -> None:
    """`at` is neither in the future nor before what happened."""
    not_later(ctx.now, at)
    if state.report is not None and at < state.report.occurred_from:
        raise Refused(
            "BEFORE_OCCURRENCE",
            "the time given is earlier than the start of what happened",
            "give when it happened; evidence of earlier incidents belongs to those",
            "at",
        )


def _check_entry(state: IncidentState, ctx: Context, entry: EvidenceEntry) -> None:
    item = state.items.get(entry.item)
    if item is None or (item.status is EvidenceStatus.NOT_APPLICABLE and item.by == SYSTEM):
        raise Refused(
            "EVIDENCE_NOT_APPLICABLE",
            f"{entry.item.value} is not on the checklist of {state.incident_ref}",
            "add it with add-evidence if the scene calls for it",
            "item",
        )
    if entry.status is EvidenceStatus.PENDING:
        raise Refused(
            "STATUS_NOT_RECORDABLE",
            "PENDING is the absence of an outcome",
            "give what became of the item",
            "status",
        )
    if entry.status is EvidenceStatus.NOT_APPLICABLE and entry.item in ALWAYS_REQUIRED:
        raise Refused(
            "EVIDENCE_ALWAYS_APPLIES",
            f"{entry.item.value} applies to every incident",
            "record it as captured, declined, not available, lost or missed",
            "status",
        )
    if entry.status in REASONED and entry.reason is None:
        raise Refused(
            "REASON_MISSING",
            f"{entry.item.value} {entry.status.value} needs a reason code",
            "give one: NO_OFFICER, SAFETY, NO_CONSENT, LANGUAGE, INTOXICATED, MEDICAL, "
            "TECH_FAILURE, OVERWRITTEN or OTHER",
            "reason",
        )
    if entry.medium is not None and entry.item is not EvidenceCode.INITIAL_ACCOUNT_VIDEO:
        raise Refused(
            "MEDIUM_NOT_APPLICABLE",
            f"{entry.item.value} has no medium",
            "give the medium of INITIAL_ACCOUNT_VIDEO only",
            "medium",
        )
    if entry.reference and not REFERENCE.match(entry.reference):
        raise Refused(
            "REFERENCE_MALFORMED",
            "a reference has up to 80 letters, digits and :/_.#- and no spaces",
            "give the evidence system's own reference",
            "reference",
        )
    happened(state, ctx, entry.at)
    _check_correction(item, entry)


def _check_correction(item: Item, entry: EvidenceEntry) -> None:
    """What was recorded may be corrected, and what had failed may be captured after all; but what
    is in hand can only be corrected or lost, and the same again is a mistake."""
    if item.pending:
        return
    given = EvidenceStatus.CAPTURED if entry.status in CAPTURED else entry.status
    had = EvidenceStatus.CAPTURED if item.status in CAPTURED else item.status
    same = (given, entry.at, entry.reference, entry.reason, entry.medium) == (
        had,
        item.at,
        item.reference,
        item.reason,
        item.medium,
    )
    kept = had is EvidenceStatus.CAPTURED
    if same or (kept and given not in (EvidenceStatus.CAPTURED, EvidenceStatus.LOST)):
        raise Refused(
            "EVIDENCE_ALREADY_RECORDED",
            f"{item.code.value} is already recorded as {item.status.value}",
            "correct its time, reference or medium, or record it as lost"
            if kept
            else "nothing to do",
            "item",
        )


def _check_add(state: IncidentState, command: AddEvidenceItem) -> None:
    item = state.items.get(command.item)
    if item is not None and item.status is not EvidenceStatus.NOT_APPLICABLE:
        raise Refused(
            "EVIDENCE_ALREADY_REQUIRED",
            f"{command.item.value} is on the checklist already",
            "record what became of it with record-evidence",
            "item",
        )


# --- effects ----------------------------------------------------------------------------------


def _record(state: IncidentState, ctx: Context, command: RecordEvidence) -> tuple[str, ...]:
    codes = []
    for entry in command.entries:
        before = state.items[entry.item]
        item = _outcome(state, ctx, before, entry)
        put(state, ctx, item, **_details(state, item))
        _followup(state, ctx, item)
        if item.status is EvidenceStatus.CAPTURED_LATE:
            codes.append("CAPTURED_LATE")
        if not before.pending:
            codes.append("CORRECTED")
    due_at = state.golden_due_at
    if due_at and verdict(state.items.values(), due_at) is GoldenHourResult.COMPLETE:
        codes.append("GOLDEN_HOUR_COMPLETE")
    return tuple(dict.fromkeys(codes))


def _outcome(state: IncidentState, ctx: Context, before: Item, entry: EvidenceEntry) -> Item:
    due_at = due_of(state, ctx, entry.item) if before.pending else before.due_at
    status, captured_at = entry.status, None
    if status in CAPTURED:
        status, captured_at = captured_status(entry.at, due_at), entry.at
    elif status is EvidenceStatus.LOST:
        captured_at = before.captured_at
    return before.model_copy(
        update={
            "status": status,
            "at": entry.at,
            "captured_at": captured_at,
            "recorded_at": ctx.now,
            "by": ctx.actor,
            "reference": entry.reference,
            "reason": entry.reason,
            "medium": entry.medium,
            "due_at": due_at,
        }
    )


def _details(state: IncidentState, item: Item) -> dict[str, object]:
    """The particulars of a video account: by what means, and how soon after report and contact."""
    at = item.captured_at
    if item.code is not EvidenceCode.INITIAL_ACCOUNT_VIDEO or at is None or state.report is None:
        return {}
    contact = state.first_police_contact_at
    return {
        "medium": medium(state, item),
        "medium_stated": item.medium is not None,
        "minutes_from_report": minutes_between(state.report.reported_at, at),
        "minutes_from_police_contact": minutes_between(contact, at) if contact else None,
    }


def medium(state: IncidentState, item: Item) -> str:
    """By what means a video account was taken: as an officer said, else going by how police
    responded."""
    if item.medium is not None:
        return item.medium.value
    mode = state.report.response_mode if state.report else None
    return MEDIUM[mode].value if mode in MEDIUM else "NOT_STATED"


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes from one instant to another; negative where `end` comes first."""
    return int((end - start).total_seconds() // 60)


def _followup(state: IncidentState, ctx: Context, item: Item) -> None:
    """Injuries that turn out not to be there need no second photographs."""
    later = state.items.get(EvidenceCode.INJURY_PHOTOS_FOLLOWUP)
    if (
        item.code is EvidenceCode.INJURY_PHOTOS_INITIAL
        and item.status is EvidenceStatus.NOT_APPLICABLE
        and later is not None
        and later.pending
    ):
        update = {"status": item.status, "at": item.at, "recorded_at": ctx.now, "by": ctx.actor}
        put(state, ctx, later.model_copy(update=update))


def _add(state: IncidentState, ctx: Context, command: AddEvidenceItem) -> tuple[str, ...]:
    require(state, ctx, command.item, "OFFICER", command.at)
    codes = ["ADDED"]
    later = EvidenceCode.INJURY_PHOTOS_FOLLOWUP
    if command.item is EvidenceCode.INJURY_PHOTOS_INITIAL:
        known = state.items.get(later)
        if known is None or known.status is EvidenceStatus.NOT_APPLICABLE:
            require(state, ctx, later, "OFFICER", command.at)
            codes.append("FOLLOWUP_ADDED")
    if state.items[command.item].known_late:
        codes.append("KNOWN_AFTER_GOLDEN_HOUR")
    return tuple(codes)
