"""Commands and questions that the tests of telling the victim share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.clocks import Clock
from models.commands import (
    ChangeSuspectStatus,
    Grant,
    NotificationOptOut,
    RecordNotification,
)
from models.enums import Channel, ClockType, Role, SuspectStatus
from models.enums.victims_code import NotificationOutcome
from models.incident.suspect.keeping import notify
from models.messages import WishesChanged
from models.stream import open_clock
from tests.models.play_incident import (
    OIC,
    REPORTED,
    SERGEANT,
    Play,
    report,
)

OIC_GRANT = Grant(actor=OIC, role=Role.OIC, access_log_id="2")
SERGEANT_GRANT = Grant(actor=SERGEANT, role=Role.SUPERVISOR, access_log_id="3")
WITNESS_CARE = Grant(actor="WCU 1", role=Role.WITNESS_CARE, access_log_id="4")
STRANGER = Grant(actor="PC 9999", role=Role.DALO, access_log_id="5")
S = SuspectStatus


def played(reported_at: datetime = REPORTED, **facts: Any) -> Play:
    return Play(report(reported_at, oic_id=OIC, perpetrator_ref="PER-0001", **facts))


def happens(play: Play, kind: str, when: datetime) -> str:
    """Something that the victim is owed news of, as the suspect's duty leaves it; its id."""
    play.to(max(play.now, when))
    notify(play.state, kind, when)
    play.settle()
    return f"NOT-{play.state.counts['notification']:03d}"


def status(when: datetime, to: SuspectStatus, **more: Any) -> ChangeSuspectStatus:
    return ChangeSuspectStatus(at=when, status=to, **more)


def telling(when: datetime, **more: Any) -> RecordNotification:
    facts = {"channel": Channel.CALL, "outcome": NotificationOutcome.TOLD, "decision_code": "SAFE"}
    return RecordNotification.model_validate({"at": when, **facts, **more})


def clock_of(play: Play, notification_id: str = "") -> Clock | None:
    return open_clock(play.state, ClockType.VICTIM_NOTIFICATION, notification_id)


def wishes(when: datetime, scope: NotificationOptOut, *, frozen: bool = False) -> WishesChanged:
    return WishesChanged(
        message_id=f"wishes:{when.isoformat()}:{scope}:{frozen}",
        at=when,
        notification_opt_out=scope,
        frozen=frozen,
    )


def kinds(play: Play) -> set[tuple[str, str]]:
    return {(t.kind, t.owner) for t in play.state.tasks.values()}
