"""Policies and calendars in memory, by version.

Composition roots fill it before anything polls; rules look up by version and never read files.
"""

from __future__ import annotations

from pathlib import Path

from models.calendars import Calendar, load_calendar
from models.content import PolicyError
from models.policy import Policy, load_policy

SHIPPED = Path(__file__).resolve().parent.parent / "policy"
DEFAULT_POLICY = "kent-2"

_policies: dict[str, Policy] = {}
_calendars: dict[str, Calendar] = {}
_current: dict[str, str] = {}


def register_policy(new: Policy, *, current: bool = False) -> None:
    """Make a policy known; `current` makes it the one that new work takes."""
    _policies[new.version] = new
    if current or "policy" not in _current:
        _current["policy"] = new.version


def register_calendar(new: Calendar, *, current: bool = False) -> None:
    """Make a calendar known; `current` makes it the one that new work takes."""
    _calendars[new.version] = new
    if current or "calendar" not in _current:
        _current["calendar"] = new.version


def policy(version: str) -> Policy:
    """The policy of a version. Raises PolicyError if it was not loaded."""
    if version not in _policies:
        raise _unknown("policy", version, list(_policies))
    return _policies[version]


def calendar(version: str) -> Calendar:
    """The calendar of a version. Raises PolicyError if it was not loaded."""
    if version not in _calendars:
        raise _unknown("calendar", version, list(_calendars))
    return _calendars[version]


def current_policy() -> Policy:
    """The policy that new work takes."""
    return policy(_current.get("policy", ""))


def current_calendar() -> Calendar:
    """The calendar that new work takes."""
    return calendar(_current.get("calendar", ""))


def policy_versions() -> tuple[str, ...]:
    """The versions loaded, in the order of loading."""
    return tuple(_policies)


def calendar_versions() -> tuple[str, ...]:
    """The versions loaded, in the order of loading."""
    return tuple(_calendars)


def load_shipped(folder: Path = SHIPPED, name: str = DEFAULT_POLICY) -> tuple[Policy, Calendar]:
    """Load every policy and calendar of a folder; the policy file `name` and the last calendar by
    file name become current, and are returned. Raises PolicyError and then changes nothing."""
    policies = {path.stem: load_policy(path) for path in sorted(folder.glob("*.yaml"))}
    calendars = [load_calendar(path) for path in sorted(folder.glob("calendars/*.json"))]
    if name not in policies:
        raise PolicyError(
            f"{name}.yaml", "", "is not in the policy folder", f"is {folder} the right folder?"
        )
    if not calendars:
        raise PolicyError("calendars", "", "no calendar was found", f"make one in {folder}")
    for each in policies.values():
        register_policy(each)
    for one in calendars:
        register_calendar(one)
    register_policy(policies[name], current=True)
    register_calendar(calendars[-1], current=True)
    return policies[name], calendars[-1]


def _unknown(kind: str, version: str, known: list[str]) -> PolicyError:
    return PolicyError(
        kind,
        version,
        "this version is not loaded",
        f"keep its file where the program starts; loaded: {', '.join(known) or 'none'}",
    )
