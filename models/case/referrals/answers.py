"""What comes back of a referral, and what the officer says to it (docs/domain.md 6, 8)."""

from __future__ import annotations

from datetime import timedelta

from models.base import Refused
from models.case.authority import happened, owner_or_supervisor
from models.case.referrals.feedback import tell_idva
from models.case.referrals.owed import grounds_of, sent, settle, tell_victim
from models.case.referrals.state import CaseReferral
from models.case.state import CaseFacts
from models.case.suspending import suspend_unsafe
from models.commands import AnswerRetaliationCheck, AskIdva, Grant, NoteReferral, RecordAttempt
from models.enums import (
    Channel,
    ContactResult,
    ReferralPathway,
    ReferralState,
    ReferralStep,
    RetaliationRisk,
)
from models.events import tell_effect
from models.ids import referral_stream
from models.messages import PairReferral, ReferralChanged, RetaliationAnswer
from models.referral.moving import TELL_VICTIM
from models.referral.pathways import PATHWAYS
from models.stream import Context, Task, append, number, raise_task, settle_tasks

RETALIATION_CHECK, DISRUPTION_DROPPED = "RETALIATION_CHECK", "DISRUPTION_DROPPED"
RETURNED = "REFERRAL_RETURNED"
TO_READ = {
    "NOT_MET": "the threshold was not met: decide what follows for the victim",
    "NOT_SUITABLE": "not taken on: decide what follows for the victim",
    "CONSULTATION_ONLY": "advice only, the case stays with you: read it",
    "UNABLE_TO_CONTACT": "the service has not reached the victim: the contact is yours again",
    "DECLINED": "the victim declined the service: decide what follows",
    "INAPPROPRIATE": "the service found itself not the right one: decide what follows",
    "TRANSFERRED": "passed on to another service: make sure that it is known here",
}
"""States and outcomes of a referral that its case must not miss, and why."""
WITH_REASON = (ReferralStep.NOT_SAFE_TO_TELL, ReferralStep.NO_FURTHER_REFERRAL)
NOT_TAKEN_ON = (
    ReferralState.DRAFT,
    ReferralState.SUBMITTED,
    ReferralState.RETURNED,
    ReferralState.REFERRED,
)
"""States in which nobody but the officer has it yet."""
UNSAFE = (ContactResult.WRONG_PERSON, ContactResult.UNSAFE_ENDED)
CHECKED_WITHIN = timedelta(hours=24)


def changed(state: CaseFacts, ctx: Context, message: ReferralChanged) -> None:
    """A referral tells its case how far it is."""
    entry = state.referrals.made.get(message.referral_ref)
    if entry is not None:
        _update(state, ctx, entry, message)
    elif message.pathway is ReferralPathway.MARAC and message.submitted_at is not None:
        _another_s(state, message)
    tell_idva(state, message)
    for code in sorted({message.state.value, message.outcome, *message.codes} & TO_READ.keys()):
        _to_read(state, ctx, message, code)
    if message.state is ReferralState.RETURNED:
        raise_task(
            state,
            ctx,
            RETURNED,
            state.dalo_id or state.supervisor_id,
            "the coordinator returned it: add what is missing and send it again",
            command=f"dalo do {message.referral_ref} move-referral --to SUBMITTED",
            subject=message.referral_ref,
        )
    else:
        settle_tasks(state, ctx, RETURNED, message.referral_ref)
    if TELL_VICTIM in message.codes:
        tell_victim(state, ctx, message.referral_ref)
    if RETALIATION_CHECK in message.codes:
        _ask_of_retaliation(state, ctx, message)
    if DISRUPTION_DROPPED in message.codes:
        settle_tasks(state, ctx, RETALIATION_CHECK, _asked_about(message))
    for result in UNSAFE:
        if result.value in message.codes:
            _unsafe(state, ctx, message, result)


def _unsafe(
    state: CaseFacts, ctx: Context, message: ReferralChanged, result: ContactResult
) -> None:
    """The service reached the wrong person, or ended unsafely: as an attempt of the case's own."""
    made = RecordAttempt(
        at=message.at, channel=message.channel or Channel.CALL, route=message.route, result=result
    )
    suspend_unsafe(state, ctx, made)


