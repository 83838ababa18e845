"""Commands and questions that the tests of safeguarding share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from models.base import Refused
from models.clocks import Clock
from models.commands import (
    Grant,
    RecordCareNeeds,
    RecordChild,
    ReferChild,
    SendEncompass,
)
from models.enums import ClockType, RiskGrade, Role
from models.messages import ReportArrived
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play_incident import (
    MY_GRANT,
    OIC,
    REPORTED,
    SERGEANT,
    Play,
    arrived,
    report,
)

SERGEANT_GRANT = Grant(actor=SERGEANT, role=Role.SUPERVISOR, access_log_id="3")
STRANGER = Grant(actor="PC 9999", role=Role.DALO, access_log_id="5")
LATER = at("2027-03-25 23:00")


def played(when: datetime = REPORTED, **facts: Any) -> Play:
    return Play(report(when, oic_id=OIC, **facts))


def update(play: Play, grade: RiskGrade, *, repeats: int = 0, **facts: Any) -> None:
    """A newer version of the report, with its grade and the victim's other reports in a year."""
    assert play.state.report is not None
    version = play.state.report.version + 1
    given = play.state.report.model_copy(update={"version": version, **facts})
    message: ReportArrived = arrived(given, play.now)
    play.tell(message.model_copy(update={"grade": grade, "repeat_count_365": repeats}))


def child(ref: str = "CHD-0001", **changes: Any) -> RecordChild:
    facts = {
        "at": LATER,
        "child_ref": ref,
        "age": "SCHOOL_AGE",
        "schooling": "SCHOOL",
        "resident": True,
        "presence": "PRESENT",
    }
    return RecordChild.model_validate(facts | changes)


def encompass(ref: str = "", **changes: Any) -> SendEncompass:
    facts = {
        "at": LATER,
        "child_ref": ref,
        "recipient": "SCHOOL",
        "school_ref": "URN_118000",
        "presence": "PRESENT",
        "voice_recorded": True,
    }
    return SendEncompass.model_validate(facts | changes)


def referral(**changes: Any) -> ReferChild:
    facts = {"at": LATER, "referral": "REFERRAL", "service": "MASH_MEDWAY"}
    return ReferChild.model_validate(facts | changes)


def care(**changes: Any) -> RecordCareNeeds:
    facts = {"at": LATER, "care_needs": ("FRAILTY",), "unable_to_protect": True}
    return RecordCareNeeds.model_validate(facts | changes)


def open_of(play: Play, clock_type: ClockType) -> dict[str, Clock]:
    return {c.subject: c for c in play.state.clocks.values() if c.clock_type is clock_type}


def schools(play: Play) -> set[str]:
    return set(open_of(play, ClockType.ENCOMPASS))


def referral_clock(play: Play) -> Clock | None:
    return open_clock(play.state, ClockType.CHILD_REFERRAL)


def task_kinds(play: Play) -> set[str]:
    return {task.kind for task in play.state.tasks.values()}


def refused(play: Play, command: Any, code: str, grant: Grant = MY_GRANT) -> None:
    before = play.state.next_seq
    with pytest.raises(Refused) as caught:
        play.do(command, grant)
    assert caught.value.code == code
    assert caught.value.remedy
    assert play.state.next_seq == before
