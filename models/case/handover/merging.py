"""Two victim references prove to be one person: the other case's obligations are carried into this
one before it closes; of two rules about safe contact the stricter holds (docs/domain.md 16a)."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened
from models.case.handover import carrying, carrying_duties, locks
from models.case.handover.carrying import Other
from models.case.handover.state import MergeTarget
from models.case.lifecycle import ORDER, set_grade
from models.case.state import CaseFacts, PendingClosure
from models.case.telling import tell_incident
from models.checks import supervisor_only
from models.commands import CloseCase, Grant, ReviewMerge
from models.enums import CaseState, ClockType, ClosureReason
from models.events import tell_effect
from models.ids import case_stream
from models.messages import MergedInto, OwnerChanged, PartyMerged
from models.stream import (
    Context,
    append,
    arm,
    meet,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

REVIEW = "MERGE_REVIEW"

# --- the case that goes ---------------------------------------------------------------------------


def leave(state: CaseFacts, ctx: Context, message: MergedInto) -> None:
    """This case is a duplicate: it closes, and what it owes goes with its closure."""
    state.handover.merge_target = MergeTarget(
        case_ref=message.kept_case_ref,
        victim_ref=message.kept_victim_ref,
        decided_by=message.decided_by,
        role=message.role,
        at=message.at,
    )
    append(
        state,
        ctx,
        "merge:decided",
        message.at,
        case_ref=state.case_ref,
        into=message.kept_case_ref,
        reason=message.reason,
        decided_by=message.decided_by,
    )
    state.handover.asked = None
    locks.keep(state, message.conflicts)
    state.handover.restricted = state.handover.restricted or message.restricted


def _close(state: CaseFacts) -> None:
    """A case that is merged closes once no message to the victim is on its way, as what becomes of
    that goes with the rest; where the register waits for an incident, once that has joined."""
    target = state.handover.merge_target
    if target is None or state.closing is not None or state.asked.sending is not None:
        return
    if target.asked_with == len(state.incidents):
        return
    update = {"asked_with": len(state.incidents)}
    state.handover.merge_target = target.model_copy(update=update)
    state.closing = PendingClosure(
        agreed_by=target.decided_by,
        role=target.role,
        command_id="",
        command=CloseCase(at=target.at, reason=ClosureReason.DUPLICATE),
    )


def carry_away(state: CaseFacts, target: MergeTarget) -> None:
    """The register is closed: the kept case gets everything, in the batch that ends it here. The
    incidents are not told of the closure, as the kept case takes them over."""
    message = PartyMerged(
        message_id=f"merged:{state.stream}",
        from_case_ref=state.case_ref,
        from_victim_ref=state.victim_ref,
        carried=carrying.carried_of(state),
    )
    state.effects.append(
        tell_effect(f"merged:{state.stream}", case_stream(target.case_ref), message)
    )


# --- the case that stays --------------------------------------------------------------------------


def join(state: CaseFacts, ctx: Context, message: PartyMerged) -> None:
    """Take over what the other case owed; a supervisor looks through it. A reference that had no
    open case brings nothing but itself."""
    subject = message.from_case_ref or message.from_victim_ref
    append(
        state,
        ctx,
        "merge:received",
        case_ref=state.case_ref,
        from_case_ref=message.from_case_ref,
        from_victim_ref=message.from_victim_ref,
        **carrying.summary_of(message.carried),
    )
    if message.carried:
        _take_over(state, ctx, carrying.Other.of(message))
    locks.take_over(state, ctx, message)
    if subject not in state.handover.merge_reviews:
        state.handover.merge_reviews = [*state.handover.merge_reviews, subject]
        state.handover.merge_victims[subject] = message.from_victim_ref


def _take_over(state: CaseFacts, ctx: Context, other: Other) -> None:
    facts = other.facts
    if ORDER[facts.risk_grade] > ORDER[state.risk_grade]:
        set_grade(state, ctx, facts.risk_grade, "MERGED", facts.grade_pending_review)
    elif facts.grade_pending_review and not state.grade_pending_review:
        set_grade(state, ctx, state.risk_grade, "MERGED", True)
    state.reticent = state.reticent or facts.reticent
    state.repeat_count_365 = max(state.repeat_count_365, facts.repeat_count_365)
    if state.state is CaseState.DORMANT_MONITORED and facts.state is not state.state:
        append(state, ctx, "merge:dormancy:kept", case_ref=state.case_ref)
    carrying.safe_contact(state, ctx, other)
    carrying.incidents(state, other)
    carrying_duties.wishes(state, other)
    carrying.actions(state, ctx, other)
    carrying_duties.recommendations(state, ctx, other)
    carrying_duties.visits(state, ctx, other)
    carrying_duties.referrals(state, other)
    carrying_duties.risk(state, other)
    carrying_duties.essentials(state, other)
    carrying_duties.handover(state, other)
    carrying.clocks(state, ctx, other)
    carrying.tasks(state, ctx, other)
    if other.renamed:
        renamed = [f"{before}={now}" for before, now in other.renamed.items()]
        append(state, ctx, "merge:renumbered", case_ref=state.case_ref, renamed=renamed)
    for incident_ref in facts.incidents:
        tell_incident(
            state,
            ctx,
            incident_ref,
            OwnerChanged(
                message_id=f"owner:{state.stream}:{number(state, 'owner')}",
                dalo_id=state.dalo_id,
                supervisor_id=state.supervisor_id,
                case_ref=state.case_ref,
            ),
        )
    carrying_duties.tell_referrals(state, other)


def react(state: CaseFacts, ctx: Context) -> None:
    """A case that is merged away closes; one that stays waits for a supervisor's look."""
    if not state.live:
        return
    _close(state)
    for subject in state.handover.merge_reviews:
        clock = open_clock(state, ClockType.MERGE_REVIEW, subject)
        if clock is None:
            clock = arm(
                state,
                ctx,
                ClockType.MERGE_REVIEW,
                ctx.now,
                "merge:received",
                subject=subject,
                owner=state.supervisor_id,
            )
        raise_task(
            state,
            ctx,
            REVIEW,
            state.supervisor_id,
            f"{subject} proved to be the same person: look through what it brought, and compare the"
            f" name and number kept under {state.handover.merge_victims.get(subject, subject)}",
            due_at=clock.due_at,
            command=f"dalo do {state.case_ref} review-merge",
            subject=subject,
        )


def check_review(state: CaseFacts, ctx: Context, command: ReviewMerge, grant: Grant) -> None:
    """A supervisor's look, while one waits."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if not state.handover.merge_reviews:
        raise Refused("NO_MERGE", "no merge waits to be looked through", "nothing to review")


def apply_review(state: CaseFacts, ctx: Context, command: ReviewMerge) -> tuple[str, ...]:
    """Everything that was merged so far is looked through."""
    subjects, state.handover.merge_reviews = state.handover.merge_reviews, []
    state.handover.merge_victims = {}
    append(
        state,
        ctx,
        "merge:reviewed",
        command.at,
        case_ref=state.case_ref,
        merged=subjects,
        note_ref=command.note_ref,
    )
    for subject in subjects:
        clock = open_clock(state, ClockType.MERGE_REVIEW, subject)
        if clock is not None:
            meet(state, ctx, clock, max(command.at, clock.started_at))
        settle_tasks(state, ctx, REVIEW, subject)
    return ()
