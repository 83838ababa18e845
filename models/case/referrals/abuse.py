"""Abuse of the victim by a perpetrator that the case heard of: kept, and judged as a MARAC repeat
where the two were referred before (docs/domain.md 5)."""

from __future__ import annotations

from datetime import datetime

from models.case.referrals.grounds import known_pairs, repeat_finding
from models.case.state import CaseFacts
from models.marac_repeat import PairEvent
from models.stream import Context, append, number

EVENTS_KEPT = 20


def judge(state: CaseFacts, ctx: Context, event: PairEvent) -> None:
    """Keep the event. The answers to whether it is a MARAC repeat are on record where there was a
    referral, whatever they are."""
    facts = state.referrals
    if not event.perpetrator_ref or event in facts.events:
        return
    others = [each for each in facts.events if each.incident_ref != event.incident_ref]
    facts.events = sorted([*others, event], key=lambda each: each.at)[-EVENTS_KEPT:]
    if any(pair.perpetrator_ref == event.perpetrator_ref for pair in known_pairs(state)):
        finding = repeat_finding(state, ctx, event)
        append(
            state,
            ctx,
            "case:marac_repeat:judged",
            event.known_at,
            case_ref=state.case_ref,
            perpetrator_ref=event.perpetrator_ref,
            repeat=finding.repeat,
            repeat_of=finding.in_force.referral_ref if finding.repeat else "",
            **finding.inputs(),
        )


def only_perpetrator(state: CaseFacts) -> str:
    """The one person of whom the case knows that they harmed the victim; empty where it knows of
    none, or of several."""
    facts = state.referrals
    known = {event.perpetrator_ref for event in facts.events}
    known |= {pair.perpetrator_ref for pair in known_pairs(state)}
    return known.pop() if len(known) == 1 else ""


def unwanted(
    state: CaseFacts, ctx: Context, perpetrator_ref: str, at: datetime, known_at: datetime
) -> None:
    """Unwanted contact is abuse, be it no crime and in no report."""
    ref = f"{state.case_ref}:ACT-{number(state, 'unwanted-act'):03d}"
    event = PairEvent(
        incident_ref=ref,
        perpetrator_ref=perpetrator_ref,
        at=at,
        known_at=known_at,
        criminal=False,
    )
    judge(state, ctx, event)
