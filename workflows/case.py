"""`CaseWorkflow`: one victim's case from opening to closure (docs/domain.md 2, 9).

Side by side run its strands: the officer keeps contact, assesses needs and risk, refers, visits and
reviews; the cadence that the victim asked for is kept; a handover drops nothing. Everything is
decided in `models.case`; here is only when.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow

from workflows.core import Core, Watched
from workflows.options import RECORDING
from workflows.recorder import recorder
from workflows.search_attributes import FoundBy
from workflows.strands.cadence import cadence
from workflows.strands.contact import contact
from workflows.strands.essentials import essentials
from workflows.strands.handover import handover
from workflows.strands.needs import needs
from workflows.strands.oversight import oversight
from workflows.strands.referrals import referrals
from workflows.strands.risk import risk
from workflows.strands.visits import visits

with workflow.unsafe.imports_passed_through():
    from activities.interfaces import CLOSE_CASE
    from models import registry
    from models.base import Record
    from models.case import closure, handle
    from models.case.contact import safe_now
    from models.case.state import CaseFacts
    from models.case.view import CaseView, summary, view
    from models.commands import Answer, CaseEnvelope
    from models.enums import Channel
    from models.events import CloseResult, Json
    from models.ids import case_stream
    from models.messages import CaseMessage, CaseStart
    from models.safe_decision import SafeDecision


class CaseInput(Record):
    """A new case has a `start`; a continued one its whole `state`."""

    start: CaseStart | None = None
    state: CaseFacts | None = None


class CaseRules:
    """What the kernel asks about a case."""

    summary_tag = "case:changed"
    keys: tuple[str, ...] = ("case_ref",)

    def summary(self, state: CaseFacts) -> Json:
        """Columns of the `case` read model."""
        return summary(state)

    def over(self, state: CaseFacts) -> bool:
        """A case is over when it is closed; dormant monitoring is an open state."""
        return not state.live

    def found_by(self, state: CaseFacts) -> FoundBy:
        """State, DALO and grade."""
        return FoundBy(state.state.value, state.dalo_id, state.risk_grade.value)


def _fresh(start: CaseStart) -> CaseFacts:
    return CaseFacts(
        stream=case_stream(start.case_ref),
        policy_version=start.policy_version,
        calendar_version=start.calendar_version,
        case_ref=start.case_ref,
        victim_ref=start.victim_ref,
        pilot_area=start.pilot_area,
        allocation_arm=start.allocation_arm,
        opened_at=start.opened_at,
        previous_case_ref=start.previous_case_ref,
    )


@workflow.defn(name="CaseWorkflow")
class CaseWorkflow(Watched[CaseFacts]):
    """Keeps every promise made to one victim until a supervisor closes the case."""

    @workflow.init
    def __init__(self, given: CaseInput) -> None:
        if given.state is not None:
            self.core = Core(given.state, CaseRules())
        elif given.start is not None:
            self.core = Core(_fresh(given.start), CaseRules())
            handle.begin(self.core.state, self.core.context(), given.start)
        else:
            raise ValueError("a case needs a start or a state")

    @workflow.run
    async def run(self, given: CaseInput) -> str:
        """Live until the case is closed; returns its last state as a code."""
        core = self.core
        strands = {
            "contact": lambda: contact(core),
            "cadence": lambda: cadence(core),
            "needs": lambda: needs(core),
            "oversight": lambda: oversight(core),
        }
        if core.state.release > 1:
            strands |= {
                "essentials": lambda: essentials(core),
                "handover": lambda: handover(core),
                "risk": lambda: risk(core),
                "referrals": lambda: referrals(core),
                "visits": lambda: visits(core),
            }
        over = await core.live(
            strands,
            recorder=lambda: recorder(core, self._closing, self._close),
        )
        if not over:
            workflow.continue_as_new(CaseInput(state=core.state))
        return core.state.state.value

    # --- closure: the register has the last word ---------------------------------------------

    def _closing(self) -> bool:
        return self.core.state.closing is not None

    async def _close(self) -> None:
        state = self.core.state
        request = closure.request(state, self.core.context())
        result = await workflow.execute_activity(
            CLOSE_CASE, request, result_type=CloseResult, summary="closing", **RECORDING
        )
        if not result.closed:
            closure.joining(state, self.core.context(), request.event)
            return
        state.recorded_seq, state.recorded_hash = result.head_seq, result.head_hash
        closure.confirmed(state, self.core.context(), request.event)

    # --- what officers, the system and readers say ---------------------------------------------

    @workflow.update(name="command")
    def command(self, envelope: CaseEnvelope) -> Answer:
        """An officer's command, answered at once; recorded by the recorder strand."""
        return self.core.handle(
            envelope, lambda ctx: handle.apply(self.core.state, ctx, envelope.command)
        )

    @command.validator
    def _check_command(self, envelope: CaseEnvelope) -> None:
        self.core.validate(
            envelope,
            lambda ctx: handle.check(self.core.state, ctx, envelope.command, envelope.grant),
        )

    @workflow.signal(name="tell")
    def tell(self, messages: list[CaseMessage]) -> None:
        """What intake, the allocator and other workflows have to say."""
        self.core.tell(messages, handle.receive)

    @workflow.query(name="view")
    def view(self) -> CaseView:
        """The case as it stands at this moment."""
        return view(self.core.state, workflow.now())

    @workflow.query(name="safe_contact")
    def safe_contact(self, channel: Channel, route: str, at: datetime) -> SafeDecision:
        """Whether a route is safe at this moment; unsafe unless the plan says otherwise."""
        state = self.core.state
        calendar = registry.calendar(state.calendar_version)
        return safe_now(state, channel, route, at, calendar)
