"""`ReferralWorkflow`: a referral from draft to outcome, on any of four pathways (docs/domain.md 6,
8). A MARAC referral lives to the end of its flag, whatever became of its case."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core, Watched
from workflows.recorder import recorder
from workflows.search_attributes import FoundBy
from workflows.strands.referral import referral

with workflow.unsafe.imports_passed_through():
    from models.base import Record
    from models.commands import Answer, ReferralEnvelope
    from models.events import Json
    from models.ids import referral_stream
    from models.messages import ReferralMessage, ReferralStart
    from models.referral import handle
    from models.referral.state import ReferralFacts, new_state
    from models.referral.view import ReferralView, summary, view


class ReferralInput(Record):
    """A new referral has a `start`; a continued one its whole `state`."""

    start: ReferralStart | None = None
    state: ReferralFacts | None = None


class ReferralRules:
    """What the kernel asks about a referral."""

    summary_tag = "referral:changed"
    keys: tuple[str, ...] = ("referral_ref",)

    def summary(self, state: ReferralFacts) -> Json:
        """Columns of the `referral` read model."""
        return summary(state)

    def over(self, state: ReferralFacts) -> bool:
        """Whether its last state is reached."""
        return handle.ended(state)

    def found_by(self, state: ReferralFacts) -> FoundBy:
        """State, who answers for it, and the grade it was made at."""
        risk = state.risk_grade.value if state.risk_grade else ""
        return FoundBy(state.state.value, state.handed_to or state.dalo_id, risk)


@workflow.defn(name="ReferralWorkflow")
class ReferralWorkflow(Watched[ReferralFacts]):
    """Sees that a referral is answered, and that the answer comes back."""

    @workflow.init
    def __init__(self, given: ReferralInput) -> None:
        if given.state is not None:
            self.core = Core(given.state, ReferralRules())
        elif given.start is not None:
            start = given.start
            state = new_state(start, referral_stream(start.referral_ref))
            self.core = Core(state, ReferralRules())
            handle.begin(state, self.core.context(), start)
        else:
            raise ValueError("a referral needs a start or a state")

    @workflow.run
    async def run(self, given: ReferralInput) -> str:
        """Live until the last state; returns the outcome as a code."""
        core = self.core
        over = await core.live(
            {"referral": lambda: referral(core)},
            recorder=lambda: recorder(core),
        )
        if not over:
            workflow.continue_as_new(ReferralInput(state=core.state))
        return core.state.outcome

    @workflow.update(name="command")
    def command(self, envelope: ReferralEnvelope) -> Answer:
        """An officer's or partner's command, answered at once; recorded by the recorder strand."""
        return self.core.handle(
            envelope, lambda ctx: handle.apply(self.core.state, ctx, envelope.command)
        )

    @command.validator
    def _check_command(self, envelope: ReferralEnvelope) -> None:
        self.core.validate(
            envelope,
            lambda ctx: handle.check(self.core.state, ctx, envelope.command, envelope.grant),
        )

    @workflow.signal(name="tell")
    def tell(self, messages: list[ReferralMessage]) -> None:
        """What meetings, the case and intake have to say."""
        self.core.tell(messages, handle.receive)

    @workflow.query(name="view")
    def view(self) -> ReferralView:
        """The referral as it stands at this moment, and what is next by whom."""
        return view(self.core.state, workflow.now())
