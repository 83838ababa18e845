"""What may be told to a meeting, and when. A check raises `Refused` and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from models.base import Refused
from models.checks import not_later
from models.commands import Grant
from models.commands.meeting import (
    ActionNotAchievable,
    AddAction,
    CancelAction,
    CancelMeeting,
    CloseMeeting,
    CompleteAction,
    DeferReferral,
    FreezeList,
    HearReferral,
    IssueActions,
    IssueMinutes,
    ListReferral,
    RecordAttendance,
    RequestResearch,
    ReturnResearch,
)
from models.enums import (
    AgendaState,
    Forum,
    HearingDecision,
    Intervention,
    MeetingState,
    ResearchResult,
    Role,
)
from models.ids import REFERRAL_REF
from models.meeting.disruptions import checked
from models.meeting.questions import (
    after_meeting,
    check_person,
    frozen,
    held,
    known,
    matac,
    not_held,
    waiting,
)
from models.meeting.state import COORDINATORS, MeetingFacts
from models.stream import Context

COOPERATION = re.compile(
    r"^VICTIM_(?:TO|MUST|SHOULD|WILL|COOPERAT|SUPPORT|ENGAGE|ATTEND|STATEMENT|LEAVE|MOVE|PROVIDE)"
)
DECISIONS = {
    Forum.MARAC: (HearingDecision.ACTIONS_AGREED, HearingDecision.NO_FURTHER_ACTION),
    Forum.MATAC: (
        HearingDecision.SELECTED,
        HearingDecision.NOT_SELECTED,
        HearingDecision.DEFERRED,
    ),
}
_CHAIRS = (Role.INSPECTOR, Role.SUPERINTENDENT)
_OWN_ACTION = (CompleteAction, CancelAction, ActionNotAchievable)


def check(state: MeetingFacts, ctx: Context, command: Any, grant: Grant) -> None:
    """Raise `Refused` if the command is impossible now; change nothing."""
    if state.stage in (MeetingState.ENDED, MeetingState.CANCELLED):
        raise Refused(
            "MEETING_ENDED",
            f"the meeting is {state.stage.value.lower()}",
            "tell it to the next meeting: see dalo meeting list",
        )
    _may(state, command, grant)
    _happened(state, ctx, command.at)
    for kind, one in _CHECKS.items():
        if isinstance(command, kind):
            one(state, ctx, command)


def _may(state: MeetingFacts, command: Any, grant: Grant) -> None:
    runs = grant.role is COORDINATORS[state.forum] or grant.role in _CHAIRS
    if runs or grant.actor in (state.coordinator, state.chair):
        return
    action = state.actions.get(getattr(command, "action_id", ""))
    if isinstance(command, _OWN_ACTION) and action and grant.actor == action.owner:
        return
    raise Refused(
        "NOT_YOUR_MEETING",
        "a meeting is run by its forum's coordinator or chair; an action is settled by its owner",
        f"ask {state.runs_it}",
        "actor",
    )


def _happened(state: MeetingFacts, ctx: Context, at: datetime) -> None:
    not_later(ctx.now, at)
    if at < state.opened_at:
        raise Refused(
            "BEFORE_MEETING_OPENED",
            "the time given is earlier than the opening of this list",
            "give when it happened; what was earlier belongs to an earlier meeting",
            "at",
        )


# --- the list ---------------------------------------------------------------------------------


def _list(state: MeetingFacts, ctx: Context, command: ListReferral) -> None:
    ref = command.referral_ref
    if not REFERRAL_REF.match(ref) or not ref.startswith(f"{state.forum.value}-"):
        raise Refused(
            "WRONG_REFERRAL",
            f"this list takes {state.forum.value} referrals",
            f"give a reference such as {state.forum.value}-2027-00012",
            "referral_ref",
        )
    known = state.agenda.get(ref)
    if known is not None and known.state is not AgendaState.WITHDRAWN:
        raise Refused(
            "ALREADY_LISTED", "this referral is on the list, or was", "see dalo meeting show REF"
        )
    not_held(state)
    if state.stage is MeetingState.FROZEN and command.chair_reason is None:
        raise Refused(
            "LIST_CLOSED",
            "the list has closed: a late item needs the chair's reason",
            "give --chair-reason, or leave it: it goes to the next meeting by itself",
            "chair_reason",
        )


def _defer(state: MeetingFacts, ctx: Context, command: DeferReferral) -> None:
    waiting(state, command.referral_ref)


def _freeze(state: MeetingFacts, ctx: Context, command: FreezeList) -> None:
    if state.stage is not MeetingState.OPEN:
        raise Refused("LIST_CLOSED", "the list has closed already", "see dalo meeting show REF")


def _request(state: MeetingFacts, ctx: Context, command: RequestResearch) -> None:
    frozen(state)
    if not state.listed:
        raise Refused("NOTHING_LISTED", "nothing is on the list", "there is nothing to ask about")


def _return(state: MeetingFacts, ctx: Context, command: ReturnResearch) -> None:
    frozen(state)
    if command.agency not in state.research_asked:
        raise Refused(
            "NOT_ASKED",
            f"{command.agency.value} was not asked for research",
            "ask it first: request-research --agencies",
            "agency",
        )
    if command.result is ResearchResult.HELD and not command.note_ref:
        raise Refused(
            "NOTE_NEEDED",
            "what an agency holds belongs in a note",
            "give --note, which is stored encrypted",
            "note",
        )
    if command.referral_ref:
        waiting(state, command.referral_ref)


# --- the meeting ------------------------------------------------------------------------------


def _attend(state: MeetingFacts, ctx: Context, command: RecordAttendance) -> None:
    if command.at < state.starts_at:
        raise Refused(
            "BEFORE_MEETING",
            "the meeting has not begun at that time",
            "give when it was held",
            "at",
        )
    if not command.present:
        raise Refused(
            "NOBODY_PRESENT",
            "nobody is named as present",
            "give --present PERSON=AGENCY; cancel a meeting that was not held",
            "present",
        )
    for person in (*command.present, command.chaired_by or ""):
        check_person(person)


def _hear(state: MeetingFacts, ctx: Context, command: HearReferral) -> None:
    held(state)
    item = waiting(state, command.referral_ref)
    if command.decision not in DECISIONS[state.forum]:
        raise Refused(
            "WRONG_DECISION",
            f"{state.forum.value} does not decide {command.decision.value}",
            f"give one of {', '.join(each.value for each in DECISIONS[state.forum])}",
            "decision",
        )
    has_actions = bool(state.open_actions(item.referral_ref))
    if command.decision is HearingDecision.ACTIONS_AGREED and not has_actions:
        raise Refused(
            "NO_ACTION_ADDED",
            "actions were agreed, but none is recorded",
            "record them first with add-action, or decide NO_FURTHER_ACTION",
            "decision",
        )
    if command.decision is HearingDecision.NO_FURTHER_ACTION and has_actions:
        raise Refused(
            "ACTIONS_OPEN",
            "actions are recorded for this referral",
            "decide ACTIONS_AGREED, or cancel them first",
            "decision",
        )


def _add(state: MeetingFacts, ctx: Context, command: AddAction) -> None:
    held(state)
    item = known(state, command.referral_ref)
    if COOPERATION.match(command.action):
        raise Refused(
            "VICTIM_COOPERATION",
            "what the victim does or supports is never an action",
            "give what an agency will do",
            "action",
        )
    check_person(command.owner or "")
    if command.due_at is not None and command.due_at <= command.at:
        raise Refused(
            "DUE_IN_PAST", "the due time is not after the action", "give a later one", "due_at"
        )
    if command.intervention is not None:
        matac(state)
    elif state.forum is Forum.MATAC:
        raise Refused(
            "INTERVENTION_NEEDED",
            "a MATAC action is support, prevention, diversion, disruption or enforcement",
            "give --intervention",
            "intervention",
        )
    if command.intervention is Intervention.DISRUPTION or command.disruption_id:
        checked(state, item.referral_ref, command.disruption_id)


def _issue(state: MeetingFacts, ctx: Context, command: IssueActions) -> None:
    held(state)
    after_meeting(state, command.at)
    if state.actions_issued_at is not None:
        raise Refused("ALREADY_ISSUED", "the actions have been issued", "see dalo meeting show REF")


def _own_action(
    state: MeetingFacts,
    ctx: Context,
    command: CompleteAction | CancelAction | ActionNotAchievable,
) -> None:
    action = state.actions.get(command.action_id)
    if action is None:
        raise Refused(
            "UNKNOWN_ACTION",
            "this meeting has no open action of that number",
            "see dalo meeting show REF",
            "action_id",
        )
    if command.at < action.added_at:
        raise Refused(
            "BEFORE_ACTION",
            "the time given is earlier than the action",
            "give when it was settled",
            "at",
        )


def _minutes(state: MeetingFacts, ctx: Context, command: IssueMinutes) -> None:
    held(state)
    after_meeting(state, command.at)
    if state.minutes_issued_at is not None:
        raise Refused("ALREADY_ISSUED", "the minutes are out", "put a correction in the next ones")
    if not command.note_ref:
        raise Refused(
            "NOTE_NEEDED",
            "minutes have a text",
            "give it with --note -, from standard input; it is stored encrypted",
            "note",
        )


def _cancel(state: MeetingFacts, ctx: Context, command: CancelMeeting) -> None:
    not_held(state)


def _close(state: MeetingFacts, ctx: Context, command: CloseMeeting) -> None:
    held(state)
    if state.actions:
        raise Refused(
            "ACTIONS_OPEN",
            f"{len(state.actions)} actions are open: {', '.join(state.actions)}",
            "settle each with complete-action, cancel-action or action-not-achievable",
        )
    if state.listed:
        raise Refused(
            "ITEMS_NOT_HEARD",
            "referrals on the list were not heard",
            "hear or defer each, or use issue-actions, which carries them to the next meeting",
        )
    heard = any(item.state is AgendaState.HEARD for item in state.agenda.values())
    if heard and (state.minutes_issued_at is None or state.actions_issued_at is None):
        raise Refused(
            "MINUTES_MISSING",
            "referrals were heard, and actions or minutes are not issued",
            "use issue-actions and issue-minutes: the meeting then closes by itself",
        )


_CHECKS: dict[type[Any], Callable[[MeetingFacts, Context, Any], None]] = {
    ListReferral: _list,
    DeferReferral: _defer,
    FreezeList: _freeze,
    RequestResearch: _request,
    ReturnResearch: _return,
    RecordAttendance: _attend,
    HearReferral: _hear,
    AddAction: _add,
    IssueActions: _issue,
    CompleteAction: _own_action,
    CancelAction: _own_action,
    ActionNotAchievable: _own_action,
    IssueMinutes: _minutes,
    CancelMeeting: _cancel,
    CloseMeeting: _close,
}
