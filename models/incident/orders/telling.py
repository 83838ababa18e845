"""What the case hears of a breach, whoever recorded it (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from datetime import datetime

from models.enums import ArrestReason, BreachNature, OrderType
from models.incident.orders import law
from models.incident.state import IncidentState
from models.incident.suspect.keeping import perpetrator, tell_case
from models.messages import OrderBreached
from models.stream import Context, number


def tell_breach(
    state: IncidentState,
    ctx: Context,
    *,
    breach_id: str,
    of: OrderType,
    perpetrator_ref: str,
    at: datetime,
) -> None:
    """Tell the case of a breach."""
    tell_case(
        state,
        lambda message_id: OrderBreached(
            message_id=message_id,
            incident_ref=state.incident_ref,
            perpetrator_ref=perpetrator_ref,
            breach_id=breach_id,
            of=of,
            criminal=law.BREACH[of] is BreachNature.CRIMINAL,
            at=at,
            known_at=ctx.now,
        ),
    )


def tell_of_arrest(state: IncidentState, ctx: Context, reason: ArrestReason, at: datetime) -> None:
    """An arrest for a breach tells the case of the breach too, unless that waited for the arrest
    and so was told already."""
    kinds = [kind for kind, ground in law.GROUND.items() if ground is reason]
    waited = any(breach.order_type in kinds for breach in state.orders.breaches.values())
    if waited or not kinds or reason is ArrestReason.RECALL:
        return
    held = [order.order_type for order in state.orders.orders.values() if order.order_type in kinds]
    breach_id = f"ARREST-{number(state, 'arrest-for-breach')}"
    of = held[0] if held else kinds[0]
    tell_breach(state, ctx, breach_id=breach_id, of=of, perpetrator_ref=perpetrator(state), at=at)
