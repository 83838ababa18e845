"""Read models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _case()
    _incident()
    _clock()
    _contact()
    _evidence_item()
    _action()
    _task()


def _case() -> None:
    op.create_table(
        "case",
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("state", sa.Text()),
        sa.Column("dalo_id", sa.Text()),
        sa.Column("supervisor_id", sa.Text()),
        sa.Column("district", sa.Text()),
        sa.Column("pilot_area", sa.Text()),
        sa.Column("allocation_arm", sa.Text()),
        sa.Column("risk_grade", sa.Text()),
        sa.Column("grade_pending_review", sa.Boolean()),
        sa.Column("engagement_status", sa.Text()),
        sa.Column("cadence_plan", sa.Text()),
        sa.Column("reticent", sa.Boolean()),
        sa.Column("priority_score", sa.Integer()),
        sa.Column("over_capacity", sa.Boolean()),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("allocated_at", sa.DateTime(timezone=True)),
        sa.Column("first_contact_at", sa.DateTime(timezone=True)),
        sa.Column("last_contact_at", sa.DateTime(timezone=True)),
        sa.Column("next_contact_due_raw", sa.DateTime(timezone=True)),
        sa.Column("next_contact_due_adjusted", sa.DateTime(timezone=True)),
        sa.Column("ladder_step", sa.Text()),
        sa.Column("golden_hour_result", sa.Text()),
        sa.Column("incident_count", sa.Integer()),
        sa.Column("policy_version", sa.Text()),
        sa.Column("calendar_version", sa.Text()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closure_reason", sa.Text()),
        sa.Column("previous_case_ref", sa.Text()),
        sa.PrimaryKeyConstraint("case_ref", name="case_pkey"),
    )
    op.create_index("case_dalo_id_idx", "case", ["dalo_id"])
    op.create_index("case_state_idx", "case", ["state"])
    op.create_index("case_victim_ref_idx", "case", ["victim_ref"])


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("incident_ref", sa.Text(), nullable=False),
        sa.Column("victim_ref", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("version", sa.Integer()),
        sa.Column("reported_at", sa.DateTime(timezone=True)),
        sa.Column("occurred_at", sa.DateTime(timezone=True)),
        sa.Column("received_at", sa.DateTime(timezone=True)),
        sa.Column("first_police_contact_at", sa.DateTime(timezone=True)),
        sa.Column("golden_hour_applicable", sa.Boolean()),
        sa.Column("golden_hour_due_at", sa.DateTime(timezone=True)),
        sa.Column("golden_hour_result", sa.Text()),
        sa.Column("suspect_status", sa.Text()),
        sa.Column("perpetrator_ref", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("incident_ref", "victim_ref", name="incident_pkey"),
    )
    op.create_index("incident_case_ref_idx", "incident", ["case_ref"])


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("incident_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("clock_type", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("rule_key", sa.Text()),
        sa.Column("limit", sa.Text()),
        sa.Column("policy_version", sa.Text()),
        sa.Column("calendar_version", sa.Text()),
        sa.Column("start_event", sa.Text()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("due_raw", sa.DateTime(timezone=True)),
        sa.Column("warn_at", sa.DateTime(timezone=True)),
        sa.Column("pauses", postgresql.JSONB()),
        sa.Column("owner", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("warned_at", sa.DateTime(timezone=True)),
        sa.Column("breached_at", sa.DateTime(timezone=True)),
        sa.Column("raw_breached_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("late_reason", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("basis", sa.Text()),
        sa.PrimaryKeyConstraint("stream", "clock_id", name="clock_pkey"),
    )
    op.create_index("clock_case_ref_idx", "clock", ["case_ref"])
    op.create_index(
        "clock_open_due_at_idx", "clock", ["due_at"], postgresql_where=sa.text("status = 'OPEN'")
    )
    op.create_index("clock_owner_idx", "clock", ["owner"])


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("recorded_at", sa.DateTime(timezone=True)),
        sa.Column("channel", sa.Text()),
        sa.Column("route", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.Column("satisfied", sa.Boolean()),
        sa.Column("safe", sa.Boolean()),
        sa.Column("codes", postgresql.JSONB()),
        sa.Column("actor", sa.Text()),
        sa.Column("note_ref", sa.Text()),
        sa.PrimaryKeyConstraint("stream", "seq", name="contact_pkey"),
    )
    op.create_index("contact_case_ref_at_idx", "contact", ["case_ref", "at"])


def _evidence_item() -> None:
    op.create_table(
        "evidence_item",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("incident_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("recorded", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("reference", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("by", sa.Text()),
        sa.Column("details", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("stream", "item", name="evidence_item_pkey"),
    )
    op.create_index("evidence_item_incident_ref_idx", "evidence_item", ["incident_ref"])


def _action() -> None:
    op.create_table(
        "action",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("domain", sa.Text()),
        sa.Column("action", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("added_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("stream", "action_id", name="action_pkey"),
    )
    op.create_index("action_case_ref_idx", "action", ["case_ref"])
    op.create_index("action_owner_idx", "action", ["owner"])


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("incident_ref", sa.Text()),
        sa.Column("victim_ref", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("raised_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("why", sa.Text()),
        sa.Column("command", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("stream", "task_id", name="task_pkey"),
    )
    op.create_index("task_case_ref_idx", "task", ["case_ref"])
    op.create_index(
        "task_open_owner_idx", "task", ["owner"], postgresql_where=sa.text("settled_at IS NULL")
    )
