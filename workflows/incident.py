"""`IncidentWorkflow`: one victim's incident from its report to its last duty (docs/domain.md 3)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core, Watched
from workflows.recorder import recorder
from workflows.search_attributes import FoundBy
from workflows.strands.golden_hour import golden_hour
from workflows.strands.orders import orders
from workflows.strands.safeguarding import safeguarding
from workflows.strands.suspect import suspect
from workflows.strands.victims_code import victims_code

with workflow.unsafe.imports_passed_through():
    from models import incident as rules
    from models.base import Record
    from models.commands import Answer, IncidentEnvelope
    from models.events import Json
    from models.incident import IncidentState, IncidentView
    from models.messages import IncidentMessage, IncidentStart


class IncidentInput(Record):
    """A new incident has a `start`; a continued one its whole `state`."""

    start: IncidentStart | None = None
    state: IncidentState | None = None


class IncidentRules:
    """What the kernel asks about an incident."""

    summary_tag = "incident:changed"
    keys: tuple[str, ...] = ("incident_ref", "victim_ref")

    def summary(self, state: IncidentState) -> Json:
        """Columns of the `incident` read model."""
        return rules.summary(state)

    def over(self, state: IncidentState) -> bool:
        """Whether its last duty is done."""
        return rules.ended(state)

    def found_by(self, state: IncidentState) -> FoundBy:
        """The golden hour's verdict, the DALO and the working grade."""
        verdict = state.verdict.result.value if state.verdict else "GOLDEN_HOUR_ACTIVE"
        risk = state.latest.grade.value if state.latest else ""
        return FoundBy(verdict, state.dalo_id, risk)


@workflow.defn(name="IncidentWorkflow")
class IncidentWorkflow(Watched[IncidentState]):
    """Secures what can be secured in the first hour, and chases the rest."""

    @workflow.init
    def __init__(self, given: IncidentInput) -> None:
        if given.state is not None:
            self.core = Core(given.state, IncidentRules())
        elif given.start is not None:
            start = given.start
            state = rules.new_state(start)
            self.core = Core(state, IncidentRules())
            rules.begin(state, self.core.context(), start)
        else:
            raise ValueError("an incident needs a start or a state")

    @workflow.run
    async def run(self, given: IncidentInput) -> str:
        """Live until the last duty is done; returns the golden hour's verdict as a code."""
        core = self.core
        strands = {"golden_hour": lambda: golden_hour(core)}
        if core.state.release > 1:
            strands |= {
                "suspect": lambda: suspect(core),
                "orders": lambda: orders(core),
                "victims_code": lambda: victims_code(core),
                "safeguarding": lambda: safeguarding(core),
            }
        over = await core.live(
            strands,
            recorder=lambda: recorder(core),
        )
        if not over:
            workflow.continue_as_new(IncidentInput(state=core.state))
        return str(rules.summary(core.state)["golden_hour_result"])

    @workflow.update(name="command")
    def command(self, envelope: IncidentEnvelope) -> Answer:
        """An officer's command, answered at once; recorded by the recorder strand."""
        return self.core.handle(
            envelope, lambda ctx: rules.apply(self.core.state, ctx, envelope.command)
        )

    @command.validator
    def _check_command(self, envelope: IncidentEnvelope) -> None:
        self.core.validate(
            envelope,
            lambda ctx: rules.check(self.core.state, ctx, envelope.command, envelope.grant),
        )

    @workflow.signal(name="tell")
    def tell(self, messages: list[IncidentMessage]) -> None:
        """What intake and the case have to say."""
        self.core.tell(messages, rules.apply_message)

    @workflow.query(name="view")
    def view(self) -> IncidentView:
        """The incident as it stands at this moment: also the golden-hour receipt's source."""
        return rules.view(self.core.state, workflow.now())
