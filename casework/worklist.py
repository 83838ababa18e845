"""One officer's worklist: all they answer for and what its owner cannot do, the most urgent first,
each with its reason and the command that settles it. Shared by every face; callers have passed the
gate."""

from __future__ import annotations

from datetime import datetime

from casework.case_reads import READ_MODEL, safe_to_call_each
from casework.runtime import Runtime
from models import registry
from models.base import Record
from models.clocks import Clock
from models.content import PolicyError
from models.due import explain
from models.ids import reference_of
from models.safe_decision import SafeDecision
from models.settling import command_of, settled_by, typed
from models.stream import Task
from models.urgency import Urgency, rank, urgency_of
from store.answering import answers_for
from store.charge import left_to
from store.locks import hidden_cases
from store.worklist import BREACH, Owed, owed


class Item(Record):
    """One thing to do. `safe_to_call` is the case's decision at this moment, if it has a case;
    `on_behalf_of` the absent officer or the role whose it is, where it is not the officer's own."""

    what: str
    case_ref: str
    ref: str
    urgency: str
    due_at: datetime | None
    overdue: bool
    why: str
    command: str
    explanation: str = ""
    on_behalf_of: str = ""
    safe_to_call: SafeDecision | None = None


class Worklist(Record):
    """An officer's list: how much there is, and the most urgent of it."""

    source: str = READ_MODEL
    as_of: datetime
    officer: str
    total: int
    overdue: int
    items: tuple[Item, ...]


async def worklist_of(runtime: Runtime, officer: str, limit: int, viewer: str = "") -> Worklist:
    """The list, with the case's word on calling for what is shown. What is restricted to others
    than the `viewer` (else the officer), or closed to them by a conflict of interest, is left out;
    where nobody else who answers may open it, it stands on the list of who is in charge."""
    now = runtime.clock()
    async with runtime.engine.connect() as conn:
        found = await owed(conn, await answers_for(conn, officer, now))
        found += await left_to(conn, officer, now)
        hidden = await hidden_cases(conn, viewer or officer)
    found = [each for each in found if each.case_ref not in hidden]
    breaches = {
        (each.stream, each.task.subject)
        for each in found
        if each.task is not None and each.task.kind == BREACH
    }
    items = [item for each in found if (item := _item(each, officer, breaches, now)) is not None]
    items.sort(key=lambda item: (*rank(Urgency[item.urgency], item.due_at), item.ref, item.what))
    return Worklist(
        as_of=now,
        officer=officer,
        total=len(items),
        overdue=sum(item.overdue for item in items),
        items=tuple(await _with_decisions(runtime, items[:limit], now)),
    )


def _item(each: Owed, officer: str, breaches: set[tuple[str, str]], now: datetime) -> Item | None:
    if each.task is not None:
        return _of_task(each, each.task, officer, now)
    clock = each.clock
    # A task already asks for what a breached clock asks for; a paused clock asks for nothing.
    if clock is None or clock.paused or (each.stream, clock.clock_id) in breaches:
        return None
    return _of_clock(each, clock, officer, now)


def _of_task(each: Owed, task: Task, officer: str, now: datetime) -> Item:
    ref = reference_of(each.stream)
    due_at = task.due_at or task.raised_at
    return Item(
        what=f"{task.kind} {task.subject}".strip(),
        case_ref=each.case_ref,
        ref=ref,
        urgency=urgency_of(task.kind, task.subject, each.risk_grade).name,
        due_at=due_at,
        overdue=due_at < now,
        why=_left(each, task.why),
        command=_what_settles(each, task),
        explanation=_sentence(each.clock) if each.clock is not None else "",
        on_behalf_of="" if each.owner == officer else each.owner,
    )


def _of_clock(each: Owed, clock: Clock, officer: str, now: datetime) -> Item:
    ref = reference_of(each.stream)
    return Item(
        what=f"{clock.clock_type.value} {clock.subject}".strip(),
        case_ref=each.case_ref,
        ref=ref,
        urgency=urgency_of(clock.clock_type.value, clock.subject, each.risk_grade).name,
        due_at=clock.due_at,
        overdue=clock.due_at < now,
        why=_left(each, _basis(clock)),
        command=settled_by(typed(each.stream), clock),
        explanation=_sentence(clock),
        on_behalf_of="" if each.owner == officer else each.owner,
    )


def _left(each: Owed, why: str) -> str:
    """The reason, after why it is not on its owner's list."""
    return f"{each.left}: {why}" if each.left else why


def _what_settles(each: Owed, task: Task) -> str:
    """A breach is settled by what meets its clock."""
    clock = each.clock
    late = settled_by(typed(each.stream), clock) if clock is not None else ""
    return late or command_of(each.stream, task.command)


def _basis(clock: Clock) -> str:
    """Title of the rule and where it comes from: law or policy."""
    try:
        rule = registry.policy(clock.policy_version).clock_rules[clock.clock_type]
    except (PolicyError, KeyError):
        return clock.basis or clock.policy_version
    return f"{rule.title} ({clock.basis or rule.basis})"


def _sentence(clock: Clock) -> str:
    try:
        policy = registry.policy(clock.policy_version)
        return explain(clock, policy, registry.calendar(clock.calendar_version))
    except (PolicyError, KeyError):
        return ""


async def _with_decisions(runtime: Runtime, items: list[Item], now: datetime) -> list[Item]:
    """Ask each case concerned whether its victim may be called at this moment."""
    refs = sorted({item.case_ref for item in items if item.case_ref})
    known = await safe_to_call_each(runtime, refs, now)
    return [item.model_copy(update={"safe_to_call": known.get(item.case_ref)}) for item in items]
