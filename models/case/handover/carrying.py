"""What of one case becomes another's when their victims prove to be one person: contact, needs,
clocks and tasks. The other duties' part is in `carrying_duties`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from models.base import State
from models.case.contact import contact_clock
from models.case.engagement import rest
from models.case.essentials.state import EssentialFacts
from models.case.handover.state import HandoverFacts
from models.case.needs import add_action
from models.case.recommending import Recommendation
from models.case.referrals.state import ReferralFacts
from models.case.risk.state import RiskFacts
from models.case.state import Attempt, CaseFacts, NeedAction, PendingCadence, Wishes
from models.case.visits.state import VisitFacts
from models.case.wish_facts import AskedFacts
from models.clocks import Clock
from models.commands import NeedActionEntry
from models.enums import CadencePlan, CaseState, ClockType, RiskGrade
from models.events import Json
from models.ids import role_address
from models.messages import PartyMerged
from models.safe_contact import SafeContactPlan
from models.safe_merge import stricter
from models.stream import Context, Task, append, arm_again, move, raise_task

CONTACT = (ClockType.FIRST_CONTACT, ClockType.CONTACT_CADENCE)
NOT_CARRIED = (
    ClockType.NEED_ACTION,
    ClockType.WAITLIST_REVIEW,
    ClockType.PAUSE_REVIEW,
    ClockType.LADDER_STEP,
    ClockType.HANDOVER,
    ClockType.TRANSFER_ACCEPT,
    ClockType.MERGE_REVIEW,
)
"""Clocks that go with an action, or that are about the other case as a case."""
OWN_TASKS = (
    "BREACH",
    "DECIDE",
    "ACCEPT_HANDOVER",
    "HANDOVER_OPEN",
    "ACCEPT_TRANSFER",
    "CONFLICT_REASSIGN",
    "COVER_NEEDED",
    "DECIDE_CLOSURE",
    "MERGE_REVIEW",
    "APPROVE_WAIT",
    "LADDER",
)
"""Tasks that the clocks and recommendations bring again, or that are about the other case."""
LESS_CONTACT = {
    CadencePlan.DEFAULT_BY_RISK: 0,
    CadencePlan.CUSTOM: 1,
    CadencePlan.CONTACT_ON_EVENT: 2,
    CadencePlan.NO_CONTACT: 3,
}


class Carried(State):
    """The part of a case's state that a merge carries. Unknown fields are left out."""

    state: CaseState
    risk_grade: RiskGrade
    grade_pending_review: bool = False
    reticent: bool = False
    repeat_count_365: int = 0
    dalo_id: str = ""
    supervisor_id: str = ""
    pilot_area: str = ""
    district: str = ""
    incidents: dict[str, int] = Field(default_factory=dict)
    plan: SafeContactPlan | None = None
    suspended: list[str] = Field(default_factory=list)
    cadence_plan: CadencePlan = CadencePlan.DEFAULT_BY_RISK
    pending_cadence: PendingCadence | None = None
    attempts: list[Attempt] = Field(default_factory=list)
    needs_status: str = "NOT_STARTED"
    actions: dict[str, NeedAction] = Field(default_factory=dict)
    clocks: dict[str, Clock] = Field(default_factory=dict)
    tasks: dict[str, Task] = Field(default_factory=dict)
    recommendations: dict[str, Recommendation] = Field(default_factory=dict)
    risk: RiskFacts = Field(default_factory=RiskFacts)
    referrals: ReferralFacts = Field(default_factory=ReferralFacts)
    visits: VisitFacts = Field(default_factory=VisitFacts)
    asked: AskedFacts = Field(default_factory=AskedFacts)
    wishes: Wishes = Wishes()
    essentials: EssentialFacts = Field(default_factory=EssentialFacts)
    handover: HandoverFacts = Field(default_factory=HandoverFacts)


@dataclass
class Other:
    """The case that was merged into this one; `renamed` maps its own ids to the new ones."""

    case_ref: str
    victim_ref: str
    facts: Carried
    renamed: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(message: PartyMerged) -> Other:
        """What a message brings."""
        facts = Carried.model_validate(message.carried)
        return Other(message.from_case_ref, message.from_victim_ref, facts)

    def owner(self, state: CaseFacts, owner: str) -> str:
        """Who has it now: this case's officer and supervisor for the other's, a role of this case's
        area for the same of the other's; others keep it."""
        facts = self.facts
        heirs = {facts.dalo_id: state.dalo_id, facts.supervisor_id: state.supervisor_id}
        if heirs.get(owner):
            return heirs[owner]
        role, _, area = owner.partition("@")
        if area and area in (facts.pilot_area, facts.district):
            return role_address(role, state.area)
        return owner or state.supervisor_id


def carried_of(state: CaseFacts) -> Json:
    """What leaves with a case: references, codes and instants."""
    carried: Json = state.model_dump(mode="json", include=set(Carried.model_fields))
    return carried


def summary_of(carried: Json) -> Json:
    """What came, by reference, for the ledger."""
    names = ("incidents", "actions", "clocks", "tasks", "recommendations")
    listed = {name: sorted(carried.get(name, {})) for name in names}
    return listed | {"referrals": sorted(carried.get("referrals", {}).get("made", {}))}


