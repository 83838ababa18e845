"""Patch ids of changes to workflows that have shipped.

Add one here when the order of activities or timers of a workflow changes, use it with
`workflow.patched`, and store a history of the version before. It may be removed when no open
workflow was started before it and its histories have left retention.
"""

from __future__ import annotations

SIX_DUTIES = "six-duties"
"""Release 2: risk, suspect, Victims' Code, referrals, visits, safeguarding, handover. A run that
began before goes on without them until it is renewed."""
