"""The tables. Write models first, then the ledger, then the read models.

Instants are `timestamptz` in UTC, hashes lower-case hexadecimal SHA-256. Nothing in the ledger or
the read models has a value made by the database: they must come out the same when made again.
Columns of read models may be null, except keys, because a row is built from partial events.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    }
)


def _key(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _need(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _may(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _flag(name: str, *, default: bool = False) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default="true" if default else "false")


def _texts(*names: str) -> list[Column[Any]]:
    return [_may(name) for name in names]


def _instants(*names: str) -> list[Column[Any]]:
    return [_may(name, Instant) for name in names]


Instant = DateTime(timezone=True)

# --- write models -----------------------------------------------------------------------------

report = Table(
    "report",
    metadata,
    _key("incident_ref"),
    _key("victim_ref"),
    _need("version", Integer),
    _may("perpetrator_ref"),
    _need("reported_at", Instant),
    _need("district"),
    _need("outcome"),
    _may("effect"),
    _need("standing"),
    _flag("child_referred"),
    _may("outcome_code", Integer),
    _need("received_at", Instant),
    _flag("history"),
    _need("eligible_but_for_area", Boolean),
    _need("eligibility_reason"),
    _need("allocation_arm"),
    _need("policy_version"),
    _may("case_ref"),
    _need("facts", JSONB),
    Index(None, "victim_ref", "reported_at"),
    Index(None, "perpetrator_ref"),
    Index(None, "case_ref"),
)
"""The newest version of every sound report. `facts` is the whole coded report as JSON; `outcome` is
what the newest row got, `standing` what the rules of intake last made of the report itself."""

case_register = Table(
    "case_register",
    metadata,
    _key("case_ref"),
    _need("victim_ref"),
    _need("area"),
    _need("state"),
    _need("priority_score", Integer),
    _need("risk_grade"),
    _need("opened_at", Instant),
    _may("dalo_id"),
    _may("supervisor_id"),
    _may("allocated_at", Instant),
    _flag("over_capacity"),
    _may("closed_at", Instant),
    _may("final_state", LargeBinary),
    _may("previous_case_ref"),
    Index(
        "case_register_one_open_case",
        "victim_ref",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(None, "victim_ref"),
    Index(None, "area", "state"),
    Index(None, "dalo_id"),
)
"""Which victim has a case, and who has it. One open case a victim is held by the partial index."""

counter = Table("counter", metadata, _key("name"), _need("value", BigInteger))
"""Running numbers, of case references for example."""

officer = Table(
    "officer",
    metadata,
    _key("officer_id"),
    _need("role"),
    _may("area"),
    _may("capacity", Integer),
    _may("supervisor_id"),
    _flag("active", default=True),
    _may("absent_from", Instant),
    _may("absent_until", Instant),
    _may("covers"),
    _may("password_hash"),
    Index(None, "area", "role"),
)

outbox = Table(
    "outbox",
    metadata,
    _key("effect_id"),
    _need("stream"),
    _need("kind"),
    _need("target"),
    _need("payload", JSONB),
    _need("created_at", Instant),
    Column("sequence", BigInteger, Identity(always=True), nullable=False),
    _may("dispatched_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _may("next_attempt_at", Instant),
    _may("last_error"),
    Index("outbox_pending", "sequence", postgresql_where=text("dispatched_at IS NULL")),
)
"""Messages to leave. Rows stay after dispatch: they are what keeps an effect from running twice."""

case_key = Table(
    "case_key",
    metadata,
    _key("scope"),
    _need("key_id"),
    _may("wrapped", LargeBinary),
    _need("master_key_id"),
    _need("created_at", Instant),
    _may("destroyed_at", Instant),
    UniqueConstraint("key_id"),
)
"""One data key a stream, wrapped by a master key; `wrapped` is null once it is destroyed."""

access_log = Table(
    "access_log",
    metadata,
    _key("id"),
    _need("at", Instant),
    _need("actor"),
    _need("role"),
    _need("action"),
    _need("subject"),
    _need("allowed", Boolean),
    _may("reason_code"),
    _may("reason"),
    _may("command"),
    _flag("break_glass"),
    Index(None, "subject", "at"),
    Index(None, "actor", "at"),
)

identity = Table(
    "identity",
    metadata,
    _key("victim_ref"),
    _may("name_ciphertext", LargeBinary),
    _may("phone_ciphertext", LargeBinary),
    _may("routes_ciphertext", LargeBinary),
    _may("phone_hash"),
    _may("name_phonetic_hash"),
    _may("updated_at", Instant),
    Index(None, "phone_hash"),
    Index(None, "name_phonetic_hash"),
)
"""Who a victim is, encrypted under the key of the victim's stream; keyed hashes for search."""

narrative = Table(
    "narrative",
    metadata,
    _key("narrative_ref"),
    _need("scope"),
    _need("ciphertext", LargeBinary),
    _need("kind"),
    _need("created_at", Instant),
    Index(None, "scope"),
)

run_mark = Table("run_mark", metadata, _key("name"), _may("value"), _may("at", Instant))
"""What the services last did: heartbeats of relay, watchdog and sealer."""

# --- ledger -----------------------------------------------------------------------------------

stream_head = Table(
    "stream_head",
    metadata,
    _key("stream"),
    _need("seq", BigInteger),
    _need("hash"),
    Column("sealed_seq", BigInteger, nullable=False, server_default="0"),
    Index("stream_head_unsealed", "stream", postgresql_where=text("seq > sealed_seq")),
)
"""The last event of each stream. Its row is the stream's lock; a victim's is the register lock."""

