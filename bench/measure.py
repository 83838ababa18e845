"""Numbers: rounds of floor and product side by side, and what a history weighs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio.client import WorkflowHandle


@dataclass
class Measure:
    """One quantity, smaller is better; a value a round for each side."""

    name: str
    unit: str
    floor: list[float] = field(default_factory=list)
    product: list[float] = field(default_factory=list)

    def add(self, floor: float, product: float) -> None:
        """One round."""
        self.floor.append(floor)
        self.product.append(product)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: both sides of a round meet the same machine."""
        return statistics.median(
            product / floor for floor, product in zip(self.floor, self.product, strict=True)
        )

    def summary(self) -> dict[str, object]:
        """Medians and ratio, for people and for machines."""
        ratios = [p / f for f, p in zip(self.floor, self.product, strict=True)]
        return {
            "name": self.name,
            "unit": self.unit,
            "floor": round(statistics.median(self.floor), 2),
            "product": round(statistics.median(self.product), 2),
            "ratio": round(self.ratio, 2),
            "ratios": [round(min(ratios), 2), round(max(ratios), 2)],
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


async def history(handles: Sequence[WorkflowHandle[object, object]]) -> tuple[int, int]:
    """Events and bytes of these workflows' present runs."""
    events = size = 0
    for handle in handles:
        async for event in handle.fetch_history_events():
            events += 1
            size += event.ByteSize()
    return events, size
