"""Assessment with a tool: answers are checked, counted and kept; the count recommends, the officer
grades (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case import lifecycle
from models.case.authority import happened, owner_or_supervisor
from models.case.recommending import Recommendation, recommend, waiting
from models.case.risk import reassessing, stalking
from models.case.risk.choosing import GRADE, known_incident
from models.case.risk.state import Assessment, Judgement
from models.case.state import CaseFacts
from models.checks import supervisor_only
from models.commands import AssessRisk, Grant, ProfessionalJudgement
from models.enums import RiskAnswer, RiskGrade, RiskMark
from models.marac_criteria import TickCount, escalation
from models.risk_tools import TOOLS, Tool, ToolResult, recommended_grade, result_of
from models.risk_tools.result import highest, lower
from models.stream import Context, append, number


def check_assess(state: CaseFacts, ctx: Context, command: AssessRisk, grant: Grant) -> None:
    """Every question exists in that tool and is answered as that tool is."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now, since=_first_known(state))
    known_incident(state, command.incident_ref)
    tool = TOOLS.get(command.tool)
    if tool is None:
        raise Refused(
            "TOOL_WITHOUT_QUESTIONS",
            f"the questions of {command.tool.value} are not known here",
            f"use one of {', '.join(known.value for known in TOOLS)}, or grade with regrade",
            "tool",
        )
    if command.refused:
        if command.answers or command.others is not RiskAnswer.NOT_ASKED:
            raise Refused(
                "ANSWERS_AND_REFUSED",
                "a tool refused as a whole has no answers",
                "leave out --refused and give REFUSED for single questions",
                "refused",
            )
        return
    _check_answers(tool, command)


def _check_answers(tool: Tool, command: AssessRisk) -> None:
    unknown = [code for code in command.answers if code not in tool.codes]
    if unknown:
        raise Refused(
            "UNKNOWN_QUESTION",
            f"{tool.tool.value} has no question {', '.join(unknown)}: tools are never mixed",
            f"its questions are {tool.codes[0]} to {tool.codes[-1]}",
            "answers",
        )
    given = [*command.answers.values(), command.others]
    wrong = sorted({answer.value for answer in given if answer not in tool.answers})
    if wrong:
        raise Refused(
            "ANSWER_NOT_OF_TOOL",
            f"{tool.tool.value} is not answered with {', '.join(wrong)}",
            f"answer with {', '.join(answer.value for answer in tool.answers)}",
            "answers",
        )
    if not any(answer is not RiskAnswer.NOT_ASKED for answer in given):
        raise Refused(
            "NO_ANSWERS",
            "an assessment without an answer is none",
            "give --answers, or --refused where the victim refused",
            "answers",
        )


def _first_known(state: CaseFacts) -> datetime:
    """Officers assess at the scene, before the case was opened about it."""
    return min(state.opened_at, state.risk.first_reported_at or state.opened_at)


def apply_assess(state: CaseFacts, ctx: Context, command: AssessRisk) -> tuple[str, ...]:
    """Keep the assessment, and where it is the newest of its kind let everything follow from it."""
    tool = TOOLS[command.tool]
    others = RiskAnswer.REFUSED if command.refused else command.others
    answers = {code: command.answers.get(code, others) for code in tool.codes}
    result = result_of(tool, answers)
    made = _record(state, ctx, command, tool, answers, result)
    last = state.risk.last_screen if tool.stalking else state.risk.last
    if last is not None and command.at < last.at:
        return ("OLDER_THAN_LAST",)
    if tool.stalking:
        state.risk.last_screen = made
    else:
        state.risk.last = made
    _facts(state, ctx, command, made)
    codes = []
    if tool.stalking:
        stalking.screened(state, ctx, command.at)
    else:
        reassessing.assessed(state, ctx, command.at)
        if RiskMark.STALKING in made.marks:
            codes.append("STALKING_SCREEN_ADVISED")
    if not result.complete and _hold_grade(state, ctx, command):
        codes.append("GRADE_PENDING_REVIEW")
    if escalation(ctx.policy.marac, state.risk.report_dates, ctx.now).possible:
        codes.append("LOOK_UP_EARLIER_REPORTS")
    return (*codes, *_recommend_grade(state, ctx, tool, result, made))


def _record(
    state: CaseFacts,
    ctx: Context,
    command: AssessRisk,
    tool: Tool,
    answers: dict[str, RiskAnswer],
    result: ToolResult,
) -> Assessment:
    made = Assessment(
        assessment_id=f"ASM-{number(state, 'assessment'):03d}",
        tool=tool.tool,
        tool_version=tool.version,
        at=command.at,
        yes=result.yes,
        refused=result.refused,
        not_asked=result.not_asked,
        marks=result.marks,
        complete=result.complete,
        incident_ref=command.incident_ref,
    )
    status = "COMPLETE" if result.complete else "INCOMPLETE"
    append(
        state,
        ctx,
        "assessment:recorded",
        command.at,
        assessment_id=made.assessment_id,
        incident_ref=command.incident_ref,
        tool=tool.tool,
        tool_version=tool.version,
        completer=command.completer or ctx.actor,
        at=command.at,
        status="REFUSED" if command.refused else status,
        yes_count=result.yes,
        refused_count=result.refused,
        not_asked_count=result.not_asked,
        critical=result.marks,
        answers=answers,
        note_ref=command.note_ref,
    )
    return made


