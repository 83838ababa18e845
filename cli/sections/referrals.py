"""Referrals and hidden-harm visits on a case's screen."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from casework.case_parts import ReferralPart
from casework.case_reads import CaseScreen
from cli.screen import note, table, words
from cli.sections.top import at
from cli.told import plain
from models.case.visits.state import Visit
from models.events import Json
from models.instants import show

NEXT_STEPS = 3
"""So many ways on are named; `dalo referral` has them all."""


def show_referrals(out: Console, screen: CaseScreen) -> None:
    """Each referral with its state, what is next and by whom."""
    if "REFERRALS" in screen.hidden:
        return
    rows = (
        (part.referral_ref, part.state, at(part.since or part.submitted_at), _with(part))
        for part in screen.parts.referrals
    )
    out.print(table("Referrals", ("referral", "state", "since", "with"), rows))
    for part in screen.parts.referrals:
        line = next_of(part)
        if line:
            out.print(Text(f"  {part.referral_ref}: {line}"), soft_wrap=True)
        if part.missing and not part.ended:
            out.print(note(f"  {part.referral_ref}: the form lacks {', '.join(part.missing)}"))
    out.print()


def _with(part: ReferralPart) -> str:
    consent = f", consent {plain(part.consent_status)}" if part.consent_status else ""
    return f"{plain(part.service)}{consent}"


def next_of(part: ReferralPart) -> str:
    """What is next and by whom, in one line; for an ended one what came of it."""
    flag = f"flag until {at(part.flag_until)}" if part.flag_until else ""
    if part.ended:
        outcome = plain(part.outcome)
        return f"ended, {outcome}" + (f"; {flag}" if flag else "")
    steps = [
        f"{plain(step.to.value)} by {' or '.join(map(plain, step.by))}"
        for step in part.next_steps
        if step.by
    ]
    waits = [plain(step.to.value) for step in part.next_steps if not step.by]
    told = [f"next {', '.join(steps[:NEXT_STEPS])}"] if steps else []
    if len(steps) > NEXT_STEPS:
        told.append(f"dalo referral {part.referral_ref} has the rest")
    if waits:
        told.append(f"by meeting or calendar: {', '.join(waits)}")
    return "; ".join([*told, *([flag] if flag else [])])


def show_visits(out: Console, screen: CaseScreen) -> None:
    """The open visit in full, ended ones in a line each."""
    if "HIDDEN_HARM_VISITS" in screen.hidden:
        return
    open_one = screen.view.visits.visit if screen.view.visits else None
    if open_one is None and not screen.parts.visits:
        return
    out.print(Text("Visits", style="bold"))
    if open_one is not None:
        for line in _open(open_one):
            out.print(Text(f"  {line}"), soft_wrap=True)
    for row in screen.parts.visits:
        if open_one is None or row["visit_id"] != open_one.visit_id:
            out.print(Text(f"  {_over(row)}"), soft_wrap=True)
    out.print()


def _open(visit: Visit) -> list[str]:
    rules = plain([rule.value for rule in visit.selected_for])
    lines = [f"{visit.visit_id} {visit.state} for {rules}, asked by {visit.asked_by}"]
    if visit.authorised_by:
        window = (
            f"from {show(visit.opens_at)} until {show(visit.until)}"
            if visit.opens_at and visit.until
            else "in safe windows"
        )
        because = plain(visit.safer_because)
        safer = f"; safer than a safe window: {because}" if visit.safer_because else ""
        lines.append(f"authorised by {visit.authorised_by} {window}{safer}")
    else:
        lines.append("not authorised yet: a supervisor who did not ask decides")
    if visit.checks:
        checks = {check.value: result.value for check, result in visit.checks.items()}
        lines.append(f"checks: {plain(checks)}")
    for attempt in visit.attempts:
        found = plain([outcome.value for outcome in attempt.outcomes])
        concern = "; CONCERN FOR LIFE" if attempt.life_concern else ""
        lines.append(f"attempt {show(attempt.at)}: {found}{concern}")
    return lines


def _over(row: Json) -> str:
    outcome = f", {plain(row['primary_outcome'])}" if row["primary_outcome"] else ""
    attempts = f", {row['attempts']} attempts" if row["attempts"] else ""
    reason = f" ({plain(row['reason'])})" if row["reason"] else ""
    when = at(row["ended_at"] or row["attempted_at"] or row["selected_at"])
    return (
        f"{row['visit_id']} {words(row['state'])} {when} for {plain(row['selected_for'] or '')}"
        f"{outcome}{attempts}{reason}"
    )
