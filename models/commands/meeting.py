"""What may be told to a meeting (docs/domain.md 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import Access, Action, DataClass, Purpose, Target, write_of
from models.enums import (
    ActionType,
    Agency,
    HearingDecision,
    Intervention,
    ResearchResult,
    Role,
)

Person = Annotated[str, Field(pattern=r"^[A-Za-z]{2,}[-_ /@]?[A-Za-z0-9@_/-]*$", max_length=60)]
"""Who, as an account id or code (`PC-4011`, `IDVA-1`): never a name."""


class ListReferral(Record):
    """Put a referral on the list by hand; after the list has closed only with the chair's reason
    (a late item)."""

    kind: Literal["list-referral"] = "list-referral"
    at: datetime
    referral_ref: str
    case_ref: str = ""
    victim_ref: str = ""
    perpetrator_ref: str = ""
    dalo_id: str = ""
    chair_reason: Code | None = None


class DeferReferral(Record):
    """Put a referral off to the next meeting, with the reason."""

    kind: Literal["defer-referral"] = "defer-referral"
    at: datetime
    referral_ref: str
    reason: Code


class FreezeList(Record):
    """Close the list before its time; it closes by itself when its clock runs out."""

    kind: Literal["freeze-list"] = "freeze-list"
    at: datetime


class RequestResearch(Record):
    """Agenda and research requests have gone out to these agencies: to all that the policy names
    where none is given."""

    kind: Literal["request-research"] = "request-research"
    at: datetime
    agencies: tuple[Agency, ...] = ()


class ReturnResearch(Record):
    """An agency answered: something held (with a note) or nothing; for one referral, or for all
    that are listed."""

    kind: Literal["return-research"] = "return-research"
    at: datetime
    agency: Agency
    result: ResearchResult
    referral_ref: str = ""
    note_ref: str = ""


class RecordAttendance(Record):
    """The meeting was held and these attended: PERSON=AGENCY, apologies by agency. Victim and
    perpetrator never attend; the IDVA speaks for the victim."""

    kind: Literal["record-attendance"] = "record-attendance"
    at: datetime
    present: dict[str, Agency]
    apologies: tuple[Agency, ...] = ()
    chaired_by: Person | None = None


class HearReferral(Record):
    """A listed referral was heard and this was decided: ACTIONS_AGREED or NO_FURTHER_ACTION at
    MARAC; SELECTED, NOT_SELECTED or DEFERRED at MATAC."""

    kind: Literal["hear-referral"] = "hear-referral"
    at: datetime
    referral_ref: str
    decision: HearingDecision
    note_ref: str = ""


class AddAction(Record):
    """An action was agreed for a listed referral: what, which agency, who, by when. Without a due
    time 10 working days after issue; `--immediate` 24 hours from now. A disruption is one that was
    planned on the referral and found safe (`--disruption-id`)."""

    kind: Literal["add-action"] = "add-action"
    at: datetime
    referral_ref: str
    action_type: ActionType
    action: Code
    agency: Agency
    owner: Person | None = None
    due_at: datetime | None = None
    immediate: bool = False
    intervention: Intervention | None = None
    disruption_id: str = Field(default="", pattern=r"^(?:DIS-\d{3,})?$")
    asks_visit: bool = False
    note_ref: str = ""


class IssueActions(Record):
    """Every item was heard and the action list has gone out; what was not heard goes to the next
    meeting."""

    kind: Literal["issue-actions"] = "issue-actions"
    at: datetime


class CompleteAction(Record):
    """An action was done."""

    kind: Literal["complete-action"] = "complete-action"
    at: datetime
    action_id: str
    note_ref: str = ""


class CancelAction(Record):
    """An action is no longer wanted; the reason stays on record."""

    kind: Literal["cancel-action"] = "cancel-action"
    at: datetime
    action_id: str
    reason: Code
    note_ref: str = ""


class ActionNotAchievable(Record):
    """An action cannot be done; the reason stays on record and the referral's DALO learns of it."""

    kind: Literal["action-not-achievable"] = "action-not-achievable"
    at: datetime
    action_id: str
    reason: Code
    note_ref: str = ""


class IssueMinutes(Record):
    """The minutes have gone out; their text is the note, stored encrypted."""

    kind: Literal["issue-minutes"] = "issue-minutes"
    at: datetime
    note_ref: str = ""


class CancelMeeting(Record):
    """The meeting will not be held; what was on its list waits for the next."""

    kind: Literal["cancel-meeting"] = "cancel-meeting"
    at: datetime
    reason: Code


class CloseMeeting(Record):
    """Close a meeting at which nothing was left to do or to write down; it closes by itself when
    the last action is settled and the minutes are out."""

    kind: Literal["close-meeting"] = "close-meeting"
    at: datetime
    reason: Code


MeetingCommandKinds = (
    ListReferral
    | DeferReferral
    | FreezeList
    | RequestResearch
    | ReturnResearch
    | RecordAttendance
    | HearReferral
    | AddAction
    | IssueActions
    | CompleteAction
    | CancelAction
    | ActionNotAchievable
    | IssueMinutes
    | CancelMeeting
    | CloseMeeting
)

_RUN = write_of(DataClass.MARAC_MINUTES, DataClass.PERPETRATOR_INTELLIGENCE, DataClass.APPROVALS)
_OWN_ACTION = write_of(
    DataClass.MARAC_MINUTES, DataClass.PERPETRATOR_INTELLIGENCE, DataClass.REFERRALS
)
NEEDS = {
    **dict.fromkeys(
        (
            "list-referral",
            "defer-referral",
            "freeze-list",
            "request-research",
            "return-research",
            "record-attendance",
            "hear-referral",
            "add-action",
            "issue-actions",
            "issue-minutes",
            "cancel-meeting",
            "close-meeting",
        ),
        _RUN,
    ),
    **dict.fromkeys(("complete-action", "cancel-action", "action-not-achievable"), _OWN_ACTION),
}
"""What each command needs of the access matrix. Who runs the meeting, and who owns an action, is
checked against its state."""

_CHAIRS = frozenset({Role.INSPECTOR, Role.SUPERINTENDENT})
_COORDINATORS = frozenset({Role.MARAC_COORDINATOR, Role.MATAC_COORDINATOR})
_RUNS = _CHAIRS | _COORDINATORS


def _document(target: Target = Target.CASE) -> Action:
    return Action(Purpose.DISCLOSE, target, (), _RUNS)


READS = {
    "list-meetings": Action(Purpose.CONSULT, Target.NOTHING, (), _RUNS | {Role.SUPERVISOR}),
    "view-meeting": Action(Purpose.CONSULT, Target.CASE, (), _RUNS),
    "open-meeting": Action(Purpose.ALTER, Target.NOTHING, (), _RUNS),
    "meeting-agenda": _document(),
    "meeting-research": _document(),
    "meeting-actions": _document(),
    "meeting-minutes": _document(),
    "referral-form": Action(Purpose.DISCLOSE, Target.CASE, ((DataClass.REFERRALS, Access.READ),)),
}
"""What may be read of meetings; documents leave the police and are logged with who gets them."""
