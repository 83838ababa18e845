"""Codes of the Victims' Code (docs/domain.md 4)."""

from __future__ import annotations

from enum import StrEnum


class NotificationOutcome(StrEnum):
    """What became of telling the victim. Only `TOLD` and what she said herself end the duty."""

    TOLD = "TOLD"
    COULD_NOT_REACH = "COULD_NOT_REACH"
    UNSAFE_ENDED = "UNSAFE_ENDED"
    """Ended neutrally, on a doubt whether it was safe."""
    SAID_NO_UPDATES = "SAID_NO_UPDATES"
    """She said that she wants no news of this; never inferred from silence."""


class SupportOutcome(StrEnum):
    """What became of the referral to a support service."""

    SENT = "SENT"
    DECLINED = "DECLINED"


class ConfirmationOutcome(StrEnum):
    """What became of the written confirmation of the report."""

    GIVEN = "GIVEN"
    DECLINED = "DECLINED"
    NOT_SAFE_IN_WRITING = "NOT_SAFE_IN_WRITING"


class UpdateFrequency(StrEnum):
    """How often the victim asked to hear of the investigation."""

    EVERY_EVENT = "EVERY_EVENT"
    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    MONTHLY = "MONTHLY"
    ON_REQUEST = "ON_REQUEST"


class VpsStatus(StrEnum):
    """Victim Personal Statement."""

    OFFERED = "OFFERED"
    TAKEN = "TAKEN"
    DECLINED = "DECLINED"


class VpsReadBy(StrEnum):
    """Who is to read the statement in court."""

    VICTIM = "VICTIM"
    PROSECUTOR = "PROSECUTOR"
    FAMILY_MEMBER_OR_SUPPORTER = "FAMILY_MEMBER_OR_SUPPORTER"
    COURT_READS_SILENTLY = "COURT_READS_SILENTLY"


class SpecialMeasure(StrEnum):
    """Special measures (Youth Justice and Criminal Evidence Act 1999)."""

    SCREENS = "SCREENS"
    LIVE_LINK = "LIVE_LINK"
    EVIDENCE_IN_PRIVATE = "EVIDENCE_IN_PRIVATE"
    RECORDED_INTERVIEW = "RECORDED_INTERVIEW"
    INTERMEDIARY = "INTERMEDIARY"
    PRE_RECORDED_CROSS_EXAMINATION = "PRE_RECORDED_CROSS_EXAMINATION"


class MeasuresOutcome(StrEnum):
    """Where the special measures stand."""

    ASKED_FOR = "ASKED_FOR"
    NONE_WANTED = "NONE_WANTED"
    GRANTED = "GRANTED"
    REFUSED_BY_COURT = "REFUSED_BY_COURT"


class CourtEvent(StrEnum):
    """What the Witness Care Unit hears from court and the victim must be told."""

    COURT_DATE = "COURT_DATE"
    """A hearing was fixed, or moved to another day."""
    COURT_DATE_VACATED = "COURT_DATE_VACATED"
    """A hearing will not be held."""
    COURT_BAIL_RESULT = "COURT_BAIL_RESULT"
    COURT_OUTCOME = "COURT_OUTCOME"


class DecisionTold(StrEnum):
    """A decision of police or prosecutors that ends a case or a part of it."""

    NOT_INVESTIGATED = "NOT_INVESTIGATED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"
    NO_CHARGE = "NO_CHARGE"
    PROCEEDINGS_STOPPED = "PROCEEDINGS_STOPPED"
    OUT_OF_COURT_DISPOSAL = "OUT_OF_COURT_DISPOSAL"
    OVERTURNED = "OVERTURNED"
    """A review that the victim asked for found against the decision: it goes on."""


class WithdrawalDecision(StrEnum):
    """What becomes of the investigation of a victim who withdrew support (docs/domain.md 9.4)."""

    EVIDENCE_LED = "EVIDENCE_LED"
    """It goes on without the victim's evidence."""
    NOT_VIABLE = "NOT_VIABLE"
    """There is no case without it."""


class DecidedBy(StrEnum):
    """Whose decision it was: each has its own scheme of review."""

    POLICE = "POLICE"
    CPS = "CPS"
