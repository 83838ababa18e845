"""Support withdrawn: whether the case goes on without the victim's evidence, and whether they were
put under pressure (docs/domain.md 9.4)."""

from __future__ import annotations

from models.base import Refused
from models.checks import pressure_checked
from models.commands import Grant
from models.commands.victims_code import ReviewWithdrawal
from models.enums import SUPERVISORY, PressureCheck, RecordingType
from models.incident.commands import happened
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, keep_task, recorder_only
from models.instants import show
from models.stream import Context, append

REVIEW = "REVIEW_WITHDRAWAL"


def check(state: IncidentState, ctx: Context, command: ReviewWithdrawal, grant: Grant) -> None:
    """The OIC's or a supervisor's, after support was withdrawn; pressure was looked into."""
    if grant.role not in SUPERVISORY:
        recorder_only(state, grant)
    happened(state, ctx, command.at)
    if state.code.support_withdrawn_at is None:
        raise Refused(
            "NOT_WITHDRAWN",
            "support was not withdrawn, as far as the case told",
            "record it on the case first (record-withdrawal)",
        )
    pressure_checked(command.pressure)


def apply(state: IncidentState, ctx: Context, command: ReviewWithdrawal) -> tuple[str, ...]:
    """Reviewed. Returns `RECORD_PRESSURE` where the case has to know of a suspicion."""
    state.code.withdrawal_reviewed = True
    append(
        state,
        ctx,
        "code:withdrawal:reviewed",
        command.at,
        decision=command.decision,
        pressure=command.pressure,
        note_ref=command.note_ref,
    )
    suspected = command.pressure is PressureCheck.SUSPECTED
    return ("RECORD_PRESSURE",) if suspected else ()


def react(state: IncidentState, ctx: Context) -> None:
    """The OIC's task, for a crime."""
    since, report = state.code.support_withdrawn_at, state.report
    crime = report is not None and report.recording_type is RecordingType.CRIME
    task = Duty(
        kind=REVIEW,
        role="OIC",
        person=state.item_owner,
        why=f"the victim withdrew support on {show(since) if since else ''}: decide whether the "
        "case goes on by its other evidence, and check for pressure on the victim",
        command=f"dalo do {name(state)} review-withdrawal --decision EVIDENCE_LED "
        "--pressure RESULT",
    )
    waits = since is not None and not state.code.withdrawal_reviewed
    keep_task(state, ctx, task, wanted=waits and crime and not state.code.frozen)
