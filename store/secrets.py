"""The restricted tables: who a victim is, and free text. Encrypted column by column.

Identity and the reports' narrative are under the key of `victim/<ref>`, notes under the key of the
stream they are about. Keyed hashes of the telephone number and of the name's sound make encrypted
rows searchable without being readable.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import jellyfish
import phonenumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import victim_stream
from models.report import ReportSecrets
from store.keys import SEARCH_SCOPE, DataKey, KeyDestroyed, Keyring
from store.tables import identity, narrative

_REGION = "GB"
_MO = "MO"
NOTE = "NOTE"


class SecretsOf(NamedTuple):
    """The secrets of one report, with the report they came with."""

    victim_ref: str
    incident_ref: str
    version: int
    secrets: ReportSecrets


class Identity(NamedTuple):
    """A victim's name and telephone number as last reported; empty where never recorded."""

    name: str
    phone: str


def normalised_phone(text: str) -> str:
    """The number as `+447700900576`, however it was written; empty if it is no number."""
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phonetic_name(text: str) -> str:
    """How a name sounds (Metaphone of each word, in order of spelling, accents removed), so that
    `Stephens, Ann` and `Anne Stevens` come near each other; empty for a blank name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = "".join(char if char.isalpha() else " " for char in plain).split()
    return " ".join(sorted(filter(None, map(jellyfish.metaphone, words))))


class SecretStore:
    """Reads and writes the restricted tables, always in the caller's transaction."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def save_report_secrets(
        self,
        conn: AsyncConnection,
        victim_ref: str,
        incident_ref: str,
        version: int,
        report_secrets: ReportSecrets,
        now: datetime,
    ) -> None:
        """Keep what a report says of its victim; see `save_many`."""
        item = SecretsOf(victim_ref, incident_ref, version, report_secrets)
        await self.save_many(conn, [item], now)

    async def save_many(
        self, conn: AsyncConnection, items: Sequence[SecretsOf], now: datetime
    ) -> None:
        """Keep the secrets of reports, given in the order in which they take effect: a later name
        or number replaces an earlier one, a blank replaces nothing. Keys are made where missing.
        Doing it again changes nothing but ciphertexts."""
        if not items:
            return
        scopes = [victim_stream(item.victim_ref) for item in items]
        keys = await self._keyring.make_many(conn, [*scopes, SEARCH_SCOPE])
        search = _SearchKeys(keys[SEARCH_SCOPE])
        people = _latest(items)
        rows = [
            _identity_row(keys[victim_stream(ref)], ref, who, search, now)
            for ref, who in sorted(people.items())
        ]
        await _save_identities(conn, rows)
        texts = [
            _narrative_row(
                keys[victim_stream(item.victim_ref)],
                f"{_MO}/{item.incident_ref}/{item.victim_ref}/{item.version}",
                _MO,
                item.secrets.narrative,
                now,
            )
            for item in items
            if item.secrets.narrative
        ]
        unique = {row["narrative_ref"]: row for row in texts}
        await _save_narratives(conn, [unique[ref] for ref in sorted(unique)])

    async def save_note(self, conn: AsyncConnection, scope: str, text: str, now: datetime) -> str:
        """Keep free text about a stream under its key; returns a random reference, which says
        nothing about the text, for a command to carry."""
        key = await self._keyring.make(conn, scope)
        ref = f"{NOTE}/{secrets.token_hex(12)}"
        await conn.execute(insert(narrative), [_narrative_row(key, ref, NOTE, text, now)])
        return ref

    async def code_word_hash(self, conn: AsyncConnection, victim_ref: str, word: str) -> str:
        """The keyed hash of a victim's code word, under that victim's key: however it is spaced or
        capitalised, and never the word itself."""
        key = await self._keyring.make(conn, victim_stream(victim_ref))
        plain = " ".join(word.casefold().split())
        return _keyed_hash(_derive(key, b"safe-contact code word"), plain) or ""

    async def read_identity(self, conn: AsyncConnection, victim_ref: str) -> Identity | None:
        """Who a victim is; None where nothing is kept. Raises `KeyDestroyed` after erasure."""
        query = select(identity).where(identity.c.victim_ref == victim_ref)
        row = (await conn.execute(query)).first()
        if row is None:
            return None
        key = await self._keyring.make(conn, victim_stream(victim_ref))
        return Identity(
            _open(key, row.name_ciphertext, f"name/{victim_ref}"),
            _open(key, row.phone_ciphertext, f"phone/{victim_ref}"),
        )

    async def carry_identity(
        self, conn: AsyncConnection, victim_ref: str, kept_ref: str, now: datetime
    ) -> bool:
        """Two references are one person: where nothing is known of the kept one's name and number,
        keep the other's under the kept one's key. Routes are not carried: what was agreed for them
        was agreed elsewhere. Returns whether anything was."""
        known = await self.read_identity(conn, kept_ref)
        if known is not None and any(known):
            return False
        try:
            other = await self.read_identity(conn, victim_ref)
        except KeyDestroyed:
            return False
        if other is None or not any(other):
            return False
        said = ReportSecrets(victim_name=other.name, victim_phone=other.phone)
        await self.save_report_secrets(conn, kept_ref, "", 0, said, now)
        return True

    async def save_route(
        self, conn: AsyncConnection, victim_ref: str, route_id: str, address: str, now: datetime
    ) -> None:
        """Keep the number or address behind a route of the safe-contact plan."""
        routes = await self.read_routes(conn, victim_ref) | {route_id: address}
        key = await self._keyring.make(conn, victim_stream(victim_ref))
        kept = _seal(key, json.dumps(routes, sort_keys=True), f"routes/{victim_ref}")
        statement = insert(identity).values(
            victim_ref=victim_ref, routes_ciphertext=kept, updated_at=now
        )
        await conn.execute(
            statement.on_conflict_do_update(
                index_elements=["victim_ref"], set_={"routes_ciphertext": kept, "updated_at": now}
            )
        )

    async def read_routes(self, conn: AsyncConnection, victim_ref: str) -> dict[str, str]:
        """Numbers and addresses by route id; empty where none is kept."""
        query = select(identity.c.routes_ciphertext).where(identity.c.victim_ref == victim_ref)
        blob = (await conn.execute(query.with_for_update())).scalar_one_or_none()
        if blob is None:
            return {}
        key = await self._keyring.make(conn, victim_stream(victim_ref))
        routes: dict[str, str] = json.loads(_open(key, blob, f"routes/{victim_ref}"))
        return routes

    async def read_note(self, conn: AsyncConnection, ref: str) -> str | None:
        """A note's or narrative's text; None where there is none of this reference."""
        query = select(narrative).where(narrative.c.narrative_ref == ref)
        row = (await conn.execute(query)).first()
        if row is None:
            return None
        key = await self._keyring.make(conn, row.scope)
        return _open(key, row.ciphertext, ref)

    async def note_scope(self, conn: AsyncConnection, ref: str) -> str | None:
        """The stream a note is about, so that access to it can be decided first."""
        query = select(narrative.c.scope).where(narrative.c.narrative_ref == ref)
        return (await conn.execute(query)).scalar_one_or_none()

    async def find(self, conn: AsyncConnection, *, name: str = "", phone: str = "") -> list[str]:
        """References of victims whose number is this one or whose name sounds like this one."""
        key = await self._keyring.make(conn, SEARCH_SCOPE)
        search = _SearchKeys(key)
        query = select(identity.c.victim_ref).where(
            or_(
                identity.c.phone_hash == search.phone(phone),
                identity.c.name_phonetic_hash == search.name(name),
            )
        )
        return list((await conn.execute(query.order_by(identity.c.victim_ref))).scalars())