def _update(state: CaseFacts, ctx: Context, entry: CaseReferral, message: ReferralChanged) -> None:
    now = entry.model_copy(
        update={
            "state": message.state,
            "submitted_at": message.submitted_at or entry.submitted_at,
            "heard_at": message.heard_at or entry.heard_at,
            "flag_until": message.flag_until or entry.flag_until,
            "outcome": message.outcome or entry.outcome,
            "ended": message.ended,
        }
    )
    if now == entry:
        return
    leaves = entry.state is ReferralState.DRAFT and now.state is ReferralState.SUBMITTED
    if leaves:
        found = grounds_of(state, ctx, entry.pathway, entry.perpetrator_ref)
        now = now.model_copy(update={"grounds": found})
    state.referrals.made[entry.referral_ref] = now
    append(
        state,
        ctx,
        "case:referral:changed",
        message.at,
        case_ref=state.case_ref,
        referral_ref=entry.referral_ref,
        pathway=entry.pathway,
        state=now.state,
        outcome=now.outcome,
        ended=now.ended,
    )
    settle(state, now)
    if leaves:
        sent(state, ctx, now, message.submitted_at or message.at)
    if entry.pathway is ReferralPathway.IDVA and message.outcome == "DECLINED":
        # Somebody who declined an IDVA is reticent (docs/domain.md 2.6).
        state.reticent = True


def _another_s(state: CaseFacts, message: ReferralChanged) -> None:
    """A MARAC referral that another case made of this victim."""
    if message.submitted_at is None:
        return
    if message.state in (ReferralState.WITHDRAWN_IN_ERROR, ReferralState.NOT_MET):
        state.referrals.pairs.pop(message.referral_ref, None)
        return
    state.referrals.pairs[message.referral_ref] = PairReferral(
        referral_ref=message.referral_ref,
        perpetrator_ref=message.perpetrator_ref,
        submitted_at=message.submitted_at,
        heard_at=message.heard_at,
    )


def _to_read(state: CaseFacts, ctx: Context, message: ReferralChanged, code: str) -> None:
    raise_task(
        state,
        ctx,
        f"REFERRAL_{code}",
        state.dalo_id or state.supervisor_id,
        f"{message.pathway.value}: {TO_READ[code]}",
        command=f"dalo do {state.case_ref} note-referral --referral {message.referral_ref}"
        " --step CONTACT_BY_DALO",
        subject=message.referral_ref,
    )


def _asked_about(message: ReferralChanged) -> str:
    planned = f"/{message.disruption_id}" if message.disruption_id else ""
    return f"{message.referral_ref}{planned}"


def _ask_of_retaliation(state: CaseFacts, ctx: Context, message: ReferralChanged) -> None:
    subject = _asked_about(message)
    raise_task(
        state,
        ctx,
        RETALIATION_CHECK,
        state.dalo_id or state.supervisor_id,
        "a disruption is planned against the suspect: say whether the victim is safe from"
        " retaliation; nothing happens before you answer",
        due_at=message.at + CHECKED_WITHIN,
        command=f"dalo do {state.case_ref} answer-retaliation-check"
        f" --referral {subject} --answer SAFE",
        subject=subject,
    )


def to_note(state: CaseFacts, referral_ref: str) -> list[Task]:
    """What about a referral waits to be read and noted."""
    return [
        task
        for task in state.tasks.values()
        if task.kind.startswith("REFERRAL_")
        and task.kind != RETURNED
        and task.subject == referral_ref
    ]


