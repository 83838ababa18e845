"""What follows from a referral's facts: states, clocks, tasks, escalation. Asked any number of
times, it comes to rest."""

from __future__ import annotations

from models.enums import ClockType, IdvaOutcome, ReferralPathway, ReferralState, Role
from models.escalation import SAID_OTHERWISE, escalate
from models.ids import role_address
from models.referral import withholding
from models.referral.fields import missing
from models.referral.guards import direct_work_barred, tried, unsent
from models.referral.hearing import follow, lapse
from models.referral.running import FLAG, clocks
from models.referral.state import ReferralFacts
from models.referral.telling import tell_case
from models.referral.work import ROUTE_NOT_SAFE, TRYING
from models.stream import Context, append, open_clock, raise_task, settle_tasks

_BEFORE_DECISION = (ReferralState.DRAFT, ReferralState.SUBMITTED, ReferralState.SCREENING)


def react(state: ReferralFacts, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet."""
    if not state.closed:
        lapse(state, ctx)
        follow(state, ctx)
        clocks(state, ctx)
        _duties(state, ctx)


def _duties(state: ReferralFacts, ctx: Context) -> None:
    if state.closed:
        return
    _form(state, ctx)
    _returned(state, ctx)
    if state.pathway is ReferralPathway.IDVA:
        _unreached(state, ctx)
        withholding.react(state, ctx)
        if state.state not in TRYING:
            settle_tasks(state, ctx, ROUTE_NOT_SAFE)
    _direct_work(state, ctx)
    _chase(state, ctx)
    escalate(
        state,
        ctx,
        lambda wanted: _person(state, wanted),
        state.area,
        f"dalo referral {state.referral_ref}",
        SAID_OTHERWISE | {FLAG},
    )


def _person(state: ReferralFacts, wanted: str) -> str:
    """Whom the register means here by the person to escalate to."""
    match wanted:
        case "service lead":
            return state.service
        case Role.SUPERVISOR.value:
            return state.supervisor_id
        case Role.DALO.value:
            return state.lead
    return ""


def _keep(
    state: ReferralFacts, ctx: Context, kind: str, why: str, command: str, *, wanted: bool
) -> None:
    """One task of this kind for the police's lead while it is wanted, none otherwise."""
    if not wanted:
        settle_tasks(state, ctx, kind)
        return
    raise_task(state, ctx, kind, state.lead, why, command=f"dalo do {state.referral_ref} {command}")


def _form(state: ReferralFacts, ctx: Context) -> None:
    held = state.state is ReferralState.DRAFT and unsent(state) is not None
    _keep(
        state,
        ctx,
        "CONSENT_NEEDED",
        "the referral is not sent: no consent, and no basis with a reason",
        "amend-referral --consent-status GIVEN",
        wanted=held,
    )
    _keep(
        state,
        ctx,
        "SUBMIT_REFERRAL",
        "the referral is a draft and may be sent",
        "move-referral --to SUBMITTED",
        wanted=state.state is ReferralState.DRAFT and not held and not missing(state),
    )
    lacks = missing(state) if state.pathway is ReferralPathway.MARAC else ()
    _keep(
        state,
        ctx,
        "COMPLETE_FORM",
        f"the MARAC form lacks {len(lacks)} fields; the coordinator may return it",
        "amend-referral --facts FIELD=VALUE",
        wanted=bool(lacks) and (state.state in _BEFORE_DECISION or _baseless(state)),
    )


def _baseless(state: ReferralFacts) -> bool:
    """Whether it is under way upon a wish that the victim took back."""
    return "disclosure_basis" in missing(state) and not state.settled


def _returned(state: ReferralFacts, ctx: Context) -> None:
    _keep(
        state,
        ctx,
        "RESUBMIT",
        f"returned for more information: {state.reason}",
        "move-referral --to SUBMITTED --facts FIELD=VALUE",
        wanted=state.state is ReferralState.RETURNED,
    )


def _direct_work(state: ReferralFacts, ctx: Context) -> None:
    """Direct work stops while its subject is under active investigation (docs/domain.md 8.3)."""
    stage = state.facts.get("investigation_stage")
    if state.state is not ReferralState.INTERVENTION or not direct_work_barred(ctx, stage):
        settle_tasks(state, ctx, "STOP_DIRECT_WORK")
        return
    raise_task(
        state,
        ctx,
        "STOP_DIRECT_WORK",
        state.service,
        "the subject is under active investigation: no direct work with them, advice goes on",
        command=f"dalo do {state.referral_ref} move-referral --to MANAGEMENT",
    )


def _unreached(state: ReferralFacts, ctx: Context) -> None:
    """Three attempts, or seven days, and nobody was reached: back to the DALO, while the service
    may still go on."""
    clock = open_clock(state, ClockType.IDVA_ATTEMPTS)
    over = clock is not None and clock.breached_at is not None
    if state.state not in TRYING or not (over or tried(state, ctx)):
        settle_tasks(state, ctx, "UNABLE_TO_CONTACT")
        state.unreached_told = False
        return
    if state.unreached_told:
        return
    state.unreached_told = True
    append(
        state,
        ctx,
        "referral:unreached",
        referral_ref=state.referral_ref,
        attempts=len(state.attempts),
    )
    tell_case(state, ctx, ctx.now, (IdvaOutcome.UNABLE_TO_CONTACT.value,))
    raise_task(
        state,
        ctx,
        "UNABLE_TO_CONTACT",
        state.lead,
        "the IDVA has not reached the victim in three attempts: look at safe times and routes again"
        if tried(state, ctx)
        else "the IDVA has not made its attempts in the time set: ask it, and look at safe times"
        " and routes again",
        command=f"dalo do {state.referral_ref} amend-referral --facts safe_contact_ref=REF",
    )


def _chase(state: ReferralFacts, ctx: Context) -> None:
    """Silence is chased by the DALO, then put to the service's lead and the supervisor."""
    for rule in (each for each in state.path.clocks if each.chased):
        kind = rule.clock_type.value
        chase = open_clock(state, ClockType.REFERRAL_CHASE, kind)
        if chase is None:
            continue
        if kind not in state.raised:
            state.raised = [*state.raised, kind]
            raise_task(
                state,
                ctx,
                "CHASE_REFERRAL",
                state.lead,
                f"{state.pathway.value} has not answered in time: ask again",
                due_at=chase.due_at,
                command=f"dalo do {state.referral_ref} chase-referral",
                subject=kind,
            )
        if chase.breached_at is not None:
            raise_task(
                state,
                ctx,
                "REFERRAL_UNANSWERED",
                role_address(rule.owner.value, state.area),
                "the referral was chased and is still not answered",
                due_at=chase.due_at,
                command=f"dalo referral {state.referral_ref}",
                subject=kind,
            )
