"""The ledger: append-only, chained, sealed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.columns import Instant, key, may, metadata, need

stream_head = Table(
    "stream_head",
    metadata,
    key("stream"),
    need("seq", BigInteger),
    need("hash"),
    Column("sealed_seq", BigInteger, nullable=False, server_default="0"),
    Index("stream_head_unsealed", "stream", postgresql_where=text("seq > sealed_seq")),
)
"""The last event of each stream. Its row is the stream's lock; a victim's is the register lock."""

ledger_event = Table(
    "ledger_event",
    metadata,
    key("stream"),
    key("seq", BigInteger),
    need("tag"),
    need("header"),
    need("prev_hash"),
    need("hash"),
    need("recorded_at", Instant),
    need("occurred_at", Instant),
    need("actor"),
    may("command_id"),
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
    need("stream"),
    need("seq", BigInteger),
    UniqueConstraint("stream", "seq"),
)
"""The gapless order of all events, given by the sealer. Append-only by trigger."""

ledger_block = Table(
    "ledger_block",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    need("first_position", BigInteger),
    need("count", BigInteger),
    need("root"),
    need("heads", JSONB),
    need("prev_hash"),
    need("hash"),
    need("sealed_at", Instant),
)
"""Sealed stretches of the order, chained. Append-only by trigger."""