class _SearchKeys:
    """Keyed hashes, a key for each kind of value, so that they cannot be compared across."""

    def __init__(self, key: DataKey) -> None:
        self._phone = _derive(key, b"identity phone")
        self._name = _derive(key, b"identity phonetic name")

    def phone(self, text: str) -> str | None:
        return _keyed_hash(self._phone, normalised_phone(text))

    def name(self, text: str) -> str | None:
        return _keyed_hash(self._name, phonetic_name(text))


def _derive(key: DataKey, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.secret)


def _keyed_hash(key: bytes, value: str) -> str | None:
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest() if value else None


def _latest(items: Iterable[SecretsOf]) -> dict[str, ReportSecrets]:
    people: dict[str, ReportSecrets] = {}
    for item in items:
        name, phone = item.secrets.victim_name, item.secrets.victim_phone
        known = people.get(item.victim_ref, ReportSecrets())
        people[item.victim_ref] = ReportSecrets(
            victim_name=name or known.victim_name, victim_phone=phone or known.victim_phone
        )
    return {ref: who for ref, who in people.items() if who.victim_name or who.victim_phone}


def _identity_row(
    key: DataKey, victim_ref: str, who: ReportSecrets, search: _SearchKeys, now: datetime
) -> dict[str, Any]:
    return {
        "victim_ref": victim_ref,
        "name_ciphertext": _seal(key, who.victim_name, f"name/{victim_ref}"),
        "phone_ciphertext": _seal(key, who.victim_phone, f"phone/{victim_ref}"),
        "phone_hash": search.phone(who.victim_phone),
        "name_phonetic_hash": search.name(who.victim_name),
        "updated_at": now,
    }


def _narrative_row(key: DataKey, ref: str, kind: str, text: str, now: datetime) -> dict[str, Any]:
    return {
        "narrative_ref": ref,
        "scope": key.scope,
        "ciphertext": key.encrypt(text.encode(), ref.encode()),
        "kind": kind,
        "created_at": now,
    }


def _seal(key: DataKey, text: str, place: str) -> bytes | None:
    return key.encrypt(text.encode(), place.encode()) if text else None


def _open(key: DataKey, blob: bytes | None, place: str) -> str:
    return key.decrypt(blob, place.encode()).decode() if blob else ""


async def _save_identities(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(identity)
    new, old = statement.excluded, identity.c
    kept: dict[str, Any] = {"updated_at": new.updated_at}
    for value, digest in (
        ("name_ciphertext", "name_phonetic_hash"),
        ("phone_ciphertext", "phone_hash"),
    ):
        # A hash goes with its value, also where the new value has none.
        given = new[value].is_not(None)
        kept[value] = func.coalesce(new[value], old[value])
        kept[digest] = case((given, new[digest]), else_=old[digest])
    await conn.execute(
        statement.on_conflict_do_update(index_elements=["victim_ref"], set_=kept), rows
    )


async def _save_narratives(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await conn.execute(
            insert(narrative).on_conflict_do_nothing(index_elements=["narrative_ref"]), rows
        )
