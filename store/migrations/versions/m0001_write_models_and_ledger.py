"""Write models, outbox and the append-only ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
_APPEND_ONLY = ("ledger_event", "ledger_position", "ledger_block", "access_log")


def upgrade() -> None:
    _report()
    _case_register()
    _counter()
    _officer()
    _outbox()
    _case_key()
    _access_log()
    _identity()
    _narrative()
    _run_mark()
    _stream_head()
    _ledger_event()
    _ledger_position()
    _ledger_block()
    op.execute(_REFUSE)
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
        )


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("incident_ref", sa.Text(), nullable=False),
        sa.Column("victim_ref", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("perpetrator_ref", sa.Text()),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text()),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("child_referred", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("outcome_code", sa.Integer()),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("eligible_but_for_area", sa.Boolean(), nullable=False),
        sa.Column("eligibility_reason", sa.Text(), nullable=False),
        sa.Column("allocation_arm", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text()),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("incident_ref", "victim_ref", name="report_pkey"),
    )
    op.create_index("report_case_ref_idx", "report", ["case_ref"])
    op.create_index("report_perpetrator_ref_idx", "report", ["perpetrator_ref"])
    op.create_index("report_victim_ref_reported_at_idx", "report", ["victim_ref", "reported_at"])


def _case_register() -> None:
    op.create_table(
        "case_register",
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("victim_ref", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority_score", sa.Integer(), nullable=False),
        sa.Column("risk_grade", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dalo_id", sa.Text()),
        sa.Column("supervisor_id", sa.Text()),
        sa.Column("allocated_at", sa.DateTime(timezone=True)),
        sa.Column("over_capacity", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("final_state", sa.LargeBinary()),
        sa.Column("previous_case_ref", sa.Text()),
        sa.PrimaryKeyConstraint("case_ref", name="case_register_pkey"),
    )
    op.create_index("case_register_area_state_idx", "case_register", ["area", "state"])
    op.create_index("case_register_dalo_id_idx", "case_register", ["dalo_id"])
    op.create_index(
        "case_register_one_open_case",
        "case_register",
        ["victim_ref"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("case_register_victim_ref_idx", "case_register", ["victim_ref"])


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="counter_pkey"),
    )


def _officer() -> None:
    op.create_table(
        "officer",
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text()),
        sa.Column("capacity", sa.Integer()),
        sa.Column("supervisor_id", sa.Text()),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("absent_from", sa.DateTime(timezone=True)),
        sa.Column("absent_until", sa.DateTime(timezone=True)),
        sa.Column("covers", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        sa.PrimaryKeyConstraint("officer_id", name="officer_pkey"),
    )
    op.create_index("officer_area_role_idx", "officer", ["area", "role"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("effect_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("effect_id", name="outbox_pkey"),
    )
    op.create_index(
        "outbox_pending", "outbox", ["sequence"], postgresql_where=sa.text("dispatched_at IS NULL")
    )


def _case_key() -> None:
    op.create_table(
        "case_key",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("scope", name="case_key_pkey"),
        sa.UniqueConstraint("key_id", name="case_key_key_id_key"),
    )


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("command", sa.Text()),
        sa.Column("break_glass", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("id", name="access_log_pkey"),
    )
    op.create_index("access_log_actor_at_idx", "access_log", ["actor", "at"])
    op.create_index("access_log_subject_at_idx", "access_log", ["subject", "at"])


def _identity() -> None:
    op.create_table(
        "identity",
        sa.Column("victim_ref", sa.Text(), nullable=False),
        sa.Column("name_ciphertext", sa.LargeBinary()),
        sa.Column("phone_ciphertext", sa.LargeBinary()),
        sa.Column("routes_ciphertext", sa.LargeBinary()),
        sa.Column("phone_hash", sa.Text()),
        sa.Column("name_phonetic_hash", sa.Text()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("victim_ref", name="identity_pkey"),
    )
    op.create_index("identity_name_phonetic_hash_idx", "identity", ["name_phonetic_hash"])
    op.create_index("identity_phone_hash_idx", "identity", ["phone_hash"])


def _narrative() -> None:
    op.create_table(
        "narrative",
        sa.Column("narrative_ref", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("narrative_ref", name="narrative_pkey"),
    )
    op.create_index("narrative_scope_idx", "narrative", ["scope"])


def _run_mark() -> None:
    op.create_table(
        "run_mark",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="run_mark_pkey"),
    )


def _stream_head() -> None:
    op.create_table(
        "stream_head",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("stream", name="stream_head_pkey"),
    )
    op.create_index(
        "stream_head_unsealed",
        "stream_head",
        ["stream"],
        postgresql_where=sa.text("seq > sealed_seq"),
    )


def _ledger_event() -> None:
    op.create_table(
        "ledger_event",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text()),
        sa.PrimaryKeyConstraint("stream", "seq", name="ledger_event_pkey"),
    )
    op.create_index("ledger_event_actor_recorded_at_idx", "ledger_event", ["actor", "recorded_at"])
    op.create_index(
        "ledger_event_command_id_idx",
        "ledger_event",
        ["command_id"],
        postgresql_where=sa.text("command_id IS NOT NULL"),
    )
    op.create_index("ledger_event_occurred_at_idx", "ledger_event", ["occurred_at"])
    op.create_index("ledger_event_recorded_at_idx", "ledger_event", ["recorded_at"])
    op.create_index("ledger_event_tag_recorded_at_idx", "ledger_event", ["tag", "recorded_at"])


def _ledger_position() -> None:
    op.create_table(
        "ledger_position",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="ledger_position_pkey"),
        sa.UniqueConstraint("stream", "seq", name="ledger_position_stream_seq_key"),
    )


def _ledger_block() -> None:
    op.create_table(
        "ledger_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("heads", postgresql.JSONB(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="ledger_block_pkey"),
    )
