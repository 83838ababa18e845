"""The victim's wishes: what they ask of police, and which notices they opt out of, with scope and
date (docs/domain.md 4.3). Declining contact is the cadence's affair and kept apart, as is
withdrawing support for a prosecution (9.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from models.base import Refused
from models.case import approach
from models.case.authority import happened, owner_only, owner_or_supervisor
from models.case.state import CaseFacts
from models.case.telling import tell_incident
from models.checks import pressure_checked, supervisor_only
from models.commands import (
    AskOtherOfficer,
    Grant,
    NameThirdParty,
    NotificationOptOut,
    RecordPressureCheck,
    RecordWishes,
    RecordWithdrawal,
    RefuseOtherOfficer,
)
from models.enums import PressureCheck, WithdrawalReason
from models.messages import WishesChanged
from models.stream import Context, append, number, raise_task, settle_tasks

NOTHING_SAID = f"{NotificationOptOut.NONE.value}:{False}"
"""What an incident that was told nothing goes by: every notice is due."""


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
    if state.release > 1:
        approach.heard_since(state)


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
    if state.release > 1 and not approach.asked_for_none(state):
        approach.renewed(state, ctx, command.at)
    return ()


def opt_out(state: CaseFacts, ctx: Context, scope: NotificationOptOut, at: datetime) -> None:
    """What the victim said of notices together with another wish."""
    apply(state, ctx, RecordWishes(at=at, notification_opt_out=scope))


def column(state: CaseFacts) -> dict[str, Any]:
    """The case's `wishes` column: scopes, dates and codes only."""
    asked = state.asked
    return {
        "notification_opt_out": state.wishes.notification_opt_out,
        "opted_out_at": state.wishes.opted_out_at,
        "no_contact_at": asked.no_contact_at,
        "recontact_on": asked.recontact_on.isoformat() if asked.recontact_on else None,
        "approach": asked.approach,
        "support_withdrawn_at": asked.support_withdrawn_at,
        "withdrawal_reasons": asked.withdrawal_reasons,
        "pressure": asked.pressure,
        "other_officer_asked": asked.other_officer_of != "",
        "third_party": asked.third_party != "",
    }


def check_other(state: CaseFacts, ctx: Context, command: AskOtherOfficer, grant: Grant) -> None:
    """One such wish at a time."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.asked.other_officer_of:
        raise Refused(
            "ASKED_ALREADY",
            "the wish for another officer waits for the supervisor",
            "reassign the case, or refuse the wish (refuse-other-officer)",
        )


def apply_other(state: CaseFacts, ctx: Context, command: AskOtherOfficer) -> tuple[str, ...]:
    """The supervisor finds another officer, or says why not."""
    state.asked.other_officer_of = state.dalo_id or "-"
    append(
        state,
        ctx,
        "case:other_officer:asked",
        command.at,
        sex=command.sex,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    wanted = f" (preferred: {command.sex.value})" if command.sex else ""
    raise_task(
        state,
        ctx,
        "OTHER_OFFICER",
        state.supervisor_id,
        f"the victim asks for another officer{wanted}: reassign the case, or refuse with a reason "
        "(refuse-other-officer)",
        due_at=ctx.now + timedelta(hours=24),
        command=f"dalo do {state.case_ref} reassign --dalo-id OFFICER --reason VICTIM_WISH",
    )
    return ()


def check_refuse(state: CaseFacts, ctx: Context, command: RefuseOtherOfficer, grant: Grant) -> None:
    """A supervisor's decision on a wish that waits."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if not state.asked.other_officer_of:
        raise Refused("NOT_ASKED", "no other officer was asked for", "nothing to decide")


def apply_refuse(state: CaseFacts, ctx: Context, command: RefuseOtherOfficer) -> tuple[str, ...]:
    """Nobody else can take the case."""
    state.asked.other_officer_of = ""
    append(state, ctx, "case:other_officer:refused", command.at, reason=command.reason)
    settle_tasks(state, ctx, "OTHER_OFFICER")
    return ()


