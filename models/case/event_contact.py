"""Contact at events beside the cadence (docs/domain.md 9.2): a new incident, release, bail, the end
of an order, MARAC heard, IDVA closed. By a safe route only, within a day, under a clock.

Of one who asked for no contact only where it is an event of safety; what the victim refused to hear
of stays refused unless a supervisor decides otherwise (9.4, 16 (v))."""

from __future__ import annotations

from datetime import datetime

from models.calendars import due_instant
from models.case import approach
from models.case.state import CaseFacts
from models.clocks import CalendarKind, Clock, Limit
from models.commands import NotificationOptOut
from models.enums import ClockType, ReferralPathway, ReferralState
from models.messages import (
    BailChanged,
    CaseMessage,
    OrderChanged,
    ReferralChanged,
    SuspectChanged,
)
from models.stream import (
    Context,
    arm,
    cancel,
    give_clock,
    meet,
    move,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

AtEvent = tuple[str, str, bool]
"""Subject, words, and whether it is an event of safety."""
KIND = "CONTACT_AT_EVENT"
DECIDE = "DECIDE_EVENT_CONTACT"
"""Task of the supervisor, and as rule key the clock of that decision."""


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Ask for contact where the message tells of such an event, or for a supervisor's decision
    where the victim refused to hear of it."""
    if isinstance(message, SuspectChanged) and (message.freed or message.release_cancelled):
        _release_over(state, ctx, message)
    found = _event(ctx, message)
    if found is not None:
        before, release = release_at(message), of_release(ctx, message)
        ask(state, ctx, found, release=release, before=before)


def ask(
    state: CaseFacts,
    ctx: Context,
    event: AtEvent,
    *,
    release: bool = False,
    before: datetime | None = None,
) -> None:
    """Ask for contact at an event, or for a supervisor's decision; of no event but of safety where
    the victim refused to hear of it, or wants no contact."""
    subject, what, safety = event
    if not state.live or state.essentials.frozen:
        return
    refused = _refused(state, release)
    if (refused or approach.silent(state)) and not safety:
        return
    if refused:
        _ask_supervisor(state, ctx, subject, before)
    else:
        _ask(state, ctx, subject, what, "SAFETY_EVENT", before=before)


def waits(state: CaseFacts, subject: str) -> bool:
    """Whether contact at this event, or a decision on it, still waits."""
    return any(clock.subject == subject for clock in open_events(state))


def over(state: CaseFacts, ctx: Context, subject: str) -> bool:
    """What was to be spoken of is no more so; whether it still waited."""
    waited = waits(state, subject)
    clock = open_clock(state, ClockType.CONTACT_AT_EVENT, subject)
    if clock is not None:
        cancel(state, ctx, clock, "NO_LONGER_SO")
        settle(state, ctx, subject)
    return waited


def _release_over(state: CaseFacts, ctx: Context, message: SuspectChanged) -> None:
    """The release that was to come came, or was called off: who may have heard of it hears that."""
    waited = over(state, ctx, f"{message.incident_ref}:RELEASE_PLANNED")
    if message.release_cancelled and not waited:
        subject = f"{message.incident_ref}:RELEASE_CANCELLED"
        event = (subject, "the release that was planned is called off", True)
        ask(state, ctx, event, release=True)


def of_release(ctx: Context, message: CaseMessage) -> bool:
    """Whether the suspect is released, or will be, or escaped: what a victim hears of who wants to
    be told "only if he is released"."""
    if not isinstance(message, SuspectChanged):
        return False
    planned = message.release_planned_at is not None
    return planned or message.freed or message.status in ctx.policy.of_duties.wishes.safety_statuses


def release_at(message: CaseMessage) -> datetime | None:
    """When a release is planned for."""
    return message.release_planned_at if isinstance(message, SuspectChanged) else None


def _refused(state: CaseFacts, release: bool) -> bool:
    scope = state.wishes.notification_opt_out
    if scope is NotificationOptOut.ALL_EXCEPT_RELEASE:
        return not release
    return scope is NotificationOptOut.ALL


def new_incident(state: CaseFacts, ctx: Context, incident_ref: str) -> None:
    """Another incident joined the case: no notice, so that no opt-out bars it."""
    if state.allocated_at is not None and not state.essentials.frozen:
        subject = f"{incident_ref}:REPORTED"
        _ask(state, ctx, subject, "another incident was reported", "NEW_INCIDENT")


def approach_now(state: CaseFacts, ctx: Context, subject: str = "") -> None:
    """A supervisor allows contact: at an event that waits for the decision, or of its own."""
    decided = open_clock(state, ClockType.CONTACT_AT_EVENT, subject) if subject else None
    if decided is not None:
        meet(state, ctx, decided, ctx.now)
        settle_tasks(state, ctx, DECIDE, subject)
    subject = subject or f"SUPERVISOR:{number(state, 'supervised-approach')}"
    _ask(state, ctx, subject, "the supervisor decided on contact", "SUPERVISOR")


def _ask(
    state: CaseFacts,
    ctx: Context,
    subject: str,
    what: str,
    why: str,
    *,
    before: datetime | None = None,
) -> None:
    """The officer makes contact, by one safe approach where nothing else is allowed; before a
    planned release where that is sooner than the limit."""
    if approach.silent(state):
        approach.allow(state, ctx, why)
    owner = state.dalo_id or state.supervisor_id
    clock = open_clock(state, ClockType.CONTACT_AT_EVENT, subject)
    if clock is None:
        clock = arm_before(
            state, ctx, ClockType.CONTACT_AT_EVENT, before, subject=subject, owner=owner
        )
    elif clock.rule_key == DECIDE:
        return
    raise_task(
        state,
        ctx,
        KIND,
        owner,
        f"{what}: contact the victim, by a safe route only",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} record-attempt",
        subject=subject,
    )


def arm_before(
    state: CaseFacts,
    ctx: Context,
    clock_type: ClockType,
    before: datetime | None,
    *,
    subject: str = "",
    rule_key: str = "",
    owner: str,
) -> Clock:
    """Start a clock from when the event is known to the case, due within policy's limit and no
    later than `before`, where that is still to come."""
    limit = ctx.policy.clock_rules[clock_type].limit_for(rule_key)
    due = due_instant(limit, ctx.now, ctx.calendar) if limit else None
    sooner = before is not None and before > ctx.now and (due is None or before < due)
    return arm(
        state,
        ctx,
        clock_type,
        ctx.now,
        "event known",
        subject=subject,
        rule_key=rule_key,
        owner=owner,
        due_at=before if sooner else None,
        limit=Limit(kind=CalendarKind.FIXED) if sooner else limit,
        basis="the release is planned for this time" if sooner else "",
    )


def _ask_supervisor(
    state: CaseFacts, ctx: Context, subject: str, before: datetime | None = None
) -> None:
    """The officer may not make contact: the supervisor decides whether safety calls for it."""
    clock = open_clock(state, ClockType.CONTACT_AT_EVENT, subject)
    if clock is None:
        clock = arm_before(
            state,
            ctx,
            ClockType.CONTACT_AT_EVENT,
            before,
            subject=subject,
            rule_key=DECIDE,
            owner=state.supervisor_id,
        )
    elif clock.rule_key != DECIDE:
        theirs = clock.model_copy(update={"rule_key": DECIDE, "owner": state.supervisor_id})
        move(state, ctx, theirs, clock.due_at, "SUPERVISOR_DECIDES", due_raw=clock.due_raw)
        settle_tasks(state, ctx, KIND, subject)
    raise_task(
        state,
        ctx,
        DECIDE,
        state.supervisor_id,
        "an event of safety of which the victim is not to be told as they wished: decide whether "
        "it calls for contact all the same (allow-approach) or not (settle-contact-at-event)",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} allow-approach --subject {subject} --reason REASON",
        subject=subject,
    )


def _event(ctx: Context, message: CaseMessage) -> AtEvent | None:
    """None where it is no such event."""
    policy = ctx.policy.of_duties.wishes
    match message:
        case SuspectChanged(incident_ref=ref, status=status, freed=True):
            return f"{ref}:{status.value}", f"the suspect is at liberty ({status.value})", True
        case SuspectChanged(incident_ref=ref, release_planned_at=planned) if planned is not None:
            return f"{ref}:RELEASE_PLANNED", "the suspect will be released", True
        case SuspectChanged(incident_ref=ref, status=status) if status in policy.contact_statuses:
            safety = status in policy.safety_statuses
            return f"{ref}:{status.value}", f"the suspect's status is {status.value}", safety
        case BailChanged(incident_ref=ref, in_force=in_force):
            what = "bail was extended or its day moved" if in_force else "bail ended"
            return f"{ref}:BAIL_{'CHANGED' if in_force else 'ENDED'}", what, not in_force
        case OrderChanged() if message.protection_ended:
            name = message.order_type.value
            return f"{_order(message)}:ENDED", f"an order ({name}) ended", True
        case OrderChanged() if message.in_force and message.order_type in policy.bail_orders:
            return f"{_order(message)}:CHANGED", "bail conditions changed", False
        case ReferralChanged():
            return _referral(message)
    return None


def _referral(message: ReferralChanged) -> AtEvent | None:
    match message:
        case ReferralChanged(pathway=ReferralPathway.MARAC, state=ReferralState.HEARD):
            return f"{message.referral_ref}:HEARD", "MARAC heard the case", False
        case ReferralChanged(pathway=ReferralPathway.IDVA, ended=True):
            return f"{message.referral_ref}:ENDED", "the IDVA's work ended", False
    return None


def _order(message: OrderChanged) -> str:
    """An order among those of all incidents: each incident numbers its own from one."""
    return f"{message.incident_ref}:{message.order_id}"


def open_events(state: CaseFacts) -> list[Clock]:
    """The events at which contact, or a decision on it, is still owed."""
    return [c for c in state.clocks.values() if c.clock_type is ClockType.CONTACT_AT_EVENT]


def settle(state: CaseFacts, ctx: Context, subject: str) -> None:
    """Nothing is owed at this event any more; an approach allowed for no other lapses."""
    for kind in (KIND, DECIDE):
        settle_tasks(state, ctx, kind, subject)
    if not [clock for clock in open_events(state) if clock.rule_key != DECIDE]:
        approach.lapse(state, ctx)


def reached(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """The victim was reached at `at`: every event known by then is met, save those on which a
    supervisor decides."""
    for clock in open_events(state):
        if clock.rule_key != DECIDE and at >= clock.started_at:
            meet(state, ctx, clock, at)
            settle(state, ctx, clock.subject)


def react(state: CaseFacts, ctx: Context) -> None:
    """Where the one approach was made and reached nobody, the wait for wishes takes over, or in a
    dormant case the supervisor decides."""
    for clock in open_events(state):
        owner = state.dalo_id or state.supervisor_id
        if clock.rule_key == DECIDE:
            continue
        if state.asked.approach == "USED":
            cancel(state, ctx, clock, "APPROACH_MADE")
            settle(state, ctx, clock.subject)
        elif approach.held_back(state) == "NO_CONTACT_ASKED":
            _ask_supervisor(state, ctx, clock.subject)
        elif clock.owner != owner:
            give_clock(state, ctx, clock, owner)
