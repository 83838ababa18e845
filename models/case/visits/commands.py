"""Selecting, checking, authorising and refusing a visit: what is refused, and what is done
(docs/domain.md 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.cadence import do_not_contact_spans, safe_windows_between
from models.case import approach, ladder
from models.case.authority import happened, owner_or_supervisor
from models.case.state import CaseFacts
from models.case.visits import opening
from models.case.visits.state import Visit
from models.checks import supervisor_only
from models.commands import (
    AuthoriseVisit,
    CheckVisit,
    Grant,
    RefuseVisit,
    SelectVisit,
)
from models.enums import LadderStep, VisitOutcome
from models.instants import LONDON, london_date
from models.policy import Policy
from models.safe_contact import SafeContactPlan
from models.stream import Context


def open_visit(state: CaseFacts) -> Visit:
    """The open visit. Raises Refused."""
    if state.visits.visit is None:
        raise Refused(
            "NO_VISIT",
            "no visit is open",
            "select the victim first (select-visit)",
        )
    return state.visits.visit


def check_select(state: CaseFacts, ctx: Context, command: SelectVisit, grant: Grant) -> None:
    """One visit at a time, asked for by the officer or a supervisor."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.allocated_at is None:
        raise Refused("NOT_ALLOCATED", "no DALO has this case yet", "allocate it first")
    if state.essentials.frozen and not state.essentials.threats:
        raise Refused(
            "FROZEN",
            "a party died or was gravely hurt, and the case is frozen",
            "an inspector lifts the freeze (lift-freeze), or a threat to life is recorded",
        )
    if state.visits.visit is not None:
        raise Refused(
            "VISIT_OPEN",
            f"{state.visits.visit.visit_id} is open",
            "record it (record-visit), or have it ended (refuse-visit, review-visit)",
        )


def apply_select(state: CaseFacts, ctx: Context, command: SelectVisit) -> tuple[str, ...]:
    """The visit is selected; its authority is asked for."""
    rules = tuple(dict.fromkeys(command.selected_for))
    visit = opening.select(state, ctx, rules, ctx.actor, command.at)
    opening.ask_authority(state, ctx, visit, command.at)
    return (visit.visit_id,)


def check_checks(state: CaseFacts, ctx: Context, command: CheckVisit, grant: Grant) -> None:
    """Checks belong to an open visit."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    open_visit(state)


def apply_checks(state: CaseFacts, ctx: Context, command: CheckVisit) -> tuple[str, ...]:
    """Keep what was found and chosen."""
    opening.put_checks(state, ctx, command.checks, command.at)
    return ()


def check_authorise(state: CaseFacts, ctx: Context, command: AuthoriseVisit, grant: Grant) -> None:
    """A supervisor who did not ask, between two times, on known facts, never against the plan."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    visit = open_visit(state)
    _four_eyes(visit, grant)
    _window(ctx, command)
    policy = ctx.policy.of_duties.visits
    known = {**visit.checks, **command.checks}
    missing = [check.value for check in policy.checks_to_authorise if check not in known]
    if missing:
        raise Refused(
            "CHECKS_MISSING",
            f"not checked yet: {', '.join(missing)}",
            "record them (check-visit), or give --checks",
            "checks",
        )
    _against_wishes(state)
    _against_plan(state, ctx, command)
    _same_part_of_day(ctx.policy, visit, command)


def _four_eyes(visit: Visit, grant: Grant) -> None:
    if visit.asked_by == grant.actor:
        raise Refused(
            "FOUR_EYES", "who asked for a visit cannot decide on it", "another supervisor must"
        )


def _window(ctx: Context, command: AuthoriseVisit) -> None:
    longest = timedelta(hours=ctx.policy.of_duties.visits.longest_authority_hours)
    length = command.until - command.opens_at
    if command.until <= ctx.now or not timedelta() < length <= longest:
        raise Refused(
            "AUTHORITY_TIMES",
            f"an authority ends after it begins, in the future, within {longest}",
            "give --opens-at and --until",
            "until",
        )


