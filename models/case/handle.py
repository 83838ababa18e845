"""What a case is told: commands, with what checks each and what each does, and messages."""

from __future__ import annotations

from models.base import Refused
from models.case import (
    cadence_plan,
    closure,
    contact,
    ladder,
    leaving,
    lifecycle,
    needs,
    pausing,
    safe_plan,
    wishes,
)
from models.case.duties import DUTIES
from models.case.duty import DutyCaseCommands
from models.case.state import CaseFacts
from models.case.telling import tell_again
from models.checks import not_renewed
from models.commands import CaseCommand, Grant
from models.messages import CaseMessage, CaseStart
from models.stream import Context

COMMANDS: DutyCaseCommands = {
    "set-safe-contact-plan": (safe_plan.check, safe_plan.apply),
    "record-attempt": (contact.check_attempt, contact.apply_attempt),
    "restore-channel": (contact.check_restore, contact.apply_restore),
    "approve-wait": (contact.check_wait, contact.apply_wait),
    "record-ladder-step": (ladder.check, ladder.apply),
    "set-cadence": (cadence_plan.check_set, cadence_plan.apply_set),
    "approve-cadence": (cadence_plan.check_approve, cadence_plan.apply_approve),
    "pause-contact": (pausing.check_pause, pausing.apply_pause),
    "resume-contact": (pausing.check_resume, pausing.apply_resume),
    "record-wishes": (wishes.check, wishes.apply),
    "complete-needs-assessment": (needs.check_complete, needs.apply_complete),
    "add-need-action": (needs.check_add, needs.apply_add),
    "complete-need-action": (needs.check_end, needs.apply_end),
    "regrade": (lifecycle.check_regrade, lifecycle.apply_regrade),
    "review-case": (lifecycle.check_review, lifecycle.apply_review),
    "reassign": (lifecycle.check_reassign, lifecycle.apply_reassign),
    "close-case": (closure.check, closure.apply),
}
FIRST_COMMANDS = frozenset(COMMANDS)
"""The first release's: what a run that began under it can do."""
COMMANDS |= {
    "ask-closure": (closure.check_ask, closure.apply_ask),
    "refuse-closure": (closure.check_refuse, closure.apply_refuse),
    "accept-transfer": (leaving.check, leaving.apply),
}
for _duty in DUTIES:
    COMMANDS |= _duty.COMMANDS


def begin(state: CaseFacts, ctx: Context, start: CaseStart) -> None:
    """The case exists; what already waits for it is told."""
    lifecycle.begin(state, ctx, start)
    for message in start.messages:
        receive(state, ctx, message)


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Take a message once, every duty in turn. What comes while the case closes would be lost with
    it, so it is told again: by then the case is open after all, or somebody else's task."""
    if message.message_id in state.seen_messages:
        return
    if state.release > 1 and (state.closing is not None or not state.live):
        tell_again(state, ctx, message)
        return
    lifecycle.receive(state, ctx, message)
    if state.release > 1:
        for duty in DUTIES:
            duty.receive(state, ctx, message)


def check(state: CaseFacts, ctx: Context, command: CaseCommand, grant: Grant) -> None:
    """Raise `Refused` if the command is impossible now; change nothing."""
    if not state.live:
        raise Refused("CASE_CLOSED", "the case is closed", "a new report opens a new case")
    if state.closing is not None:
        raise Refused("CASE_CLOSING", "the case is being closed", "try again in a moment")
    if state.release == 1 and command.kind not in FIRST_COMMANDS:
        raise not_renewed("case")
    COMMANDS[command.kind][0](state, ctx, command, grant)


def apply(state: CaseFacts, ctx: Context, command: CaseCommand) -> tuple[str, ...]:
    """Apply a checked command; returns codes worth knowing."""
    return COMMANDS[command.kind][1](state, ctx, command)
