"""The suspect's status: what may follow what, and what each change means
(docs/domain.md 3.4, 4.3)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.commands import ChangeSuspectStatus, Grant
from models.enums import (
    ArrestReason,
    EvidenceCode,
    SuspectStatus,
)
from models.evidence import ARRESTED as MET_BY
from models.evidence import captured_status
from models.incident.commands import happened
from models.incident.facts import put
from models.incident.orders.telling import tell_of_arrest
from models.incident.state import IncidentState, due_of, name
from models.incident.suspect import bail, custody
from models.incident.suspect.keeping import (
    Duty,
    keep_task,
    notify,
    perpetrator,
    recorder_only,
    settle_one,
    tell_status,
)
from models.incident.suspect.release import check_release, plan_release, released
from models.incident.suspect.statuses import AT_LARGE, FREE, FROM, STAGE, S, news_of, set_free
from models.stream import Context, append

DIFFERS = "SUSPECT_STATUS_DIFFERS"


def check(state: IncidentState, ctx: Context, command: ChangeSuspectStatus, grant: Grant) -> None:
    """Refuse what cannot follow, what is out of order, and particulars that do not belong."""
    recorder_only(state, grant)
    happened(state, ctx, command.at)
    facts = state.suspect
    if command.status is facts.status:
        _check_same(state, command)
    elif facts.status is not None and facts.status not in FROM[command.status]:
        raise Refused(
            "STATUS_NOT_POSSIBLE",
            f"{command.status.value} cannot follow {facts.status.value}",
            "record what came between first",
            "status",
        )
    if facts.by_officer and facts.status_at is not None and command.at < facts.status_at:
        raise Refused(
            "OUT_OF_ORDER",
            "the present status is of a later time",
            "give the status as it is now, and when it came about",
            "at",
        )
    _check_arrest(command)
    bail.check_given(state, ctx, command)
    check_release(command)


def _check_same(state: IncidentState, command: ChangeSuspectStatus) -> None:
    facts = state.suspect
    bailed = command.status is S.BAILED_PRECHARGE
    news = (
        not facts.by_officer
        or command.release_planned_at not in (None, facts.release_to_come)
        or (command.release_cancelled and facts.release_to_come is not None)
        or (bailed and (facts.bail is None or custody.held(state)))
        or any(task.kind == DIFFERS for task in state.tasks.values())
    )
    if not news:
        raise Refused(
            "SAME_STATUS",
            f"the suspect is {command.status.value} already",
            "nothing to change; extend-bail and record-custody-arrival are commands of their own",
            "status",
        )


def _check_arrest(command: ChangeSuspectStatus) -> None:
    arrested = command.status is S.ARRESTED
    if arrested and command.arrest_reason is None:
        raise Refused(
            "ARREST_REASON_MISSING",
            "an arrest has its ground",
            "give arrest_reason, for example SUBSTANTIVE_OFFENCE or BREACH_NON_MOLESTATION",
            "arrest_reason",
        )
    if not arrested and command.arrest_reason is not None:
        raise Refused(
            "ARREST_REASON_NOT_APPLICABLE",
            "a ground of arrest goes with the status ARRESTED only",
            "leave it out, or record the arrest first",
            "arrest_reason",
        )


def apply(state: IncidentState, ctx: Context, command: ChangeSuspectStatus) -> tuple[str, ...]:
    """Take the status over; returns `CONFIRMED` where it only confirms what was known."""
    facts = state.suspect
    old = facts.status
    if command.perpetrator_ref:
        facts.perpetrator_ref = command.perpetrator_ref
    settle_one(state, ctx, DIFFERS, "SUSPECT")
    if command.status is S.BAILED_PRECHARGE:
        bail.give(facts, command)
    changed = command.status is not old
    append(
        state,
        ctx,
        "incident:suspect:changed" if changed else "incident:suspect:confirmed",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        old=old,
        new=command.status,
        perpetrator_ref=perpetrator(state),
        arrest_reason=command.arrest_reason,
        release_planned_at=command.release_planned_at,
        note_ref=command.note_ref,
    )
    if changed:
        reason = command.arrest_reason
        become(state, ctx, command.status, command.at, by_officer=True, reason=reason)
    else:
        confirm(state, command.at)
    if command.arrest_reason is not None:
        tell_of_arrest(state, ctx, command.arrest_reason, command.at)
    plan_release(state, ctx, command)
    return () if changed else ("CONFIRMED",)


def become(
    state: IncidentState,
    ctx: Context,
    status: SuspectStatus,
    at: datetime,
    *,
    by_officer: bool,
    reason: ArrestReason | None = None,
) -> None:
    """The suspect has another status: leave news for the victim and the case."""
    facts = state.suspect
    old = facts.status
    # Whoever answers bail is held, whatever the status says.
    before = S.ARRESTED if custody.held(state) else old
    if old not in AT_LARGE and status in AT_LARGE:
        facts.large_from, facts.reviewed_at = at, None
    facts.status, facts.status_at, facts.by_officer = status, at, by_officer
    if status is S.ARRESTED:
        facts.arrested_at = at if by_officer else None
    if status is not S.BAILED_PRECHARGE:
        bail.interrupt(facts, status, reason)
    custody.left(state, at, status)
    called_off = released(state, ctx, old, status, at)
    if by_officer:
        _evidence(state, ctx, status, at)
    facts.news = news_of(before, status) or ""
    if facts.news:
        notify(state, facts.news, at, reported=not by_officer)
    freed = set_free(before, status)
    tell_status(state, at, freed=freed, release_cancelled=called_off)


def confirm(state: IncidentState, at: datetime) -> None:
    """An officer gives the time of what a report had told, from which the news of it is owed then,
    or says it again. That somebody who answered bail is let out on it once more is news."""
    facts = state.suspect
    if not facts.by_officer:
        if facts.news and facts.status_at is not None and at < facts.status_at:
            notify(state, facts.news, at, was_at=facts.status_at)
        facts.status_at = at
        if facts.status is S.ARRESTED:
            facts.arrested_at = at
    facts.by_officer = True
    was_held = custody.held(state)
    if facts.status is not None:
        custody.left(state, at, facts.status)
    if was_held and not custody.held(state) and facts.status in FREE:
        notify(state, FREE[facts.status], at)
        tell_status(state, at, freed=True)


def arrest(state: IncidentState, ctx: Context, at: datetime, reason: ArrestReason) -> None:
    """An arrest that another command tells of: the suspect's status, unless what is known is of a
    later time."""
    facts = state.suspect
    if facts.by_officer and facts.status_at is not None and at <= facts.status_at:
        return
    append(
        state,
        ctx,
        "incident:suspect:changed",
        at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        old=facts.status,
        new=S.ARRESTED,
        perpetrator_ref=perpetrator(state),
        arrest_reason=reason,
    )
    if facts.status is S.ARRESTED and not facts.by_officer:
        confirm(state, at)
    else:
        become(state, ctx, S.ARRESTED, at, by_officer=True, reason=reason)


def _evidence(state: IncidentState, ctx: Context, status: SuspectStatus, at: datetime) -> None:
    """An arrest (or the voluntary interview instead) settles its item on the checklist."""
    code = EvidenceCode.SUSPECT_ARREST_OR_PLAN
    item = state.items.get(code)
    if status not in MET_BY or item is None or not item.pending:
        return
    due_at = due_of(state, ctx, code)
    settled = item.model_copy(
        update={
            "status": captured_status(at, due_at),
            "at": at,
            "captured_at": at,
            "recorded_at": ctx.now,
            "by": ctx.actor,
            "reference": f"SUSPECT-{status.value}",
            "due_at": due_at,
        }
    )
    put(state, ctx, settled)


# --- reports ----------------------------------------------------------------------------------


def take_report(state: IncidentState, ctx: Context) -> None:
    """Take the status of the latest report, once. What an officer said stands against a report
    that lags behind; the OIC is asked which of the two holds."""
    facts, message = state.suspect, state.latest
    if message is None or message.report.version <= facts.seen_version:
        return
    facts.seen_version = message.report.version
    reported = message.report.suspect_status
    if reported is facts.reported:
        return
    facts.reported = reported
    if reported is None or reported is facts.status:
        settle_one(state, ctx, DIFFERS, "SUSPECT")
        return
    if not facts.by_officer or facts.status is None or STAGE[reported] > STAGE[facts.status]:
        become(state, ctx, reported, message.received_at, by_officer=False)
        return
    duty = Duty(
        kind=DIFFERS,
        role="OIC",
        person=state.item_owner,
        why=f"version {message.report.version} of the report says {reported.value}, an officer "
        f"said {facts.status.value}: record which holds",
        command=f"dalo do {name(state)} change-suspect-status",
        subject="SUSPECT",
    )
    keep_task(state, ctx, duty, wanted=True)
