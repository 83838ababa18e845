"""Small questions asked of a meeting by several checks; each raises `Refused` with its remedy."""

from __future__ import annotations

import re
from datetime import datetime

from models.base import Refused
from models.enums import AgendaState, Forum, MeetingState
from models.meeting.state import AgendaItem, MeetingFacts

PERSON = re.compile(r"^[A-Za-z]{2,}[-_/@ ]?[A-Za-z0-9@_/-]*\d[A-Za-z0-9@_/-]*$|^[A-Z_]+@[^@]+$")
"""An account id or code with a number in it (`PC-4011`, `IDVA-1`), or a role's address."""
PARTY = re.compile(r"^(?:VIC|PER|CHD)-", re.IGNORECASE)


def known(state: MeetingFacts, referral_ref: str) -> AgendaItem:
    """The item of a referral that is listed or was heard; raises `Refused` otherwise."""
    item = state.agenda.get(referral_ref)
    if item is None or item.state not in (AgendaState.LISTED, AgendaState.HEARD):
        raise Refused(
            "NOT_LISTED",
            "this referral is not on the list",
            "see dalo meeting show REF",
            "referral_ref",
        )
    return item


def waiting(state: MeetingFacts, referral_ref: str) -> AgendaItem:
    """The item of a referral that waits to be heard; raises `Refused` otherwise."""
    item = known(state, referral_ref)
    if item.state is AgendaState.HEARD:
        raise Refused(
            "ALREADY_HEARD", "this referral was heard", "see dalo meeting show REF", "referral_ref"
        )
    return item


def frozen(state: MeetingFacts) -> None:
    """The list has closed and the meeting has not been held; raises `Refused` otherwise."""
    if state.stage is MeetingState.OPEN:
        raise Refused(
            "LIST_OPEN", "the list is still open", "close it first with freeze-list", "at"
        )
    not_held(state)


def held(state: MeetingFacts) -> None:
    """The meeting has been held; raises `Refused` otherwise."""
    if state.held_at is None:
        raise Refused(
            "NOT_HELD", "the meeting has not been held", "record it first: record-attendance"
        )


def not_held(state: MeetingFacts) -> None:
    """The meeting has not been held; raises `Refused` otherwise."""
    if state.held_at is not None:
        raise Refused("ALREADY_HELD", "the meeting has been held", "see dalo meeting show REF")


def after_meeting(state: MeetingFacts, at: datetime) -> None:
    """The time given is not before the meeting; raises `Refused` otherwise."""
    if state.held_at is not None and at < state.held_at:
        raise Refused(
            "BEFORE_MEETING", "the time given is before the meeting", "give when it happened", "at"
        )


def matac(state: MeetingFacts) -> None:
    """Only MATAC decides on interventions; raises `Refused` otherwise."""
    if state.forum is not Forum.MATAC:
        raise Refused(
            "MATAC_ONLY",
            "interventions against a perpetrator are MATAC's",
            "leave --intervention out, or nominate the perpetrator to MATAC",
            "intervention",
        )


def check_person(person: str) -> None:
    """A person is an account id or code, and no party; raises `Refused` otherwise."""
    if not person:
        return
    if PARTY.match(person):
        raise Refused(
            "PARTY_NEVER_ATTENDS",
            "victim and perpetrator never attend, nor are they given an action",
            "the IDVA speaks for the victim: record the IDVA",
            "present",
        )
    if not PERSON.match(person):
        raise Refused(
            "PERSON_NOT_A_CODE",
            "people are recorded by account id or code, never by name",
            "give an id such as PC-4011 or IDVA-1",
            "present",
        )
