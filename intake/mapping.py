"""Mapping files: how one force's extract names its columns and writes its codes."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from intake.codes import OUTCOME_CODES
from intake.errors import FileError
from intake.fields import CODED, FIELDS

SHIPPED = Path(__file__).parent / "mappings"
DEFAULT_MAPPING = "kent-medway"


class Mapping(BaseModel):
    """One mapping file. `columns` leads from our field to the force's column; a force that has no
    such column leaves the field out. `codes` leads, by field, from the force's code to ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    name: str
    title: str
    source_system: str
    record_start: str
    time_format: str
    separator: str = Field(default=";", min_length=1)
    no_weapon: tuple[str, ...] = ()
    columns: dict[str, str]
    codes: dict[str, dict[str, str | bool]]

    @field_validator("record_start")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return value

    @field_validator("columns")
    @classmethod
    def _names_what_is_needed(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name not in FIELDS:
                raise ValueError(f"{name} is no field of a report")
        for name, spec in FIELDS.items():
            if spec.required and name not in value:
                raise ValueError(f"{name} is required of every extract and has no column")
        if len({column.strip().casefold() for column in value.values()}) < len(value):
            raise ValueError("two fields have the same column")
        return value

    @model_validator(mode="after")
    def _leads_to_our_codes(self) -> Mapping:
        for name in self.codes:
            if name not in CODED and name != "flag":
                raise ValueError(f"codes.{name} is no coded field")
        for name, spec in CODED.items():
            table = self.codes.get(name)
            if name not in self.columns or (table is None and name == "outcome_code"):
                continue
            if table is None:
                raise ValueError(f"codes.{name} is missing")
            known = {member.value for member in spec.enum} if spec.enum else None
            for ours in table.values():
                if not isinstance(ours, str):
                    raise ValueError(f"codes.{name}: put what is no text in quotes")
                if known is not None and ours not in known:
                    raise ValueError(f"codes.{name}: {ours} is not one of {sorted(known)}")
        if set(self.codes.get("flag", {}).values()) != {True, False}:
            raise ValueError("codes.flag must lead to both true and false")
        return self

    @cached_property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Codes by field, folded for matching without regard to case."""
        tables = {
            name: {code.strip().casefold(): ours for code, ours in table.items()}
            for name, table in self.codes.items()
        }
        return {"outcome_code": dict(OUTCOME_CODES), **tables}

    @cached_property
    def no_weapon_words(self) -> frozenset[str]:
        """Folded texts of the weapon column that mean that there was none."""
        return frozenset(word.casefold() for word in self.no_weapon)


def load_mapping(name: str = DEFAULT_MAPPING) -> Mapping:
    """A shipped mapping by name, or a mapping file by path. Raises `FileError` naming the file and
    the field that is wrong."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else SHIPPED / f"{name}.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(data)
    except FileNotFoundError:
        shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise FileError(
            f"there is no mapping {name}", f"name one of {shipped}, or a file"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileError(
            f"mapping {path} cannot be read ({type(error).__name__})", "correct the file"
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FileError(
            f"mapping {path}: {where}: {first['msg']}", "correct the mapping file"
        ) from None
