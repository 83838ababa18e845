"""The policy: every threshold, cadence and limit, each with its basis (docs/domain.md 11).

In the file a value and its basis stand together: a section carries a `basis` for what it holds, or
a single value is written `{value: ..., basis: ...}`. A policy is immutable and named by the hash of
its content; a file may build on another with `extends`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from models.base import Record
from models.clocks import Limit
from models.content import PolicyError, content_version, explain_validation, read_mapping
from models.duties import Duties
from models.enums import ClockType, EvidenceCode, LadderStep, RiskGrade, RiskTool
from models.limits import parse_limit

ANY_AREA = "ANY"
_CLOCKS = list(ClockType)
FIRST_CLOCKS = _CLOCKS[: _CLOCKS.index(ClockType.PAUSE_REVIEW) + 1]
"""The clock register of policies of the first release."""

PolicyLimit = Annotated[Limit, BeforeValidator(parse_limit)]


class PolicyRecord(Record):
    """Part of a policy; a key that is not known is a mistake, not something to ignore."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IntakePolicy(PolicyRecord):
    """Who is eligible and how the arms are named (docs/domain.md 2.6)."""

    pilot_areas: tuple[str, ...]
    lookback_hours: int = Field(gt=0)
    min_age: int = Field(ge=0)
    grades_eligible: tuple[RiskGrade, ...]
    reticent_outcomes: tuple[int, ...]
    arm_pilot: str = Field(min_length=1)
    arm_comparison: str = Field(min_length=1)
    basis: str

    def is_pilot_area(self, district: str) -> bool:
        """Whether a district is in the pilot (any case); `ANY` in the list takes every one."""
        names = [area.casefold() for area in self.pilot_areas]
        return ANY_AREA.casefold() in names or district.strip().casefold() in names

    def allocation_arm(self, district: str) -> str:
        """The evaluation's arm of a report, stored at intake and never derived later."""
        return self.arm_pilot if self.is_pilot_area(district) else self.arm_comparison


class PriorityPolicy(PolicyRecord):
    """Points that rank waiting cases (docs/domain.md 2.6)."""

    grade: dict[RiskGrade, int]
    per_earlier_report: int
    earlier_reports_max: int
    reticent: int
    child_resident: int
    strangulation_or_weapon: int
    order_breach: int
    basis: str


class ContactPolicy(PolicyRecord):
    """The cadence of one risk grade (docs/domain.md 9.2)."""

    first_contact_limit: PolicyLimit
    interval_days: int = Field(gt=0)
    attempts: int = Field(gt=0)
    attempts_within_hours: int = Field(gt=0)
    basis: str


class LadderRule(PolicyRecord):
    """One step after failed contact (docs/domain.md 9.3)."""

    title: str
    limit: PolicyLimit
    basis: str


class EvidenceRule(PolicyRecord):
    """One checklist item (docs/domain.md 3.2): who, on what trigger, by when from the report."""

    title: str
    who: str
    trigger: str
    target: PolicyLimit
    if_missed: str = ""
    basis: str


class GoldenHourPolicy(PolicyRecord):
    """The golden hour (docs/domain.md 3.1, 3.2). Items whose target is within `minutes` form the
    golden-hour set."""

    minutes: int = Field(gt=0)
    warn_minutes: int = Field(gt=0)
    applicable_within_hours: int = Field(gt=0)
    chase_hours: int = Field(gt=0)
    items: dict[EvidenceCode, EvidenceRule]
    basis: str


class MaracPolicy(PolicyRecord):
    """When a case meets a MARAC criterion (docs/domain.md 5)."""

    visible_high_risk_ticks: dict[RiskTool, int]
    escalation_events: int = Field(gt=0)
    escalation_months: int = Field(gt=0)
    suicide_self_harm: bool
    repeat_definition: Literal["ANY_ABUSE", "CRIMINAL_ONLY"]
    repeat_anchor: Literal["REFERRAL", "HEARING"]
    repeat_months: int = Field(gt=0)
    basis: str


class ClockRule(PolicyRecord):
    """One row of the clock register (docs/domain.md 11)."""

    title: str
    limits: dict[str, PolicyLimit] = Field(default_factory=dict)
    """By rule key: '' where there is one limit only, else risk grade, item or step."""
    limits_from: Literal["", "contact", "ladder", "golden_hour"] = ""
    """The section that holds this clock's limits, so that no value stands twice."""
    beginning_with: bool = False
    """The start's own day is the first day of the period."""
    next_working_day: bool = False
    """A meeting or review: on a non-working day it is due the next working day."""
    school_day_first: bool = False
    """Due at the start of the next school day, where the calendar knows it and it comes first."""
    warn_before: PolicyLimit | None = None
    starts: str
    stops: str
    breach_to: str
    basis: str
    source: str

    def limit_for(self, rule_key: str) -> Limit | None:
        """The limit of a rule key, else the one for all; None where only the caller has one."""
        return self.limits.get(rule_key) or self.limits.get("")


