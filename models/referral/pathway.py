"""What a pathway is made of: states, moves, clocks and fields as data.

Guards and predicates are named here and are pure functions in `models.referral.guards`; there is no
expression language.
"""

from __future__ import annotations

from enum import StrEnum

from models.base import Record
from models.enums import ClockType, ReferralPathway, ReferralState, Role


class FieldKind(StrEnum):
    """What a field of a form may hold: never free text, which goes into a note."""

    CODE = "CODE"
    REFERENCE = "REFERENCE"
    """The id of something kept elsewhere, under its own protection."""
    LIST = "LIST"
    """References or codes, with commas between."""
    YES_NO = "YES_NO"
    NUMBER = "NUMBER"
    DATES = "DATES"
    """London dates as ISO 8601, with commas between; NONE where there is none."""


class FieldOf(Record):
    """One field of a pathway's form."""

    name: str
    kind: FieldKind
    about: str
    choices: tuple[str, ...] = ()


class Move(Record):
    """One way on. `by` may give it as a command; `reason` says that one is needed; `outcomes` are
    the outcomes it may have; `fields` must be filled by then; `guards` are asked by name."""

    sources: tuple[ReferralState, ...]
    to: ReferralState
    by: tuple[Role, ...]
    outcomes: tuple[str, ...] = ()
    reason: bool = False
    fields: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()


class Hears(Record):
    """What a meeting's message does: the first row that fits counts. `decision` empty: any."""

    message: str
    sources: tuple[ReferralState, ...]
    to: ReferralState
    decision: str = ""


class Follow(Record):
    """A state that follows by itself once the predicate `when` holds."""

    source: ReferralState
    to: ReferralState
    when: str


class ClockOf(Record):
    """A clock that runs while the referral is in some states. Leaving them meets it where the new
    state is in `met_in` (any, where that is empty), else it is cancelled. `chased`: once it is past
    due, the DALO chases the answer."""

    clock_type: ClockType
    while_in: tuple[ReferralState, ...]
    owner: Role
    key: str = ""
    """Rule key and subject, where a type is used more than once."""
    met_in: tuple[ReferralState, ...] = ()
    chased: bool = False
    until: str = ""
    """A field of the state: the clock is met at the instant that it holds."""
    since: str = ""
    """A field of the state: the clock runs only from the instant that it holds."""


class ReviewOf(Record):
    """Reviews while the referral is in some states. `anchored`: counted from the first day, however
    late one was held; otherwise from the last one."""

    clock_type: ClockType
    while_in: tuple[ReferralState, ...]
    owner: Role
    anchored: bool


class Pathway(Record):
    """One pathway. `service` is whose answer is waited for; `ends` are the states after which
    nothing is left to do."""

    pathway: ReferralPathway
    service: Role
    partners: tuple[Role, ...]
    """Who may act for the service."""
    first: ReferralState
    ends: tuple[ReferralState, ...]
    settled: tuple[ReferralState, ...] = ()
    """States in which nothing is left to do but to keep the flag."""
    listed_in: tuple[ReferralState, ...] = ()
    """States that ask for a place on the next meeting's list."""
    moves: tuple[Move, ...]
    hears: tuple[Hears, ...] = ()
    follows: tuple[Follow, ...] = ()
    clocks: tuple[ClockOf, ...]
    review: ReviewOf | None = None
    fields: tuple[FieldOf, ...]
    form: tuple[str, ...] = ()
    """Fields that the form is not whole without."""

    @property
    def states(self) -> tuple[ReferralState, ...]:
        """Every state, in the order of the enumeration."""
        named = {self.first, *self.ends, ReferralState.WITHDRAWN_IN_ERROR}
        named |= {move.to for move in self.moves} | {hears.to for hears in self.hears}
        named |= {follow.to for follow in self.follows}
        return tuple(state for state in ReferralState if state in named)

    def field(self, name: str) -> FieldOf | None:
        """A field by name."""
        return next((field for field in self.fields if field.name == name), None)
