"""Stories of incidents."""

from __future__ import annotations

from datetime import timedelta

from models import registry
from models.commands import (
    ApplyDvds,
    ChangeSuspectStatus,
    ConfirmInWriting,
    EvidenceEntry,
    RecordEvidence,
    RecordNotification,
    RecordOrder,
    ReferSupport,
)
from models.commands.orders import RecordBreach
from models.commands.safeguarding import RecordChild, SendEncompass
from models.commands.suspect import RecordCustodyArrival
from models.enums import (
    ArrestReason,
    Channel,
    ConsentStatus,
    DisclosureBasis,
    DvdsRoute,
    EvidenceCode,
    EvidenceStatus,
    OrderType,
    SuspectStatus,
)
from models.enums.safeguarding import ChildAge, ChildPresence, EncompassRecipient, Schooling
from models.enums.victims_code import (
    ConfirmationOutcome,
    NotificationOutcome,
    SupportOutcome,
    UpdateFrequency,
)
from models.messages import CaseClosed, Renewed
from tests.models.play import DALO, SERGEANT, a_report
from tests.replay.acting import (
    CHIEF,
    OIC,
    SUSPECT,
    Handle,
    arrived,
    first_release,
    open_incident,
)
from tests.replay.theatre import OPENING, Theatre


async def incident_worked(theatre: Theatre) -> Handle:
    """Some evidence in the hour, a warning, a verdict, a later version, chasing, and, where nothing
    else is owed, the end."""
    report = a_report(OPENING, incident_ref="46/4/28", victim_ref="VIC-4")
    handle = await open_incident(theatre, report)
    await _capture(theatre, handle, EvidenceCode.INITIAL_ACCOUNT_VIDEO, minutes=20)
    await _capture(theatre, handle, EvidenceCode.INJURY_PHOTOS_INITIAL, minutes=50)
    at = await theatre.until(hours=2, minutes=10)
    arrested = {"version": 2, "suspect_status": SuspectStatus.ARRESTED}
    newer = report.model_copy(update=arrested)
    await theatre.tell(handle, arrived(newer, at))
    await _capture(theatre, handle, EvidenceCode.WITNESS_ACCOUNTS, hours=4)
    await theatre.until(days=12)
    await theatre.tell(handle, CaseClosed(message_id="closed", handed_to=SERGEANT))
    at = await theatre.until(days=13)
    items = (await handle.query("view"))["items"]
    left = [EvidenceCode(i["code"]) for i in items if i["captured_at"] is None]
    captured = EvidenceStatus.CAPTURED
    entries = tuple(EvidenceEntry(item=item, status=captured, at=at) for item in left)
    await theatre.do(handle, RecordEvidence(entries=entries), *CHIEF)
    return handle


async def incident_ended(theatre: Theatre) -> Handle:
    """The same, and then everything that is still owed: the end."""
    handle = await incident_worked(theatre)
    at = await theatre.until(days=14)
    telling = RecordNotification(
        at=at,
        event_kind="SUSPECT_ARRESTED",
        channel=Channel.CALL,
        outcome=NotificationOutcome.TOLD,
        safety_override="ROUTE_AGREED_FOR_NOTICES",
        decision_code="SAFE",
    )
    declined = ReferSupport(
        at=at, outcome=SupportOutcome.DECLINED, consent_status=ConsentStatus.REFUSED
    )
    confirmed = ConfirmInWriting(
        at=at,
        outcome=ConfirmationOutcome.GIVEN,
        channel=Channel.IN_PERSON,
        update_channel=Channel.CALL,
        update_frequency=UpdateFrequency.EVERY_EVENT,
        decision_code="SAFE",
    )
    await theatre.do(handle, telling, *CHIEF)
    await theatre.do(handle, declined, *CHIEF)
    await theatre.do(handle, confirmed, *CHIEF, settle=False)
    await theatre.ended(handle)
    return handle


async def incident_late(theatre: Theatre) -> Handle:
    """A report that comes when its hour is long over."""
    reported = OPENING - timedelta(hours=5)
    report = a_report(reported, incident_ref="46/5/28", victim_ref="VIC-5")
    handle = await open_incident(theatre, report)
    await theatre.until(days=2)
    await theatre.settled(handle)
    return handle


