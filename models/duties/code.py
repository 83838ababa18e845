"""The Victims' Code in policy; its limits stand in the clock register (docs/domain.md 4.3)."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord


class CodePolicy(DutiesRecord):
    """What counts as a release, and which decisions may be reviewed."""

    release_events: tuple[str, ...] = (
        "RELEASED",
        "RELEASED_NO_CHARGE",
        "RELEASE_PLANNED",
        "BAILED",
        "RUI",
        "CHARGED_AND_BAILED",
        "COURT_BAIL_RESULT",
        "RELEASED_PROCEEDINGS_STOPPED",
        "RELEASED_CAUTIONED",
        "AT_LARGE_AGAIN",
        "RELEASE_CANCELLED",
    )
    """Kinds of event by which a suspect goes free or escapes, and that a release which the victim
    heard of is off: told even where they opted out of all else but release."""
    charge_events: tuple[str, ...] = ("CHARGED", "CHARGED_AND_BAILED", "REMANDED")
    """Kinds after which special measures are asked about."""
    reviewable_events: tuple[str, ...] = (
        "NOT_INVESTIGATED",
        "NO_CHARGE",
        "RELEASED_NO_CHARGE",
        "PROCEEDINGS_STOPPED",
        "RELEASED_PROCEEDINGS_STOPPED",
    )
    """Kinds of decision that the victim may have reviewed; an out-of-court disposal is none."""
    review_ideal_working_days: int = Field(default=10, gt=0)
    """Within so many working days a review of a prosecutors' decision is best asked for."""
    basis: str = "docs/domain.md 4.2, 4.3, 9.4"
