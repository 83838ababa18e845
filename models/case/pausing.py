"""Dated pauses of contact: owned, reasoned, and over by themselves on their date (docs/domain.md
9.2)."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.contact import contact_clock
from models.case.state import CaseFacts, Interruption
from models.clocks import Pause
from models.commands import Grant, PauseContact, ResumeContact
from models.due import recompute
from models.enums import ClockType
from models.stream import Context, append, arm, meet, meet_open, move, open_clock


def check_pause(state: CaseFacts, ctx: Context, command: PauseContact, grant: Grant) -> None:
    """A pause is dated, owned and reasoned, and there is one at a time."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if command.until <= ctx.now:
        raise Refused("PAUSE_OVER", "the pause would end in the past", "give a later date", "until")
    if state.interruption is not None:
        raise Refused(
            "ALREADY_PAUSED", "contact is paused already", "resume it first (resume-contact)"
        )
    if contact_clock(state) is None:
        raise Refused("NO_CONTACT_CLOCK", "no contact clock runs", "nothing to pause")


def apply_pause(state: CaseFacts, ctx: Context, command: PauseContact) -> tuple[str, ...]:
    """Stop the contact clock; a review clock ends the pause on its date."""
    state.interruption = Interruption(
        started_at=ctx.now, until=command.until, owner=command.owner, reason=command.reason
    )
    clock = contact_clock(state)
    if clock is not None:
        stopped = clock.model_copy(
            update={"pauses": (*clock.pauses, Pause(started_at=ctx.now, reason=command.reason))}
        )
        move(state, ctx, stopped, clock.due_at, "PAUSED", due_raw=clock.due_raw)
    append(
        state,
        ctx,
        "contact:paused",
        command.at,
        until=command.until,
        owner=command.owner,
        reason=command.reason,
    )
    arm(
        state,
        ctx,
        ClockType.PAUSE_REVIEW,
        ctx.now,
        "contact:paused",
        owner=command.owner,
        due_at=command.until,
        basis=command.reason,
    )
    return ()


def check_resume(state: CaseFacts, ctx: Context, command: ResumeContact, grant: Grant) -> None:
    """Only a paused contact resumes."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if state.interruption is None:
        raise Refused("NOT_PAUSED", "contact is not paused", "nothing to resume")


def apply_resume(state: CaseFacts, ctx: Context, command: ResumeContact) -> tuple[str, ...]:
    """End the pause before its date."""
    meet_open(state, ctx, ClockType.PAUSE_REVIEW, command.at)
    end_pause(state, ctx)
    return ()


def end_pause(state: CaseFacts, ctx: Context) -> None:
    """Let the contact clock run on, later by the length of the pause."""
    state.interruption = None
    clock = contact_clock(state)
    if clock is not None and clock.paused:
        last = clock.pauses[-1].model_copy(update={"ended_at": ctx.now})
        running = clock.model_copy(update={"pauses": (*clock.pauses[:-1], last)})
        again = recompute(running, ctx.policy, ctx.calendar)
        move(state, ctx, running, again.due_at, "RESUMED", due_raw=again.due_at)
    append(state, ctx, "contact:resumed")


def react(state: CaseFacts, ctx: Context) -> None:
    """A pause ends by itself on its date."""
    review = open_clock(state, ClockType.PAUSE_REVIEW)
    if review is not None and review.breached_at is not None:
        meet(state, ctx, review, review.due_at)
        end_pause(state, ctx)
