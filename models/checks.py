"""What is refused in the same words wherever it is commanded: another's decision, a time to come, a
run of the first release."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from models.base import Refused
from models.commands import Grant
from models.enums import INSPECTORS, SUPERVISORY, PressureCheck


class Supervised(Protocol):
    """What has a supervisor, or waits for one."""

    supervisor_id: str


def supervisor_only(state: Supervised, grant: Grant) -> None:
    """A supervisor, inspector or superintendent."""
    if grant.role not in SUPERVISORY:
        raise Refused(
            "SUPERVISOR_ONLY",
            "this decision is a supervisor's",
            f"ask {state.supervisor_id or 'a supervisor'} to decide",
            "actor",
        )


def inspector_only(grant: Grant) -> None:
    """An inspector or superintendent."""
    if grant.role not in INSPECTORS:
        raise Refused(
            "INSPECTOR_ONLY",
            "this decision is an inspector's",
            "ask the area's inspector to decide",
            "actor",
        )


def not_later(now: datetime, at: datetime, field: str = "at") -> None:
    """`at` is not in the future."""
    if at > now:
        raise Refused(
            "IN_FUTURE", "the time given is later than now", "give when it happened", field
        )


def pressure_checked(found: PressureCheck) -> None:
    """A check for pressure on the victim has a result."""
    if found is PressureCheck.NOT_CHECKED:
        raise Refused("NO_RESULT", "a check has a result", "give what was found", "pressure")


def not_renewed(what: str) -> Refused:
    """A run of the first release is asked for what came later; `what` runs, in a word."""
    return Refused(
        "NOT_RENEWED",
        f"this {what} began under a release that did not have this duty",
        "run dalo renew, which moves it over, then try again",
    )


def id_reused() -> Refused:
    """A command's id comes again with another command."""
    return Refused(
        "COMMAND_ID_REUSED",
        "this command id was used for another command",
        "send the command again under a new id",
        "command_id",
    )
