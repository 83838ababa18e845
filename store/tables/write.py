"""Write models: what decides, and what no rebuild makes again."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.columns import Instant, flag, key, may, metadata, need

report = Table(
    "report",
    metadata,
    key("incident_ref"),
    key("victim_ref"),
    need("version", Integer),
    may("perpetrator_ref"),
    need("reported_at", Instant),
    need("district"),
    need("outcome"),
    may("effect"),
    need("standing"),
    flag("child_referred"),
    may("outcome_code", Integer),
    need("received_at", Instant),
    flag("history"),
    need("eligible_but_for_area", Boolean),
    need("eligibility_reason"),
    need("allocation_arm"),
    need("policy_version"),
    may("case_ref"),
    need("facts", JSONB),
    Index(None, "victim_ref", "reported_at"),
    Index(None, "perpetrator_ref"),
    Index(None, "case_ref"),
)
"""The newest version of every sound report. `facts` is the whole coded report as JSON; `outcome` is
what the newest row got, `standing` what the rules of intake last made of the report itself."""

case_register = Table(
    "case_register",
    metadata,
    key("case_ref"),
    need("victim_ref"),
    need("area"),
    need("state"),
    need("priority_score", Integer),
    need("risk_grade"),
    need("opened_at", Instant),
    may("dalo_id"),
    may("supervisor_id"),
    may("allocated_at", Instant),
    flag("over_capacity"),
    flag("restricted"),
    may("outgoing_dalo_id"),
    may("offered_area"),
    may("closed_at", Instant),
    may("final_state", LargeBinary),
    may("previous_case_ref"),
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
"""Which victim has a case, and who has it. One open case a victim is held by the partial index.
`restricted`: only its own officer, supervisor and chain of command may open it. `outgoing_dalo_id`
has handed it over and is not released yet; `offered_area` is asked to take it."""

counter = Table("counter", metadata, key("name"), need("value", BigInteger))
"""Running numbers, of case references for example."""

officer = Table(
    "officer",
    metadata,
    key("officer_id"),
    need("role"),
    may("area"),
    may("capacity", Integer),
    may("supervisor_id"),
    flag("active", default=True),
    may("absent_from", Instant),
    may("absent_until", Instant),
    may("covers"),
    may("email"),
    may("known_as"),
    may("password_hash"),
    Index(None, "area", "role"),
    Index(None, "known_as"),
)
"""Who works where. `known_as` is the name or number by which an extract calls an officer."""

outbox = Table(
    "outbox",
    metadata,
    key("effect_id"),
    need("stream"),
    need("kind"),
    need("target"),
    need("payload", JSONB),
    need("created_at", Instant),
    Column("sequence", BigInteger, Identity(always=True), nullable=False),
    may("dispatched_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    may("next_attempt_at", Instant),
    may("last_error"),
    Index("outbox_pending", "sequence", postgresql_where=text("dispatched_at IS NULL")),
)
"""Messages to leave. Rows stay after dispatch: they are what keeps an effect from running twice."""

case_key = Table(
    "case_key",
    metadata,
    key("scope"),
    need("key_id"),
    may("wrapped", LargeBinary),
    need("master_key_id"),
    need("created_at", Instant),
    may("destroyed_at", Instant),
    UniqueConstraint("key_id"),
)
"""One data key a stream, wrapped by a master key; `wrapped` is null once it is destroyed."""

access_log = Table(
    "access_log",
    metadata,
    key("id"),
    need("at", Instant),
    need("actor"),
    need("role"),
    need("action"),
    need("subject"),
    need("allowed", Boolean),
    may("reason_code"),
    may("reason"),
    may("command"),
    flag("break_glass"),
    Index(None, "subject", "at"),
    Index(None, "actor", "at"),
)

identity = Table(
    "identity",
    metadata,
    key("victim_ref"),
    may("name_ciphertext", LargeBinary),
    may("phone_ciphertext", LargeBinary),
    may("routes_ciphertext", LargeBinary),
    may("phone_hash"),
    may("name_phonetic_hash"),
    may("updated_at", Instant),
    Index(None, "phone_hash"),
    Index(None, "name_phonetic_hash"),
)
"""Who a victim is, encrypted under the key of the victim's stream; keyed hashes for search."""

