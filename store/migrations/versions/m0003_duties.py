"""Tables of the six duties in depth: referrals, meetings, visits, risk, orders, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _agenda_item()
    _assessment()
    _conflict_of_interest()
    _court_order()
    _meeting()
    _meeting_register()
    _notice()
    _recommendation()
    _referral()
    _referral_register()
    _victim_alias()
    _victim_message()
    _victim_notification()
    _visit()
    _action()
    _case()
    _case_register()
    _incident()
    _officer()


def _agenda_item() -> None:
    op.create_table(
        "agenda_item",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("referral_ref", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("state", sa.Text()),
        sa.Column("decision", sa.Text()),
        sa.Column("position", sa.Integer()),
        sa.Column("listed_at", sa.DateTime(timezone=True)),
        sa.Column("research_due_at", sa.DateTime(timezone=True)),
        sa.Column("research_returned_at", sa.DateTime(timezone=True)),
        sa.Column("heard_at", sa.DateTime(timezone=True)),
        sa.Column("details", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("stream", "referral_ref", name=op.f("agenda_item_pkey")),
    )
    op.create_index(op.f("agenda_item_case_ref_idx"), "agenda_item", ["case_ref"])
    op.create_index(op.f("agenda_item_referral_ref_idx"), "agenda_item", ["referral_ref"])


def _assessment() -> None:
    op.create_table(
        "assessment",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("assessment_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("incident_ref", sa.Text()),
        sa.Column("tool", sa.Text()),
        sa.Column("tool_version", sa.Text()),
        sa.Column("grade", sa.Text()),
        sa.Column("completer", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("recorded_at", sa.DateTime(timezone=True)),
        sa.Column("yes_count", sa.Integer()),
        sa.Column("refused_count", sa.Integer()),
        sa.Column("answers", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("stream", "assessment_id", name=op.f("assessment_pkey")),
    )
    op.create_index(op.f("assessment_case_ref_idx"), "assessment", ["case_ref"])


def _conflict_of_interest() -> None:
    op.create_table(
        "conflict_of_interest",
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_ref", "officer_id", name=op.f("conflict_of_interest_pkey")),
    )
    op.create_index(
        op.f("conflict_of_interest_officer_id_idx"), "conflict_of_interest", ["officer_id"]
    )


def _court_order() -> None:
    op.create_table(
        "court_order",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("incident_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("perpetrator_ref", sa.Text()),
        sa.Column("order_type", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("first_day", sa.Text()),
        sa.Column("last_day", sa.Text()),
        sa.Column("authorised_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.Column("served_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("stream", "order_id", name=op.f("court_order_pkey")),
    )
    op.create_index(op.f("court_order_case_ref_idx"), "court_order", ["case_ref"])
    op.create_index(op.f("court_order_perpetrator_ref_idx"), "court_order", ["perpetrator_ref"])


def _meeting() -> None:
    op.create_table(
        "meeting",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("forum", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("date", sa.Text()),
        sa.Column("state", sa.Text()),
        sa.Column("coordinator", sa.Text()),
        sa.Column("chair", sa.Text()),
        sa.Column("starts_at", sa.DateTime(timezone=True)),
        sa.Column("cut_off_at", sa.DateTime(timezone=True)),
        sa.Column("frozen_at", sa.DateTime(timezone=True)),
        sa.Column("held_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("number", sa.Integer()),
        sa.Column("listed", sa.Integer()),
        sa.Column("heard", sa.Integer()),
        sa.Column("actions_open", sa.Integer()),
        sa.Column("emergency", sa.Boolean()),
        sa.PrimaryKeyConstraint("stream", name=op.f("meeting_pkey")),
    )
    op.create_index(
        op.f("meeting_forum_area_starts_at_idx"), "meeting", ["forum", "area", "starts_at"]
    )


def _meeting_register() -> None:
    op.create_table(
        "meeting_register",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("emergency", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("stream", name=op.f("meeting_register_pkey")),
    )
    op.create_index(
        op.f("meeting_register_forum_area_starts_at_idx"),
        "meeting_register",
        ["forum", "area", "starts_at"],
    )


def _notice() -> None:
    given = ("stream", "kind", "recipient", "template", "urgency", "state", "message_id", "about")
    instants = ("not_before", "sent_at", "acknowledged_at", "acknowledge_by", "escalated_at")
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in given),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in (*instants, "next_attempt_at")),
        *(sa.Column(name, sa.Text()) for name in ("acknowledged_by", "last_error", "escalates")),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("reached", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("notice_pkey")),
    )
    op.create_index(op.f("notice_recipient_idx"), "notice", ["recipient"])
    op.create_index(op.f("notice_stream_about_idx"), "notice", ["stream", "about"])
    op.create_index(
        "notice_waiting", "notice", ["created_at"], postgresql_where=sa.text("sent_at IS NULL")
    )


def _recommendation() -> None:
    op.create_table(
        "recommendation",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("recommendation_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("rule", sa.Text()),
        sa.Column("recommends", sa.Text()),
        sa.Column("policy_version", sa.Text()),
        sa.Column("decision", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("inputs", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("stream", "recommendation_id", name=op.f("recommendation_pkey")),
    )
    op.create_index(op.f("recommendation_case_ref_idx"), "recommendation", ["case_ref"])
    op.create_index(op.f("recommendation_rule_idx"), "recommendation", ["rule"])


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("referral_ref", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text()),
        sa.Column("pathway", sa.Text()),
        sa.Column("state", sa.Text()),
        sa.Column("case_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("perpetrator_ref", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("referral_type", sa.Text()),
        sa.Column("repeat_of", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("service", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("consent_status", sa.Text()),
        sa.Column("disclosure_basis", sa.Text()),
        sa.Column("policy_version", sa.Text()),
        sa.Column("meeting", sa.Text()),
        sa.Column("criteria", postgresql.JSONB()),
        sa.Column("created_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("heard_at", sa.DateTime(timezone=True)),
        sa.Column("flag_until", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("details", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("referral_ref", name=op.f("referral_pkey")),
    )
    op.create_index(op.f("referral_case_ref_idx"), "referral", ["case_ref"])
    op.create_index(op.f("referral_pathway_state_idx"), "referral", ["pathway", "state"])
    op.create_index(op.f("referral_perpetrator_ref_idx"), "referral", ["perpetrator_ref"])
    op.create_index(op.f("referral_stream_idx"), "referral", ["stream"])
    op.create_index(
        op.f("referral_victim_ref_perpetrator_ref_idx"),
        "referral",
        ["victim_ref", "perpetrator_ref"],
    )


def _referral_register() -> None:
    op.create_table(
        "referral_register",
        sa.Column("referral_ref", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("perpetrator_ref", sa.Text()),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("referral_ref", name=op.f("referral_register_pkey")),
        sa.UniqueConstraint("asked_by", name=op.f("referral_register_asked_by_key")),
    )
    op.create_index(op.f("referral_register_case_ref_idx"), "referral_register", ["case_ref"])
    op.create_index(
        op.f("referral_register_pathway_area_idx"), "referral_register", ["pathway", "area"]
    )
    op.create_index(
        op.f("referral_register_victim_ref_perpetrator_ref_idx"),
        "referral_register",
        ["victim_ref", "perpetrator_ref"],
    )


def _victim_alias() -> None:
    op.create_table(
        "victim_alias",
        sa.Column("merged_ref", sa.Text(), nullable=False),
        sa.Column("kept_ref", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merged_ref", name=op.f("victim_alias_pkey")),
    )
    op.create_index(op.f("victim_alias_kept_ref_idx"), "victim_alias", ["kept_ref"])


def _victim_message() -> None:
    op.create_table(
        "victim_message",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("wording_ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sending_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("reason_code", sa.Text()),
        sa.PrimaryKeyConstraint("message_id", name=op.f("victim_message_pkey")),
    )
    op.create_index(op.f("victim_message_case_ref_idx"), "victim_message", ["case_ref"])
    op.create_index(
        "victim_message_open",
        "victim_message",
        ["created_at"],
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _victim_notification() -> None:
    op.create_table(
        "victim_notification",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("notification_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("incident_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("event_kind", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("clock_id", sa.Text()),
        sa.Column("event_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("notified_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("stream", "notification_id", name=op.f("victim_notification_pkey")),
    )
    op.create_index(op.f("victim_notification_case_ref_idx"), "victim_notification", ["case_ref"])


def _visit() -> None:
    op.create_table(
        "visit",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("selected_for", sa.Text()),
        sa.Column("state", sa.Text()),
        sa.Column("authorised_by", sa.Text()),
        sa.Column("primary_outcome", sa.Text()),
        sa.Column("arrest_reason", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("selected_at", sa.DateTime(timezone=True)),
        sa.Column("authorised_at", sa.DateTime(timezone=True)),
        sa.Column("authorised_from", sa.DateTime(timezone=True)),
        sa.Column("authorised_until", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("attempted_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer()),
        sa.Column("flags", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("stream", "visit_id", name=op.f("visit_pkey")),
    )
    op.create_index(op.f("visit_case_ref_idx"), "visit", ["case_ref"])


def _action() -> None:
    op.add_column("action", sa.Column("agency", sa.Text()))
    op.add_column("action", sa.Column("action_type", sa.Text()))
    op.add_column("action", sa.Column("referral_ref", sa.Text()))
    op.add_column("action", sa.Column("status", sa.Text()))


def _case() -> None:
    op.add_column("case", sa.Column("wishes", postgresql.JSONB()))
    op.add_column("case", sa.Column("flags", postgresql.JSONB()))


def _case_register() -> None:
    op.add_column(
        "case_register",
        sa.Column("restricted", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column("case_register", sa.Column("outgoing_dalo_id", sa.Text()))
    op.add_column("case_register", sa.Column("offered_area", sa.Text()))


def _incident() -> None:
    op.add_column("incident", sa.Column("duties", postgresql.JSONB()))


def _officer() -> None:
    op.add_column("officer", sa.Column("email", sa.Text()))
    op.add_column("officer", sa.Column("known_as", sa.Text()))
    op.create_index(op.f("officer_known_as_idx"), "officer", ["known_as"])
