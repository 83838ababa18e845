"""Read models of the further duties: risk, orders, notices, visits, referrals, meetings."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Index,
    Integer,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.columns import instants, key, may, metadata, texts

assessment = Table(
    "assessment",
    metadata,
    key("stream"),
    key("assessment_id"),
    *texts("case_ref", "incident_ref", "tool", "tool_version", "grade", "completer", "status"),
    *instants("at", "recorded_at"),
    may("yes_count", Integer),
    may("refused_count", Integer),
    may("answers", JSONB),
    Index(None, "case_ref"),
)
"""One use of a risk tool, with its answers as codes."""

recommendation = Table(
    "recommendation",
    metadata,
    key("stream"),
    key("recommendation_id"),
    *texts("case_ref", "rule", "recommends", "policy_version", "decision", "decided_by", "reason"),
    *instants("made_at", "decided_at"),
    may("inputs", JSONB),
    Index(None, "case_ref"),
    Index(None, "rule"),
)
"""What the system recommended, on what inputs, and what the officer chose."""

court_order = Table(
    "court_order",
    metadata,
    key("stream"),
    key("order_id"),
    *texts("case_ref", "incident_ref", "victim_ref", "perpetrator_ref", "order_type", "status"),
    *texts("first_day", "last_day", "authorised_by", "reason"),
    *instants("made_at", "served_at", "ended_at"),
    Index(None, "case_ref"),
    Index(None, "perpetrator_ref"),
)

victim_notification = Table(
    "victim_notification",
    metadata,
    key("stream"),
    key("notification_id"),
    *texts(
        "case_ref", "incident_ref", "victim_ref", "event_kind", "outcome", "channel", "clock_id"
    ),
    *instants("event_at", "due_at", "notified_at"),
    Index(None, "case_ref"),
)
"""What the Victims' Code says a victim must be told, and what became of it."""

referral = Table(
    "referral",
    metadata,
    key("referral_ref"),
    *texts("stream", "pathway", "state", "case_ref", "victim_ref", "perpetrator_ref", "area"),
    *texts("referral_type", "repeat_of", "owner", "service", "outcome", "consent_status"),
    *texts("disclosure_basis", "policy_version", "meeting"),
    may("criteria", JSONB),
    *instants("created_at", "submitted_at", "acknowledged_at", "accepted_at", "first_attempt_at"),
    *instants("heard_at", "flag_until", "ended_at"),
    may("details", JSONB),
    Index(None, "case_ref"),
    Index(None, "victim_ref", "perpetrator_ref"),
    Index(None, "perpetrator_ref"),
    Index(None, "pathway", "state"),
    Index(None, "stream"),
)
"""`service` is the partner that the referral is with; `details` what only one pathway has."""

visit = Table(
    "visit",
    metadata,
    key("stream"),
    key("visit_id"),
    *texts("case_ref", "selected_for", "state", "authorised_by", "primary_outcome"),
    *texts("arrest_reason", "reason"),
    *instants("selected_at", "authorised_at", "authorised_from", "authorised_until", "due_at"),
    *instants("attempted_at", "ended_at"),
    may("attempts", Integer),
    may("flags", JSONB),
    Index(None, "case_ref"),
)

meeting = Table(
    "meeting",
    metadata,
    key("stream"),
    *texts("forum", "area", "date", "state", "coordinator", "chair"),
    *instants("starts_at", "cut_off_at", "frozen_at", "held_at", "ended_at"),
    may("number", Integer),
    may("listed", Integer),
    may("heard", Integer),
    may("actions_open", Integer),
    may("emergency", Boolean),
    Index(None, "forum", "area", "starts_at"),
)

agenda_item = Table(
    "agenda_item",
    metadata,
    key("stream"),
    key("referral_ref"),
    *texts("case_ref", "state", "decision"),
    may("position", Integer),
    *instants("listed_at", "research_due_at", "research_returned_at", "heard_at"),
    may("details", JSONB),
    Index(None, "referral_ref"),
    Index(None, "case_ref"),
)
