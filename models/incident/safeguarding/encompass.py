"""Operation Encompass: the school knows before the next school day (docs/domain.md 10).

One notice a child where children are named; one for all that the report counts beyond those.
"""

from __future__ import annotations

from models.base import Refused
from models.commands import Grant
from models.commands.safeguarding import RecordChild, SendEncompass, SkipEncompass
from models.enums import ClockType, DisclosureBasis
from models.enums.safeguarding import ChildAge, EncompassRecipient, NoEncompass, Schooling
from models.incident.commands import happened, may
from models.incident.safeguarding.state import Child
from models.incident.state import IncidentState
from models.incident.suspect.keeping import follow_owner
from models.incident.victims_code.people import answers
from models.stream import Context, append, arm, cancel, cancel_open, meet_open, open_clock

UNNAMED = "UNNAMED"
"""Subject of the notice for children whom nobody has named yet."""
MOST_CHILDREN = 20
TO_COUNCIL = (Schooling.HOME_EDUCATED, Schooling.NOT_ENROLLED)


def owed(state: IncidentState) -> list[str]:
    """For whom a school is still to be told: child references, or `UNNAMED`."""
    facts, report = state.safeguarding, state.report
    if report is None:
        return []
    named = [
        child.child_ref
        for child in facts.children.values()
        if child.concerned and child.age is ChildAge.SCHOOL_AGE and not _over(child)
    ]
    living = [c for c in facts.children.values() if c.concerned and c.age is not ChildAge.UNBORN]
    counted = max(report.children_resident or 0, report.children_present or 0)
    more = counted > len(living) and not facts.unnamed_told
    return [*named, UNNAMED] if more else named


def _over(child: Child) -> bool:
    return child.told or child.skipped


def react(state: IncidentState, ctx: Context) -> None:
    """Keep exactly one clock for each notice owed."""
    assert state.report is not None
    due = owed(state)
    for clock in list(state.clocks.values()):
        if clock.clock_type is not ClockType.ENCOMPASS:
            continue
        if clock.subject not in due:
            reason = "CHILDREN_NAMED" if clock.subject == UNNAMED else "NOT_CONCERNED"
            cancel(state, ctx, clock, reason)
        elif clock.started_at != state.report.reported_at:
            cancel(state, ctx, clock, "START_CORRECTED")
        else:
            follow_owner(state, ctx, clock, answers(state))
    for subject in due:
        if open_clock(state, ClockType.ENCOMPASS, subject) is None:
            arm(
                state,
                ctx,
                ClockType.ENCOMPASS,
                state.report.reported_at,
                "incident reported",
                subject=subject,
                owner=answers(state),
            )


# --- children ---------------------------------------------------------------------------------


def check_child(state: IncidentState, ctx: Context, command: RecordChild, grant: Grant) -> None:
    """A child may be recorded again, to correct what was known."""
    may(state, grant)
    happened(state, ctx, command.at)
    children = state.safeguarding.children
    if command.child_ref not in children and len(children) >= MOST_CHILDREN:
        raise Refused(
            "TOO_MANY_CHILDREN",
            f"an incident takes {MOST_CHILDREN} children",
            "check the references: one child may stand under two",
            "child_ref",
        )
    if command.age is not ChildAge.SCHOOL_AGE and command.schooling is not Schooling.NOT_KNOWN:
        raise Refused(
            "NOT_SCHOOL_AGE",
            "schooling is asked of children from reception to 17",
            "leave --schooling out, or give --age SCHOOL_AGE",
            "schooling",
        )


def apply_child(state: IncidentState, ctx: Context, command: RecordChild) -> tuple[str, ...]:
    """Take the child over; what was told of an earlier record stands, but not that nobody was to be
    told."""
    before = state.safeguarding.children.get(command.child_ref)
    given = command.model_dump(include=set(Child.model_fields))
    known_at = before.known_at if before else command.at
    told = before.told if before else False
    child = Child.model_validate({**given, "known_at": known_at, "told": told})
    state.safeguarding.children[child.child_ref] = child
    append(
        state,
        ctx,
        "child:corrected" if before else "child:recorded",
        command.at,
        **given,
        note_ref=command.note_ref,
    )
    return ()


