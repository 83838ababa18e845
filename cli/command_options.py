"""From a command's model to typed options, and from what was typed back to the command."""

from __future__ import annotations

import json
import re
import sys
import types
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from cli.options import day, instant
from cli.structured import STRUCTURED, read_structured, structured
from models.base import Record
from models.commands import ENVELOPES, kinds_of
from models.safe_contact import SafeContactPlan

_NOT_OPTIONS = frozenset({"kind", "note_ref", "decision_code", "assigned_ref", "asked_of"})
_OPTION_OF = {"safe_route": "route", "need_action": "action"}
_OWN_FLAGS = {
    "approve": "--approve/--refuse",
    "resident": "--resident/--not-resident",
    "voice_recorded": "--voice-recorded/--no-voice-recorded",
    "unable_to_protect": "--unable-to-protect/--able-to-protect",
    "reasons_given": "--reasons-given/--no-reasons-given",
}
_NOTE = typer.Option("--note", help="Free text, stored encrypted; - reads standard input.")
_AT = "When it happened: 2027-05-11 10:30 (London time). Now where left out."


@dataclass(frozen=True)
class Spec:
    """One command: its model, its options by parameter name, and which workflow takes it (the first
    part of its stream's name)."""

    kind: str
    help: str
    model: type[Any]
    target: str
    options: dict[str, tuple[Any, Any]]

    @staticmethod
    def models() -> list[type[Any]]:
        """Every command there is."""
        return [kind for target in ENVELOPES for kind in kinds_of(target)]


@dataclass
class Given:
    """What was typed. `values` are the options of the model, by field."""

    values: dict[str, Any]
    actor: str
    access_reason: str
    command_id: str
    note: str
    from_json: str
    as_json: bool
    plan: SafeContactPlan | None = None
    """The safe-contact plan in force, to which options add."""
    read: str | None = None
    """What `--from-json` named, read once."""

    @property
    def dated(self) -> bool:
        """Whether the person said when it happened."""
        return self.values.get("at") is not None or bool(self.from_json)


def spec_of(model: type[Any]) -> Spec:
    """The options of one model."""
    kind: str = model.model_fields["kind"].default
    options: dict[str, tuple[Any, Any]] = {}
    for name, field in model.model_fields.items():
        if structured(model, name):
            options.update(STRUCTURED[name])
        elif name not in _NOT_OPTIONS:
            options[name] = _option(name, field)
    if "note_ref" in model.model_fields:
        options["note"] = (Annotated[str, _NOTE], "")
    return Spec(
        kind=kind,
        help=" ".join((model.__doc__ or "").split()),
        model=model,
        target=next(target for target in ENVELOPES if model in kinds_of(target)),
        options=options,
    )


def _option(name: str, field: FieldInfo) -> tuple[Any, Any]:
    """Annotation and default of one field. Nothing is required by Typer itself, as `--from-json`
    may give it; the model says what is missing."""
    flag = _OWN_FLAGS.get(name, f"--{name.replace('_', '-')}")
    kind = _plain(field.annotation)
    if kind is datetime:
        about = _AT if name == "at" else "2027-05-11 10:30 (London time)."
        option = typer.Option(flag, parser=instant, metavar="TIME", help=about)
        return Annotated[datetime | None, option], None
    if kind is bool:
        return Annotated[bool | None, typer.Option(flag, show_default=False)], None
    if kind is date:
        option = typer.Option(flag, parser=day, metavar="DAY", help="2027-05-11 (London date).")
        return Annotated[date | None, option], None
    choices = _choices(kind)
    if choices is not None:
        option = typer.Option(flag, case_sensitive=False, show_default=False)
        return Annotated[choices | None, option], None
    if get_origin(kind) in (tuple, list):
        return _repeated(flag, get_args(kind)[0])
    if get_origin(kind) is dict:
        metavar = f"{name.upper()}=VALUE"
        about = f"Repeatable.{_one_of(get_args(kind)[1], 'VALUE')}"
        option = typer.Option(flag, metavar=metavar, help=about, show_default=False)
        return Annotated[list[str] | None, option], None
    return Annotated[kind | None, typer.Option(flag, show_default=False)], None


def _repeated(flag: str, item: Any) -> tuple[Any, Any]:
    """A field of many values: the option may be given again. Records come by `--from-json`, or have
    a short form of their own."""
    if isinstance(item, type) and issubclass(item, Record):
        about = f"Repeatable; one {item.__name__} as JSON, with {', '.join(item.model_fields)}."
        option = typer.Option(flag, metavar="JSON", help=about, show_default=False)
    else:
        about = f"Repeatable.{_one_of(item, 'it')}"
        option = typer.Option(flag, metavar="VALUE", help=about, show_default=False)
    return Annotated[list[str] | None, option], None


