"""How the demonstration's victims and officers behave: seeded, so that a run can be repeated, and
stated, so that nobody takes it for evidence."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from models.enums import (
    Channel,
    ContactResult,
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    NeedDomain,
    NeedLevel,
)
from models.safe_contact import Route, SafeContactPlan, SafeWindow


class Manner(StrEnum):
    """How a victim meets contact."""

    ANSWERING = "ANSWERING"
    MISSING = "MISSING"
    REFUSING = "REFUSING"
    UNSAFE = "UNSAFE"


SHARES = {Manner.ANSWERING: 55, Manner.MISSING: 25, Manner.REFUSING: 12, Manner.UNSAFE: 8}
RESULTS: dict[Manner, dict[ContactResult, int]] = {
    Manner.ANSWERING: {ContactResult.SUCCESSFUL_TWO_WAY: 80, ContactResult.NO_ANSWER: 20},
    Manner.MISSING: {
        ContactResult.SUCCESSFUL_TWO_WAY: 20,
        ContactResult.NO_ANSWER: 72,
        ContactResult.NUMBER_INVALID: 8,
    },
    Manner.REFUSING: {
        ContactResult.SUCCESSFUL_TWO_WAY: 45,
        ContactResult.DECLINED_TO_TALK: 35,
        ContactResult.NO_ANSWER: 20,
    },
    Manner.UNSAFE: {
        ContactResult.SUCCESSFUL_TWO_WAY: 40,
        ContactResult.UNSAFE_ENDED: 20,
        ContactResult.WRONG_PERSON: 20,
        ContactResult.NO_ANSWER: 20,
    },
}
CAPTURED_IN_TIME, CAPTURED_LATE, DECLINED = 88, 7, 3
WINDOWS = (
    (time(9), time(18)),
    (time(9, 30), time(14)),
    (time(10), time(16)),
    (time(12), time(17, 30)),
)
SISTER = "sister"
"""The route to a third party."""
ACTIONS = {
    NeedDomain.SAFETY: "ADDRESS_MARKER",
    NeedDomain.HOUSING: "LOCK_CHANGE",
    NeedDomain.CHILDREN: "SCHOOL_CONTACT",
    NeedDomain.DIGITAL_SAFETY: "PHONE_CHECK",
    NeedDomain.LEGAL: "ORDER_ADVICE",
}


def statement() -> list[str]:
    """The behaviour in words, for the reader of the demonstration."""
    shares = ", ".join(f"{share} % {manner.value.lower()}" for manner, share in SHARES.items())
    answers = RESULTS[Manner.ANSWERING][ContactResult.SUCCESSFUL_TWO_WAY]
    return [
        f"Victims: {shares}; an answering one picks up {answers} times in 100.",
        f"Officers: {CAPTURED_IN_TIME} % of evidence items in time, {CAPTURED_LATE} % late,"
        f" {DECLINED} % declined; DALOs work their list from about 09:30"
        " and 14:00, the sergeant from 10:30, partners and coordinators from 12:15 on weekdays;"
        " visits are made in the afternoon or the evening.",
        "Services: an IDVA reaches an answering victim in 55 of 100 attempts, any other in 25; two"
        " in three suspects at large are arrested within two days; MATAC hears the highest scores.",
    ]


@dataclass(frozen=True)
class Capture:
    """What becomes of one item: recorded at `at` as `status`."""

    item: EvidenceCode
    at: datetime
    status: EvidenceStatus
    reason: EvidenceReason | None = None


class People:
    """Everybody's behaviour, from one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def rng(self, *about: object) -> random.Random:
        """The chance of one occasion: the same in every run."""
        return random.Random("/".join(str(part) for part in (self.seed, *about)))

    def manner(self, victim_ref: str) -> Manner:
        """How this victim meets contact, always."""
        rng = self.rng("manner", victim_ref)
        return rng.choices(list(SHARES), list(SHARES.values()))[0]

    def answer(self, victim_ref: str, number: int) -> ContactResult:
        """The result of the victim's nth call."""
        odds = RESULTS[self.manner(victim_ref)]
        return self.rng("answer", victim_ref, number).choices(list(odds), list(odds.values()))[0]

    def plan(self, victim_ref: str, reviewed: datetime) -> SafeContactPlan:
        """Two verified routes on weekdays, within the victim's hours; some have a sister."""
        opens, closes = self.rng("plan", victim_ref).choice(WINDOWS)
        call = Channel.CALL
        sister = Route(route_id=SISTER, channel=call, verified_at=reviewed, third_party=True)
        return SafeContactPlan(
            routes=(
                Route(route_id="mobile", channel=call, verified_at=reviewed),
                Route(route_id="work", channel=call, verified_at=reviewed),
                *((sister,) if self.has_sister(victim_ref) else ()),
            ),
            safe_windows=(SafeWindow(weekdays=(0, 1, 2, 3, 4), opens=opens, closes=closes),),
            plan_reviewed_at=reviewed,
        )

    def has_sister(self, victim_ref: str) -> bool:
        """Whether somebody else may be named who can reach her."""
        return self.rng("sister", victim_ref).random() < 0.25

    def capture(self, incident_ref: str, item: EvidenceCode, from_at: datetime) -> Capture:
        """When and how an item is secured, counted from the report or from now if that is later."""
        rng = self.rng("capture", incident_ref, item)
        odds = (CAPTURED_IN_TIME, CAPTURED_LATE, DECLINED)
        fate = rng.choices(("time", "late", "declined", "missed"), (*odds, 100 - sum(odds)))[0]
        minutes = rng.randint(70, 300) if fate == "late" else rng.choice((15, 30, 45, 55))
        together = self.rng("capture", incident_ref, minutes)
        at = from_at + timedelta(minutes=minutes, seconds=together.randint(5, 55))
        if fate == "declined":
            return Capture(item, at, EvidenceStatus.VICTIM_DECLINED, EvidenceReason.NO_CONSENT)
        if fate == "missed":
            return Capture(item, at, EvidenceStatus.NOT_AVAILABLE, EvidenceReason.TECH_FAILURE)
        return Capture(item, at, EvidenceStatus.CAPTURED)

    def needs(self, victim_ref: str) -> dict[NeedDomain, NeedLevel]:
        """The victim's needs in every domain."""
        rng = self.rng("needs", victim_ref)
        levels = list(NeedLevel)
        return {domain: rng.choices(levels, (6, 3, 1))[0] for domain in NeedDomain}
