"""Children's social care: who is referred, on what grounds, and police protection
(docs/domain.md 10). A parent's wishes switch none of it off."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.checks import supervisor_only
from models.commands import Grant
from models.commands.safeguarding import EndPoliceProtection, ReferChild, SkipChildReferral
from models.enums import ClockType, DisclosureBasis
from models.enums.safeguarding import (
    ChildGround,
    ChildPresence,
    ChildReferralKind,
    NoChildReferral,
)
from models.incident.commands import happened, may
from models.incident.safeguarding.encompass import known_child
from models.incident.safeguarding.state import Duty
from models.incident.state import IncidentState, name
from models.incident.suspect import keeping
from models.incident.suspect.keeping import follow_owner, keep_task
from models.incident.victims_code.people import answers
from models.stream import Context, append, arm, cancel_open, meet_open, open_clock

NOTIFY = "NOTIFY_CHILD_SERVICES"
G = ChildGround


def resident_from(state: IncidentState, reported: datetime) -> datetime | None:
    """Since when a child is known to live in the household; None where none is."""
    if state.report is not None and state.report.children_resident:
        return reported
    named = [c.known_at for c in state.safeguarding.children.values() if c.resident]
    return max(reported, min(named)) if named else None


def grounds(state: IncidentState, ctx: Context) -> dict[ChildGround, datetime]:
    """Every ground for a referral that the facts give, and since when it is known."""
    report, latest = state.report, state.latest
    assert report is not None
    assert latest is not None
    policy = ctx.policy.of_duties.safeguarding
    # The first version tells of the report's own time; a later one of when it came.
    reported = report.reported_at if len(state.known) <= 1 else latest.received_at
    resident = resident_from(state, reported)
    found: dict[ChildGround, datetime] = {}
    if resident is not None and state.grade in policy.referral_grades:
        found[G.HIGH_CHILD_RESIDENT] = max(resident, state.case_graded_at or resident)
    if resident is not None and latest.repeat_count_365 + 1 >= policy.incidents_in_year:
        found[G.SEVERAL_INCIDENTS] = resident
    if report.victim_age < policy.adult_from:
        found[G.VICTIM_16_OR_17] = reported
    infants = [
        c.known_at for c in state.safeguarding.children.values() if c.age in policy.infant_ages
    ]
    if infants:
        found[G.INFANT_OR_UNBORN] = min(infants)
    return found


def react(state: IncidentState, ctx: Context) -> None:
    """A new ground calls for a referral where none was made on an earlier one."""
    facts = state.safeguarding
    new = {g: at for g, at in grounds(state, ctx).items() if g not in facts.grounds}
    for ground, at in new.items():
        found(state, ctx, ground, at)
    clock = open_clock(state, ClockType.CHILD_REFERRAL)
    if clock is not None:
        follow_owner(state, ctx, clock, answers(state))
    for protection in list(state.clocks.values()):
        if protection.clock_type is ClockType.POLICE_PROTECTION:
            follow_owner(state, ctx, protection, answers(state))
    _notification(state, ctx)


def agreed(state: IncidentState, ctx: Context, at: datetime) -> None:
    """Officers at a visit agreed on a referral."""
    found(state, ctx, G.AGREED_AT_VISIT, at)


def found(state: IncidentState, ctx: Context, ground: ChildGround, at: datetime) -> None:
    """Record a ground and start the clock, unless social care has the referral already."""
    facts = state.safeguarding
    facts.grounds = tuple(dict.fromkeys((*facts.grounds, ground)))
    append(state, ctx, "child:ground:found", at, ground=ground, grade=state.grade)
    if facts.referral in (Duty.OWED, Duty.DONE):
        return
    facts.referral = Duty.OWED
    arm(
        state,
        ctx,
        ClockType.CHILD_REFERRAL,
        at,
        f"the ground {ground.value} was known",
        owner=answers(state),
    )


def _notification(state: IncidentState, ctx: Context) -> None:
    facts, report, grade = state.safeguarding, state.report, state.grade
    present = bool(report and report.children_present) or any(
        c.presence is ChildPresence.PRESENT for c in facts.children.values()
    )
    policy = ctx.policy.of_duties.safeguarding
    graded = grade in policy.notification_grades
    settled = facts.notified or facts.referral is not Duty.NONE
    task = keeping.Duty(
        kind=NOTIFY,
        role="DALO",
        person=answers(state),
        why=f"a child was present and the grade is {grade.value if grade else ''}: "
        "notify children's social care",
        command=f"dalo do {name(state)} refer-child --referral NOTIFICATION",
    )
    keep_task(state, ctx, task, wanted=present and graded and not settled)


# --- commands ---------------------------------------------------------------------------------


def check_refer(state: IncidentState, ctx: Context, command: ReferChild, grant: Grant) -> None:
    """A notification does not stand for a referral that is owed; protection names its children."""
    may(state, grant)
    happened(state, ctx, command.at)
    for child_ref in command.child_ref:
        known_child(state, child_ref)
    if command.referral is ChildReferralKind.POLICE_PROTECTION:
        _check_protection(state, command)
        return
    if not command.service:
        raise Refused(
            "SERVICE_MISSING", "social care has a front door", "give --service", "service"
        )
    owed = state.safeguarding.referral is Duty.OWED
    if command.referral is ChildReferralKind.NOTIFICATION and owed:
        raise Refused(
            "REFERRAL_OWED",
            "a notification does not stand for the referral that is owed: "
            + ", ".join(ground.value for ground in state.safeguarding.grounds),
            "refer, with --referral REFERRAL",
            "referral",
        )


def _check_protection(state: IncidentState, command: ReferChild) -> None:
    if not command.child_ref or len(set(command.child_ref)) != len(command.child_ref):
        raise Refused(
            "CHILD_MISSING",
            "each child taken into police protection is named once",
            "give --child-ref for each",
            "child_ref",
        )
    if not command.reason:
        raise Refused(
            "REASON_MISSING",
            "police protection needs the ground of likely significant harm (s46)",
            "give --reason",
            "reason",
        )
    for child_ref in command.child_ref:
        if open_clock(state, ClockType.POLICE_PROTECTION, child_ref) is not None:
            raise Refused(
                "ALREADY_PROTECTED",
                f"{child_ref} is in police protection already",
                "end it first (end-police-protection), if it ended",
                "child_ref",
            )


def apply_refer(state: IncidentState, ctx: Context, command: ReferChild) -> tuple[str, ...]:
    """Sent; consent plays no part, so the basis stands with it."""
    facts = state.safeguarding
    kind = command.referral
    append(
        state,
        ctx,
        f"child:{kind.value.lower()}:made",
        command.at,
        children=list(command.child_ref),
        service=command.service,
        grounds=list(facts.grounds),
        reason=command.reason,
        disclosure_basis=DisclosureBasis.SAFEGUARDING_CHILD,
        note_ref=command.note_ref,
    )
    if kind is ChildReferralKind.NOTIFICATION:
        facts.notified = True
    elif kind is ChildReferralKind.REFERRAL:
        facts.referral = Duty.DONE
        meet_open(state, ctx, ClockType.CHILD_REFERRAL, command.at)
    else:
        _protect(state, ctx, command)
    return ()


def _protect(state: IncidentState, ctx: Context, command: ReferChild) -> None:
    """At most 72 hours each; social care is to be told of it as well."""
    for child_ref in command.child_ref:
        arm(
            state,
            ctx,
            ClockType.POLICE_PROTECTION,
            command.at,
            "the child was taken into police protection",
            subject=child_ref,
            owner=answers(state),
        )
    if G.POLICE_PROTECTION not in state.safeguarding.grounds:
        found(state, ctx, G.POLICE_PROTECTION, command.at)


def check_skip(
    state: IncidentState, ctx: Context, command: SkipChildReferral, grant: Grant
) -> None:
    """A supervisor's decision, of a referral that is owed."""
    supervisor_only(state, grant)
    happened(state, ctx, command.at)
    facts = state.safeguarding
    if facts.referral is not Duty.OWED:
        raise Refused("NOT_OWED", "no child referral is owed", "nothing to decide")
    always = G.VICTIM_16_OR_17 in facts.grounds
    if always and command.reason is not NoChildReferral.MADE_BY_PARTNER:
        raise Refused(
            "ALWAYS_REFERRED",
            "a victim of 16 or 17 is always referred as a child",
            "refer, or say that a partner made it (--reason MADE_BY_PARTNER)",
            "reason",
        )


