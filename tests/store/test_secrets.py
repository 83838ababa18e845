"""The restricted tables: encrypted, searchable, erased with their key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.master_key import MasterKey
from models.report import ReportSecrets
from store.keys import KeyDestroyed, Keyring, MasterKeys
from store.secrets import SecretsOf, SecretStore, normalised_phone, phonetic_name
from store.tables import identity, narrative

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ANN = ReportSecrets(
    victim_name="Ann Stephens", victim_phone="07700 900576", narrative="Verbal argument."
)


@pytest.fixture
def keyring(engine: AsyncEngine) -> Keyring:
    return Keyring(engine, MasterKeys([MasterKey("m", bytes(32))]), lambda: NOW)


async def test_what_is_saved_reads_back_and_is_not_stored_plain(
    engine: AsyncEngine, keyring: Keyring
) -> None:
    store = SecretStore(keyring)
    async with engine.begin() as conn:
        await store.save_report_secrets(conn, "VIC-1", "46/1/26", 1, ANN, NOW)
        found = await store.read_identity(conn, "VIC-1")
        assert found == ("Ann Stephens", "07700 900576")
        assert await store.read_note(conn, "MO/46/1/26/VIC-1/1") == "Verbal argument."
        rows = [*(await conn.execute(select(identity))), *(await conn.execute(select(narrative)))]
    stored = b" ".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for row in rows
        for value in row
    )
    for plain in (b"Ann", b"Stephens", b"900576", b"argument"):
        assert plain not in stored


async def test_the_newest_value_stands_and_a_blank_replaces_nothing(
    engine: AsyncEngine, keyring: Keyring
) -> None:
    store = SecretStore(keyring)
    later = [
        SecretsOf("VIC-1", "46/2/26", 1, ReportSecrets(victim_name="Ann Smith")),
        SecretsOf("VIC-1", "46/3/26", 1, ReportSecrets()),
    ]
    async with engine.begin() as conn:
        await store.save_report_secrets(conn, "VIC-1", "46/1/26", 1, ANN, NOW)
        await store.save_many(conn, later, NOW)
        assert await store.read_identity(conn, "VIC-1") == ("Ann Smith", "07700 900576")
        assert await store.find(conn, phone="+44 7700 900576") == ["VIC-1"]
        assert await store.find(conn, name="Ann Stephens") == []


@pytest.mark.parametrize("typed", ["07700900576", "+447700900576", "0044 7700 900 576"])
async def test_a_number_is_found_however_it_is_written(
    engine: AsyncEngine, keyring: Keyring, typed: str
) -> None:
    store = SecretStore(keyring)
    async with engine.begin() as conn:
        await store.save_report_secrets(conn, "VIC-1", "46/1/26", 1, ANN, NOW)
        assert await store.find(conn, phone=typed) == ["VIC-1"]
        assert await store.find(conn, phone="07700 900577") == []
        assert await store.find(conn) == []


async def test_a_name_is_found_by_its_sound(engine: AsyncEngine, keyring: Keyring) -> None:
    store = SecretStore(keyring)
    async with engine.begin() as conn:
        await store.save_report_secrets(conn, "VIC-1", "46/1/26", 1, ANN, NOW)
        assert await store.find(conn, name="STEPHENS, Anne") == ["VIC-1"]
        assert await store.find(conn, name="Karen Price") == []


async def test_a_notes_reference_says_nothing_of_it(engine: AsyncEngine, keyring: Keyring) -> None:
    store = SecretStore(keyring)
    async with engine.begin() as conn:
        refs = [await store.save_note(conn, "case/CASE-2026-00001", "Same.", NOW) for _ in "ab"]
        assert refs[0] != refs[1]
        assert await store.read_note(conn, refs[1]) == "Same."
        assert await store.note_scope(conn, refs[0]) == "case/CASE-2026-00001"
        assert await store.read_note(conn, "NOTE/none") is None


async def test_a_ciphertext_moved_to_another_row_does_not_open(
    engine: AsyncEngine, keyring: Keyring
) -> None:
    store = SecretStore(keyring)
    async with engine.begin() as conn:
        await store.save_report_secrets(conn, "VIC-1", "46/1/26", 1, ANN, NOW)
        row = (await conn.execute(select(identity))).one()
        await conn.execute(identity.update().values(phone_ciphertext=row.name_ciphertext))
        with pytest.raises(ValueError, match="altered or moved"):
            await store.read_identity(conn, "VIC-1")


async def test_destroying_the_key_erases_the_person(engine: AsyncEngine, keyring: Keyring) -> None:
    store = SecretStore(keyring)
    async with engine.begin() as conn:
        await store.save_report_secrets(conn, "VIC-1", "46/1/26", 1, ANN, NOW)
    await keyring.destroy("victim/VIC-1")
    async with engine.begin() as conn:
        with pytest.raises(KeyDestroyed):
            await store.read_identity(conn, "VIC-1")


def test_numbers_and_names_are_brought_to_one_form() -> None:
    assert normalised_phone("(07700) 900-576") == "+447700900576"
    assert normalised_phone("none given") == ""
    assert phonetic_name("Zoë O'Neil") == phonetic_name("O'Neil, Zoe")
    assert phonetic_name(" ") == ""
