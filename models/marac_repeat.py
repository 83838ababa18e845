"""Whether an abusive event of a pair is a MARAC repeat, by dates alone (docs/domain.md 5).

A repeat is abuse between the same victim and perpetrator within so many calendar months of their
last referral (or, by the other anchor, of its hearing). Whether some clock still runs says nothing:
the same dates give the same answer ten years later. Both definitions and both anchors are always
answered; policy says which of the four counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal, get_args

from models.base import Record
from models.calendars import EVERY_DAY, due_instant
from models.clocks import CalendarKind, Limit
from models.enums import RecordingType
from models.events import Json
from models.instants import london_date
from models.messages.facts import PairReferral
from models.policy import MaracPolicy
from models.report import Report

Definition = Literal["ANY_ABUSE", "CRIMINAL_ONLY"]
Anchor = Literal["REFERRAL", "HEARING"]
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)
ANCHORS: tuple[Anchor, ...] = get_args(Anchor)
"""Months are counted on no calendar of working days."""


class PairEvent(Record):
    """Abuse between a victim and a perpetrator. `at` is when it happened (its last moment, where it
    lasted), `known_at` when the police were told. `criminal`: it was recorded as a crime."""

    incident_ref: str
    perpetrator_ref: str
    at: datetime
    known_at: datetime
    criminal: bool


class RepeatVerdict(Record):
    """The answer under one definition and anchor; the referral and window that it rests on are
    those of the last one before the event, empty where there was none."""

    definition: Definition
    anchor: Anchor
    repeat: bool
    referral_ref: str = ""
    anchored_at: datetime | None = None
    window_ends: date | None = None

    @property
    def name(self) -> str:
        """As `ANY_ABUSE/REFERRAL`."""
        return f"{self.definition}/{self.anchor}"


class RepeatFinding(Record):
    """All four answers about one event, and which of them policy goes by."""

    event: PairEvent
    verdicts: tuple[RepeatVerdict, ...]
    in_force: RepeatVerdict

    @property
    def repeat(self) -> bool:
        """Whether it is a repeat under the policy."""
        return self.in_force.repeat

    @property
    def definitions(self) -> tuple[str, ...]:
        """Those under which it is a repeat, as `<definition>/<anchor>`."""
        return tuple(verdict.name for verdict in self.verdicts if verdict.repeat)

    def inputs(self) -> Json:
        """What a recommendation keeps of it: every answer, the dates, the policy's choice."""
        return {
            "incident_ref": self.event.incident_ref,
            "happened_at": self.event.at,
            "criminal": self.event.criminal,
            "in_force": self.in_force.name,
            "verdicts": {
                verdict.name: {
                    "repeat": verdict.repeat,
                    "referral_ref": verdict.referral_ref,
                    "window_ends": verdict.window_ends.isoformat() if verdict.window_ends else "",
                }
                for verdict in self.verdicts
            },
        }


def event_of(report: Report) -> PairEvent:
    """The abuse that a report tells of. A report of something that lasted is dated by its end;
    what was reported late is judged by when it happened."""
    return PairEvent(
        incident_ref=report.incident_ref,
        perpetrator_ref=report.perpetrator_ref,
        at=report.occurred_to or report.occurred_from,
        known_at=report.reported_at,
        criminal=report.recording_type is RecordingType.CRIME,
    )


def last_repeat_day(anchored_at: datetime, months: int) -> date:
    """The last London day on which abuse is a repeat: of a referral of 1 Feb 2027 and 12 months,
    31 Jan 2028."""
    limit = Limit(kind=CalendarKind.CALENDAR_DAYS, amount=months, unit="months")
    return london_date(due_instant(limit, anchored_at, EVERY_DAY, beginning_with=True))


def verdict_of(
    event: PairEvent,
    referrals: Iterable[PairReferral],
    definition: Definition,
    anchor: Anchor,
    months: int,
) -> RepeatVerdict:
    """Whether the event is a repeat of the pair's last referral (or hearing) before it. Abuse that
    led to a referral, and so came before it, is no repeat of it. `referrals` may be of other pairs:
    those are left out."""
    before = sorted(
        (anchored_at, referral.referral_ref)
        for referral in referrals
        if referral.perpetrator_ref == event.perpetrator_ref
        and (anchored_at := _anchored_at(referral, anchor)) is not None
        and anchored_at < event.at
    )
    if not before:
        return RepeatVerdict(definition=definition, anchor=anchor, repeat=False)
    anchored_at, referral_ref = before[-1]
    ends = last_repeat_day(anchored_at, months)
    counts = event.criminal or definition == "ANY_ABUSE"
    return RepeatVerdict(
        definition=definition,
        anchor=anchor,
        repeat=counts and london_date(event.at) <= ends,
        referral_ref=referral_ref,
        anchored_at=anchored_at,
        window_ends=ends,
    )


def find_repeat(
    event: PairEvent, referrals: Iterable[PairReferral], policy: MaracPolicy
) -> RepeatFinding:
    """All four answers, and the one that the policy goes by."""
    known = tuple(referrals)
    verdicts = tuple(
        verdict_of(event, known, definition, anchor, policy.repeat_months)
        for definition in DEFINITIONS
        for anchor in ANCHORS
    )
    wanted = (policy.repeat_definition, policy.repeat_anchor)
    in_force = next(v for v in verdicts if (v.definition, v.anchor) == wanted)
    return RepeatFinding(event=event, verdicts=verdicts, in_force=in_force)


def flag_hit(finding: RepeatFinding) -> RepeatVerdict | None:
    """The live flag that an event hits: by the policy's anchor, under either definition, so that a
    coordinator hears of what policy may not call a repeat. None where no flag is live."""
    return next(
        (
            verdict
            for verdict in finding.verdicts
            if verdict.repeat and verdict.anchor == finding.in_force.anchor
        ),
        None,
    )


def _anchored_at(referral: PairReferral, anchor: Anchor) -> datetime | None:
    return referral.submitted_at if anchor == "REFERRAL" else referral.heard_at