def known_child(state: IncidentState, child_ref: str) -> Child | None:
    """The child named; None where none is. Raises Refused for a reference not recorded."""
    children = state.safeguarding.children
    if child_ref in ("", UNNAMED):
        return None
    if child_ref not in children:
        raise Refused(
            "UNKNOWN_CHILD",
            "no child of this reference is recorded here",
            f"record it first (record-child); known: {', '.join(children) or 'none'}",
            "child_ref",
        )
    return children[child_ref]


# --- notices ----------------------------------------------------------------------------------


def check_send(state: IncidentState, ctx: Context, command: SendEncompass, grant: Grant) -> None:
    """To the school; for a child without one, to the council."""
    may(state, grant)
    happened(state, ctx, command.at)
    child = known_child(state, command.child_ref)
    _check_owed(state, command.child_ref)
    to_school = command.recipient is EncompassRecipient.SCHOOL
    if child is not None and to_school and child.schooling in TO_COUNCIL:
        raise Refused(
            "TO_THE_COUNCIL",
            "a child who is at no school is told of to the council",
            "give --recipient COUNCIL, or correct the child's schooling with record-child",
            "recipient",
        )
    if to_school and not command.school_ref:
        raise Refused("SCHOOL_MISSING", "the school is missing", "give --school-ref", "school_ref")


def _check_owed(state: IncidentState, child_ref: str) -> None:
    due = owed(state)
    if (child_ref or UNNAMED) in due:
        return
    named = [ref for ref in due if ref != UNNAMED]
    if child_ref in ("", UNNAMED) and named:
        raise Refused(
            "CHILD_MISSING",
            "where children are named, each has a notice of its own",
            f"give --child-ref, one of {', '.join(named)}",
            "child_ref",
        )
    raise Refused(
        "NOT_OWED",
        "no school is to be told of this child any more, or never was",
        "correct the child with record-child if that is wrong",
        "child_ref",
    )


def apply_send(state: IncidentState, ctx: Context, command: SendEncompass) -> tuple[str, ...]:
    """Sent; consent plays no part, so the basis stands with it."""
    subject = command.child_ref or UNNAMED
    append(
        state,
        ctx,
        "encompass:sent",
        command.at,
        child_ref=subject,
        recipient=command.recipient,
        school_ref=command.school_ref,
        presence=command.presence,
        voice_recorded=command.voice_recorded,
        disclosure_basis=DisclosureBasis.SAFEGUARDING_CHILD,
        note_ref=command.note_ref,
    )
    meet_open(state, ctx, ClockType.ENCOMPASS, command.at, subject)
    _done(state, subject, "told")
    return () if command.voice_recorded else ("NO_VOICE_OF_CHILD",)


def check_skip(state: IncidentState, ctx: Context, command: SkipEncompass, grant: Grant) -> None:
    """Only what is owed can be left undone."""
    may(state, grant)
    happened(state, ctx, command.at)
    known_child(state, command.child_ref)
    _check_owed(state, command.child_ref)


def apply_skip(state: IncidentState, ctx: Context, command: SkipEncompass) -> tuple[str, ...]:
    """Not sent, with the reason."""
    subject = command.child_ref or UNNAMED
    append(state, ctx, "encompass:not_sent", command.at, child_ref=subject, reason=command.reason)
    cancel_open(state, ctx, ClockType.ENCOMPASS, command.reason.value, subject)
    known = command.reason is NoEncompass.TOLD_ALREADY
    _done(state, subject, "told" if known else "skipped")
    return ()


def _done(state: IncidentState, subject: str, how: str) -> None:
    facts = state.safeguarding
    if subject == UNNAMED:
        facts.unnamed_told = True
    else:
        child = facts.children[subject]
        facts.children[subject] = child.model_copy(update={how: True})
