"""Who may see and do what: the access matrix of docs/domain.md 1.3 as one table. Default deny.

A role's cell says what it may read or write; the actor's relation to the case says whether the cell
holds here. Everything not written down is refused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from models.actions import ACTIONS
from models.base import Record
from models.data_classes import Access, Action, DataClass, Purpose, Target
from models.enums import Role

__all__ = [
    "ACTIONS",
    "Access",
    "Action",
    "Cell",
    "DataClass",
    "Decision",
    "Purpose",
    "Relation",
    "Target",
    "cell",
    "permitted",
    "readable",
]


class Relation(StrEnum):
    """What a case (or an officer's worklist) is to the actor."""

    OWN = "OWN"
    """Allocated to the actor, or the actor is the officer in the case of one of its incidents."""
    COVERING = "COVERING"
    """Allocated to an absent officer whose work the actor covers."""
    SUPERVISES = "SUPERVISES"
    """The actor supervises the case, or it waits unsupervised in the actor's district."""
    AREA = "AREA"
    """In the actor's district, supervised by somebody else."""
    REFERRED = "REFERRED"
    LISTED = "LISTED"
    """On the list of a meeting that the actor runs."""
    NONE = "NONE"


class Cell(NamedTuple):
    """One cell of the matrix. `form` is empty for identifiable data; otherwise the only form in
    which the role ever sees it (pseudonymised, counts, ...), which no case view gives."""

    read: bool
    write: bool
    qualifier: str = ""
    form: str = ""


_COLUMNS = ("DALO", "OIC", "SUPV", "IDVA", "MARAC", "MATAC", "MASIP", "WCU", "EVAL", "AUDIT")
_FORMS = frozenset({"pseudonymised", "counts", "score", "banded"})

# Letters as in docs/domain.md 1.3; `-` is none. The word after them narrows the cell.
_MATRIX = """
SAFE_CONTACT_PLAN | RW own|R |R |R referred |R|-|-|R|-|-
CONTACT_LOG | RW own|R |R |RW own-entries|-|-|-|R|pseudonymised|-
RISK_ASSESSMENT | RW |RW |RW |R referred |R|-|R|-|pseudonymised|-
EVIDENCE_CHECKLIST | RW own|RW |R |- |-|-|-|-|pseudonymised|-
CHILDREN | RW |R |R |R referred |R|-|-|-|counts|-
PERPETRATOR_INTELLIGENCE | R |RW |R |- |R need|RW|RW|-|score|-
MARAC_MINUTES | R own|- |R |R own |RW|-|-|-|counts|-
VICTIM_ADDRESS | RW own|R |R |R referred |R|-|-|R|-|-
ACCESS_LOG | R own|R own|R team|- |-|-|-|-|-|R
NEEDS_ASSESSMENT | RW |R |RW |RW referred |R|-|-|-|pseudonymised|-
VICTIM_NOTIFICATIONS | RW |RW |R |- |-|-|-|RW|pseudonymised|-
SUSPECT_STATUS | R |RW |R |- |R listed|R|R|RW|pseudonymised|-
HIDDEN_HARM_VISITS | RW |R |RW |- |R listed|-|-|-|pseudonymised|-
REFERRALS | RW |R |RW |RW own-pathway|RW own-pathway|RW own-pathway|RW own-pathway|-|pseudonymised|-
WISHES_CONSENT | RW |R |RW |R referred |R listed|-|-|R|pseudonymised|-
APPROVALS | - |- |RW |- |-|-|-|-|counts|-
IDENTITY | R |R |R |R referred |R listed|-|-|R|-|-
EQUALITY_IMMIGRATION | RW |- |R |- |-|-|-|-|banded|-
"""

_COLUMN_OF = {
    Role.DALO: "DALO",
    Role.OIC: "OIC",
    Role.SUPERVISOR: "SUPV",
    Role.INSPECTOR: "SUPV",
    Role.SUPERINTENDENT: "SUPV",
    Role.IDVA_PARTNER: "IDVA",
    Role.ISVA_PARTNER: "IDVA",
    Role.ADVOCATE: "IDVA",
    Role.SUPPORT_PARTNER: "IDVA",
    Role.MARAC_COORDINATOR: "MARAC",
    Role.MATAC_COORDINATOR: "MATAC",
    Role.MASIP_LEAD: "MASIP",
    Role.WITNESS_CARE: "WCU",
    Role.EVALUATOR: "EVAL",
    Role.AUDITOR: "AUDIT",
}

_HANDS_ON = frozenset({Relation.OWN, Relation.COVERING})
_TEAM = _HANDS_ON | {Relation.SUPERVISES}

# In which relation a role's column holds at all.
_REACH: dict[Role, frozenset[Relation]] = {
    Role.DALO: _HANDS_ON,
    Role.OIC: _HANDS_ON,
    Role.SUPERVISOR: _TEAM,
    Role.INSPECTOR: _TEAM | {Relation.AREA},
    Role.SUPERINTENDENT: _TEAM | {Relation.AREA},
    Role.IDVA_PARTNER: frozenset({Relation.REFERRED}),
    Role.ISVA_PARTNER: frozenset({Relation.REFERRED}),
    Role.ADVOCATE: frozenset({Relation.REFERRED}),
    Role.SUPPORT_PARTNER: frozenset({Relation.REFERRED}),
    Role.MARAC_COORDINATOR: frozenset({Relation.REFERRED, Relation.LISTED}),
    Role.MATAC_COORDINATOR: frozenset({Relation.REFERRED, Relation.LISTED}),
    Role.MASIP_LEAD: frozenset({Relation.REFERRED, Relation.LISTED}),
    Role.WITNESS_CARE: frozenset({Relation.REFERRED}),
}

# Police officers may look beyond their reach with a typed reason; the supervisor is told.
_BREAK_GLASS = frozenset(
    {Role.DALO, Role.OIC, Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT}
)


class Decision(Record):
    """What the matrix answers. When `allowed` with `needs_reason`, it holds only with a typed
    reason. `code` is set when refused: `UNKNOWN_ACTION`, `ROLE_NOT_PERMITTED` (the role never may)
    or `NOT_YOUR_CASE` (not in this relation). `sections` is what a case view may show."""

    allowed: bool
    needs_reason: bool = False
    break_glass: bool = False
    code: str = ""
    sections: frozenset[DataClass] = frozenset()


def _parse(text: str) -> dict[DataClass, dict[str, Cell]]:
    table = {}
    for line in text.strip().splitlines():
        name, *cells = (part.strip() for part in line.split("|"))
        table[DataClass(name)] = {
            column: _cell(value) for column, value in zip(_COLUMNS, cells, strict=True)
        }
    return table


def _cell(text: str) -> Cell:
    letters, _, qualifier = text.partition(" ")
    if letters in _FORMS:
        return Cell(read=True, write=False, form=letters)
    return Cell("R" in letters, "W" in letters, qualifier.strip())


_TABLE = _parse(_MATRIX)
_NOTHING = Cell(read=False, write=False)


def cell(role: Role, data: DataClass) -> Cell:
    """The matrix cell of a role; a role without a column has none."""
    column = _COLUMN_OF.get(role)
    return _TABLE[data][column] if column else _NOTHING


def readable(role: Role, relation: Relation, *, glass_broken: bool = False) -> frozenset[DataClass]:
    """The data classes that this role may see of a case in this relation."""
    if not glass_broken and relation not in _REACH.get(role, frozenset()):
        return frozenset()
    return frozenset(
        data
        for data in DataClass
        if data is not DataClass.ACCESS_LOG and _grants(role, data, Access.READ)
    )


def _grants(role: Role, data: DataClass, access: Access) -> bool:
    found = cell(role, data)
    return not found.form and (found.write if access is Access.WRITE else found.read)


def permitted(role: Role, action: str, relation: Relation = Relation.NONE) -> Decision:
    """Whether `role` may do `action` on something in `relation` to the actor.

    Pure. An action that needs no case is judged by role alone."""
    rule = ACTIONS.get(action)
    if rule is None:
        return Decision(allowed=False, code="UNKNOWN_ACTION")
    if rule.roles and role not in rule.roles:
        return Decision(allowed=False, code="ROLE_NOT_PERMITTED")
    if rule.any_of and not any(_grants(role, data, access) for data, access in rule.any_of):
        return Decision(allowed=False, code="ROLE_NOT_PERMITTED")
    if rule.target is Target.NOTHING:
        return Decision(allowed=True)
    if relation in _REACH.get(role, frozenset()):
        return Decision(allowed=True, sections=readable(role, relation))
    if role in _BREAK_GLASS:
        sections = readable(role, relation, glass_broken=True)
        return Decision(allowed=True, needs_reason=True, break_glass=True, sections=sections)
    return Decision(allowed=False, code="NOT_YOUR_CASE")
