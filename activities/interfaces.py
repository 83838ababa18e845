"""Names of the activities that workflows call, with what they take and give. Nothing here knows
the store; the names are in histories and never change."""

from __future__ import annotations

RECORD = "record"
"""`RecordBatch -> RecordResult`: write events, read models and effects in one transaction."""

CLOSE_CASE = "close_case"
"""`CloseRequest -> CloseResult`: write the closing event and close the register, unless an
incident was linked that the workflow has not seen."""

OPEN_MEETING = "open_meeting"
"""`OpenMeetings -> list[str]`: open the lists that should be open now, each once; their streams."""

LEDGER_DIVERGED = "LEDGER_DIVERGED"
"""Type of the failure that says ledger and workflow contradict each other: an
alarm, raised again at every retry until somebody has looked."""
