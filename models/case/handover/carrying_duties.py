"""The part of a merge that is the other duties': recommendations, visits, referrals, risk,
essentials. Nothing that this case knows is weakened by what the other did not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from models.case import approach
from models.case.essentials import holds, threats
from models.case.handover.carrying import Other
from models.case.recommending import recommend, waiting
from models.case.state import CaseFacts
from models.case.telling import tell_referral
from models.enums import PressureCheck
from models.messages import OwnerChanged
from models.stream import Context, append, number

V = TypeVar("V")
PRESSURE = (
    PressureCheck.REPORTED,
    PressureCheck.SUSPECTED,
    PressureCheck.NONE_FOUND,
    PressureCheck.NOT_CHECKED,
)
"""What weighs more stands first."""


def wishes(state: CaseFacts, other: Other) -> None:
    """What the person asked for under either reference: the later word on notices, the stricter on
    contact. Incidents that came with the other case are no new event, and hear all of it again."""
    theirs, mine = other.facts.asked, state.asked
    said, before = other.facts.wishes, state.wishes
    if _latest(before.opted_out_at, said.opted_out_at) != before.opted_out_at:
        update = {
            "notification_opt_out": said.notification_opt_out,
            "opted_out_at": said.opted_out_at,
        }
        state.wishes = before.model_copy(update=update)
    mine.no_contact_at = _latest(mine.no_contact_at, theirs.no_contact_at)
    mine.recontact_on = mine.recontact_on or theirs.recontact_on
    _approach(state, other)
    mine.other_officer_of = mine.other_officer_of or theirs.other_officer_of
    kept = {route.route_id for route in state.plan.routes} if state.plan else set()
    named = mine.third_party or theirs.third_party
    allowed = state.plan is not None and state.plan.third_party_allowed
    mine.third_party = named if allowed and named in kept else ""
    mine.support_withdrawn_at = _latest(mine.support_withdrawn_at, theirs.support_withdrawn_at)
    mine.withdrawal_reasons = _united(mine.withdrawal_reasons, theirs.withdrawal_reasons)
    found = [each for each in (mine.pressure, theirs.pressure) if each is not None]
    mine.pressure = min(found, key=PRESSURE.index, default=None)
    mine.hearings = {**theirs.hearings, **mine.hearings}
    mine.incidents_known = len(state.incidents)
    mine.told, mine.told_what = [], ""


def _approach(state: CaseFacts, other: Other) -> None:
    """One approach to one person: one that was made under either reference is made."""
    theirs, mine = other.facts.asked, state.asked
    if approach.asked_for_none(state):
        return
    for stage in ("USED", "ALLOWED"):
        if mine.approach == stage:
            return
        if theirs.approach == stage:
            mine.approach, mine.approach_for = theirs.approach, theirs.approach_for
            mine.approach_at = theirs.approach_at
            return


def recommendations(state: CaseFacts, ctx: Context, other: Other) -> None:
    """What waits for a decision, unless the same waits here."""
    for made in other.facts.recommendations.values():
        if waiting(state, made.rule, made.subject) is not None:
            continue
        asked = next(
            (t for t in other.facts.tasks.values() if t.subject == made.recommendation_id), None
        )
        again = recommend(
            state,
            ctx,
            made.rule,
            made.recommends,
            made.inputs,
            why=f"{made.rule} was recommended in {other.case_ref}",
            command=asked.command.replace(other.case_ref, state.case_ref) if asked else "",
            subject=made.subject,
            at=made.made_at,
            due_at=asked.due_at if asked else None,
        )
        other.renamed[made.recommendation_id] = again.recommendation_id


def visits(state: CaseFacts, ctx: Context, other: Other) -> None:
    """The open visit with its authority and attempts; where both cases have one, this case's
    stands and takes over why the other was selected."""
    theirs, mine = other.facts.visits, state.visits
    if theirs.visit is not None and mine.visit is not None:
        rules = tuple(dict.fromkeys((*mine.visit.selected_for, *theirs.visit.selected_for)))
        mine.visit = mine.visit.model_copy(update={"selected_for": rules})
        other.renamed[theirs.visit.visit_id] = mine.visit.visit_id
    elif theirs.visit is not None:
        visit_id = f"VIS-{number(state, 'visit'):03d}"
        other.renamed[theirs.visit.visit_id] = visit_id
        visit = theirs.visit.model_copy(update={"visit_id": visit_id})
        mine.visit = visit
        append(
            state,
            ctx,
            "visit:carried",
            visit_id=visit_id,
            case_ref=state.case_ref,
            selected_for=",".join(visit.selected_for),
            selected_at=visit.selected_at,
            state=visit.state,
            asked_by=visit.asked_by,
            authorised_by=visit.authorised_by or None,
            authorised_at=visit.authorised_at,
            authorised_from=visit.opens_at,
            authorised_until=visit.until,
            attempts=len(visit.attempts),
        )
    mine.shared_home = mine.shared_home or theirs.shared_home
    mine.reports = {**theirs.reports, **mine.reports}
    mine.suspects = {**theirs.suspects, **mine.suspects}
    mine.orders = {**theirs.orders, **mine.orders}
    mine.forum_asks = _united(mine.forum_asks, theirs.forum_asks)
    mine.releases = _united(mine.releases, theirs.releases)


def referrals(state: CaseFacts, other: Other) -> None:
    """Referrals, flags and what a repeat is judged by."""
    theirs, mine = other.facts.referrals, state.referrals
    mine.made = {**theirs.made, **mine.made}
    mine.pairs = {**theirs.pairs, **mine.pairs}
    seen = [event.model_dump_json() for event in mine.events]
    more = [event for event in theirs.events if event.model_dump_json() not in seen]
    mine.events = sorted([*mine.events, *more], key=lambda event: event.at)
    mine.high_since = _earliest(mine.high_since, theirs.high_since)
    mine.idva_asked_at = mine.idva_asked_at or theirs.idva_asked_at
    mine.stalking_reported = mine.stalking_reported or theirs.stalking_reported
    mine.answered = _united(mine.answered, theirs.answered)


def tell_referrals(state: CaseFacts, other: Other) -> None:
    """The other's referrals answer to this case and its officers."""
    for ref in other.facts.referrals.made:
        message = OwnerChanged(
            message_id=f"owner:{state.stream}:{number(state, 'owner')}",
            dalo_id=state.dalo_id,
            supervisor_id=state.supervisor_id,
            case_ref=state.case_ref,
        )
        tell_referral(state, ref, message)


