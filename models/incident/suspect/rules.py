"""The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11)."""

from __future__ import annotations

from models.enums import ClockType, SuspectStatus
from models.incident.duty import DutyIncidentCommands, escalate_own
from models.incident.state import IncidentState, name
from models.incident.suspect import bail, custody, extending, release, search, status
from models.incident.suspect.keeping import Duty, keep_task, person_of
from models.messages import IncidentMessage, ReportArrived
from models.stream import Context

COMMANDS: DutyIncidentCommands = {
    "change-suspect-status": (status.check, status.apply),
    "review-outstanding-suspect": (search.check_review, search.apply_review),
    "record-custody-arrival": (custody.check_arrival, custody.apply_arrival),
    "extend-custody": (custody.check_extend, custody.apply_extend),
    "stop-custody-clock": (custody.check_stop, custody.apply_stop),
    "resume-custody-clock": (custody.check_resume, custody.apply_resume),
    "extend-bail": (extending.check_extend, extending.apply_extend),
    "record-bail-views": (bail.check_views, bail.apply_views),
}
SETTLED_BY = {
    ClockType.SUSPECT_ARREST: "review-outstanding-suspect",
    ClockType.SUSPECT_REVIEW: "review-outstanding-suspect",
    ClockType.CUSTODY: "change-suspect-status",
    ClockType.BAIL_EXPIRY: "change-suspect-status",
    ClockType.RELEASE_PLANNED: "change-suspect-status",
}
"""The clocks of this duty, each with the command that a breach calls for."""


def receive(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """Take each report's status as it comes, so that none in between is lost."""
    if isinstance(message, ReportArrived):
        status.take_report(state, ctx)


def react(state: IncidentState, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    if state.report is None or state.ended_at is not None:
        return
    status.take_report(state, ctx)
    search.react(state, ctx)
    custody.react(state, ctx)
    _bail_unknown(state, ctx)
    bail.react(state, ctx)
    release.react(state, ctx)
    escalate_own(state, ctx, person_of, SETTLED_BY)


def _bail_unknown(state: IncidentState, ctx: Context) -> None:
    """A report said that the suspect is on bail, not since when: its end cannot be watched."""
    facts = state.suspect
    duty = Duty(
        kind="RECORD_BAIL",
        role="OIC",
        person=state.item_owner,
        why="the suspect is on bail: record arrest time and authority, so that its end is watched",
        command=f"dalo do {name(state)} change-suspect-status --status BAILED_PRECHARGE",
        subject="BAIL",
    )
    bailed = facts.status is SuspectStatus.BAILED_PRECHARGE
    keep_task(state, ctx, duty, wanted=bailed and facts.bail is None)