def _facts(state: CaseFacts, ctx: Context, command: AssessRisk, made: Assessment) -> None:
    """What the MARAC criteria are judged on."""
    if made.yes is not None and made.tool in ctx.policy.marac.visible_high_risk_ticks:
        state.risk.high_ticks[made.tool] = TickCount(count=made.yes, at=command.at)
    if command.suicide_self_harm or RiskMark.SELF_HARM in made.marks:
        state.risk.suicide_self_harm_at = state.risk.suicide_self_harm_at or command.at
    elif made.complete and any(q.mark is RiskMark.SELF_HARM for q in TOOLS[made.tool].questions):
        state.risk.suicide_self_harm_at = None


def _hold_grade(state: CaseFacts, ctx: Context, command: AssessRisk) -> bool:
    """Refused or left out: at least MEDIUM until a supervisor has looked."""
    least = ctx.policy.of_duties.risk.working_grade_at_least
    grade = highest(state.risk_grade, least)
    if grade is state.risk_grade and state.grade_pending_review:
        return False
    reason = "QUESTIONS_REFUSED" if command.refused else "QUESTIONS_OPEN"
    lifecycle.regrade(state, ctx, grade, reason, at=command.at, pending_review=True)
    return True


def _recommend_grade(
    state: CaseFacts, ctx: Context, tool: Tool, result: ToolResult, made: Assessment
) -> tuple[str, ...]:
    """Recommend what the answers point to. A stalking tool screens beside a general one, so that it
    can point higher only."""
    ticks = ctx.policy.marac.visible_high_risk_ticks.get(tool.tool)
    rule = ctx.policy.of_duties.risk.grade[tool.tool]
    grade = recommended_grade(result, rule, ticks)
    if tool.stalking and not lower(state.risk_grade, grade):
        return ()
    waits = waiting(state, GRADE)
    if waits is not None and _masks(tool, grade, waits):
        return (f"RECOMMENDS_{waits.recommends}",)
    critical = ", ".join(mark.value for mark in made.marks)
    recommend(
        state,
        ctx,
        GRADE,
        grade.value,
        {
            "assessment_id": made.assessment_id,
            "tool": tool.tool,
            "tool_version": tool.version,
            "yes": result.yes,
            "frequent": result.frequent,
            "refused": result.refused,
            "not_asked": result.not_asked,
            "critical": result.marks,
            "high_ticks": ticks,
            "grade_before": state.risk_grade,
        },
        why=f"{tool.tool.value} points to {grade.value}"
        + (f" (critical: {critical})" if critical else "")
        + "; your judgement may raise it",
        command=f"dalo do {state.case_ref} regrade --grade {grade.value} --reason TOOL_RESULT",
        at=made.at,
        due_at=ctx.now,
    )
    return (f"RECOMMENDS_{grade.value}",)


def _masks(tool: Tool, grade: RiskGrade, waits: Recommendation) -> bool:
    """Whether a lower recommendation of one kind of tool would take the place of a higher one of
    the other kind: they stand beside each other, and the higher waits for a decision."""
    other = next((t for t in TOOLS.values() if t.tool.value == waits.inputs.get("tool")), tool)
    return other.stalking != tool.stalking and lower(grade, RiskGrade(waits.recommends))


def check_judgement(
    state: CaseFacts, ctx: Context, command: ProfessionalJudgement, grant: Grant
) -> None:
    """The officer's or a supervisor's; only a supervisor takes one back."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now, since=_first_known(state))
    if not command.withdrawn:
        return
    supervisor_only(state, grant)
    if state.risk.judgement is None:
        raise Refused("NO_JUDGEMENT", "no professional judgement stands", "nothing to withdraw")


def apply_judgement(
    state: CaseFacts, ctx: Context, command: ProfessionalJudgement
) -> tuple[str, ...]:
    """State or withdraw it; the first statement keeps its instant."""
    held = state.risk.judgement
    if command.withdrawn:
        state.risk.judgement = None
    elif held is None:
        state.risk.judgement = Judgement(at=command.at, stated_by=ctx.actor, reason=command.reason)
    else:
        state.risk.judgement = held.model_copy(update={"reason": command.reason})
    append(
        state,
        ctx,
        "risk:judgement:withdrawn" if command.withdrawn else "risk:judgement:stated",
        command.at,
        criterion="PROFESSIONAL_JUDGEMENT",
        reason=command.reason,
        note_ref=command.note_ref,
    )
    return ()