def risk(state: CaseFacts, other: Other) -> None:
    """What the criteria are judged on; of two assessments the later one stands."""
    theirs, mine = other.facts.risk, state.risk
    if theirs.last is not None and (mine.last is None or mine.last.at < theirs.last.at):
        mine.last = theirs.last
    screens = (mine.last_screen, theirs.last_screen)
    mine.last_screen = max((s for s in screens if s), key=lambda s: s.at, default=None)
    for tool, ticks in theirs.high_ticks.items():
        mine.high_ticks.setdefault(tool, ticks)
    known = {date.incident_ref for date in mine.report_dates}
    more = [date for date in theirs.report_dates if date.incident_ref not in known]
    mine.report_dates = sorted([*mine.report_dates, *more], key=lambda date: date.reported_at)
    mine.suicide_self_harm_at = mine.suicide_self_harm_at or theirs.suicide_self_harm_at
    mine.judgement = mine.judgement or theirs.judgement
    since = _latest(mine.reassess_since, theirs.reassess_since)
    if since != mine.reassess_since:
        mine.reassess_since, mine.reassess_why = since, theirs.reassess_why
    mine.assessed_at = _latest(mine.assessed_at, theirs.assessed_at)
    mine.review_since = _earliest(mine.review_since, theirs.review_since)
    mine.unwanted_acts += theirs.unwanted_acts
    mine.acts_since_screen += theirs.acts_since_screen
    mine.screen_since = _earliest(mine.screen_since, theirs.screen_since)
    mine.screen = mine.screen or theirs.screen
    for key, declined in theirs.declined.items():
        new = f"REC-{number(state, 'recommendation'):03d}"
        other.renamed[key] = new
        again = declined.recommendation.model_copy(update={"recommendation_id": new})
        mine.declined[new] = declined.model_copy(update={"recommendation": again})


def essentials(state: CaseFacts, other: Other) -> None:
    """A frozen record stays frozen; holds, threats and reviews run on, in this case's numbers, so
    that none of its own ever takes the number of one that was carried."""
    theirs, mine = other.facts.essentials, state.essentials
    mine.freezes = [*mine.freezes, *(f for f in theirs.freezes if f not in mine.freezes)]
    _renumber(state, other, mine.holds, theirs.holds, holds.next_id)
    _renumber(state, other, mine.threats, theirs.threats, threats.next_id)
    for request_ref, due_at in theirs.disclosures.items():
        mine.disclosures[request_ref] = min(due_at, mine.disclosures.get(request_ref, due_at))
    mine.aggressor_reviews = {**theirs.aggressor_reviews, **mine.aggressor_reviews}
    mine.aggressor_reviewed = _united(mine.aggressor_reviewed, theirs.aggressor_reviewed)
    one_person = {state.victim_ref, other.victim_ref}
    for incident_ref, refs in theirs.other_victims.items():
        both = _united(mine.other_victims.get(incident_ref, []), refs)
        mine.other_victims[incident_ref] = [ref for ref in both if ref not in one_person]


def _renumber(
    state: CaseFacts,
    other: Other,
    mine: dict[str, V],
    theirs: dict[str, V],
    next_id: Callable[[CaseFacts], str],
) -> None:
    for key, value in theirs.items():
        other.renamed[key] = new = next_id(state)
        mine[new] = value


def handover(state: CaseFacts, other: Other) -> None:
    """Orders that stand, and how long the risk has been stable: the later unrest counts."""
    theirs, mine = other.facts.handover, state.handover
    mine.orders = {**theirs.orders, **mine.orders}
    mine.unsettled_at = _latest(mine.unsettled_at, theirs.unsettled_at)


def _united(mine: list[str], theirs: list[str]) -> list[str]:
    return list(dict.fromkeys([*mine, *theirs]))


def _earliest(mine: datetime | None, theirs: datetime | None) -> datetime | None:
    return min((at for at in (mine, theirs) if at is not None), default=None)


def _latest(mine: datetime | None, theirs: datetime | None) -> datetime | None:
    return max((at for at in (mine, theirs) if at is not None), default=None)
