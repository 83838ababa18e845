"""What happened: reports, the suspect, bail, orders, court, wishes, messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from models.base import Record
from models.commands.contact import NotificationOptOut
from models.enums import (
    OrderEnd,
    OrderType,
    RiskGrade,
    SafetyMeasure,
    SuspectStatus,
)
from models.enums.victims_code import CourtEvent
from models.report import Report


class PairReferral(Record):
    """A MARAC referral of one victim and perpetrator: what a repeat is judged by, by dates alone
    (docs/domain.md 5). `heard_at` is None until it was heard."""

    referral_ref: str
    perpetrator_ref: str
    submitted_at: datetime
    heard_at: datetime | None = None


class EarlierReport(Record):
    """Another report of this victim, of any outcome and district, made before the one that carries
    it: what counting events needs of it (docs/domain.md 5, 7)."""

    incident_ref: str
    reported_at: datetime
    perpetrator_ref: str = ""
    criminal: bool = False


class ReportArrived(Record):
    """A report of this victim was linked or updated; carries the whole report.

    `grade` is the working grade, `grade_pending_review` whether it was defaulted. `reticent` and
    `repeat_count_365` are intake's judgement of this version."""

    kind: Literal["report-arrived"] = "report-arrived"
    message_id: str
    report: Report
    received_at: datetime
    grade: RiskGrade
    grade_pending_review: bool = False
    reticent: bool = False
    repeat_count_365: int = 0
    now_ineligible: bool = False
    """An update that would now be refused: the case stays open, a supervisor decides."""
    marac_referrals: tuple[PairReferral, ...] = ()
    """Every MARAC referral that intake knows of this victim and suspect, in any district."""
    other_victims: tuple[str, ...] = ()
    """Other victims of the same incident, by reference: never mixed with this one."""
    counter_allegation: tuple[str, ...] = ()
    """Incidents in which this victim is the suspect and this suspect the victim."""
    earlier_reports: tuple[EarlierReport, ...] = ()
    """The victim's other reports of the two years before this one, the oldest first."""


class OtherVictim(Record):
    """Another victim of an incident that this case has came to be known later. Only the reference
    is told: victims of one incident are never mixed (docs/domain.md 16a)."""

    kind: Literal["other-victim"] = "other-victim"
    message_id: str
    incident_ref: str
    victim_ref: str
    at: datetime


class GradeChanged(Record):
    """The case's working grade is another than the incident knows: the duties that turn on the
    grade follow it (docs/domain.md 3.4, 10). Of two the one told later counts."""

    kind: Literal["grade-changed"] = "grade-changed"
    message_id: str
    grade: RiskGrade
    at: datetime
    """When the grade was given."""
    told_at: datetime


class SuspectChanged(Record):
    """An incident's suspect changed status: the case looks again at contact, visits and risk.
    `perpetrator_ref` may be empty where the suspect is not known."""

    kind: Literal["suspect-changed"] = "suspect-changed"
    message_id: str
    incident_ref: str
    perpetrator_ref: str
    status: SuspectStatus
    at: datetime
    release_planned_at: datetime | None = None
    freed: bool = False
    """The suspect was held and is at liberty now: let out under whatever status, or escaped
    (docs/domain.md 3.4)."""
    release_cancelled: bool = False
    """The release that was planned, or that the victim heard of, will not happen."""


class BailChanged(Record):
    """Pre-charge bail was extended, its last day moved, or it ran out without an extension
    (docs/domain.md 9.2, 11). `last_day` is the London date as ISO 8601."""

    kind: Literal["bail-changed"] = "bail-changed"
    message_id: str
    incident_ref: str
    perpetrator_ref: str
    in_force: bool
    last_day: str
    at: datetime


class OrderChanged(Record):
    """An order against an incident's suspect was made, varied, or ended. `last_day` is the London
    date as ISO 8601, empty where it runs until further order; `reason` is why it ended, a code."""

    kind: Literal["order-changed"] = "order-changed"
    message_id: str
    incident_ref: str
    perpetrator_ref: str
    order_id: str
    order_type: OrderType
    in_force: bool
    last_day: str = ""
    at: datetime
    reason: str = ""

    @property
    def protection_ended(self) -> bool:
        """Whether it was in force and nothing took its place: what was replaced protects on, and
        what was recorded in error never did."""
        lasting = (OrderEnd.REPLACED, OrderEnd.RECORDED_IN_ERROR)
        return not self.in_force and self.reason not in lasting


class OrderBreached(Record):
    """An order or bail was broken: a new event for risk, and one by which a MARAC repeat is judged
    (docs/domain.md 2.5, 5). `breach_id` is unique in the incident, `of` the kind of order; `at` is
    when it was broken, `known_at` when it was recorded; `criminal` whether the breach itself is a
    crime."""

    kind: Literal["order-breached"] = "order-breached"
    message_id: str
    incident_ref: str
    perpetrator_ref: str
    breach_id: str
    of: OrderType
    criminal: bool
    at: datetime
    known_at: datetime


class VictimTold(Record):
    """The victim was told something on an incident, or somebody tried: whatever came of it, it was
    an approach to them (docs/domain.md 9.4)."""

    kind: Literal["victim-told"] = "victim-told"
    message_id: str
    incident_ref: str
    outcome: str
    """A code of `NotificationOutcome`; of a written confirmation `GIVEN`."""
    at: datetime


class CourtDated(Record):
    """News from court (docs/domain.md 4.3, 9.2): a hearing was fixed or moved (`court_day`, a
    London date as ISO 8601), vacated, or held with a result, a code. `hearing_id` is unique in the
    incident, empty where the news is of no hearing that was known."""

    kind: Literal["court-dated"] = "court-dated"
    message_id: str
    incident_ref: str
    hearing_id: str
    event: CourtEvent
    court_day: str = ""
    result: str = ""
    at: datetime


class MeasureAgreed(Record):
    """Officers at a hidden-harm visit agreed on a measure that the incident owes: the referral of a
    child, or the concern for an adult (docs/domain.md 7, 10)."""

    kind: Literal["measure-agreed"] = "measure-agreed"
    message_id: str
    measure: SafetyMeasure
    visit_id: str
    at: datetime


class WishesChanged(Record):
    """What the victim last said of notices, and whether anything may be sent at all: an incident's
    notifications honour it (docs/domain.md 4.3)."""

    kind: Literal["wishes-changed"] = "wishes-changed"
    message_id: str
    at: datetime
    notification_opt_out: NotificationOptOut
    frozen: bool = False
    """A party died or was gravely hurt: every clock-driven contact stops."""
    support_withdrawn_at: datetime | None = None
    """When the victim withdrew support for a prosecution (docs/domain.md 9.4)."""


class VictimMessageDone(Record):
    """What became of a message to the victim: `SENT`, `BLOCKED` (not safe at that moment), `FAILED`
    (refused by the provider, certainly not sent) or `UNKNOWN` (nobody can say: never sent again).
    """

    kind: Literal["victim-message-done"] = "victim-message-done"
    message_id: str
    victim_message_id: str
    outcome: Literal["SENT", "BLOCKED", "FAILED", "UNKNOWN"]
    at: datetime
    reason_code: str = ""
