"""One victim's incident: its facts, golden hour and evidence (docs/domain.md 3, 11).

`begin` and `apply_message` take what the system tells, `check` and `apply` what officers command;
both change facts only. `react` then draws every consequence from the facts: clocks, verdicts,
tasks, the end. It may be called any number of times.
"""

from models.incident.facts import new_state
from models.incident.handle import apply, apply_message, begin, check
from models.incident.reactions import ended, react
from models.incident.state import IncidentState, Told
from models.incident.view import IncidentView, VideoAccount, summary, view

__all__ = [
    "IncidentState",
    "IncidentView",
    "Told",
    "VideoAccount",
    "apply",
    "apply_message",
    "begin",
    "check",
    "ended",
    "new_state",
    "react",
    "summary",
    "view",
]
