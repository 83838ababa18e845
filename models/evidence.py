"""The golden-hour checklist: which items an incident needs, and what became of them at 60 minutes.

Pure rules of docs/domain.md 3.1 and 3.2. Instants are UTC; targets come from the policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from models.base import Record
from models.clocks import CalendarKind, Limit
from models.commands import VideoMedium
from models.enums import (
    EvidenceCode,
    EvidenceReason,
    EvidenceStatus,
    GoldenHourResult,
    Injury,
    RecordingType,
    ResponseMode,
    Source,
    SuspectStatus,
)
from models.messages import ReportArrived
from models.report import Report

EARLY_EVIDENCE_AFTER = timedelta(hours=24)
UNIT_MINUTES = {"min": 1, "h": 60, "d": 1_440}

ASSAULT_CLASSES = frozenset({"1", "2", "5D", "8N", "105A", "19C", "19F", "20A"})
"""Offences against the body, sexual ones included: swabs and clothing are worth taking."""
SEXUAL_CLASSES = frozenset({"19C", "19F", "20A"})
STALKING_CLASSES = frozenset({"8L", "8Q"})
MESSAGE_CLASSES = frozenset({"8R", "3B"})
CONTROL_CLASSES = frozenset({"8U"})

ARRESTED = frozenset(
    {
        SuspectStatus.ARRESTED,
        SuspectStatus.INTERVIEWED_VOLUNTARILY,
        SuspectStatus.BAILED_PRECHARGE,
        SuspectStatus.RUI,
        SuspectStatus.CHARGED_BAIL,
        SuspectStatus.REMANDED,
    }
)
"""Statuses that only an arrest, or the voluntary interview chosen instead, can lead to."""
SEEN = ARRESTED | {SuspectStatus.ON_SCENE, SuspectStatus.CAUTIONED, SuspectStatus.CONVICTED}

CAPTURED = frozenset({EvidenceStatus.CAPTURED, EvidenceStatus.CAPTURED_LATE})
REASONED = frozenset(
    {
        EvidenceStatus.VICTIM_DECLINED,
        EvidenceStatus.NOT_AVAILABLE,
        EvidenceStatus.LOST,
        EvidenceStatus.MISSED,
    }
)
"""Outcomes that need a reason code."""


# --- triggers ---------------------------------------------------------------------------------


def always(report: Report) -> bool:
    """Required whatever the incident."""
    return True


def phoned(report: Report) -> bool:
    """A recorded line was used: 999 or 101."""
    return report.source in (Source.CALL_999, Source.CALL_101)


def attended(report: Report) -> bool:
    """Officers went: body-worn video ran. An appointment or a video response is no attendance."""
    return report.response_mode is ResponseMode.ATTENDANCE


def injured(report: Report) -> bool:
    """A recorded injury, or strangulation, whose marks may not show yet."""
    return report.injury in (Injury.MINOR, Injury.SERIOUS) or report.strangulation


def scene_exists(report: Report) -> bool:
    """A home shared with the suspect, or a place that officers attended."""
    return report.shared_home or attended(report)


def assault_or_weapon(report: Report) -> bool:
    """An offence against the body, an injury (somebody caused it), or a weapon."""
    return bool(ASSAULT_CLASSES.intersection(report.ho_class)) or injured(report) or report.weapon


def sexual_offence(report: Report) -> bool:
    """Rape or sexual assault by Home Office class."""
    return bool(SEXUAL_CLASSES.intersection(report.ho_class))


def child_present(report: Report) -> bool:
    """A child saw or heard it. Children who only live there are Encompass's, not a witness."""
    return bool(report.children_present)


def stalking_or_control(report: Report) -> bool:
    """Stalking, harassment or controlling behaviour, by flag or by class: trackers and spyware."""
    classes = STALKING_CLASSES | CONTROL_CLASSES
    return report.stalking or report.coercive_control or bool(classes.intersection(report.ho_class))


