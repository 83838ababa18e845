"""The part of a policy that the further duties need: one section a duty, one file a section.

A policy without it (as the first release shipped them) still serves the cases that began under it:
those go on without these duties until they are renewed (docs/upgrades.md).
"""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord

__all__ = ["Duties", "DutiesRecord"]


class Duties(DutiesRecord):
    """Every section. A section is added with defaults and never renamed or removed."""

    basis: str = Field(min_length=1)