def apply_skip(state: IncidentState, ctx: Context, command: SkipChildReferral) -> tuple[str, ...]:
    """Not made, with the reason; another ground calls for it again."""
    state.safeguarding.referral = Duty.REASONED
    append(
        state,
        ctx,
        "child:referral:not_made",
        command.at,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    cancel_open(state, ctx, ClockType.CHILD_REFERRAL, command.reason.value)
    return ()


def check_end(
    state: IncidentState, ctx: Context, command: EndPoliceProtection, grant: Grant
) -> None:
    """What runs can end, and not before it began."""
    may(state, grant)
    happened(state, ctx, command.at)
    clock = open_clock(state, ClockType.POLICE_PROTECTION, command.child_ref)
    if clock is None:
        raise Refused(
            "NOT_PROTECTED",
            "this child is not in police protection",
            "check the reference: dalo clocks shows who is",
            "child_ref",
        )
    if command.at < clock.started_at:
        raise Refused(
            "BEFORE_EVENT", "it ended before it began", "give when protection ended", "at"
        )


def apply_end(state: IncidentState, ctx: Context, command: EndPoliceProtection) -> tuple[str, ...]:
    """Ended, and where the child is now."""
    append(
        state,
        ctx,
        "child:police_protection:ended",
        command.at,
        child_ref=command.child_ref,
        outcome=command.outcome,
    )
    meet_open(state, ctx, ClockType.POLICE_PROTECTION, command.at, command.child_ref)
    return ()
