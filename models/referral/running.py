"""Which clocks of a referral run: those of its state, its reviews, its flag, its chases."""

from __future__ import annotations

from datetime import datetime

from models.clocks import CalendarKind, Clock, Limit
from models.due import start_clock
from models.enums import ClockType, ReferralPathway, ReferralState, Role
from models.ids import role_address
from models.instants import add_local_days, london_date
from models.referral.pathway import ClockOf, ReviewOf
from models.referral.state import ReferralFacts
from models.stream import Context, arm, cancel, meet, meet_open, open_clock, settle_tasks

WITHDRAWN = ReferralState.WITHDRAWN_IN_ERROR
CANCELS = frozenset({WITHDRAWN, ReferralState.TRANSFERRED_OUT})
FLAG = ClockType.MARAC_REPEAT_WINDOW
WITHHELD = "CONSENT_WITHDRAWN"
STARTS = {
    "attempted_at": "the attempts were made, or the victim was reached",
    "withheld_at": "the victim no longer agreed, and no other basis was on record",
}
"""What a clock that runs from a field of the state started with."""
DISTANT = 200
"""Reviews looked through to find the next one: sixteen years of them."""


def clocks(state: ReferralFacts, ctx: Context) -> None:
    """Every clock of the pathway runs in its states and in no other; asked any number of times."""
    for rule in state.path.clocks:
        _turn(state, ctx, rule)
    if state.path.review is not None:
        _turn_review(state, ctx, state.path.review)
    _turn_flag(state, ctx)
    _turn_chases(state, ctx)
    if state.closed:
        for clock in list(state.clocks.values()):
            cancel(state, ctx, clock, state.state.value)
        for task in list(state.tasks.values()):
            settle_tasks(state, ctx, task.kind, task.subject)


def owner_of(state: ReferralFacts, role: Role) -> str:
    """A clock's owner: the police's lead, or the service's role in the area."""
    return state.lead if role is Role.DALO else role_address(role.value, state.area)


def _same(state: ReferralFacts, rule: ClockOf) -> Clock | None:
    return next(
        (
            clock
            for clock in state.clocks.values()
            if (clock.clock_type, clock.subject) == (rule.clock_type, rule.key)
        ),
        None,
    )


def _turn(state: ReferralFacts, ctx: Context, rule: ClockOf) -> None:
    clock = _same(state, rule)
    here = state.state in rule.while_in and not state.closed
    done: datetime | None = getattr(state, rule.until) if rule.until else None
    if here and done is not None:
        if clock is not None:
            meet(state, ctx, clock, done)
    elif here and _held(state, rule):
        if clock is not None:
            cancel(state, ctx, clock, WITHHELD)
    elif here and (not rule.since or getattr(state, rule.since) is not None):
        if clock is None:
            _begin(state, ctx, rule)
    elif clock is not None:
        met = state.state in rule.met_in if rule.met_in else state.state not in CANCELS
        if met:
            ended = state.resumed_at if here and state.resumed_at else state.entered_at
            meet(state, ctx, clock, ended)
        else:
            cancel(state, ctx, clock, state.outcome or state.state.value)


def _held(state: ReferralFacts, rule: ClockOf) -> bool:
    """While the victim does not agree and no basis is on record, nothing is asked of the service
    (docs/domain.md 6)."""
    return state.withheld_at is not None and rule.owner is not Role.DALO


def _begin(state: ReferralFacts, ctx: Context, rule: ClockOf) -> None:
    began: datetime | None = getattr(state, rule.since) if rule.since else state.resumed_at
    later = began is not None and began > state.entered_at
    why = "consent or a basis was on record again"
    if rule.since:
        why = STARTS[rule.since]
    elif not later:
        why = f"the referral became {state.state.value}"
    arm(
        state,
        ctx,
        rule.clock_type,
        began if later and began is not None else state.entered_at,
        why,
        subject=rule.key,
        rule_key=rule.key,
        owner=owner_of(state, rule.owner),
    )