def safe_contact(state: CaseFacts, ctx: Context, other: Other) -> None:
    """The stricter plan and wishes; every suspended route stays so; failed attempts count."""
    facts = other.facts
    plan = stricter(state.plan, facts.plan)
    if plan != state.plan:
        state.plan, state.plan_set_at = plan, ctx.now
        append(state, ctx, "contact:plan:set", case_ref=state.case_ref, reason="MERGED")
    for name in facts.suspended:
        if name not in state.suspended:
            state.suspended = [*state.suspended, name]
            append(state, ctx, "contact:channel:suspended", channel=name, reason="MERGED")
    if LESS_CONTACT[facts.cadence_plan] > max(LESS_CONTACT[state.cadence_plan], 1):
        before, state.cadence_plan = state.cadence_plan, facts.cadence_plan
        append(
            state,
            ctx,
            "contact:wishes:stricter",
            case_ref=state.case_ref,
            before=before,
            cadence_plan=state.cadence_plan,
            reason="MERGED",
        )
    _rest(state)
    theirs, mine = facts.pending_cadence, state.pending_cadence
    if theirs is not None and (
        mine is None or LESS_CONTACT[theirs.wish.plan] > LESS_CONTACT[mine.wish.plan]
    ):
        state.pending_cadence = theirs
    since = state.last_contact_at
    made = [a for a in facts.attempts if since is None or a.at > since]
    state.attempts = sorted([*state.attempts, *made], key=lambda a: a.at)[-20:]


def _rest(state: CaseFacts) -> None:
    """Who asked for no contact under either reference rests: the case listens, and a new incident
    reopens it for the one safe approach (docs/domain.md 9.4)."""
    rests = state.state is CaseState.DORMANT_MONITORED
    if rests or state.cadence_plan is not CadencePlan.NO_CONTACT:
        return
    rest(state)


def incidents(state: CaseFacts, other: Other) -> None:
    """The other's incidents are the case's; each runs on under the reference it began with, also
    one that an earlier merge had brought to the other case."""
    for incident_ref, version in other.facts.incidents.items():
        own = [state.victim_ref] if incident_ref in state.incidents else []
        known = state.handover.carried.get(incident_ref, own)
        theirs = other.facts.handover.carried.get(incident_ref, [other.victim_ref])
        if more := [ref for ref in theirs if ref not in known]:
            state.handover.carried[incident_ref] = [*known, *more]
        state.incidents[incident_ref] = max(version, state.incidents.get(incident_ref, 0))


def actions(state: CaseFacts, ctx: Context, other: Other) -> None:
    """Open need actions, each with the due instant that was agreed."""
    for action in other.facts.actions.values():
        entry = NeedActionEntry(
            domain=action.domain,
            action=action.action,
            owner=other.owner(state, action.owner),
            due_at=action.due_at,
        )
        add_action(state, ctx, entry)
        other.renamed[action.action_id] = list(state.actions)[-1]


def clocks(state: CaseFacts, ctx: Context, other: Other) -> None:
    """Every clock that still runs: the earlier due instant wins where both cases have it."""
    for clock in other.facts.clocks.values():
        if clock.clock_type in CONTACT:
            _contact(state, ctx, clock)
        elif clock.clock_type not in NOT_CARRIED and not _done(state, clock):
            _clock(state, ctx, other, clock)


def _done(state: CaseFacts, clock: Clock) -> bool:
    """Whether this case has already done for the person what the clock asks for."""
    if clock.clock_type is ClockType.NEEDS_ASSESSMENT:
        return state.needs_status != "NOT_STARTED"
    if clock.clock_type is ClockType.RISK_SUPERVISOR_REVIEW:
        return not state.grade_pending_review
    return False


def _clock(state: CaseFacts, ctx: Context, other: Other, clock: Clock) -> None:
    subject = other.renamed.get(clock.subject, clock.subject)
    mine = next(
        (
            c
            for c in state.clocks.values()
            if (c.clock_type, c.subject) == (clock.clock_type, subject)
        ),
        None,
    )
    if mine is None:
        arm_again(state, ctx, clock, owner=other.owner(state, clock.owner), subject=subject)
    elif clock.due_at < mine.due_at:
        move(state, ctx, mine, clock.due_at, "MERGED", due_raw=mine.due_raw)


def _contact(state: CaseFacts, ctx: Context, clock: Clock) -> None:
    """Contact is counted from the earlier beginning, so that its strand keeps the earlier due."""
    mine = contact_clock(state)
    if mine is None or clock.due_at >= mine.due_at or clock.started_at >= mine.started_at:
        return
    floor: datetime = state.contact_due_from or clock.started_at
    earlier = mine.model_copy(update={"started_at": max(clock.started_at, floor)})
    move(state, ctx, earlier, clock.due_at, "MERGED", due_raw=clock.due_raw)


def tasks(state: CaseFacts, ctx: Context, other: Other) -> None:
    """What a person was asked to do and has not done."""
    for task in other.facts.tasks.values():
        if task.kind in OWN_TASKS:
            continue
        subject = other.renamed.get(task.subject, task.subject)
        command = task.command.replace(other.case_ref, state.case_ref)
        raise_task(
            state,
            ctx,
            task.kind,
            other.owner(state, task.owner),
            task.why,
            due_at=task.due_at,
            command=command.replace(task.subject, subject) if task.subject else command,
            subject=subject,
        )
