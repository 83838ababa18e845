"""What becomes of a report (docs/intake.md, outcome of a row). Pure: facts in, judgement out.

Which victims end up with a case must not depend on the order in which reports arrive: a report that
arrives late may make a later one eligible, so those are judged again.
"""

from __future__ import annotations

from datetime import timedelta

from models.base import Record
from models.eligibility import Assessment, assess, under_age
from models.enums import IntakeOutcome, RecordingType
from models.messages import EarlierReport
from models.policy import IntakePolicy, Policy
from models.report import Report

EARLIER_FOR = timedelta(days=731)
EARLIER_KEPT = 100
"""The newest of so many are told of: a state must stay small."""
CASE_OPENED_EFFECT = "CASE_OPENED"
_UNCHANGED = frozenset({IntakeOutcome.DUPLICATE, IntakeOutcome.STALE})


class KnownReport(Record):
    """The stored newest version of a report. `standing` is what rules 2 to 6 last made of it
    (`HISTORY` for a row loaded as history), `case_ref` the case it opened or joined."""

    report: Report
    standing: IntakeOutcome
    case_ref: str = ""
    child_referred: bool = False
    eligible_but_for_area: bool = False
    reason: str = ""


class VictimFacts(Record):
    """All that intake knows of one victim. `open_case` is the case that is not closed."""

    reports: tuple[KnownReport, ...] = ()
    open_case: str = ""
    elsewhere: tuple[Report, ...] = ()
    """Reports under references that proved to be this person's: they count, and that is all."""

    @property
    def counted(self) -> list[Report]:
        """Every report of this person, each incident once."""
        own = [known.report for known in self.reports]
        seen = {report.incident_ref for report in own}
        return [*own, *(r for r in self.elsewhere if r.incident_ref not in seen)]

    def earlier(self, report: Report, policy: IntakePolicy) -> tuple[EarlierReport, ...]:
        """The other reports that count of the two years before one, the oldest first."""
        since = report.reported_at - EARLIER_FOR
        found = sorted(
            (
                other
                for other in self.counted
                if other.incident_ref != report.incident_ref
                and since <= other.reported_at < report.reported_at
                and not under_age(other, policy)
            ),
            key=lambda other: (other.reported_at, other.incident_ref),
        )
        return tuple(
            EarlierReport(
                incident_ref=other.incident_ref,
                reported_at=other.reported_at,
                perpetrator_ref=other.perpetrator_ref,
                criminal=other.recording_type is RecordingType.CRIME,
            )
            for other in found[-EARLIER_KEPT:]
        )

    def known(self, incident_ref: str) -> KnownReport | None:
        """The stored report of an incident."""
        return next((k for k in self.reports if k.report.incident_ref == incident_ref), None)


class JudgedAgain(Record):
    """A report already stored that is seen otherwise now. `opens` where it opens the case."""

    report: Report
    assessment: Assessment
    standing: IntakeOutcome
    opens: bool = False


