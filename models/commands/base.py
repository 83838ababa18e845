"""What every command is made of: codes, the gate's grant, the answer.

`at` is when the thing happened, given by the person; the workflow stamps when it was recorded.
Free text never travels in a command: it is stored first and `note_ref` refers to it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.base import Record
from models.enums import Role

Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=60)]
"""A reason as a code (`VICTIM_IN_HOSPITAL`): it stands in clear in the ledger, so free text belongs
in a note, which is stored encrypted."""


class Grant(Record):
    """What the gate found out about the actor: passed on so that validators can check it against
    the state."""

    actor: str
    role: Role
    access_log_id: str
    break_glass: bool = False
    covering: str = ""
    """The absent officer whose work the actor covers, if any."""
    known_as: str = ""
    """What an extract calls the actor, where that is not their id."""

    @property
    def names(self) -> frozenset[str]:
        """Every id under which a record may name whom the actor acts for."""
        return frozenset({self.actor, self.covering, self.known_as} - {""})


class Answer(Record):
    """What an accepted command gets at once: its last event's number, and codes worth knowing."""

    seq: int
    codes: tuple[str, ...] = ()
