"""No random long history of an incident breaks a promise: every command by every role, messages
twice, commands again, time, new runs."""

from __future__ import annotations

from tests.models.random_machine import RandomStream, came_across, run_histories
from tests.models.random_streams import an_incident


class RandomIncident(RandomStream):
    """An incident to which anything that may happen happens."""

    make = an_incident


def test_random_histories_of_an_incident_keep_its_promises() -> None:
    run_histories(RandomIncident, 15, 50)
    came_across(RandomIncident, kinds=26, commands=400)