class Judgement(Record):
    """What becomes of a row. `outcome` and `effect` are the row's own; `standing` is the stored
    report's. `opens` and `joins` say what this report itself does; a report judged again may open
    the case instead. `now_ineligible` is for a supervisor, `refer_child` for child safeguarding."""

    outcome: IntakeOutcome
    effect: str = ""
    standing: IntakeOutcome
    assessment: Assessment | None = None
    opens: bool = False
    joins: bool = False
    tells: bool = False
    """The report belongs to the open case, whose workflows must hear of the new version."""
    now_ineligible: bool = False
    refer_child: bool = False
    judged_again: tuple[JudgedAgain, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether the row says nothing new."""
        return self.outcome in _UNCHANGED

    @property
    def opener(self) -> JudgedAgain | None:
        """The stored report that opens a case because this one arrived."""
        return next((again for again in self.judged_again if again.opens), None)


def judge(report: Report, facts: VictimFacts, policy: Policy, *, history: bool) -> Judgement:
    """Judge a row against what is known of its victim. `history` rows make repeats countable and
    start nothing themselves; a later report that one makes eligible is judged again even so."""
    stored = facts.known(report.incident_ref)
    if stored is not None and report.version <= stored.report.version:
        same = report.version == stored.report.version
        return Judgement(
            outcome=IntakeOutcome.DUPLICATE if same else IntakeOutcome.STALE,
            standing=stored.standing,
        )
    others = [r for r in facts.counted if r.incident_ref != report.incident_ref]
    found = assess(report, others, policy)
    as_history = history and (stored is None or stored.standing is IntakeOutcome.HISTORY)
    if as_history:
        own = Judgement(
            outcome=IntakeOutcome.HISTORY if stored is None else IntakeOutcome.UPDATED,
            standing=IntakeOutcome.HISTORY,
        )
    elif stored is None:
        own = _new(report, facts, found, policy)
    else:
        own = _updated(report, stored, facts, found, policy)
    again = _judge_again(report, stored, facts, own, policy)
    opened = any(item.opens for item in again)
    effect = own.effect or (CASE_OPENED_EFFECT if opened else "")
    return own.model_copy(update={"assessment": found, "judged_again": again, "effect": effect})


def _rule(report: Report, facts: VictimFacts, found: Assessment, policy: Policy) -> IntakeOutcome:
    """Rules 2 to 6: the first that applies."""
    if under_age(report, policy.intake):
        return IntakeOutcome.UNDER_16
    if facts.open_case:
        return IntakeOutcome.LINKED_TO_OPEN_CASE
    return _without_case(found)


def _without_case(found: Assessment) -> IntakeOutcome:
    """Rules 4 to 6."""
    if not found.area:
        return IntakeOutcome.OUT_OF_AREA
    if found.eligible_but_for_area:
        return IntakeOutcome.CASE_OPENED
    return IntakeOutcome.NOT_ELIGIBLE


def _new(report: Report, facts: VictimFacts, found: Assessment, policy: Policy) -> Judgement:
    outcome = _rule(report, facts, found, policy)
    return Judgement(
        outcome=outcome,
        standing=outcome,
        opens=outcome is IntakeOutcome.CASE_OPENED,
        joins=outcome is IntakeOutcome.LINKED_TO_OPEN_CASE,
        refer_child=outcome is IntakeOutcome.UNDER_16,
    )


def _updated(
    report: Report, stored: KnownReport, facts: VictimFacts, found: Assessment, policy: Policy
) -> Judgement:
    own = Judgement(outcome=IntakeOutcome.UPDATED, standing=stored.standing)
    child = under_age(report, policy.intake)
    refer = child and not stored.child_referred
    if facts.open_case and stored.case_ref == facts.open_case:
        opened_it = stored.standing is IntakeOutcome.CASE_OPENED
        refused = child or (opened_it and _without_case(found) is not IntakeOutcome.CASE_OPENED)
        return own.model_copy(
            update={"tells": True, "now_ineligible": refused, "refer_child": refer}
        )
    rule = _rule(report, facts, found, policy)
    if rule is IntakeOutcome.UNDER_16:
        return own.model_copy(update={"standing": rule, "refer_child": refer})
    if rule is IntakeOutcome.CASE_OPENED:
        return own.model_copy(
            update={"standing": rule, "opens": True, "effect": CASE_OPENED_EFFECT}
        )
    if rule is IntakeOutcome.LINKED_TO_OPEN_CASE:
        # A report that counted as none becomes one: it joins, as it would have on arrival. Others
        # keep to what they were: the case was opened in full knowledge of them.
        if stored.standing is IntakeOutcome.UNDER_16:
            return own.model_copy(update={"standing": rule, "joins": True})
        rule = IntakeOutcome.NOT_ELIGIBLE if found.area else IntakeOutcome.OUT_OF_AREA
    return own if stored.case_ref else own.model_copy(update={"standing": rule})


def _judge_again(
    report: Report,
    stored: KnownReport | None,
    facts: VictimFacts,
    own: Judgement,
    policy: Policy,
) -> tuple[JudgedAgain, ...]:
    """Reports of the same victim with a later reported time, seen in the light of this one,
    earliest first. One recorded as not eligible opens a case if the victim has none; of the others
    only what the evaluation counts can change."""
    since = min(report.reported_at, stored.report.reported_at) if stored else report.reported_at
    current = [r for r in facts.counted if r.incident_ref != report.incident_ref]
    current.append(report)
    has_case = bool(facts.open_case) or own.opens or under_age(report, policy.intake)
    found = []
    later = [
        k
        for k in facts.reports
        if k.report.incident_ref != report.incident_ref and k.report.reported_at > since
    ]
    for known in sorted(later, key=lambda k: (k.report.reported_at, k.report.incident_ref)):
        others = [r for r in current if r.incident_ref != known.report.incident_ref]
        now = assess(known.report, others, policy)
        opens = (
            not has_case
            and known.standing is IntakeOutcome.NOT_ELIGIBLE
            and known.report.reported_at > report.reported_at
            and _without_case(now) is IntakeOutcome.CASE_OPENED
        )
        has_case = has_case or opens
        changed = (now.eligible_but_for_area, now.reason) != (
            known.eligible_but_for_area,
            known.reason,
        )
        if opens or changed:
            standing = IntakeOutcome.CASE_OPENED if opens else known.standing
            found.append(
                JudgedAgain(report=known.report, assessment=now, standing=standing, opens=opens)
            )
    return tuple(found)


def apply(
    report: Report, facts: VictimFacts, judgement: Judgement, new_case_ref: str = ""
) -> VictimFacts:
    """The facts after a judgement; `new_case_ref` is the case that it opened, if it did."""
    if judgement.changes_nothing or judgement.assessment is None:
        return facts
    stored = facts.known(report.incident_ref)
    again = {item.report.incident_ref: item for item in judgement.judged_again}
    case_ref = stored.case_ref if stored else ""
    if judgement.opens:
        case_ref = new_case_ref
    elif judgement.joins:
        case_ref = facts.open_case
    own = KnownReport(
        report=report,
        standing=judgement.standing,
        case_ref=case_ref,
        child_referred=judgement.refer_child or (stored is not None and stored.child_referred),
        eligible_but_for_area=judgement.assessment.eligible_but_for_area,
        reason=judgement.assessment.reason,
    )
    kept = [
        _seen_again(known, again.get(known.report.incident_ref), new_case_ref)
        for known in facts.reports
        if known.report.incident_ref != report.incident_ref
    ]
    return facts.model_copy(
        update={"reports": (*kept, own), "open_case": new_case_ref or facts.open_case}
    )


def _seen_again(known: KnownReport, again: JudgedAgain | None, new_case_ref: str) -> KnownReport:
    if again is None:
        return known
    return known.model_copy(
        update={
            "standing": again.standing,
            "case_ref": new_case_ref if again.opens else known.case_ref,
            "eligible_but_for_area": again.assessment.eligible_but_for_area,
            "reason": again.assessment.reason,
        }
    )
