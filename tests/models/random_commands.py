"""Commands and messages as they may come: right, wrong, early, late, by a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from random import Random
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError

from models.base import Record
from models.instants import london_date

Pools = Mapping[str, Sequence[Any]]
OPTIONAL_GIVEN = 0.5


class Maker:
    """Makes values for a model's fields. `pools` gives values by field name, such as references
    that exist and that do not; what it does not name is made by its type."""

    def __init__(self, seed: int, now: datetime, pools: Pools) -> None:
        self.random = Random(seed)
        self.now = now
        self.pools = pools

    def make(self, model: type[Any], **given: Any) -> Any | None:
        """One of these; None where what came out is none (a model refuses it)."""
        fields = {
            name: self._value(name, field.annotation)
            for name, field in model.model_fields.items()
            if name != "kind"
            and name not in given
            and (field.is_required() or self.random.random() < OPTIONAL_GIVEN)
        }
        try:
            return model.model_validate({**fields, **given})
        except ValidationError:
            return None

    def _value(self, name: str, kind: Any) -> Any:
        kind = _plain(kind)
        if get_origin(kind) not in (tuple, dict) and (pool := self._pool(name, kind)):
            return self.random.choice(pool)
        if get_origin(kind) is Literal:
            return self.random.choice(get_args(kind))
        if get_origin(kind) is tuple:
            return [self._value(name, get_args(kind)[0]) for _ in range(self._few())]
        if get_origin(kind) is dict:
            return self._mapping(name, *get_args(kind))
        if issubclass(kind, Enum):
            return self.random.choice(list(kind))
        if issubclass(kind, Record):
            return self.make(kind)
        return self._scalar(name, kind)

    def _pool(self, name: str, kind: Any) -> list[Any]:
        """The values given for a field, so far as they are of its kind."""
        pool = list(self.pools.get(name, ()))
        if get_origin(kind) is Literal:
            return [value for value in pool if value in get_args(kind)]
        if isinstance(kind, type) and issubclass(kind, Enum):
            return [value for value in pool if isinstance(value, kind)]
        return pool

    def _mapping(self, name: str, key: Any, value: Any) -> dict[Any, Any]:
        return {
            self._value(f"{name}.key", key): self._value(f"{name}.value", value)
            for _ in range(self._few())
        }

    def _scalar(self, name: str, kind: type[Any]) -> Any:
        if kind is datetime:
            return self.instant(name)
        if kind is date:
            return london_date(self.now) + timedelta(days=self.random.randint(-2, 60))
        if kind is time:
            return time(self.random.randint(0, 23))
        if kind is bool:
            return self.random.random() < 0.5
        if kind in (int, float):
            return self.random.randint(0, 30)
        return "R"

    def instant(self, name: str) -> datetime:
        """When it happened: mostly now or of late, now and then long ago or in the future."""
        if name not in ("at", "decided_at", "arrested_at", "served_at", "event_at"):
            return self.now + timedelta(hours=self.random.randint(-3, 24 * 10))
        drawn = self.random.random()
        if drawn < 0.6:
            return self.now
        if drawn < 0.85:
            return self.now - timedelta(minutes=self.random.randint(1, 48 * 60))
        if drawn < 0.93:
            return self.now - timedelta(days=self.random.randint(3, 60))
        return self.now + timedelta(minutes=self.random.randint(1, 600))

    def _few(self) -> int:
        return self.random.randint(0, 3)


def _plain(annotation: Any) -> Any:
    """The type behind `X | None`, and behind what only narrows it."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _plain(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation
