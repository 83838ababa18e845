"""The statistics, each documented in docs/metrics.md. Times are hours."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles


def percentile(values: Sequence[float], tenths: int) -> float:
    """The percentile `10 * tenths` by linear interpolation between order statistics: position
    (n - 1) * tenths / 10, both ends included (Hyndman and Fan's type 7, the `inclusive` method of
    `statistics.quantiles`). One value is its own percentile; raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=10, method="inclusive")[tenths - 1]


def time_to_share(events: Sequence[float], censored: Sequence[float], share: float) -> float | None:
    """The earliest time by which at least `share` of all have had the event, by the Kaplan-Meier
    estimator: who is censored counts as waiting until then. None where that is never reached."""
    remaining = 1.0
    for time in sorted(set(events)):
        at_risk = sum(e >= time for e in events) + sum(c >= time for c in censored)
        remaining *= 1 - sum(e == time for e in events) / at_risk
        if 1 - remaining >= share - 1e-12:
            return time
    return None