async def incident_duties(theatre: Theatre) -> Handle:
    """Arrest, custody, bail, an order and its breach, news to the victim, support, a child, a
    disclosure: each with its clocks."""
    report = a_report(
        OPENING,
        incident_ref="46/6/28",
        victim_ref="VIC-6",
        perpetrator_ref=SUSPECT,
        suspect_age=35,
        oic_id=OIC[0],
    )
    handle = await open_incident(theatre, report)
    at = await theatre.until(minutes=40)
    arrest = ChangeSuspectStatus(
        at=at, status=SuspectStatus.ARRESTED, arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE
    )
    await theatre.do(handle, arrest, *OIC)
    at = await theatre.until(hours=1)
    await theatre.do(handle, RecordCustodyArrival(at=at), *OIC)
    child = RecordChild(
        at=at,
        child_ref="CHD-0001",
        age=ChildAge.SCHOOL_AGE,
        schooling=Schooling.SCHOOL,
        resident=True,
    )
    await theatre.do(handle, child, DALO)
    at = await theatre.until(hours=2)
    encompass = SendEncompass(
        at=at,
        child_ref="CHD-0001",
        recipient=EncompassRecipient.SCHOOL,
        school_ref="URN_118000",
        presence=ChildPresence.NOT_KNOWN,
        voice_recorded=True,
    )
    await theatre.do(handle, encompass, DALO)
    at = await theatre.until(hours=6)
    support = ReferSupport(
        at=at,
        outcome=SupportOutcome.SENT,
        service="VICTIM_SUPPORT",
        consent_status=ConsentStatus.GIVEN,
        disclosure_basis=DisclosureBasis.CONSENT_PRACTICE,
    )
    await theatre.do(handle, support, DALO)
    at = await theatre.until(hours=9)
    bailed = ChangeSuspectStatus(at=at, status=SuspectStatus.BAILED_PRECHARGE)
    await theatre.do(handle, bailed, *OIC)
    await _told(theatre, handle)
    await _ordered(theatre, handle)
    await theatre.until(days=32)
    await theatre.settled(handle)
    return handle


async def _told(theatre: Theatre, handle: Handle) -> None:
    at = await theatre.until(hours=10)
    told = RecordNotification(
        at=at,
        event_kind="SUSPECT_ARRESTED",
        channel=Channel.CALL,
        route="m",
        outcome=NotificationOutcome.TOLD,
        decision_code="SAFE",
    )
    await theatre.do(handle, told, DALO)


async def _ordered(theatre: Theatre, handle: Handle) -> None:
    at = await theatre.until(days=1)
    order = RecordOrder(
        at=at,
        order_type=OrderType.NON_MOLESTATION,
        order_id="NM-0006",
        served_at=at,
        length_days=30,
    )
    await theatre.do(handle, order, *OIC)
    at = await theatre.until(days=3)
    await theatre.do(handle, RecordBreach(at=at, order_id="NM-0006"), *OIC)
    disclosure = ApplyDvds(at=at, route=DvdsRoute.RIGHT_TO_KNOW)
    await theatre.do(handle, disclosure, DALO)


async def incident_renewed(theatre: Theatre) -> Handle:
    """An incident of the first release, moved to the second on its third day."""
    report = a_report(OPENING, incident_ref="46/7/28", victim_ref="VIC-7", oic_id=OIC[0])
    handle = await open_incident(theatre, report, first_release())
    await _capture(theatre, handle, EvidenceCode.INITIAL_ACCOUNT_VIDEO, minutes=20)
    await theatre.until(days=2)
    renewed = Renewed(message_id="renew", policy_version=registry.current_policy().version)
    await theatre.renew(handle, renewed)
    at = await theatre.until(days=3)
    outstanding = ChangeSuspectStatus(at=at, status=SuspectStatus.OUTSTANDING)
    await theatre.do(handle, outstanding, *OIC)
    await theatre.until(days=6)
    await theatre.settled(handle)
    return handle


async def _capture(theatre: Theatre, handle: Handle, item: EvidenceCode, **since: float) -> None:
    at = await theatre.until(**since)
    entry = EvidenceEntry(item=item, status=EvidenceStatus.CAPTURED, at=at)
    await theatre.do(handle, RecordEvidence(entries=(entry,)), DALO)
