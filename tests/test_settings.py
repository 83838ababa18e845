"""Configuration: what the environment may say, and how a mistake in it is reported."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from temporalio.service import TLSConfig

from casework.client import connection_options
from casework.errors import ServerError
from casework.master_key import load_or_make, parse_master_keys
from casework.settings import LogFormat, Settings, load_settings

KEY_1 = base64.b64encode(bytes(range(32))).decode()
KEY_2 = base64.b64encode(bytes(range(32, 64))).decode()


def test_with_nothing_configured_the_one_machine_service_is_meant() -> None:
    settings = load_settings()

    assert settings.one_machine
    assert settings.home == Path(".dalo")
    assert settings.task_queue == "dalo-casework"
    assert settings.log_format is LogFormat.CONSOLE


def test_a_database_url_as_postgresql_tools_print_it_gets_the_driver_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DALO_DATABASE_URL", "postgresql://u:p@db.example:5432/dalo")

    url = load_settings().database_url

    assert url is not None
    assert url.get_secret_value() == "postgresql+psycopg://u:p@db.example:5432/dalo"


def test_every_wrong_variable_is_named_and_no_value_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DALO_DATABASE_URL", "mysql://someone:hunter2@db/dalo")
    monkeypatch.setenv("DALO_TEMPORAL_ADDRESS", "no-port-here")
    monkeypatch.setenv("DALO_LOG_FORMAT", "yaml")

    with pytest.raises(ServerError) as caught:
        load_settings()

    text = str(caught.value)
    assert "DALO_DATABASE_URL" in text
    assert "DALO_TEMPORAL_ADDRESS" in text
    assert "DALO_LOG_FORMAT" in text
    assert "hunter2" not in text
    assert "no-port-here" not in text


def test_secrets_do_not_show_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DALO_DATABASE_URL", "postgresql://u:hunter2@db/dalo")
    monkeypatch.setenv("DALO_MASTER_KEYS", KEY_1)
    monkeypatch.setenv("DALO_TEMPORAL_API_KEY", "api-secret")

    settings = load_settings()

    shown = f"{settings!r} {settings.master_keys!r}"
    for secret in ("hunter2", KEY_1, "api-secret", repr(bytes(range(32)))):
        assert secret not in shown


def test_the_first_master_key_is_the_active_one_and_the_others_still_unwrap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DALO_MASTER_KEYS", f"{KEY_2},{KEY_1}")

    keys = load_settings().master_keys

    assert [key.secret for key in keys] == [bytes(range(32, 64)), bytes(range(32))]
    assert keys[1].key_id == parse_master_keys(KEY_1, "test")[0].key_id


def test_a_single_master_key_may_be_given_under_the_singular_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DALO_MASTER_KEY", KEY_1)

    assert [key.secret for key in load_settings().master_keys] == [bytes(range(32))]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "holds no master key"),
        ("not*base64", "key 1 is not base64"),
        (base64.b64encode(bytes(16)).decode(), "key 1 has 16 bytes, not 32"),
        (f"{KEY_1},{KEY_1}", "the same master key twice"),
    ],
)
def test_an_unusable_master_key_is_refused_without_being_shown(text: str, fault: str) -> None:
    with pytest.raises(ServerError) as caught:
        parse_master_keys(text, "DALO_MASTER_KEYS")

    assert fault in caught.value.message
    assert not text or text not in str(caught.value)


def test_on_one_machine_the_master_key_is_made_once_and_is_its_owners_alone(home: Path) -> None:
    first = Settings(home=home).master_keys
    again = Settings(home=home).master_keys

    assert first == again
    assert len(first) == 1
    assert stat.S_IMODE((home / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["master.key"]


def test_beyond_one_machine_a_missing_master_key_is_an_error_and_none_is_made(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("DALO_HOME", str(home))
    monkeypatch.setenv("DALO_DATABASE_URL", "postgresql://u:p@db/dalo")
    monkeypatch.setenv("DALO_TEMPORAL_ADDRESS", "temporal:7233")

    with pytest.raises(ServerError, match="DALO_MASTER_KEYS"):
        _ = load_settings().master_keys

    assert not home.exists()


def test_a_damaged_master_key_file_is_reported_and_left_alone(home: Path) -> None:
    home.mkdir()
    (home / "master.key").write_text("damaged!")

    with pytest.raises(ServerError, match=r"master\.key"):
        load_or_make(home)

    assert (home / "master.key").read_text() == "damaged!"


def test_temporals_own_environment_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "cluster.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "casework")
    monkeypatch.setenv("TEMPORAL_API_KEY", "their-key")

    options = connection_options(load_settings())

    assert options["target_host"] == "cluster.example:7233"
    assert options["namespace"] == "casework"
    assert options["api_key"] == "their-key"


def test_our_own_variables_win_over_temporals(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, content in (("ca", b"CA"), ("cert", b"CERT"), ("key", b"KEY")):
        (tmp_path / name).write_bytes(content)
        monkeypatch.setenv(f"DALO_TEMPORAL_TLS_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("TEMPORAL_ADDRESS", "theirs.example:7233")
    monkeypatch.setenv("DALO_TEMPORAL_ADDRESS", "ours.example:7233")
    monkeypatch.setenv("DALO_TEMPORAL_NAMESPACE", "dalo")
    monkeypatch.setenv("DALO_TEMPORAL_API_KEY", "our-key")
    monkeypatch.setenv("DALO_TEMPORAL_TLS_SERVER_NAME", "front.example")

    options = connection_options(load_settings())

    assert options["target_host"] == "ours.example:7233"
    assert options["namespace"] == "dalo"
    assert options["api_key"] == "our-key"
    assert options["tls"] == TLSConfig(
        server_root_ca_cert=b"CA",
        domain="front.example",
        client_cert=b"CERT",
        client_private_key=b"KEY",
    )


def test_a_certificate_without_its_key_and_a_missing_file_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DALO_TEMPORAL_ADDRESS", "ours.example:7233")
    monkeypatch.setenv("DALO_TEMPORAL_TLS_CERT", str(tmp_path / "absent.pem"))
    with pytest.raises(ServerError, match="together"):
        connection_options(load_settings())

    monkeypatch.setenv("DALO_TEMPORAL_TLS_KEY", str(tmp_path / "absent.key"))
    with pytest.raises(ServerError, match=r"absent\.pem cannot be read"):
        connection_options(load_settings())


def test_no_temporal_server_at_all_is_said_plainly() -> None:
    with pytest.raises(ServerError, match="No Temporal server is configured"):
        connection_options(Settings())