def check_third(state: CaseFacts, ctx: Context, command: NameThirdParty, grant: Grant) -> None:
    """The third party is a route of the plan, marked so, and none of those never to be told."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.plan is None:
        raise Refused("NO_PLAN", "there is no safe-contact plan", "set one first")
    found = [r for r in state.plan.routes if r.route_id == command.route and r.third_party]
    if not found:
        raise Refused(
            "NOT_A_THIRD_PARTY",
            "this is no route of the plan to a third party",
            "add it to the plan (set-safe-contact-plan --route ID=CHANNEL+third)",
            "route",
        )
    if command.route in state.plan.never_to_be_told:
        raise Refused(
            "NEVER_TO_BE_TOLD",
            "the plan says that this person must never be told",
            "name somebody else",
            "route",
        )


def apply_third(state: CaseFacts, ctx: Context, command: NameThirdParty) -> tuple[str, ...]:
    """Contact through this person, and no other, is allowed from now on, within the plan."""
    state.asked.third_party = command.route
    append(state, ctx, "contact:third_party:named", command.at, route=command.route)
    return ()


def check_withdrawal(
    state: CaseFacts, ctx: Context, command: RecordWithdrawal, grant: Grant
) -> None:
    """The victim's own words, so there was contact."""
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.first_contact_at is None:
        raise Refused(
            "NO_CONTACT_YET",
            "a withdrawal is the victim's own word, and there was no contact yet",
            "record the contact first (record-attempt)",
        )


def apply_withdrawal(state: CaseFacts, ctx: Context, command: RecordWithdrawal) -> tuple[str, ...]:
    """Support is withdrawn; contact and cadence stay as they are."""
    asked = state.asked
    asked.support_withdrawn_at = asked.support_withdrawn_at or command.at
    asked.withdrawal_reasons = [reason.value for reason in dict.fromkeys(command.reasons)]
    append(
        state,
        ctx,
        "case:support:withdrawn",
        command.at,
        case_ref=state.case_ref,
        at=command.at,
        reasons=asked.withdrawal_reasons,
        statement=command.statement,
        note_ref=command.note_ref,
    )
    named = WithdrawalReason.PRESSURE in command.reasons
    found = command.pressure
    if named and found is not PressureCheck.REPORTED:
        found = PressureCheck.SUSPECTED
    _pressure(state, ctx, found, command.at)
    return ()


def check_pressure(
    state: CaseFacts, ctx: Context, command: RecordPressureCheck, grant: Grant
) -> None:
    """A check follows a withdrawal, and has a result."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.asked.support_withdrawn_at is None:
        raise Refused("NOT_WITHDRAWN", "support was not withdrawn", "record it first")
    pressure_checked(command.pressure)


def apply_pressure(state: CaseFacts, ctx: Context, command: RecordPressureCheck) -> tuple[str, ...]:
    """Keep the result; a suspicion goes to the supervisor."""
    _pressure(state, ctx, command.pressure, command.at)
    return ()


def _pressure(state: CaseFacts, ctx: Context, found: PressureCheck, at: datetime) -> None:
    state.asked.pressure = found
    append(state, ctx, "case:pressure:checked", at, pressure=found)
    settle_tasks(state, ctx, "PRESSURE_CHECK")
    if found in (PressureCheck.NONE_FOUND, PressureCheck.REPORTED):
        return
    suspected = found is PressureCheck.SUSPECTED
    raise_task(
        state,
        ctx,
        "PRESSURE_CHECK",
        state.supervisor_id if suspected else state.dalo_id or state.supervisor_id,
        "the victim withdrew support for the prosecution"
        + (" and may be under pressure" if suspected else "")
        + ": check for pressure and witness intimidation",
        due_at=ctx.now + timedelta(hours=24),
        command=f"dalo do {state.case_ref} record-pressure-check --pressure RESULT",
    )


def react(state: CaseFacts, ctx: Context) -> None:
    """Incidents hear what they must honour; another officer settles the wish for one."""
    officer = state.asked.other_officer_of
    if officer and (state.dalo_id or "-") != officer:
        state.asked.other_officer_of = ""
        settle_tasks(state, ctx, "OTHER_OFFICER")
    asked = state.asked
    now = f"{state.wishes.notification_opt_out.value}:{state.essentials.frozen}"
    if asked.support_withdrawn_at is not None:
        now += f":{asked.support_withdrawn_at.isoformat()}"
    if now != asked.told_what:
        asked.told, asked.told_what = [], now
        _tell(state, ctx, list(state.incidents))
    elif now != NOTHING_SAID and (new := [r for r in state.incidents if r not in asked.told]):
        _tell(state, ctx, new)


def _tell(state: CaseFacts, ctx: Context, incidents: list[str]) -> None:
    message = WishesChanged(
        message_id=f"wishes:{state.stream}:{number(state, 'wishes')}",
        at=ctx.now,
        notification_opt_out=state.wishes.notification_opt_out,
        frozen=state.essentials.frozen,
        support_withdrawn_at=state.asked.support_withdrawn_at,
    )
    for incident_ref in incidents:
        tell_incident(state, ctx, incident_ref, message)
    state.asked.told = [*state.asked.told, *incidents]
    append(state, ctx, "case:wishes:told", incidents=incidents)
