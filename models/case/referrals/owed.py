"""What the grounds call for: one clock and one recommendation a pathway and suspect, until an
officer refers or declines (docs/domain.md 5, 6, 11)."""

from __future__ import annotations

from datetime import datetime

from models.case.people import area_role
from models.case.recommending import ACCEPTED, SUPERSEDED, decide, recommend, waiting
from models.case.referrals.grounds import Ground, grounds, high
from models.case.referrals.state import NO_REFERRAL, CaseReferral
from models.case.risk.reviewing import OVERRULED
from models.case.state import CaseFacts
from models.clocks import Clock
from models.enums import ClockType, MaracCriterion, ReferralPathway, ReferralType, Role
from models.events import Json
from models.instants import london_date
from models.marac_repeat import last_repeat_day
from models.messages import PairReferral
from models.stream import Context, arm, cancel, jsonable, meet, move, raise_task

RULES = {
    ReferralPathway.IDVA: "IDVA_REFERRAL",
    ReferralPathway.MARAC: "MARAC_REFERRAL",
    ReferralPathway.MASIP: "MASIP_REFERRAL",
}
"""The rule that recommends each pathway. A MATAC nomination is scored monthly, or the officer's
own."""
CLOCKS = {
    ReferralPathway.IDVA: ClockType.IDVA_REFERRAL,
    ReferralPathway.MARAC: ClockType.MARAC_SUBMIT,
}
STARTS = {"HIGH": "case:risk:graded", "ASKED": "the victim asked for an IDVA"}
ANSWERED_KEPT = 60
DECLINED = "DECLINED"
NO_LONGER_MET = "NO_LONGER_MET"
Owed = dict[tuple[ReferralPathway, str], list[Ground]]


def react(state: CaseFacts, ctx: Context) -> None:
    """Keep exactly the clocks and recommendations that the unanswered grounds call for."""
    if not state.live:
        return
    _follow_grade(state, ctx)
    _forget(state, ctx)
    for pathway, rule in RULES.items():
        _follow_decisions(state, ctx, pathway, rule)
    owed = what_is_owed(state, ctx)
    for pathway in RULES:
        _drop(state, ctx, pathway, {subject for of, subject in owed if of is pathway})
    for (pathway, subject), found in owed.items():
        clock = _clock(state, ctx, pathway, subject, found)
        _recommend(state, ctx, pathway, subject, found, clock)


def what_is_owed(state: CaseFacts, ctx: Context) -> Owed:
    """Unanswered grounds by pathway and suspect; an IDVA is the victim's, whoever the suspect."""
    owed: Owed = {}
    for ground in grounds(state, ctx):
        owed.setdefault((ground.pathway, subject_of(ground)), []).append(ground)
    return owed


def subject_of(ground: Ground) -> str:
    """What clock and recommendation are about."""
    return "" if ground.pathway is ReferralPathway.IDVA else ground.perpetrator_ref


def clock_of(state: CaseFacts, pathway: ReferralPathway, subject: str) -> Clock | None:
    """The open clock of this very subject."""
    wanted = (CLOCKS.get(pathway), subject)
    return next((c for c in state.clocks.values() if (c.clock_type, c.subject) == wanted), None)


def answer(state: CaseFacts, keys: list[str]) -> None:
    """These grounds are dealt with: they recommend nothing again."""
    kept = [key for key in state.referrals.answered if key not in keys]
    state.referrals.answered = [*kept, *keys][-ANSWERED_KEPT:]


def _follow_grade(state: CaseFacts, ctx: Context) -> None:
    facts = state.referrals
    if not high(state):
        facts.high_since = None
    elif facts.high_since is None:
        facts.high_since = state.risk.graded_at or ctx.now


def _forget(state: CaseFacts, ctx: Context) -> None:
    """What is over, with the window in which abuse would be a repeat of it."""
    facts = state.referrals
    facts.made = {
        ref: entry
        for ref, entry in facts.made.items()
        if not entry.ended or (entry.pair is not None and not _lapsed(ctx, entry.pair))
    }
    facts.pairs = {ref: pair for ref, pair in facts.pairs.items() if not _lapsed(ctx, pair)}