ledger_event = Table(
    "ledger_event",
    metadata,
    _key("stream"),
    _key("seq", BigInteger),
    _need("tag"),
    _need("header"),
    _need("prev_hash"),
    _need("hash"),
    _need("recorded_at", Instant),
    _need("occurred_at", Instant),
    _need("actor"),
    _may("command_id"),
    Index(None, "tag", "recorded_at"),
    Index(None, "recorded_at"),
    Index(None, "occurred_at"),
    Index(None, "actor", "recorded_at"),
    Index(
        "ledger_event_command_id_idx",
        "command_id",
        postgresql_where=text("command_id IS NOT NULL"),
    ),
)
"""Append-only by trigger. `header` is exactly what was hashed; the other columns repeat it."""

ledger_position = Table(
    "ledger_position",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _need("stream"),
    _need("seq", BigInteger),
    UniqueConstraint("stream", "seq"),
)
"""The gapless order of all events, given by the sealer. Append-only by trigger."""

ledger_block = Table(
    "ledger_block",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _need("first_position", BigInteger),
    _need("count", BigInteger),
    _need("root"),
    _need("heads", JSONB),
    _need("prev_hash"),
    _need("hash"),
    _need("sealed_at", Instant),
)
"""Sealed stretches of the order, chained. Append-only by trigger."""

# --- read models ------------------------------------------------------------------------------

case = Table(
    "case",
    metadata,
    _key("case_ref"),
    *_texts("victim_ref", "state", "dalo_id", "supervisor_id", "district", "pilot_area"),
    *_texts("allocation_arm", "risk_grade"),
    _may("grade_pending_review", Boolean),
    *_texts("engagement_status", "cadence_plan"),
    _may("reticent", Boolean),
    _may("priority_score", Integer),
    _may("over_capacity", Boolean),
    *_instants("opened_at", "allocated_at", "first_contact_at", "last_contact_at"),
    *_instants("next_contact_due_raw", "next_contact_due_adjusted"),
    *_texts("ladder_step", "golden_hour_result"),
    _may("incident_count", Integer),
    *_texts("policy_version", "calendar_version"),
    _may("closed_at", Instant),
    *_texts("closure_reason", "previous_case_ref"),
    Index(None, "victim_ref"),
    Index(None, "dalo_id"),
    Index(None, "state"),
)

incident = Table(
    "incident",
    metadata,
    _key("incident_ref"),
    _key("victim_ref"),
    _may("case_ref"),
    _may("version", Integer),
    *_instants("reported_at", "occurred_at", "received_at", "first_police_contact_at"),
    _may("golden_hour_applicable", Boolean),
    _may("golden_hour_due_at", Instant),
    *_texts("golden_hour_result", "suspect_status", "perpetrator_ref"),
    _may("ended_at", Instant),
    Index(None, "case_ref"),
)

clock = Table(
    "clock",
    metadata,
    _key("stream"),
    _key("clock_id"),
    *_texts("case_ref", "incident_ref", "victim_ref", "clock_type", "subject", "rule_key"),
    *_texts("limit", "policy_version", "calendar_version", "start_event"),
    *_instants("started_at", "due_at", "due_raw", "warn_at"),
    _may("pauses", JSONB),
    *_texts("owner", "status"),
    *_instants("warned_at", "breached_at", "raw_breached_at", "ended_at"),
    *_texts("late_reason", "reason", "basis"),
    Index(None, "case_ref"),
    Index(None, "owner"),
    Index("clock_open_due_at_idx", "due_at", postgresql_where=text("status = 'OPEN'")),
)

contact = Table(
    "contact",
    metadata,
    _key("stream"),
    _key("seq", BigInteger),
    _may("case_ref"),
    *_instants("at", "recorded_at"),
    *_texts("channel", "route", "result"),
    _may("satisfied", Boolean),
    _may("safe", Boolean),
    _may("codes", JSONB),
    *_texts("actor", "note_ref"),
    Index(None, "case_ref", "at"),
)

evidence_item = Table(
    "evidence_item",
    metadata,
    _key("stream"),
    _key("item"),
    *_texts("incident_ref", "victim_ref", "status"),
    *_instants("at", "recorded", "due_at"),
    *_texts("reference", "reason", "by"),
    _may("details", JSONB),
    Index(None, "incident_ref"),
)
"""`details` holds what only some items have, such as the particulars of a video account."""

action = Table(
    "action",
    metadata,
    _key("stream"),
    _key("action_id"),
    *_texts("case_ref", "domain", "action", "owner"),
    *_instants("due_at", "added_at", "ended_at"),
    *_texts("outcome", "reason"),
    Index(None, "case_ref"),
    Index(None, "owner"),
)

task = Table(
    "task",
    metadata,
    _key("stream"),
    _key("task_id"),
    *_texts("case_ref", "incident_ref", "victim_ref", "kind", "owner"),
    *_instants("raised_at", "due_at"),
    *_texts("why", "command", "subject"),
    _may("settled_at", Instant),
    Index(None, "case_ref"),
    Index("task_open_owner_idx", "owner", postgresql_where=text("settled_at IS NULL")),
)

READ_MODELS: tuple[Table, ...] = (case, incident, clock, contact, evidence_item, action, task)
"""What `ledger rebuild` makes again; parents of a join come before their children."""
