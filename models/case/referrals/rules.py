"""The case's side of its referrals: what calls for one, making it, what comes back of it
(docs/domain.md 5, 6, 8)."""

from __future__ import annotations

from models.case.duty import DutyCaseCommands
from models.case.referrals import answers, owed, refer
from models.case.referrals.abuse import judge
from models.case.state import CaseFacts
from models.commands import CloseCase
from models.ids import referral_stream
from models.marac_repeat import PairEvent, event_of
from models.messages import CaseMessage, OrderBreached, ReferralChanged, ReportArrived
from models.stream import Context

COMMANDS: DutyCaseCommands = {
    "refer": (refer.check, refer.apply),
    "ask-idva": (answers.check_ask, answers.apply_ask),
    "note-referral": (answers.check_note, answers.apply_note),
    "answer-retaliation-check": (answers.check_retaliation, answers.apply_retaliation),
}


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """What a message means to this duty; one that means nothing changes nothing."""
    match message:
        case ReportArrived():
            _report(state, ctx, message)
        case OrderBreached():
            _breach(state, ctx, message)
        case ReferralChanged():
            answers.changed(state, ctx, message)


def react(state: CaseFacts, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    owed.react(state, ctx)


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """What of this keeps the case from closing, beside a recommendation that waits, which is named
    where every one is. A referral that somebody has taken on goes on without the case, as a MARAC
    flag does."""
    found = [
        f"referral {entry.referral_ref} is {entry.state.value}: nobody has taken it on"
        for entry in answers.running(state)
        if entry.state in answers.NOT_TAKEN_ON
    ]
    found += [
        f"the retaliation check of {task.subject} is not answered"
        for task in state.tasks.values()
        if task.kind == answers.RETALIATION_CHECK
    ]
    return found


def streams(state: CaseFacts) -> list[str]:
    """Streams of the case's running referrals: whoever changes its officer, closes or reopens it
    tells them."""
    return [referral_stream(entry.referral_ref) for entry in answers.running(state)]


def _report(state: CaseFacts, ctx: Context, message: ReportArrived) -> None:
    """A report of a pair, with what intake knows of it."""
    facts, report = state.referrals, message.report
    if report.version < state.incidents.get(report.incident_ref, 0):
        return
    facts.stalking_reported = facts.stalking_reported or report.stalking
    for pair in message.marac_referrals:
        facts.pairs[pair.referral_ref] = pair
    judge(state, ctx, event_of(report))


def _breach(state: CaseFacts, ctx: Context, message: OrderBreached) -> None:
    """A breach is abuse of its own, whatever the report says (docs/domain.md 5)."""
    event = PairEvent(
        incident_ref=f"{message.incident_ref}:{message.breach_id}",
        perpetrator_ref=message.perpetrator_ref,
        at=message.at,
        known_at=message.known_at,
        criminal=message.criminal,
    )
    judge(state, ctx, event)
