"""What a section of the duties' policy is built from."""

from __future__ import annotations

from pydantic import ConfigDict

from models.base import Record


class DutiesRecord(Record):
    """Part of a policy; a key that is not known is a mistake, not something to ignore."""

    model_config = ConfigDict(extra="forbid", frozen=True)