class Policy(PolicyRecord):
    """A whole policy. `basis` holds the basis of each value that has its own, by dotted key."""

    version: str
    name: str = Field(pattern=r"^[a-z]+-\d+$")
    title: str
    intake: IntakePolicy
    priority: PriorityPolicy
    contact: dict[RiskGrade, ContactPolicy]
    ladder: dict[LadderStep, LadderRule]
    golden_hour: GoldenHourPolicy
    marac: MaracPolicy
    dapo_applications_enabled: bool
    closure_stable_days: int = Field(gt=0)
    clock_rules: dict[ClockType, ClockRule]
    duties: Duties | None = None
    """The further duties; None in policies of the first release."""
    basis: dict[str, str] = Field(default_factory=dict)

    @property
    def of_duties(self) -> Duties:
        """The further duties' part. Raises ValueError under a policy of the first release, where
        nothing that needs it runs."""
        if self.duties is None:
            raise ValueError(f"policy {self.version} has no duties")
        return self.duties

    @model_validator(mode="after")
    def _whole(self) -> Policy:
        wanted = list(ClockType) if self.duties else FIRST_CLOCKS
        _nothing_missing("clock_rules", wanted, self.clock_rules)
        _nothing_missing("golden_hour.items", EvidenceCode, self.golden_hour.items)
        _nothing_missing("contact", RiskGrade, self.contact)
        _nothing_missing("priority.grade", RiskGrade, self.priority.grade)
        _nothing_missing("ladder", list(LadderStep)[1:], self.ladder)
        if self.golden_hour.warn_minutes >= self.golden_hour.minutes:
            raise ValueError("golden_hour.warn_minutes must be less than golden_hour.minutes")
        for clock_type, rule in self.clock_rules.items():
            if not rule.limits:
                raise ValueError(f"clock_rules.{clock_type.value}.limits is empty")
        return self


def _nothing_missing(key: str, members: Any, given: dict[Any, Any]) -> None:
    missing = [member.value for member in members if member not in given]
    if missing:
        raise ValueError(f"{key} lacks {', '.join(missing)}")


def load_policy(path: Path) -> Policy:
    """A policy file (with what it extends) as a policy, named by its content. Raises PolicyError
    naming file, key, rule and remedy."""
    content = _with_base(path)
    basis: dict[str, str] = {}
    plain = _strip(content, "", basis, path.name, covered=False)
    _derive(plain)
    try:
        # The version is of the validated content: spelling and order in the file do not matter.
        draft = Policy.model_validate({**plain, "version": "draft", "basis": basis})
    except ValidationError as error:
        raise explain_validation(path.name, error) from error
    # A policy without the further duties keeps the name it had before there were any.
    left_out = {"version"} if draft.duties else {"version", "duties"}
    whole = draft.model_dump(mode="json", exclude=left_out)
    return draft.model_copy(update={"version": content_version(draft.name, whole)})


def _with_base(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    content = read_mapping(path)
    base = content.pop("extends", None)
    if base is None:
        return content
    if not isinstance(base, str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", base):
        raise PolicyError(path.name, "extends", "must name a policy beside it", "as in `kent`")
    if path in seen:
        raise PolicyError(path.name, "extends", "builds on itself", "break the circle")
    return _merge(_with_base(path.with_name(f"{base}.yaml"), (*seen, path)), content)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict) and "value" not in value:
            merged[key] = _merge(below, value)
        else:
            merged[key] = value
    return merged


def _strip(node: Any, key: str, basis: dict[str, str], file: str, *, covered: bool) -> Any:
    """The values without their `{value, basis}` wrapping; every value must be covered by a basis,
    its own or its section's."""
    if isinstance(node, dict) and "value" in node:
        if set(node) != {"value", "basis"} or not node["basis"]:
            raise PolicyError(file, key, "must be {value, basis}", "say where the value comes from")
        basis[key] = str(node["basis"])
        return node["value"]
    if isinstance(node, dict):
        inside = covered or bool(node.get("basis"))
        return {
            str(name): _strip(
                item, f"{key}.{name}" if key else str(name), basis, file, covered=inside
            )
            for name, item in node.items()
        }
    if not covered and key not in ("name", "title"):
        raise PolicyError(file, key, "has no basis", "write {value: ..., basis: ...}")
    return node


def _derive(plain: dict[str, Any]) -> None:
    """Fill the limits of clocks whose values stand in another section (`limits_from`)."""
    rules = plain.get("clock_rules")
    if not isinstance(rules, dict):
        return
    for name, rule in rules.items():
        if not isinstance(rule, dict) or not rule.get("limits_from"):
            continue
        if "limits" in rule:
            continue
        hour = plain.get("golden_hour", {})
        match name:
            case "FIRST_CONTACT":
                rule["limits"] = _column(plain.get("contact"), "first_contact_limit")
            case "CONTACT_CADENCE":
                days = _column(plain.get("contact"), "interval_days")
                rule["limits"] = {grade: f"C {day}" for grade, day in days.items()}
            case "LADDER_STEP":
                rule["limits"] = _column(plain.get("ladder"), "limit")
            case "EVIDENCE_ITEM":
                rule["limits"] = _column(hour.get("items"), "target")
            case "GOLDEN_HOUR" if {"minutes", "warn_minutes"} <= set(hour):
                rule["limits"] = {"": f"E {hour['minutes']} min"}
                rule["warn_before"] = f"E {hour['minutes'] - hour['warn_minutes']} min"


def _column(section: Any, field: str) -> dict[str, Any]:
    if not isinstance(section, dict):
        return {}
    return {
        key: row[field] for key, row in section.items() if isinstance(row, dict) if field in row
    }
