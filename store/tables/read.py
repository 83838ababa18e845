"""Read models of cases and incidents. Columns may be null, except keys, because a row is built from
partial events."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Index,
    Integer,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.columns import Instant, instants, key, may, metadata, texts

case = Table(
    "case",
    metadata,
    key("case_ref"),
    *texts("victim_ref", "state", "dalo_id", "supervisor_id", "district", "pilot_area"),
    *texts("allocation_arm", "risk_grade"),
    may("grade_pending_review", Boolean),
    *texts("engagement_status", "cadence_plan"),
    may("reticent", Boolean),
    may("priority_score", Integer),
    may("over_capacity", Boolean),
    *instants("opened_at", "allocated_at", "first_contact_at", "last_contact_at"),
    *instants("next_contact_due_raw", "next_contact_due_adjusted"),
    *texts("ladder_step", "golden_hour_result"),
    may("incident_count", Integer),
    *texts("policy_version", "calendar_version"),
    may("closed_at", Instant),
    *texts("closure_reason", "previous_case_ref"),
    may("wishes", JSONB),
    may("flags", JSONB),
    Index(None, "victim_ref"),
    Index(None, "dalo_id"),
    Index(None, "state"),
)

incident = Table(
    "incident",
    metadata,
    key("incident_ref"),
    key("victim_ref"),
    may("case_ref"),
    may("version", Integer),
    *instants("reported_at", "occurred_at", "received_at", "first_police_contact_at"),
    may("golden_hour_applicable", Boolean),
    may("golden_hour_due_at", Instant),
    *texts("golden_hour_result", "suspect_status", "perpetrator_ref"),
    may("ended_at", Instant),
    may("duties", JSONB),
    Index(None, "case_ref"),
)

clock = Table(
    "clock",
    metadata,
    key("stream"),
    key("clock_id"),
    *texts("case_ref", "incident_ref", "victim_ref", "clock_type", "subject", "rule_key"),
    *texts("limit", "policy_version", "calendar_version", "start_event"),
    *instants("started_at", "due_at", "due_raw", "warn_at"),
    may("pauses", JSONB),
    *texts("owner", "status"),
    *instants("warned_at", "breached_at", "raw_breached_at", "ended_at"),
    *texts("late_reason", "reason", "basis"),
    Index(None, "case_ref"),
    Index(None, "owner"),
    Index("clock_open_due_at_idx", "due_at", postgresql_where=text("status = 'OPEN'")),
)

contact = Table(
    "contact",
    metadata,
    key("stream"),
    key("seq", BigInteger),
    may("case_ref"),
    *instants("at", "recorded_at"),
    *texts("channel", "route", "result"),
    may("satisfied", Boolean),
    may("safe", Boolean),
    may("codes", JSONB),
    *texts("actor", "note_ref"),
    Index(None, "case_ref", "at"),
)

evidence_item = Table(
    "evidence_item",
    metadata,
    key("stream"),
    key("item"),
    *texts("incident_ref", "victim_ref", "status"),
    *instants("at", "recorded", "due_at"),
    *texts("reference", "reason", "by"),
    may("details", JSONB),
    Index(None, "incident_ref"),
)
"""`details` holds what only some items have, such as the particulars of a video account."""

action = Table(
    "action",
    metadata,
    key("stream"),
    key("action_id"),
    *texts("case_ref", "domain", "action", "owner"),
    *instants("due_at", "added_at", "ended_at"),
    *texts("outcome", "reason", "agency", "action_type", "referral_ref", "status"),
    Index(None, "case_ref"),
    Index(None, "owner"),
)

task = Table(
    "task",
    metadata,
    key("stream"),
    key("task_id"),
    *texts("case_ref", "incident_ref", "victim_ref", "kind", "owner"),
    *instants("raised_at", "due_at"),
    *texts("why", "command", "subject"),
    may("settled_at", Instant),
    Index(None, "case_ref"),
    Index("task_open_owner_idx", "owner", postgresql_where=text("settled_at IS NULL")),
)
