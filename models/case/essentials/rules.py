"""Death, legal hold, threat to life, counter-allegations (docs/domain.md 16a), and what a victim
asked for (9.4): what stands above every other duty of the case."""

from __future__ import annotations

from models.case import (
    approach,
    court_contact,
    event_answers,
    event_contact,
    plan_relook,
    victim_message,
    wishes,
)
from models.case.duty import DutyCaseCommands
from models.case.essentials import freezing, holds, threats
from models.case.state import CaseFacts
from models.commands import CloseCase
from models.enums import ClosureReason, GraveHarm, Party, ReviewReferral
from models.messages import CaseMessage, VictimTold
from models.stream import Context

COMMANDS: DutyCaseCommands = {
    "record-death-or-serious-injury": (freezing.check_harm, freezing.apply_harm),
    "lift-freeze": (freezing.check_lift, freezing.apply_lift),
    "record-review-referral": (freezing.check_referral, freezing.apply_referral),
    "place-legal-hold": (holds.check_place, holds.apply_place),
    "review-legal-hold": (holds.check_hold, holds.apply_review),
    "lift-legal-hold": (holds.check_hold, holds.apply_lift),
    "record-disclosure-request": (holds.check_request, holds.apply_request),
    "answer-disclosure-request": (holds.check_answer, holds.apply_answer),
    "record-threat-to-life": (threats.check_threat, threats.apply_threat),
    "review-threat-to-life": (threats.check_review, threats.apply_review),
    "record-primary-aggressor": (threats.check_aggressor, threats.apply_aggressor),
    "ask-other-officer": (wishes.check_other, wishes.apply_other),
    "refuse-other-officer": (wishes.check_refuse, wishes.apply_refuse),
    "name-third-party": (wishes.check_third, wishes.apply_third),
    "record-withdrawal": (wishes.check_withdrawal, wishes.apply_withdrawal),
    "record-pressure-check": (wishes.check_pressure, wishes.apply_pressure),
    "settle-contact-at-event": (event_answers.check_settle, event_answers.apply_settle),
    "allow-approach": (event_answers.check_allow, event_answers.apply_allow),
    "confirm-safe-contact-plan": (plan_relook.check_confirm, plan_relook.apply_confirm),
    "message-victim": (victim_message.check, victim_message.apply),
}
REFERRALS = tuple(referral.value for referral in ReviewReferral)


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Counter-allegations, events that call for contact, what became of a message."""
    threats.receive(state, ctx, message)
    event_contact.receive(state, ctx, message)
    plan_relook.receive(state, ctx, message)
    court_contact.receive(state, ctx, message)
    if isinstance(message, VictimTold):
        approach.used(state, ctx, message.at)
    victim_message.receive(state, ctx, message)


def react(state: CaseFacts, ctx: Context) -> None:
    """What follows for contact, and what the incidents must know."""
    if not state.live:
        return
    holds.react(state, ctx)
    threats.react(state, ctx)
    freezing.react(state, ctx)
    approach.react(state, ctx)
    event_contact.react(state, ctx)
    plan_relook.react(state, ctx)
    court_contact.react(state, ctx)
    victim_message.react(state, ctx)
    wishes.react(state, ctx)


def flags(state: CaseFacts) -> dict[str, bool]:
    """What the case's row shows of it; erasure asks `legal_hold`."""
    facts = state.essentials
    return {
        "legal_hold": bool(facts.holds),
        "frozen": facts.frozen,
        "threat_to_life": bool(facts.threats),
        "primary_aggressor_review": bool(facts.aggressor_reviews),
        "other_victims": bool(facts.other_victims),
    }


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """Holds, threats, reviews, disclosure, referrals, a message on its way; after the victim's
    death no other reason is given."""
    facts, do = state.essentials, f"dalo do {state.case_ref}"
    found = [
        f"legal hold {ref} stands ({do} lift-legal-hold --hold-id {ref})" for ref in facts.holds
    ]
    found += [
        f"threat to life {ref} is under review ({do} review-threat-to-life --threat-id {ref})"
        for ref in facts.threats
    ]
    found += [
        f"incident {ref} waits for a primary-aggressor review"
        f" ({do} record-primary-aggressor --incident-ref {ref})"
        for ref in facts.aggressor_reviews
    ]
    found += [
        f"disclosure request {ref} is open ({do} answer-disclosure-request --request-ref {ref})"
        for ref in facts.disclosures
    ]
    decided = (*REFERRALS, "PRESSURE_CHECK", "OTHER_OFFICER")
    found += [
        f"task {t.task_id} is open ({t.command})" for t in state.tasks.values() if t.kind in decided
    ]
    if state.asked.sending is not None:
        found.append("a message to the victim is on its way")
    died = any((f.party, f.harm) == (Party.VICTIM, GraveHarm.DEATH) for f in facts.freezes)
    if died and command.reason is not ClosureReason.DIED:
        found.append("the victim died: the reason is DIED")
    return found
