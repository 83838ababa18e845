"""Risk on a case's screen: the last assessment, the grade, what is recommended and on what."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.text import Text

from casework.case_reads import CaseScreen
from cli.screen import relative
from cli.sections.top import at
from cli.told import plain
from models.case.risk.state import RiskFacts
from models.events import Json
from models.instants import show


def show_risk(out: Console, screen: CaseScreen, now: datetime) -> None:
    """The section; nothing where the role may not see it."""
    if "RISK_ASSESSMENT" in screen.hidden:
        return
    out.print(Text("Risk", style="bold"))
    summary = screen.view.summary
    grade = f"  grade {summary.get('risk_grade') or '-'}"
    facts = screen.view.risk
    if facts and facts.graded_at:
        grade += f", given {show(facts.graded_at)}"
    if summary.get("grade_pending_review"):
        grade += ", PENDING REVIEW by the supervisor"
    out.print(Text(grade), soft_wrap=True)
    for line in (*_assessed(screen), *(_open(facts, now) if facts else ())):
        out.print(Text(f"  {line}"), soft_wrap=True)
    _recommendations(out, screen.parts.recommendations, now)
    for ref, each in (facts.declined if facts else {}).items():
        out.print(
            Text(
                f"  {ref} {plain(each.recommendation.recommends)} declined by {each.declined_by}"
                f" {show(each.at)} ({plain(each.reason)}): the supervisor looks at it",
                style="yellow",
            ),
            soft_wrap=True,
        )
    out.print()


def _assessed(screen: CaseScreen) -> list[str]:
    """The last use of each tool: tools are never mixed."""
    facts, lines = screen.view.risk, []
    seen = set()
    if facts and facts.last:
        last = facts.last
        seen.add(last.tool.value)
        yes = "ticks are not counted" if last.yes is None else f"{last.yes} yes"
        lines.append(
            f"{plain(last.tool.value)} ({last.assessment_id}) {show(last.at)}: {yes},"
            f" {last.refused} refused, {last.not_asked} not asked"
            f"{'' if last.complete else '; NOT COMPLETE'}"
            + (f"; critical: {plain([m.value for m in last.marks])}" if last.marks else "")
        )
    for row in screen.parts.assessments:
        if row["tool"] not in seen:
            seen.add(row["tool"])
            lines.append(_stored(row))
    return lines or ["no risk tool has been used here"]


def _stored(row: Json) -> str:
    yes = "" if row["yes_count"] is None else f": {row['yes_count']} yes"
    refused = f", {row['refused_count']} refused" if row["refused_count"] else ""
    tool = f"{plain(row['tool'])} ({row['assessment_id']}) {at(row['at'])}"
    return f"{tool}{yes}{refused}; {plain(row['status'] or '')}"


def _open(facts: RiskFacts, now: datetime) -> list[str]:
    lines = []
    if facts.reassess_since:
        since = f"{show(facts.reassess_since)} ({plain(facts.reassess_why)})"
        lines.append(f"to be assessed again since {since}")
    if facts.judgement:
        said = facts.judgement
        lines.append(f"professional judgement for MARAC by {said.stated_by} {show(said.at)}")
    if facts.screen:
        result = "treated as stalking" if facts.screen.all_yes else "not all four signs"
        lines.append(f"stalking screen {show(facts.screen.at)}: {result}")
    elif facts.screen_since:
        lines.append(f"stalking screen due: {facts.unwanted_acts} unwanted acts")
    return lines


def _recommendations(out: Console, rows: tuple[Json, ...], now: datetime) -> None:
    for row in rows:
        since = relative(row["made_at"], now).replace(" overdue", " ago")
        line = Text(f"  {row['recommendation_id']} recommended: ", style="bold")
        line.append(plain(row["recommends"]), style="bold yellow")
        line.append(f" (rule {row['rule']}, {since}): do it, or decline with a reason")
        out.print(line, soft_wrap=True)
        out.print(Text(f"      on: {inputs(row['inputs'] or {})}", style="dim"), soft_wrap=True)


def inputs(given: Json) -> str:
    """What a recommendation was made on: what has something to say, in words."""
    told = []
    for name, value in given.items():
        if value not in (None, "", [], {}, False):
            label = name.replace("_", " ")
            told.append(label if value is True else f"{label} {plain(value)}")
    return "; ".join(told) or "-"
