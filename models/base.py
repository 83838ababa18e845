"""What every message, state and record of the product is built from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A stored or transmitted value. Unknown fields are ignored, so that an older worker can read
    what a newer one wrote; fields are added with defaults and never renamed or removed."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class State(BaseModel):
    """Mutable state of one workflow, handed whole from run to run."""

    model_config = ConfigDict(extra="ignore", validate_assignment=False)


class Refused(Exception):
    """A command or read that is not allowed now. Nothing has changed.

    `code` is fixed for ever and is what callers branch on; `message` names the field and the rule;
    `remedy` says what to do. None of them holds personal data.
    """

    def __init__(self, code: str, message: str, remedy: str = "", field: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.field = field