def check_note(state: CaseFacts, ctx: Context, command: NoteReferral, grant: Grant) -> None:
    """Only what came back is noted; ending there needs a reason."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if not to_note(state, command.referral):
        waits = sorted({t.subject for t in state.tasks.values() if to_note(state, t.subject)})
        raise Refused(
            "NOTHING_TO_NOTE",
            "nothing of this referral waits to be noted here",
            f"what waits: {', '.join(waits) or 'nothing'}",
            "referral",
        )
    if command.step in WITH_REASON and command.reason is None:
        raise Refused(
            "REASON_NEEDED", f"{command.step.value} needs a reason", "give --reason", "reason"
        )


def apply_note(state: CaseFacts, ctx: Context, command: NoteReferral) -> tuple[str, ...]:
    """What follows is on record, and the tasks about it are done."""
    append(
        state,
        ctx,
        "case:referral:noted",
        command.at,
        case_ref=state.case_ref,
        referral_ref=command.referral,
        step=command.step,
        reason=command.reason or "",
        note_ref=command.note_ref,
    )
    for task in to_note(state, command.referral):
        settle_tasks(state, ctx, task.kind, command.referral)
    return ()


def check_retaliation(
    state: CaseFacts, ctx: Context, command: AnswerRetaliationCheck, grant: Grant
) -> None:
    """Only what was asked is answered; a no says why."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    asked = [t.subject for t in state.tasks.values() if t.kind == RETALIATION_CHECK]
    if not _of(command, asked):
        raise Refused(
            "NOT_ASKED",
            "no retaliation check is asked for under this reference",
            f"asked for now: {', '.join(asked) or 'nothing'}",
            "referral",
        )
    if command.answer is RetaliationRisk.NOT_SAFE and command.reason is None:
        raise Refused(
            "REASON_NEEDED", "say why it is not safe", "give --reason as a code", "reason"
        )


def _of(command: AnswerRetaliationCheck, asked: list[str]) -> list[str]:
    """What an answer answers: the one disruption that it names (`MATAC-2027-00004/DIS-001`), or all
    that the referral asked about."""
    named = command.referral
    return [subject for subject in asked if named in (subject, subject.partition("/")[0])]


def apply_retaliation(
    state: CaseFacts, ctx: Context, command: AnswerRetaliationCheck
) -> tuple[str, ...]:
    """The answer goes to the referral, which waits for it: for each disruption by itself, since one
    that was planned meanwhile has not been looked at."""
    referral_ref, _, named = command.referral.partition("/")
    append(
        state,
        ctx,
        "case:retaliation_check:answered",
        command.at,
        case_ref=state.case_ref,
        referral_ref=referral_ref,
        disruption_id=named,
        answer=command.answer,
        reason=command.reason or "",
        note_ref=command.note_ref,
    )
    asked = [t.subject for t in state.tasks.values() if t.kind == RETALIATION_CHECK]
    for subject in _of(command, asked):
        message = RetaliationAnswer(
            message_id=f"retaliation:{state.stream}:{number(state, 'retaliation')}",
            referral_ref=referral_ref,
            case_ref=state.case_ref,
            safe=command.answer is RetaliationRisk.SAFE,
            at=command.at,
            disruption_id=subject.partition("/")[2],
        )
        state.effects.append(
            tell_effect(message.message_id, referral_stream(referral_ref), message)
        )
        settle_tasks(state, ctx, RETALIATION_CHECK, subject)
    return (command.answer.value,)


def check_ask(state: CaseFacts, ctx: Context, command: AskIdva, grant: Grant) -> None:
    """Any victim may ask; one who has an IDVA, or whose referral runs, need not."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    for entry in state.referrals.made.values():
        if entry.pathway is ReferralPathway.IDVA and not entry.ended:
            raise Refused(
                "ALREADY_OPEN",
                f"{entry.referral_ref} is open",
                f"see dalo do --list {entry.referral_ref}",
                "at",
            )


def apply_ask(state: CaseFacts, ctx: Context, command: AskIdva) -> tuple[str, ...]:
    """The wish is on record; clock and recommendation follow it."""
    state.referrals.idva_asked_at = command.at
    append(
        state,
        ctx,
        "case:idva:asked",
        command.at,
        case_ref=state.case_ref,
        note_ref=command.note_ref,
    )
    return ()


def running(state: CaseFacts) -> list[CaseReferral]:
    """Referrals of this case whose workflow runs: not in a last state, flagged ones included."""
    return [
        entry
        for entry in state.referrals.made.values()
        if entry.state not in PATHWAYS[entry.pathway].ends
        and entry.state is not ReferralState.WITHDRAWN_IN_ERROR
    ]
