"""Why a referral is called for: grounds, each named so that it recommends once (docs/domain.md 5,
6, 8.3). Pure; whether a ground was answered already is asked here too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from models.base import Record
from models.case.referrals.state import NO_REFERRAL
from models.case.state import CaseFacts
from models.enums import (
    GraveHarm,
    MaracCriterion,
    Party,
    ReferralPathway,
    ReferralState,
    RiskGrade,
)
from models.events import Json
from models.instants import london_date
from models.marac_criteria import CriteriaFacts, criteria_met
from models.marac_repeat import PairEvent, RepeatFinding, find_repeat, last_repeat_day
from models.messages import PairReferral
from models.stream import Context, jsonable


class Ground(Record):
    """One reason to refer. `key` names this very occasion: a later one of the same kind has
    another. `criterion` is MARAC's; `repeat_of` the referral that would be repeated."""

    key: str
    pathway: ReferralPathway
    since: datetime
    perpetrator_ref: str = ""
    criterion: MaracCriterion | None = None
    repeat_of: str = ""
    inputs: Json = Field(default_factory=dict)


def grounds(state: CaseFacts, ctx: Context) -> list[Ground]:
    """Every ground that no officer has answered yet, by referral or by declining. After the
    victim's death there is nobody to refer."""
    if any(f.party is Party.VICTIM and f.harm is GraveHarm.DEATH for f in state.essentials.freezes):
        return []
    found = [*_idva(state), *_marac(state, ctx), *_masip(state)]
    return [ground for ground in found if ground.key not in state.referrals.answered]


def known_pairs(state: CaseFacts) -> list[PairReferral]:
    """MARAC referrals of this victim and any suspect: this case's and those intake knew of. One
    that was withdrawn or not met is none, whoever told first."""
    facts = state.referrals
    own = {ref: entry.pair for ref, entry in facts.made.items()}
    found = {**facts.pairs, **{ref: pair for ref, pair in own.items() if pair is not None}}
    for ref, entry in facts.made.items():
        if entry.state in NO_REFERRAL:
            found.pop(ref, None)
    return sorted(found.values(), key=lambda pair: (pair.submitted_at, pair.referral_ref))


def suspect_of(state: CaseFacts) -> str:
    """The suspect of the newest report that names one."""
    named = [event.perpetrator_ref for event in state.referrals.events]
    return named[-1] if named else ""


def repeat_finding(state: CaseFacts, ctx: Context, event: PairEvent) -> RepeatFinding:
    """The four answers about an event, by what this case knows."""
    return find_repeat(event, known_pairs(state), ctx.policy.marac)


def latest_repeat(state: CaseFacts, ctx: Context, perpetrator_ref: str) -> RepeatFinding | None:
    """The newest repeat of a pair since its last referral; None where there was none."""
    for event in reversed(state.referrals.events):
        if event.perpetrator_ref == perpetrator_ref:
            finding = repeat_finding(state, ctx, event)
            if finding.repeat and not _referred_since(state, event):
                return finding
    return None


def _referred_since(state: CaseFacts, event: PairEvent) -> bool:
    return any(
        pair.perpetrator_ref == event.perpetrator_ref and pair.submitted_at >= event.at
        for pair in known_pairs(state)
    )


def _idva(state: CaseFacts) -> Iterable[Ground]:
    facts = state.referrals
    runs = any(
        entry.pathway is ReferralPathway.IDVA
        and not entry.ended
        and entry.state is not ReferralState.DRAFT
        for entry in facts.made.values()
    )
    if runs:
        return
    for why, since in (("HIGH", facts.high_since), ("ASKED", facts.idva_asked_at)):
        if since is not None:
            yield Ground(
                key=f"IDVA:{why}:{since.isoformat()}",
                pathway=ReferralPathway.IDVA,
                since=since,
                inputs={"why": why, "grade": state.risk_grade.value},
            )


def _marac(state: CaseFacts, ctx: Context) -> Iterable[Ground]:
    for event in state.referrals.events:
        finding = repeat_finding(state, ctx, event)
        if finding.repeat and not _referred_since(state, event):
            yield Ground(
                key=f"REPEAT:{event.incident_ref}",
                pathway=ReferralPathway.MARAC,
                since=event.known_at,
                perpetrator_ref=event.perpetrator_ref,
                criterion=MaracCriterion.REPEAT,
                repeat_of=finding.in_force.referral_ref,
                inputs=jsonable(finding.inputs()),
            )
    suspect, first = suspect_of(state), state.risk.first_reported_at
    for met in criteria_met(ctx.policy.marac, criteria_facts(state), ctx.now):
        if not _is_new(state, ctx, suspect, met.met_at):
            continue
        yield Ground(
            key=f"{met.criterion.value}:{_occasion(state, met.criterion, met.met_at)}",
            pathway=ReferralPathway.MARAC,
            # Reports from before the case can meet a criterion: the case answers from its first on.
            since=max(met.met_at, first) if first else met.met_at,
            perpetrator_ref=suspect,
            criterion=met.criterion,
            inputs=jsonable(met.inputs),
        )


def criteria_facts(state: CaseFacts) -> CriteriaFacts:
    """What the MARAC criteria are judged on."""
    risk = state.risk
    return CriteriaFacts(
        ticks=risk.high_ticks,
        judgement_at=risk.judgement.at if risk.judgement else None,
        judgement_reason=risk.judgement.reason if risk.judgement else "",
        self_harm_at=risk.suicide_self_harm_at,
        events=tuple(risk.report_dates),
    )


def _occasion(state: CaseFacts, criterion: MaracCriterion, met_at: datetime) -> str:
    """What makes an escalation another one is a new report: which of them was the third changes
    when the first leaves the window."""
    if criterion is MaracCriterion.POTENTIAL_ESCALATION:
        return max(each.reported_at for each in state.risk.report_dates).isoformat()
    return met_at.isoformat()


def _is_new(state: CaseFacts, ctx: Context, suspect: str, met_at: datetime) -> bool:
    """While the pair's flag runs, a criterion met again says nothing new unless there was abuse
    since the referral."""
    today = london_date(ctx.now)
    months = ctx.policy.marac.repeat_months
    flagged = [
        pair.submitted_at
        for pair in known_pairs(state)
        if pair.perpetrator_ref == suspect and today <= last_repeat_day(pair.submitted_at, months)
    ]
    if not flagged:
        return True
    since = max(flagged)
    return met_at > since and any(
        event.perpetrator_ref == suspect and event.at > since for event in state.referrals.events
    )


def _masip(state: CaseFacts) -> Iterable[Ground]:
    screen, suspect = state.risk.screen, suspect_of(state)
    runs = any(
        entry.pathway is ReferralPathway.MASIP
        and not entry.ended
        and entry.perpetrator_ref in ("", suspect)
        for entry in state.referrals.made.values()
    )
    if screen is not None and screen.all_yes and not runs:
        yield Ground(
            key=f"MASIP:{screen.at.isoformat()}",
            pathway=ReferralPathway.MASIP,
            since=screen.at,
            perpetrator_ref=suspect,
            inputs={"screen_at": screen.at.isoformat(), "unwanted_acts": screen.unwanted_acts},
        )


def stalking_known(state: CaseFacts) -> bool:
    """Whether there are stalking grounds: a report said so, or a screen did."""
    screen = state.risk.screen
    return state.referrals.stalking_reported or (screen is not None and screen.all_yes)


def high(state: CaseFacts) -> bool:
    """Whether the grade is HIGH."""
    return state.risk_grade is RiskGrade.HIGH
