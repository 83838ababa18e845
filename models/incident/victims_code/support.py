"""The referral to a support service, in two working days of the report (docs/domain.md 4.3)."""

from __future__ import annotations

from models.base import Refused
from models.commands import Grant
from models.commands.victims_code import ReferSupport
from models.enums import ClockType, ConsentStatus, DisclosureBasis
from models.enums.victims_code import SupportOutcome
from models.incident.commands import happened, may
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task
from models.incident.victims_code.people import answers, chief
from models.stream import Context, append, arm, cancel, meet_open, open_clock, settle_tasks

SAID_NO = (ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN)
SUPPORT_HELD = "SUPPORT_REFERRAL_HELD"


def check(state: IncidentState, ctx: Context, command: ReferSupport, grant: Grant) -> None:
    """Consent is what the victim said; the basis is why the law allows it. Both are asked."""
    may(state, grant)
    happened(state, ctx, command.at)
    if command.outcome is SupportOutcome.DECLINED:
        if command.consent_status not in SAID_NO:
            raise Refused(
                "DECLINED_NOT_SAID",
                "a referral is declined by the victim's own word, never by silence",
                "give --consent-status REFUSED or WITHDRAWN, or refer",
                "consent_status",
            )
        return
    if not command.service:
        raise Refused("SERVICE_MISSING", "a referral goes to a service", "give it", "service")
    if command.service in state.code.services:
        raise Refused(
            "ALREADY_REFERRED", "this service has the referral already", "name another", "service"
        )
    if command.disclosure_basis is None:
        raise Refused(
            "BASIS_MISSING",
            "consent is not the basis on which data leaves the police",
            f"give --disclosure-basis, one of {', '.join(DisclosureBasis)}",
            "disclosure_basis",
        )
    by_consent = command.disclosure_basis is DisclosureBasis.CONSENT_PRACTICE
    if by_consent and command.consent_status is not ConsentStatus.GIVEN:
        raise Refused(
            "CONSENT_NOT_GIVEN",
            f"the basis is the victim's agreement, and consent is {command.consent_status.value}",
            "record that it was declined, or give the basis that holds without consent",
            "disclosure_basis",
        )


def apply(state: IncidentState, ctx: Context, command: ReferSupport) -> tuple[str, ...]:
    """Sent or declined: either ends the clock."""
    sent = command.outcome is SupportOutcome.SENT
    state.code.support = command.outcome
    if sent:
        state.code.services = (*state.code.services, command.service)
    append(
        state,
        ctx,
        "support:referred" if sent else "support:declined",
        command.at,
        service=command.service,
        consent_status=command.consent_status,
        disclosure_basis=command.disclosure_basis,
        note_ref=command.note_ref,
    )
    meet_open(state, ctx, ClockType.SUPPORT_REFERRAL, command.at)
    settle_tasks(state, ctx, SUPPORT_HELD)
    return ()


def react(state: IncidentState, ctx: Context) -> None:
    """Two working days from the report, until sent or declined; held while the record is frozen."""
    assert state.report is not None
    clock = open_clock(state, ClockType.SUPPORT_REFERRAL)
    if state.code.support is not None:
        return
    reported_at = state.report.reported_at
    stale = clock is not None and clock.started_at != reported_at
    if clock is not None and (state.code.frozen or stale):
        cancel(state, ctx, clock, "FROZEN" if state.code.frozen else "START_CORRECTED")
        clock = None
    held = Duty(
        kind=SUPPORT_HELD,
        role="SUPERVISOR",
        person=chief(state),
        why="the record is frozen: decide whether support is offered to the family, and by whom",
        command=f"dalo do {name(state)} refer-support",
    )
    keep_task(state, ctx, held, wanted=state.code.frozen)
    if clock is not None:
        follow_owner(state, ctx, clock, answers(state))
    elif not state.code.frozen:
        arm(
            state,
            ctx,
            ClockType.SUPPORT_REFERRAL,
            reported_at,
            "incident reported",
            owner=answers(state),
        )