def _one_of(kind: Any, what: str) -> str:
    choices = _choices(_plain(kind))
    if choices is None:
        return ""
    return f" {what.capitalize()} is one of {', '.join(choice.value for choice in choices)}."


def _several(spec: Spec, name: str, given: list[str]) -> Any:
    """What was typed for a field of many values: a list, or an object of KEY=VALUE. Raises
    typer.BadParameter."""
    kind = _plain(spec.model.model_fields[name].annotation)
    flag = f"--{name.replace('_', '-')}"
    if get_origin(kind) is dict:
        pairs = [text.partition("=") for text in given]
        if not all(key and sign for key, sign, _ in pairs):
            raise typer.BadParameter("must be KEY=VALUE", param_hint=flag)
        return {key.strip(): value.strip() for key, _, value in pairs}
    item = get_args(kind)[0]
    if not (isinstance(item, type) and issubclass(item, Record)):
        return [text.strip() for text in given]
    try:
        return [_dated(json.loads(text)) for text in given]
    except ValueError:
        raise typer.BadParameter("must be a JSON object", param_hint=flag) from None


def _plain(annotation: Any) -> Any:
    """The type behind `X | None`, and behind what only narrows it."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _choices(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return StrEnum("Choice", {str(value): str(value) for value in get_args(kind)})
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None


def command_from(spec: Spec, given: Given, *, note_ref: str) -> Any:
    """The command that was typed. Raises typer.BadParameter or pydantic's ValidationError, naming
    the field."""
    now = datetime.now(UTC).replace(microsecond=0)
    fields = _from_json(spec, given)
    fields.update(
        {
            name: _typed(spec, name, value)
            for name, value in given.values.items()
            if value not in (None, []) and name in spec.model.model_fields
        }
    )
    if "at" in spec.model.model_fields:
        fields.setdefault("at", now)
    read_structured(spec.model, given.values, fields, now, given.plan)
    if note_ref:
        fields["note_ref"] = note_ref
    try:
        return spec.model.model_validate(fields)
    except ValidationError as error:
        raise _not_given(spec, error) from None


def _typed(spec: Spec, name: str, value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return _several(spec, name, value) if isinstance(value, list) else value


def _not_given(spec: Spec, error: ValidationError) -> Exception:
    """A field that is missing, by the option that gives it; any other mistake as it is."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = str(first["loc"][0])
    if first["type"] != "missing" or len(first["loc"]) > 1:
        return error
    option = next(iter(STRUCTURED[name])) if structured(spec.model, name) else name
    flag = _OPTION_OF.get(option, option.replace("_", "-"))
    return typer.BadParameter(
        "nothing was given; give it, or the fields with --from-json", param_hint=f"--{flag}"
    )


def _from_json(spec: Spec, given: Given) -> dict[str, Any]:
    name = given.from_json
    if not name:
        return {}
    if given.read is None:
        given.read = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    try:
        found = json.loads(given.read)
    except ValueError as error:
        where = getattr(error, "lineno", "?")
        raise typer.BadParameter(f"line {where} is not JSON", param_hint="--from-json") from None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be one JSON object", param_hint="--from-json")
    allowed = set(spec.model.model_fields) - _NOT_OPTIONS
    unknown = sorted(set(found) - allowed - {"kind"})
    if unknown or found.get("kind", spec.kind) != spec.kind:
        what = f"{', '.join(unknown)}: unknown" if unknown else "kind: another command's"
        raise typer.BadParameter(
            f"{what}; {spec.kind} has {', '.join(sorted(allowed))}", param_hint="--from-json"
        )
    return {key: _dated(value) for key, value in found.items() if key != "kind"}


_LOCAL_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$")


def _dated(value: Any) -> Any:
    """Times without a zone are London time, in JSON too."""
    if isinstance(value, str):
        return instant(value) if _LOCAL_TIME.match(value) else value
    if isinstance(value, list):
        return [_dated(item) for item in value]
    if isinstance(value, dict):
        return {key: _dated(item) for key, item in value.items()}
    return value


def note_text(given: str) -> str:
    """A note as typed, or from standard input, so that it need not stand in a shell's history."""
    return sys.stdin.read().strip() if given == "-" else given.strip()