def _turn_review(state: ReferralFacts, ctx: Context, rule: ReviewOf) -> None:
    clock = open_clock(state, rule.clock_type)
    runs = state.state in rule.while_in and not state.closed
    if runs and clock is None and state.review_from is not None:
        arm(
            state,
            ctx,
            rule.clock_type,
            review_start(state, ctx, rule, state.reviews),
            "the last review day of the series was"
            if rule.anchored
            else "it was taken on or last reviewed",
            owner=owner_of(state, rule.owner),
        )
    elif clock is not None and not runs:
        cancel(state, ctx, clock, state.outcome or state.state.value)


def review_start(state: ReferralFacts, ctx: Context, rule: ReviewOf, held: int) -> datetime:
    """Where the clock of the review after so many begins. Anchored reviews are counted from the
    first day, so that one moved by a holiday does not move those after it."""
    assert state.review_from is not None
    if not rule.anchored:
        return state.review_from
    limit = ctx.policy.clock_rules[rule.clock_type].limit_for("")
    days = limit.amount if limit is not None else 0
    return add_local_days(state.review_from, days * held)


def counts(state: ReferralFacts, ctx: Context, rule: ReviewOf, at: datetime) -> bool:
    """Whether a review held at `at` is the next one of the series. Anchored reviews may be held
    half a period early at most: one held sooner is one more, so that however many are held, no two
    days of the series lie further apart."""
    if not rule.anchored:
        return True
    limit = ctx.policy.clock_rules[rule.clock_type].limit_for("")
    early = limit.amount // 2 if limit is not None else 0
    next_one = review_start(state, ctx, rule, state.reviews + 1)
    return london_date(at) >= london_date(add_local_days(next_one, -early))


def reviewed(state: ReferralFacts, ctx: Context, rule: ReviewOf, at: datetime) -> None:
    """A review was held: its clock is met, and the next one that is still to come is counted on."""
    meet_open(state, ctx, rule.clock_type, at)
    state.reviews += 1
    if not rule.anchored:
        state.review_from = at
        return
    for _ in range(DISTANT):
        if _due_after(state, ctx, rule) > at:
            return
        state.reviews += 1


def _due_after(state: ReferralFacts, ctx: Context, rule: ReviewOf) -> datetime:
    start = review_start(state, ctx, rule, state.reviews)
    return start_clock(
        ctx.policy,
        ctx.calendar,
        rule.clock_type,
        clock_id="",
        subject="",
        rule_key="",
        start_event="",
        started_at=start,
    ).due_at


def _turn_flag(state: ReferralFacts, ctx: Context) -> None:
    """The twelve months from referral or hearing: what is kept when everything else is done."""
    if state.pathway is not ReferralPathway.MARAC or open_clock(state, FLAG) or state.closed:
        return
    rule = ctx.policy.marac
    anchor = state.submitted_at if rule.repeat_anchor == "REFERRAL" else state.heard_at
    if anchor is None or state.flag_until is not None:
        return
    clock = arm(
        state,
        ctx,
        FLAG,
        anchor,
        "the referral was made" if rule.repeat_anchor == "REFERRAL" else "MARAC heard it",
        owner=state.service,
        limit=Limit(kind=CalendarKind.CALENDAR_DAYS, amount=rule.repeat_months, unit="months"),
    )
    state.flag_until = clock.due_at


def _turn_chases(state: ReferralFacts, ctx: Context) -> None:
    """An answer that is overdue is chased by the DALO, and the chase has a clock of its own."""
    chased = {rule.clock_type.value: rule for rule in state.path.clocks if rule.chased}
    for kind, rule in chased.items():
        clock = _same(state, rule)
        chase = open_clock(state, ClockType.REFERRAL_CHASE, kind)
        overdue = clock is not None and clock.breached_at is not None
        if chase is not None and clock is None:
            settle_tasks(state, ctx, "CHASE_REFERRAL", kind)
            settle_tasks(state, ctx, "REFERRAL_UNANSWERED", kind)
            state.raised = [each for each in state.raised if each != kind]
            if state.state in CANCELS:
                cancel(state, ctx, chase, state.state.value)
            else:
                meet(state, ctx, chase, state.entered_at)
        elif chase is None and overdue and clock is not None:
            arm(
                state,
                ctx,
                ClockType.REFERRAL_CHASE,
                clock.due_at,
                f"{kind} passed its due time",
                subject=kind,
                owner=state.lead,
            )
