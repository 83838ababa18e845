"""The catalogue of everything an actor can ask for, and what each needs of the access matrix."""

from __future__ import annotations

from models.commands import (
    case_referrals,
    essentials,
    handover,
    meeting,
    orders,
    referral,
    risk,
    safeguarding,
    suspect,
    victims_code,
    visits,
    wishes,
)
from models.data_classes import Access, Action, DataClass, Purpose, Target
from models.data_classes import read_of as _read
from models.data_classes import write_of as _write
from models.enums import SUPERVISORY, Role

_MANAGERS = frozenset(SUPERVISORY)
_POLICE = _MANAGERS | {Role.DALO, Role.OIC}
_EVERYBODY = frozenset(Role) - {Role.SYSTEM, Role.EVALUATOR, Role.OVERSIGHT_AGG}
_AGGREGATE = _MANAGERS | {Role.EVALUATOR, Role.OVERSIGHT_AGG}


def _service(purpose: Purpose, roles: frozenset[Role]) -> Action:
    return Action(purpose, Target.NOTHING, (), roles)


_READS = {
    "view-case": _read(DataClass.RISK_ASSESSMENT),
    "view-incident": _read(
        DataClass.RISK_ASSESSMENT, DataClass.SUSPECT_STATUS, DataClass.VICTIM_NOTIFICATIONS
    ),
    "view-clocks": _read(DataClass.RISK_ASSESSMENT),
    "view-identity": _read(DataClass.IDENTITY),
    "check-code-word": _read(DataClass.SAFE_CONTACT_PLAN),
    "view-note": _read(DataClass.CONTACT_LOG),
    "receipt": _read(DataClass.EVIDENCE_CHECKLIST),
    "view-referral": _read(DataClass.REFERRALS),
    "view-worklist": Action(Purpose.CONSULT, Target.OFFICER, (), _POLICE),
    "view-board": _service(Purpose.CONSULT, _MANAGERS),
    "metrics": _service(Purpose.CONSULT, _AGGREGATE | {Role.SYSTEM}),
    "view-notices": _service(Purpose.CONSULT, _EVERYBODY),
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
    "renew": _service(Purpose.ALTER, _MANAGERS | {Role.SYSTEM}),
    "record-leave": Action(Purpose.ALTER, Target.OFFICER, (), _MANAGERS),
    "watchdog": _service(Purpose.CONSULT, _MANAGERS | {Role.SYSTEM}),
    "matac-run": _service(Purpose.COMBINE, _MANAGERS | {Role.MATAC_COORDINATOR, Role.SYSTEM}),
    "ledger-verify": _service(Purpose.CONSULT, _MANAGERS | {Role.AUDITOR, Role.SYSTEM}),
    "ledger-seal": _service(Purpose.CONSULT, _MANAGERS | {Role.AUDITOR, Role.SYSTEM}),
    "ledger-rebuild": _service(Purpose.ALTER, _MANAGERS | {Role.SYSTEM}),
    "acknowledge-notices": _service(Purpose.ALTER, _EVERYBODY),
    "send-notices": _service(Purpose.DISCLOSE, _MANAGERS | {Role.SYSTEM}),
    "set-route": _write(DataClass.SAFE_CONTACT_PLAN),
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
    "ask-closure": _write(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "close-case": _write(DataClass.APPROVALS),
    "refuse-closure": _write(DataClass.APPROVALS),
    "reopen-case": _write(DataClass.APPROVALS),
    "merge-victims": _write(DataClass.APPROVALS),
    "child-referral-sent": _write(DataClass.APPROVALS),
    "settle-told": Action(
        Purpose.ALTER,
        Target.CASE,
        ((DataClass.REFERRALS, Access.WRITE),),
        _MANAGERS | {Role.MARAC_COORDINATOR},
    ),
}

for _topic in (
    case_referrals,
    referral,
    meeting,
    essentials,
    visits,
    wishes,
    handover,
    orders,
    risk,
    suspect,
    safeguarding,
    victims_code,
):
    _COMMANDS |= _topic.NEEDS

ACTIONS: dict[str, Action] = _READS | meeting.READS | _SERVICE | _COMMANDS
"""Every action by name; a command's name is its kind."""