def _against_wishes(state: CaseFacts) -> None:
    """Only a recorded threat to life lets a visit through a wish for no contact, or before it is
    known who is the primary aggressor."""
    if state.essentials.threats:
        return
    if state.essentials.aggressor_reviews:
        raise Refused(
            "PRIMARY_AGGRESSOR_REVIEW",
            "both parties allege, and the primary aggressor is not reviewed yet",
            "review it first (record-primary-aggressor), or record a threat to life",
        )
    asked = approach.asked_for_none(state) or state.asked.approach == "USED"
    if asked and state.asked.approach != "ALLOWED":
        raise Refused(
            "NO_CONTACT_ASKED",
            "the victim asked for no contact",
            "a visit then needs a recorded threat to life (record-threat-to-life); without one"
            " refuse it (refuse-visit), or end it (review-visit --decision END)",
        )


def _against_plan(state: CaseFacts, ctx: Context, command: AuthoriseVisit) -> None:
    plan = state.plan
    threat = bool(state.essentials.threats)
    if plan is None:
        if not threat:
            raise Refused(
                "NO_PLAN",
                "there is no safe-contact plan",
                "set one (set-safe-contact-plan), or record a threat to life",
            )
        return
    touched = barred(plan, command.opens_at, command.until)
    if touched and not (threat and command.safer_because):
        raise Refused(
            "DO_NOT_CONTACT",
            "the authority touches a do-not-contact time of the plan",
            "choose another time; only a recorded threat to life and a reason "
            "(--safer-because) let a visit in",
            "opens_at",
        )
    windows = safe_windows_between(plan, command.opens_at, command.until, ctx.calendar)
    inside = any(o <= command.opens_at and command.until <= c for o, c in windows)
    if not inside and not command.safer_because:
        raise Refused(
            "OUTSIDE_SAFE_WINDOW",
            "the authority is not within a safe window of the plan",
            "say why that time is safer (--safer-because), or choose a safe window",
            "safer_because",
        )


def barred(plan: SafeContactPlan, opens_at: datetime, until: datetime) -> bool:
    """Whether a do-not-contact time of the plan lies in what an authority would allow."""
    days = (london_date(opens_at) - timedelta(days=1), london_date(until))
    spans = do_not_contact_spans(plan, *days)
    return any(opens < until and closes > opens_at for opens, closes in spans)


def part_of_day(policy: Policy, at: datetime) -> int:
    """Which part of a London day: 1 morning, 2 afternoon, 3 evening, 4 night."""
    hour = at.astimezone(LONDON).hour
    starts = policy.of_duties.visits.parts_of_day
    return sum(hour >= start for start in starts) or len(starts)


def parts_tried(policy: Policy, visit: Visit) -> set[int]:
    """The parts of the day at which nobody answered."""
    tried = [a.at for a in visit.attempts if VisitOutcome.NO_REPLY in a.outcomes]
    return {part_of_day(policy, at) for at in tried}


def _same_part_of_day(policy: Policy, visit: Visit, command: AuthoriseVisit) -> None:
    hours = int((command.until - command.opens_at) / timedelta(hours=1)) + 1
    asked = {part_of_day(policy, command.opens_at + timedelta(hours=n)) for n in range(hours)}
    every = set(range(1, len(policy.of_duties.visits.parts_of_day) + 1))
    tried = parts_tried(policy, visit)
    if asked <= tried and tried != every:
        raise Refused(
            "SAME_PART_OF_DAY",
            "nobody answered at this time of day",
            "try again at a different time of day",
            "opens_at",
        )


def apply_authorise(state: CaseFacts, ctx: Context, command: AuthoriseVisit) -> tuple[str, ...]:
    """Authorise it; on the ladder this is what its third step waits for."""
    opening.put_checks(state, ctx, command.checks, command.at)
    opening.authorise(
        state,
        ctx,
        command.at,
        opens_at=command.opens_at,
        until=command.until,
        safer_because=command.safer_because or "",
    )
    if state.ladder_open and state.ladder_step is LadderStep.L3:
        ladder.done(state, ctx, LadderStep.L3, "HHV_AUTHORISED", command.at)
    return ()


def check_refuse(state: CaseFacts, ctx: Context, command: RefuseVisit, grant: Grant) -> None:
    """A supervisor who did not ask, before the visit is authorised."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    visit = open_visit(state)
    _four_eyes(visit, grant)
    if visit.state != "SELECTED":
        raise Refused(
            "VISIT_AUTHORISED",
            "the visit is authorised already",
            "end it with review-visit --decision END",
        )


def apply_refuse(state: CaseFacts, ctx: Context, command: RefuseVisit) -> tuple[str, ...]:
    """The visit ends refused; its authorisation clock is met, since it was decided."""
    opening.end(state, ctx, "REFUSED", command.at, reason=command.reason, done=True)
    return ()