narrative = Table(
    "narrative",
    metadata,
    key("narrative_ref"),
    need("scope"),
    need("ciphertext", LargeBinary),
    need("kind"),
    need("created_at", Instant),
    Index(None, "scope"),
)

run_mark = Table("run_mark", metadata, key("name"), may("value"), may("at", Instant))
"""What the services last did: heartbeats of relay, watchdog and sealer."""

referral_register = Table(
    "referral_register",
    metadata,
    key("referral_ref"),
    need("pathway"),
    may("case_ref"),
    may("victim_ref"),
    may("perpetrator_ref"),
    need("area"),
    need("asked_by"),
    need("created_at", Instant),
    may("ended_at", Instant),
    UniqueConstraint("asked_by"),
    Index(None, "case_ref"),
    Index(None, "victim_ref", "perpetrator_ref"),
    Index(None, "pathway", "area"),
)
"""Every referral's reference, given out before it starts. `asked_by` is the command or run that
asked for it, so that a retry gets the same one."""

meeting_register = Table(
    "meeting_register",
    metadata,
    key("stream"),
    need("forum"),
    need("area"),
    need("date"),
    need("number", Integer),
    need("starts_at", Instant),
    flag("emergency"),
    need("created_at", Instant),
    may("ended_at", Instant),
    Index(None, "forum", "area", "starts_at"),
)
"""Every meeting that was opened, and when it ended."""

conflict_of_interest = Table(
    "conflict_of_interest",
    metadata,
    key("case_ref"),
    key("officer_id"),
    need("reason_code"),
    need("declared_at", Instant),
    need("declared_by"),
    Index(None, "officer_id"),
)
"""Who must not see a case, because they are related to a party."""

victim_alias = Table(
    "victim_alias",
    metadata,
    key("merged_ref"),
    need("kept_ref"),
    need("merged_at", Instant),
    need("merged_by"),
    may("approved_by"),
    need("reason_code"),
    Index(None, "kept_ref"),
)
"""References that proved to be another's person: what comes in under one joins the other."""

notice = Table(
    "notice",
    metadata,
    key("notice_id"),
    need("stream"),
    need("kind"),
    need("recipient"),
    need("template"),
    need("facts", JSONB),
    need("urgency"),
    need("state"),
    need("message_id"),
    need("created_at", Instant),
    may("not_before", Instant),
    may("sent_at", Instant),
    may("acknowledged_at", Instant),
    may("acknowledged_by"),
    may("acknowledge_by", Instant),
    may("escalated_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    may("next_attempt_at", Instant),
    may("last_error"),
    may("escalates"),
    need("about"),
    need("turn", Integer),
    need("reached", JSONB),
    Index(None, "recipient"),
    Index(None, "stream", "about"),
    Index("notice_waiting", "created_at", postgresql_where=text("sent_at IS NULL")),
)
"""Notices to officers and partners: at least once, under a stable `message_id`. `facts` holds
references, codes and instants only. `about` is `task/<id>` or `clock/<id>` of the stream, `turn`
the how-manieth owner of it is told, `reached` whose message the server took."""

victim_message = Table(
    "victim_message",
    metadata,
    key("message_id"),
    need("case_ref"),
    need("channel"),
    need("route"),
    need("wording_ref"),
    need("state"),
    need("created_at", Instant),
    may("sending_at", Instant),
    may("finished_at", Instant),
    may("reason_code"),
    Index(None, "case_ref"),
    Index("victim_message_open", "created_at", postgresql_where=text("finished_at IS NULL")),
)
"""Messages to victims: at most once. A row is `SENDING`, committed, before the call is made; one
found so after a crash becomes `UNKNOWN` and a human task, and is never sent again."""
