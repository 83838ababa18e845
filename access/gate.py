"""The gate: no look and no command without an account, a right and a row in the access log."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from access.locks import locked, nearer
from access.log import LogEntry, write
from access.subjects import (
    Account,
    Subject,
    find_account,
    find_cases,
    find_officer,
    plausible,
    roster_is_empty,
    weakest_relation,
)
from models.access import ACTIONS, Relation, Target, permitted
from models.base import Refused
from models.commands import Grant
from models.enums import Role
from models.ids import CASE_REF
from store.locks import held_cases

INTAKE_ACCOUNT = "SVC-INTAKE"
CODEC_ACCOUNT = "SVC-CODEC"
WATCHDOG_ACCOUNT = "SVC-WATCHDOG"

_SERVICE_ACTIONS = {
    INTAKE_ACCOUNT: frozenset({"intake", "allocate", "watchdog", "ledger-seal", "ledger-verify"}),
    CODEC_ACCOUNT: frozenset({"decode-payloads"}),
    WATCHDOG_ACCOUNT: frozenset({"watchdog"}),
}
_SHORTEST_REASON = 5
_LONGEST_REASON = 500
_UNKNOWN = "UNKNOWN"


class _Verdict(NamedTuple):
    """What goes into the log, and what the caller gets: a grant or a refusal."""

    entry: LogEntry
    outcome: Grant | Refused


class _Asked(NamedTuple):
    """One request, as it came."""

    log_id: str
    now: datetime
    actor: str
    action: str
    ref: str
    reason: str
    reason_code: str


class Gate:
    """Decides and logs every access, in one transaction that commits before the answer."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def authorise(
        self,
        actor: str,
        action: str,
        ref: str | None = None,
        reason: str | None = None,
        reason_code: str | None = None,
    ) -> Grant:
        """Let `actor` do `action` (a name of `models.actions.ACTIONS`) to what `ref` names.

        A grant with `break_glass` means that the case is somebody else's: the row is among its
        supervisor's alerts. Raises `Refused` with `UNKNOWN_ACTOR`, `ACCOUNT_INACTIVE`,
        `UNKNOWN_ACTION`, `UNKNOWN_REFERENCE`, `ROLE_NOT_PERMITTED`, `NOT_YOUR_CASE`,
        `CONFLICT_OF_INTEREST`, `RESTRICTED` or `REASON_NEEDED`, each logged; and
        `ACCESS_LOG_UNAVAILABLE`, as what cannot be logged is not answered.
        """
        asked = _Asked(
            str(uuid.uuid4()),
            self._clock(),
            actor.strip(),
            action,
            (ref or "").strip(),
            _tidy(reason or ""),
            _tidy(reason_code or ""),
        )
        try:
            async with self._engine.begin() as conn:
                verdict = await _judge(conn, asked)
                await write(conn, verdict.entry)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise Refused(
                "ACCESS_LOG_UNAVAILABLE",
                "the access log cannot be written, and what is not logged is not answered"
                f" ({type(error).__name__})",
                "try again when the database answers",
            ) from None
        if isinstance(verdict.outcome, Refused):
            raise verdict.outcome
        return verdict.outcome


async def _judge(conn: AsyncConnection, asked: _Asked) -> _Verdict:
    account = await _account(conn, asked)
    if isinstance(account, Refused):
        return _refusal(asked, account, role=_UNKNOWN)
    if not account.active:
        return _refusal(asked, _inactive(), account.role)
    service = _SERVICE_ACTIONS.get(account.actor)
    if service is not None and asked.action not in service:
        return _refusal(asked, _not_permitted("ROLE_NOT_PERMITTED", asked.action), account.role)
    rule = ACTIONS.get(asked.action)
    first = permitted(account.role, asked.action)
    if rule is None or first.code in ("UNKNOWN_ACTION", "ROLE_NOT_PERMITTED"):
        return _refusal(asked, _not_permitted(first.code, asked.action), account.role)
    if rule.target is Target.NOTHING:
        return _grant(asked, account, _label(asked.ref), "ROLE")
    subjects = await _subjects(conn, asked, rule.target)
    if not subjects:
        return _refusal(asked, _unknown_reference(rule.target), account.role)
    relation = weakest_relation(account, subjects)
    if rule.target is not Target.OFFICER:
        held = await held_cases(conn, asked.ref, account.actor)
        lock = locked(account, held)
        if lock is not None:
            return _refusal(asked, lock, account.role, _name(asked, subjects))
        relation = nearer(account, held, relation)
    return _on_subject(asked, account, relation, _name(asked, subjects))


