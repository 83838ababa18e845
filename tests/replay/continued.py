"""Stories of runs that grow too long and go on in a new one, and there meet a clock.

What fills the run are commands, and messages that the relay delivers again: small in a history, and
nothing that may change a state twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from models.commands import AmendReferral, Command, RecordAttempt, RecordPoliceContact
from models.commands.meeting import AddAction, RecordAttendance
from models.enums import (
    ActionType,
    Agency,
    Channel,
    Forum,
    ReferralPathway,
    RiskGrade,
    Role,
)
from models.messages import OwnerChanged
from tests.models.play import DALO, SERGEANT, a_report
from tests.models.play_referral import WHOLE_FORM
from tests.replay.acting import (
    MARAC_CO,
    UNANSWERED,
    Handle,
    given_to_officer,
    list_request,
    open_case,
    open_incident,
    open_meeting,
    open_referral,
    plan,
)
from tests.replay.theatre import OPENING, Theatre

COMMANDS = 40
MOST = 3_000
NEARLY_FULL = 1_960
"""Events."""
Make = Callable[[int, datetime], Command]


async def _fill(
    theatre: Theatre, handle: Handle, make: Make, again: Any, who: tuple[str, Role]
) -> None:
    """Commands, then one message again and again, until there is a new run; in it, a command."""
    first = (await handle.describe()).run_id
    at = await theatre.now()
    for number in range(COMMANDS):
        await theatre.do(handle, make(number, at), *who)
    for _ in range(MOST):
        # No query in between: one that reaches a run as it ends waits for ever on the test server.
        await handle.signal("tell", [again.model_dump(mode="json")])
        now = await handle.describe()
        if now.run_id != first:
            break
        if now.history_length > NEARLY_FULL:
            # A message that comes while the run ends would put its end off.
            await asyncio.sleep(0.2)
    await theatre.next_run(handle, first)
    await theatre.do(handle, make(COMMANDS, at), *who)


async def case_continued(theatre: Theatre) -> Handle:
    """A case that goes on in a new run, and in it meets a clock."""
    handle = await open_case(theatre, 3, RiskGrade.MEDIUM)
    await plan(theatre, handle, await theatre.until(hours=1))

    def unanswered(_: int, at: datetime) -> Command:
        return RecordAttempt(at=at, channel=Channel.CALL, result=UNANSWERED, route="m")

    officer = (DALO, Role.DALO)
    await _fill(theatre, handle, unanswered, given_to_officer(OPENING), officer)
    await theatre.until(days=20)
    await theatre.settled(handle)
    return handle


async def incident_continued(theatre: Theatre) -> Handle:
    """An incident whose report comes again and again."""
    report = a_report(OPENING, incident_ref="46/8/28", victim_ref="VIC-8")
    handle = await open_incident(theatre, report)
    await theatre.until(minutes=10)

    def corrected(number: int, _: datetime) -> Command:
        return RecordPoliceContact(at=OPENING + timedelta(seconds=number))

    owner = OwnerChanged(message_id="o", dalo_id=DALO, supervisor_id=SERGEANT)
    await _fill(theatre, handle, corrected, owner, (DALO, Role.DALO))
    await theatre.until(days=4)
    await theatre.settled(handle)
    return handle


async def referral_continued(theatre: Theatre) -> Handle:
    """A referral whose form is amended for ever; its flag outlives the run."""
    handle = await open_referral(theatre, ReferralPathway.MARAC, 2, facts=WHOLE_FORM)
    await theatre.until(hours=1)

    def amended(number: int, at: datetime) -> Command:
        return AmendReferral(at=at, facts={"reason": f"REASON_{number}"})

    owner = OwnerChanged(message_id="o", dalo_id=DALO, supervisor_id=SERGEANT)
    await _fill(theatre, handle, amended, owner, (DALO, Role.DALO))
    await theatre.until(days=8)
    await theatre.settled(handle)
    return handle


async def meeting_continued(theatre: Theatre) -> Handle:
    """A meeting of very many actions, whose due times the new run keeps."""
    ref = "MARAC-2028-00003"
    handle = await open_meeting(theatre, Forum.MARAC, 2, ref)
    at = await theatre.until(days=2, hours=2)
    held = RecordAttendance(at=at, present={"IDVA-1": Agency.IDVA})
    await theatre.do(handle, held, *MARAC_CO)

    def action(_: int, at: datetime) -> Command:
        return AddAction(
            at=at,
            referral_ref=ref,
            action_type=ActionType.HOUSING,
            action="SANCTUARY_SCHEME",
            agency=Agency.HOUSING,
            immediate=True,
        )

    await _fill(theatre, handle, action, list_request(ref), MARAC_CO)
    await theatre.until(days=5)
    await theatre.settled(handle)
    return handle
