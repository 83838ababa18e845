"""What may be said of a referral on its way (docs/domain.md 6, 8)."""

from __future__ import annotations

from enum import StrEnum


class IdvaOutcome(StrEnum):
    """What became of a referral to an IDVA (docs/domain.md 6)."""

    ENGAGED = "ENGAGED"
    DECLINED = "DECLINED"
    UNABLE_TO_CONTACT = "UNABLE_TO_CONTACT"
    INAPPROPRIATE = "INAPPROPRIATE"
    ALREADY_OPEN = "ALREADY_OPEN"
    WAITLISTED = "WAITLISTED"
    TRANSFERRED = "TRANSFERRED"
    CLOSED_PLANNED = "CLOSED_PLANNED"
    CLOSED_UNPLANNED = "CLOSED_UNPLANNED"


class AttemptResult(StrEnum):
    """What came of an IDVA's attempt to reach the victim."""

    REACHED = "REACHED"
    NO_ANSWER = "NO_ANSWER"
    UNSAFE_ENDED = "UNSAFE_ENDED"
    WRONG_PERSON = "WRONG_PERSON"
    NUMBER_INVALID = "NUMBER_INVALID"


class DischargeReason(StrEnum):
    """Why a MATAC subject is discharged (docs/domain.md 8.2)."""

    RISK_REDUCED = "RISK_REDUCED"
    IN_CUSTODY = "IN_CUSTODY"
    DIED = "DIED"
    MOVED = "MOVED"
    SUPERSEDED_BY_MAPPA = "SUPERSEDED_BY_MAPPA"
    NO_FURTHER_OPTIONS = "NO_FURTHER_OPTIONS"


class TransferAnswer(StrEnum):
    """What the receiving area said to a transferred MARAC referral (docs/domain.md 8.1)."""

    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


class RepeatDecision(StrEnum):
    """What coordinator or supervisor decided on a report of a flagged pair without an open case."""

    NEW_REFERRAL = "NEW_REFERRAL"
    NO_ACTION = "NO_ACTION"