async def _account(conn: AsyncConnection, asked: _Asked) -> Account | Refused:
    """The account; a service's and, while the roster is empty, a first roster's are built in."""
    if asked.actor in _SERVICE_ACTIONS:
        return Account(asked.actor, Role.SYSTEM)
    found = None
    if plausible(asked.actor):
        found = await find_account(conn, asked.actor, asked.now)
    if found is not None:
        return found
    empty = await roster_is_empty(conn)
    if empty and asked.action == "roster" and plausible(asked.actor):
        # The first roster must come from somebody whom no roster names yet.
        return Account(asked.actor, Role.SUPERVISOR)
    remedy = "load a roster first: dalo roster load FILE" if empty else "use an id of the roster"
    if not asked.actor:
        remedy = "say who asks: --as OFFICER or DALO_ACTOR"
    return Refused("UNKNOWN_ACTOR", "no account has this id", remedy, "actor")


async def _subjects(conn: AsyncConnection, asked: _Asked, target: Target) -> list[Subject]:
    ref = asked.ref
    if target is Target.OFFICER:
        ref = ref or asked.actor
    if not plausible(ref):
        return []
    if target is Target.OFFICER:
        return await find_officer(conn, ref)
    return await find_cases(conn, ref, asked.actor)


def _name(asked: _Asked, subjects: list[Subject]) -> str:
    """What the log calls what was asked for."""
    labels = sorted({subject.label for subject in subjects})
    return labels[0] if len(labels) == 1 else asked.ref


def _on_subject(asked: _Asked, account: Account, relation: Relation, label: str) -> _Verdict:
    decision = permitted(account.role, asked.action, relation)
    if not decision.allowed:
        return _refusal(asked, _not_yours(decision.code), account.role, label)
    if decision.needs_reason and len(asked.reason) < _SHORTEST_REASON:
        return _refusal(asked, _reason_needed(), account.role, label)
    code = "BREAK_GLASS" if decision.break_glass else relation.value
    covering = account.covering if relation is Relation.COVERING else ""
    return _grant(asked, account, label, code, covering, break_glass=decision.break_glass)


def _grant(
    asked: _Asked,
    account: Account,
    label: str,
    code: str,
    covering: str = "",
    *,
    break_glass: bool = False,
) -> _Verdict:
    entry = _entry(asked, account.role, label).model_copy(
        update={
            "actor": account.actor,
            "allowed": True,
            "reason_code": asked.reason_code or code,
            "reason": asked.reason,
            "break_glass": break_glass,
        }
    )
    grant = Grant(
        actor=account.actor,
        role=account.role,
        access_log_id=asked.log_id,
        break_glass=break_glass,
        covering=covering,
        known_as=account.known_as,
    )
    return _Verdict(entry, grant)


def _refusal(asked: _Asked, refused: Refused, role: str, label: str | None = None) -> _Verdict:
    known = role != _UNKNOWN
    entry = _entry(asked, role, _label(asked.ref) if label is None else label).model_copy(
        update={
            # What an unknown person typed might be anybody's name.
            "actor": asked.actor if known or _is_code(asked.actor) else _UNKNOWN,
            "reason_code": refused.code,
            "reason": asked.reason if known else "",
        }
    )
    return _Verdict(entry, refused)


def _entry(asked: _Asked, role: str, label: str) -> LogEntry:
    return LogEntry(
        id=asked.log_id,
        at=asked.now,
        actor=asked.actor,
        role=role,
        action=asked.action if asked.action in ACTIONS else _UNKNOWN,
        subject=label,
        allowed=False,
        break_glass=False,
    )


def _label(ref: str) -> str:
    """A reference that was not found is kept only if it can be nothing but a reference."""
    return ref if not ref or CASE_REF.match(ref) else _UNKNOWN


def _is_code(actor: str) -> bool:
    """Whether this looks like a collar number, not like a name or a telephone number."""
    head = actor[:2]
    return actor.isascii() and len(actor) <= 12 and head.isalpha() and actor[-1:].isdigit()


def _tidy(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_REASON]


def _inactive() -> Refused:
    return Refused(
        "ACCOUNT_INACTIVE", "this account is no longer active", "ask a supervisor", "actor"
    )


def _not_permitted(code: str, action: str) -> Refused:
    if code == "UNKNOWN_ACTION":
        return Refused(code, "there is no such action", "see dalo --help", "action")
    return Refused(
        "ROLE_NOT_PERMITTED",
        f"the role of this account does not include {action}",
        "ask somebody whose role does, or a supervisor",
        "actor",
    )


def _unknown_reference(target: Target) -> Refused:
    remedy = "check it: a case (CASE-2026-00001), an incident number, or a victim reference"
    if target is Target.OFFICER:
        remedy = "use an officer id of the roster"
    return Refused("UNKNOWN_REFERENCE", "nothing has this reference", remedy, "ref")


def _not_yours(code: str) -> Refused:
    return Refused(
        code,
        "this case was neither referred to this account nor listed for it",
        "ask the case's DALO to refer it",
        "ref",
    )


def _reason_needed() -> Refused:
    return Refused(
        "REASON_NEEDED",
        "this belongs to another officer or area: it opens only with a typed reason"
        f" (at least {_SHORTEST_REASON} characters)",
        "give --reason; the supervisor is told",
        "reason",
    )
