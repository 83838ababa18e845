"""An outcome code of a report that ends the investigation is a decision that somebody made: the
victim is told of it with its reasons, so it has to be recorded as one (docs/domain.md 4.2, 12)."""

from __future__ import annotations

from models.enums.victims_code import DecisionTold
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, keep_task
from models.incident.victims_code.people import answers
from models.stream import Context

RECORD = "RECORD_DECISION"
OUT_OF_COURT = frozenset({2, 3, 8, 22})
NO_CHARGE = frozenset({9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21})
"""Home Office outcome codes without a charge; 1 is the charge, 4 goes with one."""


def react(state: IncidentState, ctx: Context) -> None:
    """The task of the officer in the case, until a decision is known."""
    code = state.report.outcome_code if state.report else None
    disposal = code in OUT_OF_COURT
    decision = DecisionTold.OUT_OF_COURT_DISPOSAL if disposal else DecisionTold.NO_CHARGE
    task = Duty(
        kind=RECORD,
        role="OIC",
        person=state.item_owner or answers(state),
        why=f"the report says that the investigation ended with outcome {code}: record the"
        " decision, so that the victim is told of it with its reasons",
        command=f"dalo do {name(state)} record-decision --decision {decision.value}"
        " --decided-by POLICE",
    )
    ended = code in OUT_OF_COURT | NO_CHARGE
    keep_task(state, ctx, task, wanted=ended and not state.code.decided and not state.code.frozen)