def messages_likely(report: Report) -> bool:
    """Stalking or control, or an offence that is committed by messages (malicious communications,
    threats to kill)."""
    return stalking_or_control(report) or bool(MESSAGE_CLASSES.intersection(report.ho_class))


def suspect_seen(report: Report) -> bool:
    """Police met the suspect: there are words and a demeanour to record."""
    return report.suspect_status in SEEN


def crime(report: Report) -> bool:
    """Recorded as a crime: a suspect is to be arrested, or the arrest planned in writing."""
    return report.recording_type is RecordingType.CRIME


def found_at_the_scene(report: Report) -> bool:
    """No report says that cameras exist: an officer adds the item when one is found."""
    return False


Trigger = Callable[[Report], bool]

TRIGGERS: Mapping[EvidenceCode, Trigger] = {
    EvidenceCode.EMERGENCY_CALL_RECORDING: phoned,
    EvidenceCode.BWV_ATTENDANCE: attended,
    EvidenceCode.INITIAL_ACCOUNT_VIDEO: always,
    EvidenceCode.RISK_ASSESSMENT: always,
    EvidenceCode.INJURY_PHOTOS_INITIAL: injured,
    EvidenceCode.INJURY_PHOTOS_FOLLOWUP: injured,
    EvidenceCode.SCENE_PHOTOS_VIDEO: scene_exists,
    EvidenceCode.FORENSIC_SAMPLES: assault_or_weapon,
    EvidenceCode.EARLY_EVIDENCE_KIT: sexual_offence,
    EvidenceCode.MEDICAL_EXAM_CONSENT: injured,
    EvidenceCode.WITNESS_ACCOUNTS: always,
    EvidenceCode.CHILD_ACCOUNT: child_present,
    EvidenceCode.CCTV_DOORBELL: found_at_the_scene,
    EvidenceCode.DIGITAL_COMMS: messages_likely,
    EvidenceCode.DEVICE_TRACKING_CHECK: stalking_or_control,
    EvidenceCode.RES_GESTAE_NOTE: always,
    EvidenceCode.SUSPECT_WORDS: suspect_seen,
    EvidenceCode.PREVIOUS_HISTORY: always,
    EvidenceCode.SUSPECT_ARREST_OR_PLAN: crime,
    EvidenceCode.SAFETY_PLAN_INITIAL: always,
    EvidenceCode.VICTIM_STATEMENT: always,
    EvidenceCode.VPS_OFFERED: always,
}
"""The checklist in the order of docs/domain.md 3.2."""

ALWAYS_REQUIRED = frozenset(code for code, trigger in TRIGGERS.items() if trigger is always)


def required_items(report: Report) -> list[EvidenceCode]:
    """The items that this report calls for, in checklist order."""
    return [code for code, trigger in TRIGGERS.items() if trigger(report)]


def golden_hour_applicable(report: Report, within: timedelta = EARLY_EVIDENCE_AFTER) -> bool:
    """Whether there is a golden hour: not when the report came more than `within` after what
    happened (then the items are early evidence). What went on for a while counts from its end."""
    happened = report.occurred_to or report.occurred_from
    return report.reported_at - happened <= within


def golden_target(target: Limit, minutes: int = 60) -> bool:
    """Whether an item with this target belongs to the golden-hour set: at most so many elapsed
    minutes."""
    if target.kind is not CalendarKind.ELAPSED:
        return False
    return target.amount * UNIT_MINUTES[target.unit] <= minutes


# --- what became of an item -------------------------------------------------------------------


class Item(Record):
    """One item of an incident's checklist.

    `at` is when the latest outcome happened, `recorded_at` when it was recorded; `captured_at`
    outlives a later loss. `golden` marks the golden-hour set; an item first known to be needed
    after the hour was over (`known_late`) is chased like the others but judged by no verdict.
    """

    code: EvidenceCode
    status: EvidenceStatus = EvidenceStatus.PENDING
    source: str = "REPORT"
    """What called for it: `REPORT` or `OFFICER`."""
    known_at: datetime
    golden: bool = False
    known_late: bool = False
    due_at: datetime | None = None
    at: datetime | None = None
    captured_at: datetime | None = None
    recorded_at: datetime | None = None
    by: str = ""
    reference: str = ""
    reason: EvidenceReason | None = None
    medium: VideoMedium | None = None
    """Of a video account: how it was taken, where an officer said so."""

    @property
    def pending(self) -> bool:
        """Whether the item still waits for an outcome."""
        return self.status is EvidenceStatus.PENDING


