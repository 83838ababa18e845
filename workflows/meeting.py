"""`MeetingWorkflow`: a MARAC or MATAC from the opening of its list to its last action
(docs/domain.md 8.1, 8.2)."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import Core, Watched
from workflows.recorder import recorder
from workflows.search_attributes import FoundBy
from workflows.strands.meeting import meeting

with workflow.unsafe.imports_passed_through():
    from models.base import Record
    from models.commands import Answer, MeetingEnvelope
    from models.events import Json
    from models.meeting import checks, doing, handle, reactions
    from models.meeting.state import MeetingFacts
    from models.meeting.view import MeetingView, summary, view
    from models.messages import MeetingMessage, MeetingStart


class MeetingInput(Record):
    """A new meeting has a `start`; a continued one its whole `state`."""

    start: MeetingStart | None = None
    state: MeetingFacts | None = None


class MeetingRules:
    """What the kernel asks about a meeting."""

    summary_tag = "meeting:changed"
    keys: tuple[str, ...] = ("forum", "area")

    def summary(self, state: MeetingFacts) -> Json:
        """Columns of the `meeting` read model."""
        return summary(state)

    def over(self, state: MeetingFacts) -> bool:
        """Whether its last action is settled."""
        return reactions.over(state)

    def found_by(self, state: MeetingFacts) -> FoundBy:
        """The meeting's state and who runs it."""
        return FoundBy(state.stage.value, state.runs_it, "")


@workflow.defn(name="MeetingWorkflow")
class MeetingWorkflow(Watched[MeetingFacts]):
    """Takes referrals on a list, has them researched and heard, and sees its actions through."""

    @workflow.init
    def __init__(self, given: MeetingInput) -> None:
        if given.state is not None:
            self.core = Core(given.state, MeetingRules())
        elif given.start is not None:
            state = handle.new_state(given.start)
            self.core = Core(state, MeetingRules())
            handle.begin(state, self.core.context(), given.start)
        else:
            raise ValueError("a meeting needs a start or a state")

    @workflow.run
    async def run(self, given: MeetingInput) -> str:
        """Live until the last action is settled; returns the meeting's last state as a code."""
        core = self.core
        over = await core.live({"meeting": lambda: meeting(core)}, recorder=lambda: recorder(core))
        if not over:
            workflow.continue_as_new(MeetingInput(state=core.state))
        return core.state.stage.value

    @workflow.update(name="command")
    def command(self, envelope: MeetingEnvelope) -> Answer:
        """A command, answered at once; recorded by the recorder strand."""
        return self.core.handle(
            envelope, lambda ctx: doing.apply(self.core.state, ctx, envelope.command)
        )

    @command.validator
    def _check_command(self, envelope: MeetingEnvelope) -> None:
        self.core.validate(
            envelope,
            lambda ctx: checks.check(self.core.state, ctx, envelope.command, envelope.grant),
        )

    @workflow.signal(name="tell")
    def tell(self, messages: list[MeetingMessage]) -> None:
        """What referrals have to say."""
        self.core.tell(messages, handle.apply_message)

    @workflow.query(name="view")
    def view(self) -> MeetingView:
        """The meeting as it stands at this moment."""
        return view(self.core.state, workflow.now())
