"""The case's commands: what checks each, and what each does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.base import Refused
from models.case import cadence_plan, closure, contact, ladder, lifecycle, needs, wishes
from models.case.state import CaseFacts
from models.commands import CaseCommand, Grant
from models.stream import Context

Check = Callable[[CaseFacts, Context, Any, Grant], None]
Apply = Callable[[CaseFacts, Context, Any], tuple[str, ...]]

COMMANDS: dict[str, tuple[Check, Apply]] = {
    "set-safe-contact-plan": (contact.check_plan, contact.apply_plan),
    "record-attempt": (contact.check_attempt, contact.apply_attempt),
    "restore-channel": (contact.check_restore, contact.apply_restore),
    "approve-wait": (contact.check_wait, contact.apply_wait),
    "record-ladder-step": (ladder.check, ladder.apply),
    "set-cadence": (cadence_plan.check_set, cadence_plan.apply_set),
    "approve-cadence": (cadence_plan.check_approve, cadence_plan.apply_approve),
    "pause-contact": (cadence_plan.check_pause, cadence_plan.apply_pause),
    "resume-contact": (cadence_plan.check_resume, cadence_plan.apply_resume),
    "record-wishes": (wishes.check, wishes.apply),
    "complete-needs-assessment": (needs.check_complete, needs.apply_complete),
    "add-need-action": (needs.check_add, needs.apply_add),
    "complete-need-action": (needs.check_end, needs.apply_end),
    "regrade": (lifecycle.check_regrade, lifecycle.apply_regrade),
    "review-case": (lifecycle.check_review, lifecycle.apply_review),
    "reassign": (lifecycle.check_reassign, lifecycle.apply_reassign),
    "close-case": (closure.check, closure.apply),
}


def check(state: CaseFacts, ctx: Context, command: CaseCommand, grant: Grant) -> None:
    """Raise `Refused` if the command is impossible now; change nothing."""
    if not state.live:
        raise Refused("CASE_CLOSED", "the case is closed", "a new report opens a new case")
    if state.closing is not None:
        raise Refused("CASE_CLOSING", "the case is being closed", "try again in a moment")
    COMMANDS[command.kind][0](state, ctx, command, grant)


def apply(state: CaseFacts, ctx: Context, command: CaseCommand) -> tuple[str, ...]:
    """Apply a checked command; returns codes worth knowing."""
    return COMMANDS[command.kind][1](state, ctx, command)
