"""The catalogue of everything an actor can ask for, and what each needs of the access matrix."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from models.enums import Role


class DataClass(StrEnum):
    """Kinds of data that access is decided on (docs/domain.md 1.3)."""

    SAFE_CONTACT_PLAN = "SAFE_CONTACT_PLAN"
    CONTACT_LOG = "CONTACT_LOG"
    RISK_ASSESSMENT = "RISK_ASSESSMENT"
    EVIDENCE_CHECKLIST = "EVIDENCE_CHECKLIST"
    CHILDREN = "CHILDREN"
    PERPETRATOR_INTELLIGENCE = "PERPETRATOR_INTELLIGENCE"
    MARAC_MINUTES = "MARAC_MINUTES"
    VICTIM_ADDRESS = "VICTIM_ADDRESS"
    ACCESS_LOG = "ACCESS_LOG"
    NEEDS_ASSESSMENT = "NEEDS_ASSESSMENT"
    VICTIM_NOTIFICATIONS = "VICTIM_NOTIFICATIONS"
    SUSPECT_STATUS = "SUSPECT_STATUS"
    HIDDEN_HARM_VISITS = "HIDDEN_HARM_VISITS"
    REFERRALS = "REFERRALS"
    WISHES_CONSENT = "WISHES_CONSENT"
    APPROVALS = "APPROVALS"
    """Allocation, approvals and overrides."""
    IDENTITY = "IDENTITY"
    EQUALITY_IMMIGRATION = "EQUALITY_IMMIGRATION"


class Access(StrEnum):
    """Reading or writing."""

    READ = "READ"
    WRITE = "WRITE"


class Purpose(StrEnum):
    """What kind of processing the access log records (Data Protection Act 2018 s62;
    docs/domain.md 13)."""

    COLLECT = "COLLECT"
    ALTER = "ALTER"
    CONSULT = "CONSULT"
    DISCLOSE = "DISCLOSE"
    COMBINE = "COMBINE"
    ERASE = "ERASE"


class Target(StrEnum):
    """What an action is done to; a relation to the actor exists only for the first two."""

    CASE = "CASE"
    """A case, or an incident of one."""
    OFFICER = "OFFICER"
    """An officer's own list; the actor's where none is named."""
    NOTHING = "NOTHING"


class Action(NamedTuple):
    """What an action needs: any of these cells of the matrix, and, where given, one of these
    roles."""

    purpose: Purpose
    target: Target
    any_of: tuple[tuple[DataClass, Access], ...] = ()
    roles: frozenset[Role] = frozenset()


_MANAGERS = frozenset({Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT})
_POLICE = _MANAGERS | {Role.DALO, Role.OIC}
_AGGREGATE = _MANAGERS | {Role.EVALUATOR, Role.OVERSIGHT_AGG}


def _read(*classes: DataClass) -> Action:
    needs = tuple((data, Access.READ) for data in classes)
    return Action(Purpose.CONSULT, Target.CASE, needs)


def _write(*classes: DataClass) -> Action:
    needs = tuple((data, Access.WRITE) for data in classes)
    return Action(Purpose.ALTER, Target.CASE, needs)


def _service(purpose: Purpose, roles: frozenset[Role]) -> Action:
    return Action(purpose, Target.NOTHING, (), roles)


_READS = {
    "view-case": _read(DataClass.RISK_ASSESSMENT),
    "view-clocks": _read(DataClass.RISK_ASSESSMENT),
    "view-identity": _read(DataClass.IDENTITY),
    "view-note": _read(DataClass.CONTACT_LOG),
    "receipt": _read(DataClass.EVIDENCE_CHECKLIST),
    "view-worklist": Action(Purpose.CONSULT, Target.OFFICER, (), _POLICE),
    "view-board": _service(Purpose.CONSULT, _MANAGERS),
    "metrics": _service(Purpose.CONSULT, _AGGREGATE | {Role.SYSTEM}),
    "view-roster": _service(Purpose.CONSULT, _POLICE | {Role.SYSTEM}),
    "view-policy": _service(Purpose.CONSULT, _POLICE | _AGGREGATE | {Role.AUDITOR, Role.SYSTEM}),
    "view-access-log": Action(
        Purpose.CONSULT, Target.NOTHING, ((DataClass.ACCESS_LOG, Access.READ),)
    ),
}

_SERVICE = {
    "intake": _service(Purpose.COLLECT, _MANAGERS | {Role.SYSTEM}),
    "allocate": _service(Purpose.ALTER, _MANAGERS | {Role.SYSTEM}),
    "roster": _service(Purpose.ALTER, _MANAGERS),
    "policy": _service(Purpose.ALTER, _MANAGERS),
    "watchdog": _service(Purpose.CONSULT, _MANAGERS | {Role.SYSTEM}),
    "ledger-verify": _service(Purpose.CONSULT, _MANAGERS | {Role.AUDITOR, Role.SYSTEM}),
    "ledger-seal": _service(Purpose.CONSULT, _MANAGERS | {Role.AUDITOR, Role.SYSTEM}),
    "ledger-rebuild": _service(Purpose.ALTER, _MANAGERS | {Role.SYSTEM}),
    "rewrap-keys": _service(Purpose.ALTER, _MANAGERS),
    "decode-payloads": _service(Purpose.DISCLOSE, frozenset({Role.SYSTEM})),
}

_COMMANDS = {
    "record-evidence": _write(DataClass.EVIDENCE_CHECKLIST),
    "add-evidence": _write(DataClass.EVIDENCE_CHECKLIST),
    "record-police-contact": _write(DataClass.EVIDENCE_CHECKLIST),
    "set-safe-contact-plan": _write(DataClass.SAFE_CONTACT_PLAN),
    "record-attempt": _write(DataClass.CONTACT_LOG),
    "restore-channel": _write(DataClass.APPROVALS),
    # Later steps of the ladder are a supervisor's to authorise.
    "record-ladder-step": _write(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "set-cadence": _write(DataClass.WISHES_CONSENT),
    "approve-cadence": _write(DataClass.APPROVALS),
    "approve-wait": _write(DataClass.APPROVALS),
    "record-wishes": _write(DataClass.WISHES_CONSENT),
    "complete-needs-assessment": _write(DataClass.NEEDS_ASSESSMENT),
    "add-need-action": _write(DataClass.NEEDS_ASSESSMENT),
    "complete-need-action": _write(DataClass.NEEDS_ASSESSMENT),
    "regrade": _write(DataClass.RISK_ASSESSMENT),
    "review-case": _write(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "reassign": _write(DataClass.APPROVALS),
    "pause-contact": _write(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "resume-contact": _write(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "close-case": _write(DataClass.APPROVALS),
}

ACTIONS: dict[str, Action] = _READS | _SERVICE | _COMMANDS
"""Every action by name; a command's name is its kind."""
