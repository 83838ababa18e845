"""Where nobody is named, a role of the case's area answers, also outside the pilot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.commands import DeclareConflict
from models.enums import RiskGrade, Role
from models.enums.victims_code import CourtEvent
from models.messages import CourtDated
from tests.models.conftest import at
from tests.models.play import DALO, Play

NIGHT = at("2027-03-25 21:40")


def owners(play: Play) -> set[str]:
    """Whose the open clocks and tasks are."""
    state = play.state
    clocks = {clock.owner for clock in state.clocks.values()}
    return clocks | {task.owner for task in state.tasks.values()}


@pytest.mark.parametrize("pilot_area", ["Medway", ""])
def test_what_no_officer_has_yet_is_a_supervisors_of_the_area_or_else_of_the_district(
    pilot_area: str,
) -> None:
    play = Play(NIGHT, RiskGrade.HIGH, pilot_area=pilot_area)
    play.tell(
        CourtDated(
            message_id="c1",
            incident_ref=next(iter(play.state.incidents)),
            hearing_id="HRG-001",
            event=CourtEvent.COURT_DATE,
            court_day=(NIGHT + timedelta(days=20)).date().isoformat(),
            at=play.now,
        )
    )
    roles = {owner for owner in owners(play) if "@" in owner}
    assert roles == {"SUPERVISOR@Medway"}


def test_where_the_supervisor_is_related_the_areas_inspector_answers() -> None:
    play = Play(NIGHT, RiskGrade.HIGH, pilot_area="")
    play.allocate()
    supervisor = play.state.supervisor_id
    known = DeclareConflict(at=play.now, officer_id=supervisor, reason="KNOWS_A_PARTY")
    play.do(known, DALO, Role.DALO)
    assert supervisor not in owners(play)
    assert any(owner == "INSPECTOR@Medway" for owner in owners(play))
