"""One round of everything that leaves the building, for the service and for `dalo notices send`."""

from __future__ import annotations

from datetime import datetime

from casework.case_reads import safe_to_send
from casework.notices.notifier import Notifier
from casework.notices.victim_messages import VictimMessenger
from casework.runtime import Runtime
from models.enums import Channel
from models.safe_decision import SafeDecision


def notifier(runtime: Runtime) -> Notifier:
    """The notifier of this process."""
    return Notifier(runtime.engine, runtime.settings, runtime.clock)


def messenger(runtime: Runtime) -> VictimMessenger:
    """The sender of messages to victims; it asks the running case."""

    async def ask(case_ref: str, channel: Channel, route: str, at: datetime) -> SafeDecision:
        return await safe_to_send(runtime, case_ref, channel, route, at)

    return VictimMessenger(runtime.engine, runtime.secrets, runtime.settings, runtime.clock, ask)
