"""What a referral looks like from outside: the read model's row, and the full view with what is
next and by whom. References, codes and instants only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.base import Record
from models.clocks import Clock
from models.enums import ReferralPathway, ReferralState, TransferAnswer
from models.events import Json
from models.referral.fields import missing
from models.referral.state import Disruption, ReferralFacts, Repeat, Transfer
from models.referral.steps import ways_on
from models.stream import Task, jsonable


class NextStep(Record):
    """One way on: to which state, by whom, and the command that takes it. `by` is empty where a
    meeting or the calendar takes it."""

    to: ReferralState
    by: tuple[str, ...] = ()
    command: str = ""
    needs: tuple[str, ...] = ()
    """Outcomes to choose from, fields to give, or `REASON`."""


class ReferralView(Record):
    """One referral as it stands at `as_of`."""

    as_of: datetime
    referral_ref: str
    pathway: ReferralPathway
    state: ReferralState
    since: datetime
    area: str
    case_ref: str = ""
    lead: str = ""
    service: str = ""
    ended: bool = False
    facts: dict[str, Any]
    missing: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    clocks: tuple[Clock, ...] = ()
    tasks: tuple[Task, ...] = ()
    disruptions: tuple[Disruption, ...] = ()
    transfer: Transfer | None = None
    repeats: tuple[Repeat, ...] = ()
    summary: Json
    unrecorded: int = 0


def summary(state: ReferralFacts) -> Json:
    """The columns of the `referral` read model."""
    return jsonable(
        {
            "referral_ref": state.referral_ref,
            "pathway": state.pathway,
            "state": state.state,
            "case_ref": state.case_ref or None,
            "victim_ref": state.victim_ref or None,
            "perpetrator_ref": state.perpetrator_ref or None,
            "area": state.area,
            "referral_type": state.referral_type,
            "repeat_of": state.repeat_of or None,
            "owner": state.lead,
            "service": state.service,
            "outcome": state.outcome or None,
            "consent_status": state.consent_status,
            "disclosure_basis": state.disclosure_basis,
            "policy_version": state.policy_version,
            "meeting": state.meeting or None,
            "criteria": state.criteria,
            "created_at": state.created_at,
            "submitted_at": state.submitted_at,
            "acknowledged_at": state.acknowledged_at,
            "accepted_at": state.accepted_at,
            "first_attempt_at": state.first_attempt_at,
            "heard_at": state.heard_at,
            "flag_until": state.flag_until,
            "ended_at": state.ended_at,
            "details": _details(state),
        }
    )


def _details(state: ReferralFacts) -> Json:
    """What only one pathway has; a member that is not there yet is left out."""
    found = {
        "fields": sorted(state.facts) or None,
        "asked_by": state.asked_by,
        "engaged_at": state.engaged_at,
        "attempts": len(state.attempts) or None,
        "entry_score": state.entry_score,
        "score": state.score,
        "exit_score": state.exit_score,
        "reviews": state.reviews or None,
        "review_from": state.review_from,
        "open_actions": state.open_actions or None,
        "transfer_to": _asked_area(state),
    }
    return {name: value for name, value in found.items() if value is not None}


def _asked_area(state: ReferralFacts) -> str | None:
    """The area that has the papers of a transfer; empty where it refused, as the row's details are
    added to and never taken away."""
    if state.transfer is None:
        return None
    return "" if state.transfer.answer is TransferAnswer.REFUSED else state.transfer.to_area


def view(state: ReferralFacts, now: datetime) -> ReferralView:
    """Everything that a screen of the referral shows."""
    return ReferralView(
        as_of=now,
        referral_ref=state.referral_ref,
        pathway=state.pathway,
        state=state.state,
        since=state.entered_at,
        area=state.area,
        case_ref=state.case_ref,
        lead=state.lead,
        service=state.service,
        ended=state.closed,
        facts=dict(state.facts),
        missing=missing(state),
        next_steps=next_steps(state),
        clocks=tuple(sorted(state.clocks.values(), key=lambda clock: clock.due_at)),
        tasks=tuple(state.tasks.values()),
        disruptions=tuple(state.disruptions.values()),
        transfer=state.transfer,
        repeats=tuple(state.repeats.values()),
        summary=summary(state),
        unrecorded=len(state.unrecorded),
    )


def next_steps(state: ReferralFacts) -> tuple[NextStep, ...]:
    """Every way on from here, as the pathway has it."""
    if state.closed:
        return ()
    steps = [
        NextStep(
            to=move.to,
            by=tuple(role.value for role in move.by),
            command=f"dalo do {state.referral_ref} move-referral --to {move.to.value}"
            + (" --outcome OUTCOME" if move.outcomes else "")
            + (" --reason CODE" if move.reason else ""),
            needs=(*move.outcomes, *move.fields, *(("REASON",) if move.reason else ())),
        )
        for move in ways_on(state)
    ]
    steps += [NextStep(to=each.to) for each in state.path.hears if state.state in each.sources]
    steps += [NextStep(to=each.to) for each in state.path.follows if each.source is state.state]
    return tuple(dict.fromkeys(steps))
