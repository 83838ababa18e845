"""Stalking: unwanted acts are counted, the second makes a screen due, and a screen that finds all
of FOUR gives grounds for the stalking programme (docs/domain.md 5, 8.3)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.people import officer_of
from models.case.referrals import abuse
from models.case.referrals.grounds import known_pairs
from models.case.risk import reassessing
from models.case.risk.choosing import known_incident
from models.case.risk.state import ReportDate, StalkingScreen
from models.case.state import CaseFacts
from models.commands import Grant, RecordUnwantedAct, ScreenStalking
from models.enums import ClockType, Relationship, YesNoUnknown
from models.messages import ReportArrived
from models.stream import Context, append, arm, cancel, meet, open_clock

FORMER = (Relationship.EX_PARTNER, Relationship.EX_SPOUSE)


def check_act(state: CaseFacts, ctx: Context, command: RecordUnwantedAct, grant: Grant) -> None:
    """`at` is when it came to be known: acts themselves may be older than the case."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.last_act_at is not None:
        _known_after(command.last_act_at, command.at)
    known_incident(state, command.incident_ref)


def apply_act(state: CaseFacts, ctx: Context, command: RecordUnwantedAct) -> tuple[str, ...]:
    """Count it; after an assessment or screen it is a new event. Returns `PERPETRATOR_NOT_NAMED`
    where it cannot be judged as a MARAC repeat because nobody knows whose it was."""
    _acts(state, ctx, command.count, command.at)
    whose = command.perpetrator_ref or abuse.only_perpetrator(state)
    append(
        state,
        ctx,
        "stalking:acts:recorded",
        command.at,
        count=command.count,
        unwanted_acts=state.risk.unwanted_acts,
        incident_ref=command.incident_ref,
        perpetrator_ref=whose,
        note_ref=command.note_ref,
    )
    abuse.unwanted(state, ctx, whose, command.last_act_at or command.at, command.at)
    last = state.risk.newest
    if last is not None and command.at > last.at:
        reassessing.due(state, ctx, command.at, "UNWANTED_ACT")
    codes = ("STALKING_SCREEN_DUE",) if state.risk.screen_since is not None else ()
    unjudged = not whose and known_pairs(state)
    return (*codes, "PERPETRATOR_NOT_NAMED") if unjudged else codes


def _known_after(act_at: datetime, known_at: datetime) -> None:
    if act_at > known_at:
        raise Refused(
            "KNOWN_BEFORE_IT_WAS",
            "the last act is later than when it came to be known",
            "give when it was, and with --at when somebody told of it",
            "last_act_at",
        )


def on_report(
    state: CaseFacts, ctx: Context, message: ReportArrived, known: ReportDate | None
) -> None:
    """A report of stalking tells of a course of conduct, which is two acts at least; where the
    suspect is no former partner it counts as one."""
    report = message.report
    if not report.stalking or (known is not None and known.stalking):
        return
    count = ctx.policy.of_duties.risk.stalking_acts if report.relationship in FORMER else 1
    _acts(state, ctx, count, report.reported_at)


def _acts(state: CaseFacts, ctx: Context, count: int, at: datetime) -> None:
    risk = state.risk
    risk.unwanted_acts += count
    risk.acts_since_screen += count
    if (
        risk.acts_since_screen >= ctx.policy.of_duties.risk.stalking_acts
        and risk.screen_since is None
    ):
        risk.screen_since = at


def screened(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """A screen was made, by FOUR or with a stalking tool: its clock is met."""
    state.risk.acts_since_screen = 0
    state.risk.screen_since = None
    clock = open_clock(state, ClockType.STALKING_SCREEN)
    if clock is not None:
        meet(state, ctx, clock, max(at, clock.started_at))


def check_screen(state: CaseFacts, ctx: Context, command: ScreenStalking, grant: Grant) -> None:
    """Any time; an incident that is named must be the case's."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    known_incident(state, command.incident_ref)


def apply_screen(state: CaseFacts, ctx: Context, command: ScreenStalking) -> tuple[str, ...]:
    """Keep the screen. All of FOUR are grounds for the stalking programme, which the case's
    referrals recommend, and for a check of the victim's devices for tracking."""
    answers = {
        "fixated": command.fixated,
        "obsessive": command.obsessive,
        "unwanted": command.unwanted,
        "repeated": command.repeated,
    }
    all_yes = all(answer is YesNoUnknown.YES for answer in answers.values())
    acts = max(command.unwanted_acts, state.risk.unwanted_acts)
    state.risk.unwanted_acts = acts
    state.risk.screen = StalkingScreen(at=command.at, all_yes=all_yes, unwanted_acts=acts)
    append(
        state,
        ctx,
        "stalking:screened",
        command.at,
        **answers,
        unwanted_acts=acts,
        stalking=all_yes,
        device_check_advised=all_yes,
        incident_ref=command.incident_ref,
        note_ref=command.note_ref,
    )
    screened(state, ctx, command.at)
    return ("MASIP_GROUNDS", "DEVICE_CHECK_ADVISED") if all_yes else ()


def react(state: CaseFacts, ctx: Context) -> None:
    """The screen's clock runs from when enough acts were known."""
    clock = open_clock(state, ClockType.STALKING_SCREEN)
    due = state.live and state.risk.screen_since is not None
    if due and clock is None and state.risk.screen_since is not None:
        arm(
            state,
            ctx,
            ClockType.STALKING_SCREEN,
            state.risk.screen_since,
            "stalking:acts:recorded",
            owner=officer_of(state),
        )
    elif clock is not None and not due:
        cancel(state, ctx, clock, "NOT_DUE")