class Verdict(Record):
    """What a golden hour came to, and how that was counted."""

    result: GoldenHourResult
    without_declined: GoldenHourResult
    """The variant that leaves out what the victim declined within the hour."""
    captured_in_time: int = 0
    in_set: int = 0


def captured_status(at: datetime, due_at: datetime | None) -> EvidenceStatus:
    """In time or late: decided by when it was captured, never by who records it, or when."""
    late = due_at is not None and at > due_at
    return EvidenceStatus.CAPTURED_LATE if late else EvidenceStatus.CAPTURED


def golden_set(items: Iterable[Item]) -> list[Item]:
    """The items that the verdict is about."""
    return [item for item in items if item.golden and not item.known_late]


def captured_by(item: Item, due_at: datetime) -> bool:
    """Whether the item was in hand at `due_at`, by event time. What was lost later was in hand."""
    if item.captured_at is None or item.captured_at > due_at:
        return False
    return not (item.status is EvidenceStatus.LOST and item.at is not None and item.at <= due_at)


def declined_by(item: Item, due_at: datetime) -> bool:
    """Whether the victim had declined the item at `due_at`."""
    return (
        item.status is EvidenceStatus.VICTIM_DECLINED and item.at is not None and item.at <= due_at
    )


ENOUGH_FOR_PARTIAL = (EvidenceCode.BWV_ATTENDANCE, EvidenceCode.INITIAL_ACCOUNT_VIDEO)


def verdict(items: Iterable[Item], due_at: datetime) -> GoldenHourResult:
    """The golden hour's result as of `due_at` (docs/domain.md 3.2). An item declined by the victim
    is not captured."""
    judged = golden_set(items)
    if not judged:
        return GoldenHourResult.NOT_APPLICABLE
    in_hand = {item.code for item in judged if captured_by(item, due_at)}
    if all(item.code in in_hand or item.status is EvidenceStatus.NOT_APPLICABLE for item in judged):
        return GoldenHourResult.COMPLETE
    if in_hand.intersection(ENOUGH_FOR_PARTIAL):
        return GoldenHourResult.PARTIAL
    return GoldenHourResult.NOT_ACHIEVED


def verdict_without_declined(items: Iterable[Item], due_at: datetime) -> GoldenHourResult:
    """The same, leaving out what the victim had declined by `due_at`."""
    return verdict([item for item in items if not declined_by(item, due_at)], due_at)


def judge(items: Iterable[Item], due_at: datetime) -> Verdict:
    """Both results and the counts behind them; items not applicable are in neither count."""
    everything = list(items)
    counted = [i for i in golden_set(everything) if i.status is not EvidenceStatus.NOT_APPLICABLE]
    return Verdict(
        result=verdict(everything, due_at),
        without_declined=verdict_without_declined(everything, due_at),
        captured_in_time=sum(captured_by(item, due_at) for item in counted),
        in_set=len(counted),
    )


def arrest_known_at(
    before: ReportArrived | None, now: ReportArrived, due_at: datetime
) -> datetime | None:
    """When a report proves that the suspect had been dealt with, well enough to say whether in
    time; None where it does not. A report gives no time of arrest: it proves "not later than its
    receipt", and an earlier one that said otherwise proves "not earlier than its own"."""
    if now.report.suspect_status not in ARRESTED:
        return None
    if now.received_at <= due_at:
        return now.received_at
    told_otherwise = before is not None and before.report.suspect_status not in ARRESTED
    if told_otherwise and before is not None and before.received_at >= due_at:
        return now.received_at
    return None
