"""A case's end: what domain.md 9.4 and 16a ask of a closure, judged apart from the code that blocks
one; the register's answer; the case begun again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.base import Refused
from models.case import closure, reopening
from models.case.state import CaseFacts
from models.commands import CloseCase, Grant, ReopenCase
from models.enums import ClosureReason, ReferralState, RiskGrade, Role
from models.messages import OrderChanged, ReportArrived
from tests.models.random_kernel import Kernel, Stream
from tests.models.random_messages import taken_on

STABLE = timedelta(days=56)
SUPERVISORS = (Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT)
MAY_OVERRIDE = (Role.INSPECTOR, Role.SUPERINTENDENT)
ELSEWHERE = ("DIED", "DUPLICATE", "TRANSFERRED")
"""Nobody is told of these, and no risk is left to settle here."""
NOBODY_HAS_IT = (ReferralState.DRAFT, ReferralState.SUBMITTED, ReferralState.REFERRED)
NOT_DECIDED = (
    "WRONG_PERSON",
    "UNSAFE_ENDED",
    "UNSAFE_ATTEMPT",
    "UNSAFE_VISIT",
    "NOW_INELIGIBLE",
    "UNDER_16",
    "PRESSURE_CHECK",
    "ACCEPT_HANDOVER",
    "MERGE_REVIEW",
)
DECIDED = ("case:closure:refused", "case:closure:agreed", "case:closed")
"""With what another person asked for; a transfer is agreed to apart from it."""
RANK = {RiskGrade.STANDARD: 0, RiskGrade.MEDIUM: 1, RiskGrade.HIGH: 2}


class Closing:
    """What a person who keeps the file beside the case knows of whether it may close."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.unsettled_at: datetime = stream.state.opened_at
        self.grade: RiskGrade = stream.state.risk_grade
        self.incidents = set(stream.state.incidents)
        self.orders: set[tuple[str, str]] = set()

    @property
    def state(self) -> CaseFacts:
        facts: CaseFacts = self.stream.state
        return facts

    def look(self) -> None:
        """Whether the grade rose since the last look."""
        if RANK[self.state.risk_grade] > RANK[self.grade]:
            self.unsettled_at = self.stream.play.now
        self.grade = self.state.risk_grade

    def reopened(self) -> None:
        """It is young again."""
        self.unsettled_at = self.stream.play.now
        self.grade = self.state.risk_grade

    def heard(self, message: Any) -> None:
        """New incidents, and orders that begin and end."""
        if isinstance(message, ReportArrived) and message.report.incident_ref not in self.incidents:
            self.unsettled_at = self.stream.play.now
        if isinstance(message, OrderChanged):
            key = (message.incident_ref, message.order_id)
            (self.orders.add if message.in_force else self.orders.discard)(key)
        self.incidents |= set(self.state.incidents)
        self.look()

    def watch(self, command: Any, grant: Grant) -> Callable[[], None]:
        """Every closure that was accepted was allowed."""
        against = self.against(command, grant) if isinstance(command, CloseCase) else []

        def judge() -> None:
            assert not against, against
            self.look()

        return judge

    def against(self, command: CloseCase, grant: Grant) -> list[str]:
        """Why the case may not close, in the words of domain.md."""
        found = self._four_eyes(grant)
        if command.override_reason:
            return found + ([] if grant.role in MAY_OVERRIDE else ["an override is an inspector's"])
        found += self._open()
        if command.reason.value in ELSEWHERE:
            return found
        if not command.victim_told and not command.not_told_reason:
            found.append("the victim was not told")
        if self.stream.play.now < self.unsettled_at + STABLE or self.state.grade_pending_review:
            found.append("the risk was not stable for 56 days")
        if self.orders and not command.hand_to:
            found.append("nobody handles the orders' expiry")
        if self.state.recommendations or self.state.risk.declined:
            found.append("a recommendation waits")
        return found

    def _four_eyes(self, grant: Grant) -> list[str]:
        if grant.role not in SUPERVISORS:
            return ["no supervisor agrees"]
        asker = ""
        for event in self.state.unrecorded:
            if event.tag == "case:closure:asked":
                asker = event.actor
            elif event.tag in DECIDED and event.data.get("asked_by", asker) == asker:
                asker = ""
        if not asker:
            return ["nobody asked"]
        return ["one person asks and agrees"] if asker == grant.actor else []

    def _open(self) -> list[str]:
        state, essentials = self.state, self.state.essentials
        still = {
            "a safety action": state.actions,
            "a legal hold": essentials.holds,
            "a threat to life": essentials.threats,
            "who the aggressor is": essentials.aggressor_reviews,
            "disclosure": essentials.disclosures,
            "a visit": state.visits.visit,
            "a message on its way": state.asked.sending,
            "a transfer": state.handover.transfer,
            "a referral that nobody has": [
                ref for ref, made in state.referrals.made.items() if made.state in NOBODY_HAS_IT
            ],
            "a supervisor's decision": [
                task.kind for task in state.tasks.values() if task.kind in NOT_DECIDED
            ],
        }
        return [f"{what} is open" for what, waits in still.items() if waits]


