"""Referrals of a played case: made, refused, answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from models.base import Refused
from models.clocks import Clock
from models.commands import (
    ProfessionalJudgement,
    Refer,
)
from models.enums import (
    ClockType,
    RiskGrade,
    Role,
)
from models.events import EffectKind
from models.messages import ReferralChanged, ReportArrived
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import DALO, Play, a_report

OPENED = at("2027-05-10 20:00")
PERSON = "PER-0007"
HOUR = timedelta(hours=1)


def opened(grade: RiskGrade = RiskGrade.MEDIUM, when: datetime = OPENED) -> Play:
    """An allocated case, an hour later."""
    play = Play(when, grade)
    play.allocate()
    play.until(play.now + HOUR)
    return play


def reported(play: Play, ref: str = "46/2/27", **changes: Any) -> None:
    """Another report of this victim, by the suspect, known to the case now."""
    pairs = changes.pop("marac_referrals", ())
    report = a_report(play.now, incident_ref=ref, **{"perpetrator_ref": PERSON, **changes})
    play.tell(
        ReportArrived(
            message_id=f"{ref}:{report.version}",
            report=report,
            received_at=play.now,
            grade=play.state.risk_grade,
            marac_referrals=pairs,
        )
    )


def referral(pathway: str = "IDVA", number: int = 1, **changes: Any) -> Refer:
    """A sound referral of a pathway, but for the changes."""
    fields: dict[str, Any] = {
        "pathway": pathway,
        "assigned_ref": f"{pathway}-2027-{number:05d}",
        "consent_status": "GIVEN",
        **({"criteria": ("PROFESSIONAL_JUDGEMENT",)} if pathway == "MARAC" else {}),
        **({"perpetrator_ref": PERSON} if pathway in ("MATAC", "MASIP") else {}),
        **({"facts": {"behaviours": "FOLLOWING,GIFTS"}} if pathway == "MASIP" else {}),
        **changes,
    }
    return Refer.model_validate(fields)


def refer(play: Play, pathway: str = "IDVA", number: int = 1, **changes: Any) -> str:
    """Refer now; returns the reference."""
    given = {"at": play.now, **changes}
    return play.do(referral(pathway, number, **given))[0]


def refused(play: Play, command: Any, actor: str = DALO, role: Role = Role.DALO) -> Refused:
    """The refusal of a command, which changed nothing."""
    before = play.state.next_seq
    with pytest.raises(Refused) as found:
        play.do(command, actor, role)
    assert play.state.next_seq == before
    return found.value


def changed(play: Play, ref: str, state: str, **more: Any) -> None:
    """The referral tells its case."""
    play.tell(
        ReferralChanged.model_validate(
            {
                "message_id": f"{ref}:{state}:{play.state.next_seq}",
                "referral_ref": ref,
                "pathway": ref.partition("-")[0],
                "state": state,
                "at": play.now,
                **more,
            }
        )
    )


def clock(play: Play, kind: ClockType) -> Clock:
    """The open clock of a type."""
    found = open_clock(play.state, kind)
    assert found is not None
    return found


def no_clock(play: Play, kind: ClockType) -> bool:
    """Whether none of a type is open."""
    return open_clock(play.state, kind) is None


def starts(play: Play) -> list[dict[str, Any]]:
    """What the case has started."""
    return [e.payload for e in play.state.effects if e.kind is EffectKind.START]


def tasks(play: Play, kind: str) -> list[str]:
    """Who has a task of a kind."""
    return [t.owner for t in play.state.tasks.values() if t.kind == kind]


def judged(play: Play) -> None:
    """An officer's judgement that the case belongs before MARAC, now."""
    play.do(ProfessionalJudgement(at=play.now, reason="EXTREME_FEAR"))
