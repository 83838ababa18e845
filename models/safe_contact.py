"""The safe-contact plan and the decision whether a route is safe now (docs/domain.md 9.1).

Unsafe is the default: no plan, no channel, no answer means do not contact.
"""

from __future__ import annotations

from datetime import date, datetime, time

from pydantic import Field

from models.base import Record
from models.enums import Channel


class Route(Record):
    """One way to reach the victim. The number or address itself is in the identity table; a plan
    names it by `route_id` only. `verified_at` None means never verified as safe."""

    route_id: str
    channel: Channel
    verified_at: datetime | None = None
    third_party: bool = False


class SafeWindow(Record):
    """When a route is safe: weekdays (0 Monday ... 6 Sunday) and London wall-clock times. Does not
    apply on bank holidays unless marked so."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time
    bank_holidays: bool = False


class DoNotContact(Record):
    """When nobody may make contact: on one `day`, or each week on `weekdays`, between two London
    times (None: the whole day)."""

    day: date | None = None
    weekdays: tuple[int, ...] = ()
    opens: time | None = None
    closes: time | None = None
    reason: str = ""


class SafeContactPlan(Record):
    """The plan. Its defaults are the careful ones: no voicemail, letter or SMS, number withheld."""

    routes: tuple[Route, ...] = Field(default=(), description="ranked, first is preferred")
    safe_windows: tuple[SafeWindow, ...] = ()
    do_not_contact: tuple[DoNotContact, ...] = ()
    voicemail_allowed: bool = False
    sms_allowed: bool = False
    sms_wording_ref: str = ""
    caller_id_withheld: bool = True
    email_shared_device: bool = True
    letters_allowed: bool = False
    code_word_hash: str = ""
    interpreter_language: str = ""
    interpreter_sex: str = ""
    third_party_allowed: bool = False
    device_compromised: bool = False
    device_compromised_at: datetime | None = None
    """When it was found; routes verified since then are on another device. None: no electronic
    route is trusted while `device_compromised`."""
    accessibility: tuple[str, ...] = ()
    """What the victim needs to be reached, as codes (`HEARING_LOOP`, `EASY_READ`)."""
    never_to_be_told: tuple[str, ...] = ()
    """Who must never learn of any contact: references of persons or routes, never names."""
    code_word_prompt_ref: str = ""
    """Note with the prompt that the code word answers."""
    plan_reviewed_at: datetime
