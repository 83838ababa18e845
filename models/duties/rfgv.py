"""Values of the RFGV score: bands, points, weights (docs/domain.md 8.2). No force's were found
published: every one is provisional."""

from __future__ import annotations

from pydantic import Field, model_validator

from models.duties.base import DutiesRecord


class Band(DutiesRecord):
    """Points from `at_least` (events, victims) or up to `at_most` (days)."""

    limit: int = Field(ge=0)
    points: int = Field(ge=0, le=100)


class Weights(DutiesRecord):
    """Parts in a hundred of recency, frequency, gravity and victims."""

    r: int = Field(ge=0)
    f: int = Field(ge=0)
    g: int = Field(ge=0)
    v: int = Field(ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Weights:
        if self.r + self.f + self.g + self.v != 100:
            raise ValueError("weights must be hundredths that add up to 100")
        return self


class RfgvDuty(DutiesRecord):
    """The formula. `weights_version` names this set of values and is kept with every score.

    `recency` bands are in days since the last event, up to and including `limit`; `frequency` and
    `victims` from `limit` on. `gravity` is by Home Office class, each event at its highest."""

    weights_version: str = Field(min_length=1)
    window_months: int = Field(gt=0)
    recency: tuple[Band, ...] = Field(min_length=1)
    frequency: tuple[Band, ...] = Field(min_length=1)
    victims: tuple[Band, ...] = Field(min_length=1)
    gravity: dict[str, int]
    non_crime: int = Field(ge=0)
    unlisted_crime: int = Field(ge=0)
    strangulation: int = Field(ge=0)
    order_breach: int = Field(ge=0)
    gravity_max: int = Field(gt=0)
    weights: Weights
    threshold: float = Field(ge=0, le=100)
    top: int = Field(gt=0)
    serial_victims: int = Field(default=2, gt=1)
    serial_months: int = Field(default=36, gt=0)
    """A serial perpetrator has so many victims in so many months (docs/domain.md 2.6)."""
    basis: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> RfgvDuty:
        for name in ("recency", "frequency", "victims"):
            limits = [band.limit for band in getattr(self, name)]
            if limits != sorted(set(limits)):
                raise ValueError(f"{name} bands must rise, each limit once")
        return self
