"""The suspect and court orders (docs/domain.md 11, 15.2)."""

from __future__ import annotations

from enum import StrEnum


class SuspectStatus(StrEnum):
    UNKNOWN = "UNKNOWN"
    ON_SCENE = "ON_SCENE"
    OUTSTANDING = "OUTSTANDING"
    CIRCULATED = "CIRCULATED"
    ARRESTED = "ARRESTED"
    INTERVIEWED_VOLUNTARILY = "INTERVIEWED_VOLUNTARILY"
    BAILED_PRECHARGE = "BAILED_PRECHARGE"
    RUI = "RUI"
    CHARGED_BAIL = "CHARGED_BAIL"
    REMANDED = "REMANDED"
    NFA = "NFA"
    CAUTIONED = "CAUTIONED"
    CONVICTED = "CONVICTED"
    IN_PRISON = "IN_PRISON"
    RELEASED = "RELEASED"


class OrderType(StrEnum):
    DVPN = "DVPN"
    DVPO = "DVPO"
    DAPN = "DAPN"
    DAPO = "DAPO"
    SPO_INTERIM = "SPO_INTERIM"
    SPO = "SPO"
    NON_MOLESTATION = "NON_MOLESTATION"
    OCCUPATION = "OCCUPATION"
    RESTRAINING = "RESTRAINING"
    BAIL_CONDITIONS = "BAIL_CONDITIONS"
    LICENCE = "LICENCE"


class ArrestReason(StrEnum):
    """On what ground somebody was arrested (docs/domain.md 7)."""

    SUBSTANTIVE_OFFENCE = "SUBSTANTIVE_OFFENCE"
    BREACH_NON_MOLESTATION = "BREACH_NON_MOLESTATION"
    BREACH_OCCUPATION = "BREACH_OCCUPATION"
    """Only where a power of arrest is attached."""
    BREACH_BAIL = "BREACH_BAIL"
    BREACH_DVPN_DVPO = "BREACH_DVPN_DVPO"
    BREACH_DAPN_DAPO = "BREACH_DAPN_DAPO"
    BREACH_SPO = "BREACH_SPO"
    BREACH_RESTRAINING = "BREACH_RESTRAINING"
    RECALL = "RECALL"
    """Licence recalled: back to prison."""
    WANTED_WARRANT = "WANTED_WARRANT"


class BailAuthority(StrEnum):
    """Who may give pre-charge bail, by how long (docs/domain.md 11)."""

    CUSTODY = "CUSTODY"
    INSPECTOR = "INSPECTOR"
    SUPERINTENDENT = "SUPERINTENDENT"
    MAGISTRATES = "MAGISTRATES"


class CustodyAuthority(StrEnum):
    """Who may extend custody without charge (docs/domain.md 11)."""

    SUPERINTENDENT = "SUPERINTENDENT"
    MAGISTRATES = "MAGISTRATES"


class CustodyStop(StrEnum):
    """Why time in custody does not count."""

    HOSPITAL = "HOSPITAL"
    """In hospital or on the way, and not questioned."""
    ON_BAIL = "ON_BAIL"


class PoliceRank(StrEnum):
    """Ranks from the lowest up, for what law reserves to a rank."""

    CONSTABLE = "CONSTABLE"
    SERGEANT = "SERGEANT"
    INSPECTOR = "INSPECTOR"
    CHIEF_INSPECTOR = "CHIEF_INSPECTOR"
    SUPERINTENDENT = "SUPERINTENDENT"
    CHIEF_SUPERINTENDENT = "CHIEF_SUPERINTENDENT"
    CHIEF_OFFICER = "CHIEF_OFFICER"


class ViewsSought(StrEnum):
    """Whether the victim was asked what conditions of bail she needs."""

    SOUGHT = "SOUGHT"
    NOT_PRACTICABLE = "NOT_PRACTICABLE"
    NOT_YET = "NOT_YET"


class OrderStatus(StrEnum):
    """Where an order stands; the last four are ends."""

    MADE = "MADE"
    """Made or issued, not served yet."""
    SERVED = "SERVED"
    ADJOURNED = "ADJOURNED"
    """A notice whose hearing was adjourned: it stays in force."""
    EXPIRED = "EXPIRED"
    LAPSED = "LAPSED"
    """A notice that no hearing followed in time."""
    ENDED = "ENDED"
    IN_ERROR = "IN_ERROR"


class OrderEnd(StrEnum):
    """Why an order ended before its last day."""

    DISCHARGED = "DISCHARGED"
    REFUSED_BY_COURT = "REFUSED_BY_COURT"
    REPLACED = "REPLACED"
    WITHDRAWN = "WITHDRAWN"
    RECORDED_IN_ERROR = "RECORDED_IN_ERROR"


class HearingResult(StrEnum):
    """What the court did with a notice, or with somebody arrested for a breach."""

    ORDER_MADE = "ORDER_MADE"
    REFUSED = "REFUSED"
    ADJOURNED = "ADJOURNED"
    BROUGHT_BEFORE_COURT = "BROUGHT_BEFORE_COURT"
    """Arrested for a breach and brought before the court."""


class BreachNature(StrEnum):
    """What a breach is in law, by the kind of order (docs/domain.md 11)."""

    CRIMINAL = "CRIMINAL"
    CIVIL_CONTEMPT = "CIVIL_CONTEMPT"
    NO_OFFENCE = "NO_OFFENCE"
    """Not an offence in itself; it leads to arrest and court."""
    RECALL = "RECALL"


class DvdsRoute(StrEnum):
    """The two routes of the disclosure scheme (Clare's Law)."""

    RIGHT_TO_ASK = "RIGHT_TO_ASK"
    RIGHT_TO_KNOW = "RIGHT_TO_KNOW"


class DvdsOutcome(StrEnum):
    DISCLOSED = "DISCLOSED"
    NOT_DISCLOSED = "NOT_DISCLOSED"
