"""What the incidents of a case bring: suspect, orders, news owed to the victim, safeguarding. The
same lines stand on an incident's own screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from casework.case_parts import NewsPart, OrderPart
from casework.case_reads import CaseScreen
from cli.screen import due, table, words
from cli.sections.top import at
from cli.told import plain
from models.clocks import Clock
from models.enums import ClockType
from models.incident import IncidentView
from models.incident.safeguarding.encompass import UNNAMED
from models.incident.safeguarding.state import Child, Duty
from models.instants import show

_DUTY = {
    Duty.OWED: "OWED",
    Duty.DONE: "done",
    Duty.REASONED: "not done, the reason is on record",
}


def show_incidents(out: Console, screen: CaseScreen, now: datetime) -> None:
    """The incidents, their suspects, orders in force, and what is owed to victim and children."""
    rows = [
        (
            i["incident_ref"],
            at(i.get("reported_at")),
            words(i.get("golden_hour_result")),
            words(i.get("suspect_status")),
            "ended" if i.get("ended_at") else "open",
        )
        for i in screen.incidents
    ]
    columns = ("incident", "reported", "golden hour", "suspect", "")
    out.print(table("Incidents", columns, rows))
    told = [
        (view.incident_ref, line)
        for view in screen.incident_views
        for line in (*suspect(view), *owed(view), *safeguarding(view))
    ]
    for ref, line in told:
        out.print(Text(f"  {ref}: {line}"), soft_wrap=True)
    out.print()
    clocks = [each.clock for each in screen.clocks if each.clock]
    show_orders(out, screen.parts.orders)
    show_news(out, screen.parts.news, clocks, now)


def show_orders(out: Console, orders: Sequence[OrderPart]) -> None:
    """Orders in force, and those not served yet."""
    if not orders:
        return
    rows = (
        (
            o.order_id,
            o.order_type,
            o.status if o.served_at or o.status != "MADE" else "MADE, NOT SERVED",
            plain(o.first_day),
            plain(o.last_day) if o.last_day else "further order",
            words(o.perpetrator_ref),
            o.incident_ref,
        )
        for o in orders
    )
    columns = ("order", "kind", "state", "from", "until", "against", "incident")
    out.print(table("Orders", columns, rows))
    out.print()


def show_news(
    out: Console, news: Sequence[NewsPart], clocks: Iterable[Clock], now: datetime
) -> None:
    """What the victim is still owed news of."""
    if not news:
        return
    kind = ClockType.VICTIM_NOTIFICATION
    by_id = {c.subject: c.due_at for c in clocks if c.clock_type is kind}
    rows = (
        (
            n.notification_id,
            plain(n.event_kind),
            at(n.event_at),
            Text("held: the record is frozen")
            if n.held
            else due(by_id.get(n.notification_id), now),
            n.incident_ref,
        )
        for n in news
    )
    columns = ("id", "the victim is owed news of", "happened", "due", "incident")
    out.print(table("To tell the victim", columns, rows))
    out.print()


def suspect(view: IncidentView) -> list[str]:
    """The suspect: status, custody, bail, release."""
    facts = view.suspect
    if facts is None:
        return []
    status = view.suspect_status.value if view.suspect_status else "not known"
    who = f" {facts.perpetrator_ref}" if facts.perpetrator_ref else ""
    since = f" since {show(facts.status_at)}" if facts.status_at else ""
    parts = [f"suspect{who} {status}{since}"]
    if facts.large_from:
        parts.append(f"AT LARGE AGAIN since {show(facts.large_from)}")
    custody = facts.custody
    if custody and custody.released_at is None:
        parts.append(f"in custody since {show(custody.arrived_at)}")
    if facts.bail and not facts.bail.expired:
        until = plain(facts.bail.until.isoformat()) if facts.bail.until else "its first limit"
        parts.append(
            f"on bail until {until} ({plain(facts.bail.authority.value)};"
            f" victim's views {plain(facts.bail.views.value)})"
        )
    elif facts.bail:
        parts.append("BAIL EXPIRED: its conditions no longer hold")
    if facts.release_planned_at:
        parts.append(f"release planned {show(facts.release_planned_at)}")
    lines = ["; ".join(parts)]
    for order in view.orders.awaited if view.orders else ():
        lines.append(f"{order.value} on the report: nobody has recorded its particulars")
    return lines + [
        f"Clare's Law {each.dvds_id} ({plain(each.route.value)}) applied for"
        f" {show(each.applied_at)}{', IMMINENT RISK' if each.imminent_risk else ''}: undecided"
        for each in (view.orders.disclosures if view.orders else {}).values()
    ]


def owed(view: IncidentView) -> list[str]:
    """The Victims' Code but for the news: support, confirmation, statement, measures."""
    code = view.code
    if code is None:
        return []
    services = f" ({', '.join(map(plain, code.services))})" if code.services else ""
    parts = [
        f"support referral {plain(code.support.value) if code.support else 'owed'}{services}",
        f"written confirmation {plain(code.confirmed.value) if code.confirmed else 'owed'}",
    ]
    if code.vps:
        parts.append(f"personal statement {plain(code.vps.value)}")
    if code.measures:
        parts.append(f"special measures {plain(code.measures.value)}")
    if code.update_channel and code.update_frequency:
        parts.append(
            f"wants updates {plain(code.update_frequency.value)}"
            f" by {plain(code.update_channel.value)}"
        )
    return [f"Victims' Code: {'; '.join(parts)}"]


def safeguarding(view: IncidentView) -> list[str]:
    """Children and adults: who is told of them, who is still to be."""
    facts = view.safeguarding
    if facts is None:
        return []
    schools = {c.subject for c in view.clocks if c.clock_type is ClockType.ENCOMPASS}
    lines = [
        f"child {_child(each)}{', ENCOMPASS OWED' if each.child_ref in schools else ''}"
        for each in facts.children.values()
    ]
    if UNNAMED in schools:
        lines.append("children whom nobody has named: ENCOMPASS OWED, record-child names them")
    if facts.referral is not Duty.NONE:
        grounds = plain([ground.value for ground in facts.grounds])
        lines.append(f"children's social care {_DUTY[facts.referral]} (grounds: {grounds})")
    elif facts.notified:
        lines.append("children's social care notified")
    if facts.care is not Duty.NONE:
        lines.append(f"Care Act concern {_DUTY[facts.care]}")
    return lines


def _child(each: Child) -> str:
    lives = "lives there" if each.resident else "lives elsewhere"
    told = ", Encompass done with" if each.told else ""
    return f"{each.child_ref}: {plain(each.age.value)}, {lives}, {plain(each.presence.value)}{told}"
