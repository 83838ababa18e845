"""What is done about an incident's open tasks and clocks: children and schools, support, the
suspect, bail and orders, and telling the victim by a safe route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from demo.desk import Cast, Order, Row, Situation, Work
from demo.people import People
from models.commands import (
    ChangeSuspectStatus,
    ConfirmInWriting,
    DiscountOrder,
    ExtendBail,
    IncidentCommand,
    RecordBailViews,
    RecordChild,
    RecordNotification,
    RecordOrder,
    RecordOrderContact,
    RecordSpecialMeasures,
    ReferChild,
    ReferSupport,
    ReviewOutstandingSuspect,
    ReviewTelling,
    ReviewWithdrawal,
    SendCareActConcern,
    SendEncompass,
    ServeOrder,
)
from models.enums import (
    BailAuthority,
    Channel,
    ConsentStatus,
    DisclosureBasis,
    OrderType,
    PressureCheck,
    SuspectStatus,
    ViewsSought,
)
from models.enums.safeguarding import (
    ChildAge,
    ChildPresence,
    ChildReferralKind,
    EncompassRecipient,
    Schooling,
)
from models.enums.victims_code import (
    ConfirmationOutcome,
    MeasuresOutcome,
    NotificationOutcome,
    SpecialMeasure,
    SupportOutcome,
    UpdateFrequency,
    WithdrawalDecision,
)
from models.instants import london_date

UNNAMED = "UNNAMED"
LASTS = {OrderType.RESTRAINING: 300, OrderType.NON_MOLESTATION: 180, OrderType.BAIL_CONDITIONS: 60}


class IncidentWork:
    """Turns what is owed on incidents into commands."""

    def __init__(
        self, cast: Cast, people: People, oic: dict[str, str], children: dict[str, int]
    ) -> None:
        self._cast = cast
        self._people = people
        self._oic = oic
        self._children = children

    def safeguarding(self, now: Situation) -> Iterator[Order]:
        """Schools and social care hear before the day begins."""
        yield from self._all(SAFEGUARDING, now)

    def dalo(self, now: Situation) -> Iterator[Order]:
        """What the officers of the cases owe without calling anybody."""
        yield from self._all(DALO_DOES, now)

    def sergeant(self, now: Situation) -> Iterator[Order]:
        """What waits for a supervisor."""
        yield from self._all(SERGEANT_DOES, now)

    def oic(self, now: Situation) -> Iterator[Order]:
        """What the officers in the case record: suspect, bail, orders."""
        for work in now.of(*OIC_DOES):
            row = now.incidents.get(work.stream)
            officer = self._oic.get(work.stream, "")
            if row is not None and officer:
                for command in OIC_DOES[work.kind](self, work, row, now):
                    yield Order(officer, work.stream, command)

    def _all(self, table: dict[str, Does], now: Situation) -> Iterator[Order]:
        for work in now.of(*table):
            row = now.incidents.get(work.stream)
            if row is None or not work.owner:
                continue
            actor = self._cast.acting(work.owner, now.now)
            if not self._cast.known(actor):
                continue
            for command in table[work.kind](self, work, row, now):
                yield Order(actor, work.stream, command)

    # --- children ---------------------------------------------------------------------------

    def school(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """Name the children whom the report counts, then tell each one's school before it
        opens."""
        if work.subject != UNNAMED:
            yield self._notice(work, work.subject, now)
            return
        rng = self._people.rng("child", work.stream, now.now)
        count = max(1, self._children.get(work.stream, 0))
        for child in rng.sample(range(10_000, 99_999), count):
            yield RecordChild(
                at=now.now,
                child_ref=f"CHD-{child}",
                age=ChildAge.SCHOOL_AGE,
                schooling=Schooling.SCHOOL,
                resident=True,
                presence=ChildPresence.PRESENT,
            )
            yield self._notice(work, f"CHD-{child}", now)

    def _notice(self, work: Work, child: str, now: Situation) -> SendEncompass:
        return SendEncompass(
            at=now.now,
            child_ref=child,
            recipient=EncompassRecipient.SCHOOL,
            school_ref=f"URN_{self._people.rng('school', child).randint(118_000, 118_999)}",
            presence=ChildPresence.PRESENT,
            voice_recorded=self._people.rng("voice", work.stream).random() < 0.7,
        )

    def refer_child(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """Children's social care is told."""
        kind = ChildReferralKind.REFERRAL
        if work.kind == "NOTIFY_CHILD_SERVICES":
            kind = ChildReferralKind.NOTIFICATION
        yield ReferChild(at=now.now, referral=kind, service="MASH_MEDWAY")

    def adult(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """Adult social care is told."""
        yield SendCareActConcern(at=now.now, service="MEDWAY_ADULTS")

    # --- the victim -------------------------------------------------------------------------

    def support(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """The referral to the support service, or her no to it."""
        if self._people.rng("support", work.stream).random() < 0.18:
            no = ConsentStatus.REFUSED
            yield ReferSupport(at=now.now, outcome=SupportOutcome.DECLINED, consent_status=no)
            return
        yield ReferSupport(
            at=now.now,
            outcome=SupportOutcome.SENT,
            service="VICTIM_SUPPORT",
            consent_status=ConsentStatus.GIVEN,
            disclosure_basis=DisclosureBasis.CONSENT_PRACTICE,
        )

    def confirm(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """The written confirmation; for some of them nothing in writing is safe."""
        case = now.cases.get(f"case/{row['case_ref']}")
        if case is None or case["first_contact_at"] is None:
            return
        yield ConfirmInWriting(
            at=now.now,
            outcome=ConfirmationOutcome.NOT_SAFE_IN_WRITING,
            update_channel=Channel.CALL,
            update_frequency=UpdateFrequency.EVERY_EVENT,
        )

    def measures(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """Special measures for court."""
        wanted = (SpecialMeasure.SCREENS, SpecialMeasure.LIVE_LINK)
        if self._people.rng("measures", work.stream).random() < 0.2:
            yield RecordSpecialMeasures(at=now.now, outcome=MeasuresOutcome.NONE_WANTED)
        else:
            yield RecordSpecialMeasures(
                at=now.now, outcome=MeasuresOutcome.ASKED_FOR, measures=wanted
            )

    def told(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """An unsafe telling was looked at."""
        yield ReviewTelling(at=now.now, notification_id=work.subject, finding="NO_HARM_CAME_OF_IT")

    # --- the suspect ------------------------------------------------------------------------

    def circulate(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """Not found by the arrest target: circulated."""
        yield ChangeSuspectStatus(at=now.now, status=SuspectStatus.CIRCULATED)

    def review_search(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """A supervisor looks at what is done to find the suspect."""
        if work.due_at < now.now + timedelta(hours=20):
            yield ReviewOutstandingSuspect(at=now.now)

    def confirm_status(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """A report lags behind: what was said before holds."""
        if row["suspect_status"]:
            yield ChangeSuspectStatus(at=now.now, status=SuspectStatus(row["suspect_status"]))

    def bail(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """The particulars of a bail that a report told of."""
        yield ChangeSuspectStatus(
            at=now.now,
            status=SuspectStatus.BAILED_PRECHARGE,
            arrested_at=row["reported_at"] + timedelta(hours=4),
            bail_authority=BailAuthority.CUSTODY,
            views_sought=ViewsSought.SOUGHT,
        )

    def extend(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """The inspector extends bail before it ends."""
        inspector = BailAuthority.INSPECTOR
        yield ExtendBail(at=now.now, authority=inspector, authorised_by="DI-4100")

    def views(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """She was asked what conditions of bail she needs."""
        yield RecordBailViews(at=now.now, outcome="SOUGHT")

    def order(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """An order that a report names: found and recorded, or there is none."""
        kind = OrderType(work.subject)
        if kind not in LASTS or self._people.rng("order", work.stream, kind).random() < 0.15:
            yield DiscountOrder(at=now.now, order_type=kind, reason="NOT_ON_RECORD")
            return
        made = row["reported_at"] - timedelta(days=40)
        yield RecordOrder(
            at=made,
            order_type=kind,
            served_at=made + timedelta(days=1),
            last_day=london_date(now.now) + timedelta(days=LASTS[kind]),
            conditions=("NO_CONTACT",),
            made_elsewhere=True,
        )

    def withdrawn(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """She supports it no more: what else there is carries the case."""
        yield ReviewWithdrawal(
            at=now.now,
            decision=WithdrawalDecision.EVIDENCE_LED,
            pressure=PressureCheck.NONE_FOUND,
        )

    def serve(self, work: Work, row: Row, now: Situation) -> Iterator[IncidentCommand]:
        """It is served."""
        yield ServeOrder(at=now.now, order_id=work.subject)

    # --- what a call settles ----------------------------------------------------------------

    def tell(self, owed: list[Work], route: str, now: Situation) -> Iterator[Order]:
        """Everything that the victim must hear, in one safe call."""
        for work in owed:
            row = now.incidents.get(work.stream)
            if row is None:
                continue
            case = now.cases.get(f"case/{row['case_ref']}")
            actor = self._cast.acting(case["dalo_id"], now.now) if case else ""
            command: IncidentCommand
            if work.kind == "ORDER_ENDING_CONTACT":
                command = RecordOrderContact(at=now.now, order_id=work.subject)
            elif work.kind == "RELEASE_PLANNED":
                command = RecordNotification(
                    at=now.now,
                    event_kind="RELEASE_PLANNED",
                    channel=Channel.CALL,
                    route=route,
                    outcome=NotificationOutcome.TOLD,
                )
            else:
                command = RecordNotification(
                    at=now.now,
                    notification_id=work.subject,
                    channel=Channel.CALL,
                    route=route,
                    outcome=NotificationOutcome.TOLD,
                )
            yield Order(actor, work.stream, command)


Does = Callable[[IncidentWork, Work, Row, Situation], Iterator[IncidentCommand]]
SAFEGUARDING: dict[str, Does] = {
    "ENCOMPASS": IncidentWork.school,
    "CHILD_REFERRAL": IncidentWork.refer_child,
    "NOTIFY_CHILD_SERVICES": IncidentWork.refer_child,
    "CARE_ACT_CONCERN": IncidentWork.adult,
}
DALO_DOES: dict[str, Does] = SAFEGUARDING | {
    "SUPPORT_REFERRAL": IncidentWork.support,
    "CONFIRM_IN_WRITING": IncidentWork.confirm,
    "ASK_SPECIAL_MEASURES": IncidentWork.measures,
}
SERGEANT_DOES: dict[str, Does] = {
    "SUSPECT_REVIEW": IncidentWork.review_search,
    "UNSAFE_NOTIFICATION": IncidentWork.told,
}
OIC_DOES: dict[str, Does] = {
    "CIRCULATE_SUSPECT": IncidentWork.circulate,
    "SUSPECT_STATUS_DIFFERS": IncidentWork.confirm_status,
    "RECORD_BAIL": IncidentWork.bail,
    "BAIL_ENDING": IncidentWork.extend,
    "SEEK_BAIL_VIEWS": IncidentWork.views,
    "RECORD_ORDER": IncidentWork.order,
    "SERVE_ORDER": IncidentWork.serve,
    "REVIEW_WITHDRAWAL": IncidentWork.withdrawn,
}
TOLD_BY_CALL = ("VICTIM_NOTIFICATION", "RELEASE_PLANNED", "ORDER_ENDING_CONTACT")