def _lapsed(ctx: Context, pair: PairReferral) -> bool:
    last = max(at for at in (pair.submitted_at, pair.heard_at) if at is not None)
    return london_date(ctx.now) > last_repeat_day(last, ctx.policy.marac.repeat_months)


def _follow_decisions(state: CaseFacts, ctx: Context, pathway: ReferralPathway, rule: str) -> None:
    """A recommendation that is gone was declined; one that is back was overruled by a supervisor,
    and with it the obligation."""
    facts = state.referrals
    for name in [name for name in facts.recommended if name.partition(":")[0] == rule]:
        subject = name.partition(":")[2]
        if waiting(state, rule, subject) is None:
            _declined(state, ctx, pathway, subject)
    for found in state.recommendations.values():
        name = _name(rule, found.subject)
        if found.rule == rule and name not in facts.recommended:
            again = [str(key) for key in found.inputs.get("grounds", [])]
            facts.answered = [key for key in facts.answered if key not in again]
            facts.recommended[name] = again


def _declined(state: CaseFacts, ctx: Context, pathway: ReferralPathway, subject: str) -> None:
    answer(state, state.referrals.recommended.pop(_name(RULES[pathway], subject), []))
    clock = clock_of(state, pathway, subject)
    if clock is not None:
        cancel(state, ctx, clock, DECLINED)


def _drop(state: CaseFacts, ctx: Context, pathway: ReferralPathway, owed: set[str]) -> None:
    """What nothing calls for any longer: a grade was lowered, a referral withdrawn in error."""
    rule = RULES[pathway]
    for found in list(state.recommendations.values()):
        if found.rule == rule and found.subject not in owed:
            state.referrals.recommended.pop(_name(rule, found.subject), None)
            decide(state, ctx, rule, SUPERSEDED, subject=found.subject, reason=NO_LONGER_MET)
    for clock in list(state.clocks.values()):
        if clock.clock_type is CLOCKS.get(pathway) and clock.subject not in owed:
            cancel(state, ctx, clock, NO_LONGER_MET)


def _clock(
    state: CaseFacts,
    ctx: Context,
    pathway: ReferralPathway,
    subject: str,
    found: list[Ground],
) -> Clock | None:
    if pathway not in CLOCKS:
        return None
    clock = clock_of(state, pathway, subject)
    if clock is None:
        first = min(found, key=lambda ground: ground.since)
        event = STARTS.get(str(first.inputs.get("why")), "a MARAC criterion was met")
        return arm(
            state,
            ctx,
            CLOCKS[pathway],
            first.since,
            event,
            subject=subject,
            owner=state.dalo_id or area_role(state, Role.SUPERVISOR),
        )
    if state.dalo_id and "@" in clock.owner and clock.owner != state.dalo_id:
        owned = clock.model_copy(update={"owner": state.dalo_id})
        move(state, ctx, owned, clock.due_at, "OWNER_ALLOCATED", due_raw=clock.due_raw)
        return owned
    return clock


def _recommend(
    state: CaseFacts,
    ctx: Context,
    pathway: ReferralPathway,
    subject: str,
    found: list[Ground],
    clock: Clock | None,
) -> None:
    rule = RULES[pathway]
    keys = sorted(ground.key for ground in found)
    before = waiting(state, rule, subject)
    # What a supervisor brought back stays that, however many grounds join it.
    overruled = {n: v for n, v in before.inputs.items() if n == OVERRULED} if before else {}
    made = state.referrals.recommended.get(_name(rule, subject))
    if made == keys or not (state.dalo_id or state.supervisor_id):
        return
    command = f"dalo do {state.case_ref} refer --pathway {pathway.value}"
    command += f" --perpetrator-ref {subject}" if subject else ""
    criteria = criteria_of(found)
    command += "".join(f" --criteria {criterion.value}" for criterion in criteria)
    recommend(
        state,
        ctx,
        rule,
        f"REFER_{pathway.value}",
        _inputs(ctx, pathway, subject, found, keys) | overruled,
        why=_why(pathway, criteria),
        command=command,
        subject=subject,
        due_at=clock.due_at if clock else None,
    )
    state.referrals.recommended[_name(rule, subject)] = keys