def register_answers(stream: Stream, *, joins: bool) -> dict[str, Any]:
    """The recorder takes an agreed closure to the register, which closes, or knows of an incident
    that is on its way. Returns the state that was stored."""
    state, ctx = stream.state, Kernel(stream.play).context()
    asked = closure.request(state, ctx)
    if joins:
        closure.joining(state, ctx, asked.event)
        state.unrecorded.sort(key=lambda event: event.seq)
        assert state.live
    else:
        state.unrecorded.append(asked.event)
        closure.confirmed(state, ctx, asked.event)
        assert not state.live
        assert (state.clocks, state.tasks) == ({}, {})
    stream.play.settle()
    return asked.final_state


def reopen(stream: Stream, final_state: dict[str, Any], actor: str) -> None:
    """The closed case goes on from the state that was stored, numbered on."""
    closed = stream.state
    state = CaseFacts.model_validate(final_state)
    state.next_seq = closed.next_seq
    state.unrecorded, state.effects = closed.unrecorded, closed.effects
    stream.play.state = state
    command = ReopenCase(at=stream.play.now, reason="NEW_CONCERN")
    ctx = Kernel(stream.play).context(actor, Role.SUPERVISOR.value, f"r{closed.next_seq}")
    reopening.reopen(state, ctx, command)
    stream.play.settle()
    assert state.live


def wind_down(stream: Stream, random: Random) -> bool:
    """Everything that keeps the case open is done as the refusals say, two months pass, one asks
    and another closes; whether it closed."""
    for wait in (0, 50, 7, 1, 0):
        stream.pass_time(stream.play.now + timedelta(days=wait))
        for task in list(stream.state.tasks.values()):
            if "close-case" not in task.command:
                stream.follow(task.command, random)
        for ref in sorted(stream.state.referrals.made):
            stream.tell(taken_on(stream.play, ref))
        for _ in range(4):
            refused = _close(stream)
            if refused is None:
                return True
            if refused.code == "NOT_ASKED":
                stream.ask_for("ask-closure", random, reason="RISK_REDUCED")
            for blocker in refused.message.split("; "):
                # Where a blocker names no command, it is a recommendation's.
                if not stream.follow(blocker, random):
                    stream.ask_for("decline-recommendation", random)
    return False


def _close(stream: Stream) -> Refused | None:
    """Some supervisor closes; or why they may not."""
    why = Refused("FOUR_EYES", "nobody else is there", "another closes")
    command = CloseCase(
        at=stream.play.now,
        reason=ClosureReason.RISK_REDUCED,
        victim_told=True,
        hand_to="PS 4001",
    )
    for grant in dict.fromkeys(stream.grants):
        if grant.role not in SUPERVISORS:
            continue
        refused = stream.check(command, grant)
        if refused is None:
            stream.offer(command, grant)
            return None
        why = refused if refused.code != "FOUR_EYES" else why
    return why
