"""What access is decided on: kinds of data, reading or writing, and what an action needs."""

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


def read_of(*classes: DataClass) -> Action:
    """An action that shows a case's data: any of these cells of the matrix lets it."""
    needs = tuple((data, Access.READ) for data in classes)
    return Action(Purpose.CONSULT, Target.CASE, needs)


def write_of(*classes: DataClass) -> Action:
    """A command: any of these cells of the matrix lets it."""
    needs = tuple((data, Access.WRITE) for data in classes)
    return Action(Purpose.ALTER, Target.CASE, needs)
