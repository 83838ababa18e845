"""The tables: write models, the ledger, the read models.

Instants are `timestamptz` in UTC, hashes lower-case hexadecimal SHA-256. Nothing in the ledger or
the read models has a value made by the database: they must come out the same when made again.
"""

from sqlalchemy import Table

from store.tables.columns import Instant, metadata
from store.tables.duties import (
    agenda_item,
    assessment,
    court_order,
    meeting,
    recommendation,
    referral,
    victim_notification,
    visit,
)
from store.tables.ledger import ledger_block, ledger_event, ledger_position, stream_head
from store.tables.read import action, case, clock, contact, evidence_item, incident, task
from store.tables.write import (
    access_log,
    case_key,
    case_register,
    conflict_of_interest,
    counter,
    identity,
    meeting_register,
    narrative,
    notice,
    officer,
    outbox,
    referral_register,
    report,
    run_mark,
    victim_alias,
    victim_message,
)

READ_MODELS: tuple[Table, ...] = (
    case,
    incident,
    referral,
    clock,
    contact,
    evidence_item,
    action,
    task,
    assessment,
    recommendation,
    court_order,
    victim_notification,
    visit,
    meeting,
    agenda_item,
)
"""What `ledger rebuild` makes again; parents of a join come before their children."""

__all__ = [
    "READ_MODELS",
    "Instant",
    "access_log",
    "action",
    "agenda_item",
    "assessment",
    "case",
    "case_key",
    "case_register",
    "clock",
    "conflict_of_interest",
    "contact",
    "counter",
    "court_order",
    "evidence_item",
    "identity",
    "incident",
    "ledger_block",
    "ledger_event",
    "ledger_position",
    "meeting",
    "meeting_register",
    "metadata",
    "narrative",
    "notice",
    "officer",
    "outbox",
    "recommendation",
    "referral",
    "referral_register",
    "report",
    "run_mark",
    "stream_head",
    "task",
    "victim_alias",
    "victim_message",
    "victim_notification",
    "visit",
]
