"""Options that many commands share, and how their values are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from models.instants import LONDON, at_local

_FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


def instant(text: str) -> datetime:
    """An instant in UTC from `2027-05-11 10:30`, `11/05/2027 10:30`, ISO 8601 or `now`; London time
    where no zone is given. Raises typer.BadParameter."""
    given = text.strip()
    if given.casefold() == "now":
        return datetime.now(UTC).replace(microsecond=0)
    if _is_day(given):
        raise typer.BadParameter(f"{given} has no time of day: write '{given} 10:30'")
    try:
        value = datetime.fromisoformat(given)
    except ValueError:
        value = _uk_time(given)
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    local = at_local(value.date(), value.time())
    if local.astimezone(LONDON).replace(tzinfo=None) != value:
        raise typer.BadParameter(f"{given} does not exist in London: the clocks go forward then")
    return local


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _uk_time(text: str) -> datetime:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - London time, made so below
        except ValueError:
            continue
    raise typer.BadParameter(
        f"{text} is no time: write 2027-05-11 10:30 (London time) or 2027-05-11T09:30Z"
    )


def day(text: str) -> date:
    """A day from `2027-05-11` or `11/05/2027`. Raises typer.BadParameter."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise typer.BadParameter(f"{text} is no date: write 2027-05-11")


def month_or_day(text: str) -> date:
    """A day from `2027-05-11`, or the first of a month from `2027-05`. Raises
    typer.BadParameter."""
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text} is no date: write 2027-05-11 or 2027-05") from None


def since(text: str) -> timedelta:
    """A stretch of time from `30m`, `8h`, `7d`. Raises typer.BadParameter."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    amount, unit = text[:-1], text[-1:]
    if unit not in units or not amount.isdigit():
        raise typer.BadParameter(f"{text} is no length of time: write 30m, 8h or 7d")
    return timedelta(**{units[unit]: int(amount)})


As = Annotated[
    str,
    typer.Option(
        "--as", envvar="DALO_ACTOR", metavar="OFFICER", help="Who asks, by officer or account id."
    ),
]
Reason = Annotated[
    str,
    typer.Option("--reason", help="Why you look at a case that is not yours; its supervisor sees."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Ref = Annotated[
    str,
    typer.Argument(
        metavar="REF", help="A case (CASE-2027-00001), incident number or victim reference."
    ),
]