def criteria_of(found: list[Ground]) -> tuple[MaracCriterion, ...]:
    """The criteria met, each once, in the order of the list."""
    met = {ground.criterion for ground in found}
    return tuple(criterion for criterion in MaracCriterion if criterion in met)


def _inputs(
    ctx: Context, pathway: ReferralPathway, subject: str, found: list[Ground], keys: list[str]
) -> Json:
    plain = {
        "perpetrator_ref": subject,
        "grounds": keys,
        "since": min(ground.since for ground in found),
    }
    if pathway is not ReferralPathway.MARAC:
        return jsonable(plain | found[0].inputs)
    repeats = [ground.repeat_of for ground in found if ground.repeat_of]
    kind = ReferralType.REPEAT if repeats else ReferralType.FIRST
    return jsonable(
        plain
        | {
            "criteria": {
                ground.criterion.value: {"met_at": ground.since, **ground.inputs}
                for ground in found
                if ground.criterion
            },
            "thresholds": ctx.policy.marac.model_dump(mode="json"),
            "referral_type": kind,
            "repeat_of": repeats[-1] if repeats else "",
        }
    )


def _why(pathway: ReferralPathway, criteria: tuple[MaracCriterion, ...]) -> str:
    if pathway is ReferralPathway.MARAC:
        return f"refer to MARAC ({', '.join(criterion.value for criterion in criteria)})"
    return f"refer to {'an IDVA' if pathway is ReferralPathway.IDVA else 'MASIP'}"


def _name(rule: str, subject: str) -> str:
    return f"{rule}:{subject}"


def settle(state: CaseFacts, entry: CaseReferral) -> None:
    """A referral that came to nothing leaves its grounds as they were before it."""
    if entry.state in NO_REFERRAL[:1]:
        facts = state.referrals
        facts.answered = [key for key in facts.answered if key not in entry.grounds]


def grounds_of(
    state: CaseFacts, ctx: Context, pathway: ReferralPathway, perpetrator_ref: str
) -> tuple[str, ...]:
    """The unanswered grounds that a referral on this pathway answers, while it is not sent."""
    subject = "" if pathway is ReferralPathway.IDVA else perpetrator_ref
    return tuple(each.key for each in what_is_owed(state, ctx).get((pathway, subject), []))


def sent(
    state: CaseFacts, ctx: Context, entry: CaseReferral, at: datetime, reason: str = ""
) -> None:
    """A referral has left: its grounds are answered, and the clock is met."""
    subject = "" if entry.pathway is ReferralPathway.IDVA else entry.perpetrator_ref
    answer(state, list(entry.grounds))
    rule = RULES.get(entry.pathway)
    if rule is not None:
        state.referrals.recommended.pop(_name(rule, subject), None)
        decide(
            state,
            ctx,
            rule,
            ACCEPTED,
            subject=subject,
            chose=entry.referral_ref,
            reason=reason,
            at=at,
        )
    clock = clock_of(state, entry.pathway, subject)
    if clock is not None:
        meet(state, ctx, clock, at)


def tell_victim(state: CaseFacts, ctx: Context, referral_ref: str) -> None:
    """It went without the victim's agreement (docs/domain.md 6)."""
    raise_task(
        state,
        ctx,
        "REFERRAL_TELL_VICTIM",
        state.dalo_id or state.supervisor_id,
        "referred without the victim's agreement: tell them, if that is safe",
        command=f"dalo do {state.case_ref} note-referral --referral {referral_ref}"
        " --step VICTIM_TOLD",
        subject=referral_ref,
    )
