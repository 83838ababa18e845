"""Breaches of orders: what each is in law, the arrest for it, and the court within a day where the
law asks that (docs/domain.md 11)."""

from __future__ import annotations

from models.base import Refused
from models.checks import not_later
from models.clocks import Clock
from models.commands import Grant, RecordBreach
from models.enums import ClockType, SuspectStatus
from models.incident.orders import law
from models.incident.orders.keeping import the_order
from models.incident.orders.state import Breach, Order
from models.incident.orders.telling import tell_breach
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task, recorder_only
from models.incident.suspect.status import arrest
from models.incident.suspect.statuses import AT_LARGE
from models.stream import Context, append, arm, cancel, meet, number, open_clock

BY_COURT = frozenset({SuspectStatus.CHARGED_BAIL, SuspectStatus.REMANDED, SuspectStatus.CONVICTED})
"""Statuses that only a court (or a charge that leads there) gives."""


def check_breach(state: IncidentState, ctx: Context, command: RecordBreach, grant: Grant) -> None:
    """An order is broken while it binds; an arrest needs a power of arrest."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    order = state.orders.past.get(command.order_id) or the_order(state, command.order_id)
    if not law.bound_at(order, command.at):
        raise Refused(
            "NOT_IN_FORCE",
            f"{order.order_id} did not bind at that time (made, and where the law asks it served, "
            "and not ended)",
            "correct the time, or record the service first",
            "at",
        )
    unknown = set(command.conditions) - set(order.conditions)
    if order.conditions and unknown:
        raise Refused(
            "CONDITION_UNKNOWN",
            f"{', '.join(sorted(unknown))} is no condition of {order.order_id}",
            f"it has {', '.join(order.conditions)}",
            "conditions",
        )
    if command.arrested_at is None:
        return
    not_later(ctx.now, command.arrested_at, "arrested_at")
    if command.arrested_at < command.at:
        raise Refused(
            "ARREST_BEFORE_BREACH", "the breach came later", "correct one of them", "arrested_at"
        )
    if not arrestable(order):
        raise Refused(
            "NO_POWER_OF_ARREST",
            "an occupation order lets nobody be arrested without a power of arrest attached",
            "record the arrest on its own ground with change-suspect-status",
            "arrested_at",
        )


def arrestable(order: Order) -> bool:
    """Whether a breach itself allows an arrest without warrant."""
    return order.order_type is not law.T.OCCUPATION or order.power_of_arrest


def apply_breach(state: IncidentState, ctx: Context, command: RecordBreach) -> tuple[str, ...]:
    """Record the breach and its nature; an arrest for it is the suspect's new status."""
    order = state.orders.past.get(command.order_id) or the_order(state, command.order_id)
    nature = law.BREACH[order.order_type]
    breach = Breach(
        breach_id=f"{order.order_id}/BREACH-{number(state, 'breach')}",
        order_id=order.order_id,
        order_type=order.order_type,
        nature=nature,
        at=command.at,
        arrested_at=command.arrested_at,
        arrestable=arrestable(order),
    )
    state.orders.breaches[breach.breach_id] = breach
    append(
        state,
        ctx,
        "order:breached",
        command.at,
        order_id=order.order_id,
        breach_id=breach.breach_id,
        nature=nature,
        conditions=list(command.conditions),
        arrested_at=command.arrested_at,
        note_ref=command.note_ref,
    )
    tell_breach(
        state,
        ctx,
        breach_id=breach.breach_id,
        of=order.order_type,
        perpetrator_ref=order.perpetrator_ref,
        at=command.at,
    )
    if command.arrested_at is not None:
        arrest(state, ctx, command.arrested_at, law.GROUND[order.order_type])
    return (nature.value,)


def react(state: IncidentState, ctx: Context) -> None:
    """Each breach calls for an arrest where it allows one, then, where the law asks it, for the
    court within 24 hours on the notice's calendar."""
    for breach in list(state.orders.breaches.values()):
        arrested = _arrested(state, breach)
        dealt = not arrested.arrestable or _dealt_with(state, arrested)
        waiting = arrested.arrested_at is None and not dealt
        keep_task(state, ctx, _duty(state, arrested), wanted=waiting)
        if waiting:
            continue
        to_court = arrested.order_type in law.TO_COURT_IN_A_DAY
        if arrested.arrested_at is None or not to_court or not _to_court(state, ctx, arrested):
            del state.orders.breaches[breach.breach_id]


def _arrested(state: IncidentState, breach: Breach) -> Breach:
    """The breach with its arrest, where the suspect's status tells of one."""
    at = state.suspect.arrested_at
    held = state.suspect.status is SuspectStatus.ARRESTED
    if breach.arrested_at is None and breach.arrestable and held and at and at >= breach.at:
        breach = breach.model_copy(update={"arrested_at": at})
        state.orders.breaches[breach.breach_id] = breach
    return breach


def _dealt_with(state: IncidentState, breach: Breach) -> bool:
    """Whether the suspect's status came after the breach and says that somebody dealt with it."""
    facts = state.suspect
    since = facts.status_at is not None and facts.status_at > breach.at
    return since and facts.status not in AT_LARGE


def _duty(state: IncidentState, breach: Breach) -> Duty:
    ground = law.GROUND[breach.order_type].value
    return Duty(
        kind="ORDER_BREACH",
        role="OIC",
        person=state.item_owner,
        why=f"{breach.order_type.value} {breach.order_id} was broken ({breach.nature.value}): "
        "arrest, or record what was done instead",
        due_at=breach.at,
        command=f"dalo do {name(state)} change-suspect-status --status ARRESTED "
        f"--arrest-reason {ground}",
        subject=breach.breach_id,
    )


def _to_court(state: IncidentState, ctx: Context, breach: Breach) -> bool:
    """Keep the clock to the court; whether it still runs."""
    facts = state.suspect
    clock = open_clock(state, ClockType.DVPN_HEARING, breach.breach_id)
    assert breach.arrested_at is not None
    if clock is None:
        arm(
            state,
            ctx,
            ClockType.DVPN_HEARING,
            breach.arrested_at,
            "the arrest for a breach was made",
            subject=breach.breach_id,
            rule_key="BREACH",
            owner=state.item_owner,
        )
        return True
    left = facts.status is not SuspectStatus.ARRESTED and facts.status_at is not None
    if left and facts.status_at is not None and facts.status_at >= breach.arrested_at:
        _release(state, ctx, clock)
        return False
    follow_owner(state, ctx, clock, state.item_owner)
    return True


def _release(state: IncidentState, ctx: Context, clock: Clock) -> None:
    facts = state.suspect
    if facts.status in BY_COURT and facts.status_at is not None:
        meet(state, ctx, clock, facts.status_at)
    else:
        cancel(state, ctx, clock, "NO_LONGER_HELD")
