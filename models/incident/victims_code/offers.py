"""What the victim is offered: written confirmation, personal statement, special measures
(docs/domain.md 4.2, 4.3)."""

from __future__ import annotations

from models.base import Refused
from models.commands import Grant
from models.commands.victims_code import (
    ConfirmInWriting,
    RecordSpecialMeasures,
    RecordVps,
)
from models.enums import EvidenceCode, RecordingType
from models.enums.victims_code import (
    ConfirmationOutcome,
    MeasuresOutcome,
    VpsStatus,
)
from models.evidence import captured_status
from models.incident.commands import happened, may
from models.incident.facts import put
from models.incident.state import IncidentState, due_of, name
from models.incident.suspect.keeping import Duty, keep_task
from models.incident.victims_code.people import answers, chief, may_tell
from models.incident.victims_code.telling import SAFE, UNSAFE, check_override, tell_of_telling
from models.stream import Context, append, raise_task

CONFIRM, ASK_MEASURES = "CONFIRM_IN_WRITING", "ASK_SPECIAL_MEASURES"


def crime_only(state: IncidentState) -> None:
    """Court and what goes with it exist for a crime only: recorded as one, or charged as one while
    the report lags behind."""
    report = state.report
    recorded = report is None or report.recording_type is RecordingType.CRIME
    if not recorded and not state.code.charged:
        raise Refused(
            "NOT_A_CRIME",
            f"{state.incident_ref} is recorded as a non-crime incident: there are no proceedings",
            "have it recorded as a crime first, if it is one",
        )


# --- written confirmation ---------------------------------------------------------------------


def check_confirmation(
    state: IncidentState, ctx: Context, command: ConfirmInWriting, grant: Grant
) -> None:
    """What was given has a channel; how updates are wanted is agreed at the same time."""
    may(state, grant)
    happened(state, ctx, command.at)
    check_override(command.safety_override)
    if command.outcome is ConfirmationOutcome.GIVEN and command.channel is None:
        raise Refused(
            "CHANNEL_MISSING",
            "a confirmation is given by some channel",
            "give --channel; in person counts",
            "channel",
        )
    if command.update_channel is None or command.update_frequency is None:
        raise Refused(
            "UPDATES_NOT_AGREED",
            "channel and frequency of updates are agreed with the confirmation",
            "give --update-channel and --update-frequency",
            "update_frequency",
        )


def apply_confirmation(
    state: IncidentState, ctx: Context, command: ConfirmInWriting
) -> tuple[str, ...]:
    """Keep what was agreed; writing that was not safe is looked at by the supervisor."""
    code = state.code
    code.confirmed = command.outcome
    code.update_channel = command.update_channel
    code.update_frequency = command.update_frequency
    given = command.outcome is ConfirmationOutcome.GIVEN
    safe = command.decision_code == SAFE or command.safety_override != ""
    append(
        state,
        ctx,
        "code:confirmation:recorded",
        command.at,
        outcome=command.outcome,
        channel=command.channel,
        route=command.route,
        update_channel=command.update_channel,
        update_frequency=command.update_frequency,
        **({"safe": safe, "decision_code": command.decision_code or "NO_ANSWER"} if given else {}),
        safety_override=command.safety_override,
        note_ref=command.note_ref,
    )
    if given:
        tell_of_telling(state, command.outcome.value, command.at)
    if not given or safe:
        return ()
    raise_task(
        state,
        ctx,
        UNSAFE,
        chief(state),
        f"the written confirmation was given unsafely ({command.decision_code or 'NO_ANSWER'}): "
        "see that no harm came of it",
        command=f"dalo do {name(state)} review-telling --notification-id CONFIRMATION",
        subject="CONFIRMATION",
    )
    return (UNSAFE,)


# --- statement and special measures -----------------------------------------------------------


def check_vps(state: IncidentState, ctx: Context, command: RecordVps, grant: Grant) -> None:
    """A statement once taken stands; a further one may be added."""
    may_tell(state, grant)
    happened(state, ctx, command.at)
    crime_only(state)
    if command.status is VpsStatus.TAKEN and command.read_by is None:
        raise Refused(
            "READER_MISSING",
            "the victim chooses who reads the statement in court",
            "give --read-by",
            "read_by",
        )
    if command.status is not VpsStatus.TAKEN and state.code.vps is VpsStatus.TAKEN:
        raise Refused(
            "VPS_TAKEN",
            "a personal statement once taken is neither withdrawn nor altered",
            "take a further one, if there is more to say",
            "status",
        )


def apply_vps(state: IncidentState, ctx: Context, command: RecordVps) -> tuple[str, ...]:
    """Offered, taken or declined."""
    further = command.status is VpsStatus.TAKEN and state.code.vps is VpsStatus.TAKEN
    state.code.vps = command.status
    append(
        state,
        ctx,
        f"vps:{command.status.value.lower()}",
        command.at,
        read_by=command.read_by,
        further=further,
        note_ref=command.note_ref,
    )
    _offered(state, ctx, command)
    return ()


def _offered(state: IncidentState, ctx: Context, command: RecordVps) -> None:
    """Whatever the victim answered, it was offered: its item on the checklist is settled."""
    item = state.items.get(EvidenceCode.VPS_OFFERED)
    if item is None or not item.pending:
        return
    due_at = due_of(state, ctx, item.code)
    update = {
        "status": captured_status(command.at, due_at),
        "at": command.at,
        "captured_at": command.at,
        "recorded_at": ctx.now,
        "by": ctx.actor,
        "reference": f"VPS-{command.status.value}",
        "due_at": due_at,
    }
    put(state, ctx, item.model_copy(update=update))


def check_measures(
    state: IncidentState, ctx: Context, command: RecordSpecialMeasures, grant: Grant
) -> None:
    """Measures are named unless none are wanted."""
    may_tell(state, grant)
    happened(state, ctx, command.at)
    crime_only(state)
    none_wanted = command.outcome is MeasuresOutcome.NONE_WANTED
    if none_wanted is bool(command.measures) or len(set(command.measures)) != len(command.measures):
        raise Refused(
            "MEASURES",
            "each measure is named once, and none where none is wanted",
            "give --measures for each, or --outcome NONE_WANTED alone",
            "measures",
        )


def apply_measures(
    state: IncidentState, ctx: Context, command: RecordSpecialMeasures
) -> tuple[str, ...]:
    """Complainants of domestic abuse are eligible without anybody assessing it."""
    state.code.measures = command.outcome
    append(
        state,
        ctx,
        "special_measures:recorded",
        command.at,
        outcome=command.outcome,
        measures=list(command.measures),
        eligible_as="INTIMIDATED_AUTOMATICALLY",
        note_ref=command.note_ref,
    )
    return ()


def react(state: IncidentState, ctx: Context) -> None:
    """What goes with first contact and with a charge, as tasks."""
    code, calm = state.code, not state.code.frozen
    for kind, why, command, wanted in (
        (
            CONFIRM,
            "confirm the report in writing (or say why not) and agree how updates are given",
            "confirm-in-writing --outcome GIVEN --channel IN_PERSON",
            code.confirmed is None,
        ),
        (
            ASK_MEASURES,
            "charged: ask which special measures help; the victim is eligible automatically",
            "record-special-measures --outcome ASKED_FOR",
            code.charged and code.measures is None,
        ),
    ):
        task = Duty(
            kind=kind,
            role="DALO",
            person=answers(state),
            why=why,
            command=f"dalo do {name(state)} {command}",
        )
        keep_task(state, ctx, task, wanted=wanted and calm)
