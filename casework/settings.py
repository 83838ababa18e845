"""Configuration by environment: `DALO_*`, with Temporal's own configuration honoured below it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from casework.errors import ServerError
from casework.master_key import MasterKey, load_or_make, parse_master_keys


class LogFormat(StrEnum):
    """How log lines are written: for a person, or one JSON object a line for a collector."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def _host_and_port(value: str | None) -> str | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be host:port, for example 127.0.0.1:7233")
    return value


def _psycopg_url(value: SecretStr | None) -> SecretStr | None:
    """Name the driver, so that a URL as PostgreSQL tools print it works unchanged."""
    if value is None:
        return None
    url = value.get_secret_value()
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError("must begin with postgresql:// (user:password@host:port/database)")
    return SecretStr(f"postgresql+psycopg://{rest}")


HostPort = Annotated[str | None, AfterValidator(_host_and_port)]
DatabaseUrl = Annotated[SecretStr | None, AfterValidator(_psycopg_url)]


class Settings(BaseSettings):
    """Everything a process of the product may be told from outside.

    With neither `database_url` nor `temporal_address` the one-machine service in `home` is meant.
    """

    model_config = SettingsConfigDict(
        env_prefix="DALO_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    home: Path = Field(
        default=Path(".dalo"), description="Folder of all that the one-machine service keeps"
    )
    actor: str | None = Field(default=None, description="Collar or account id of who is asking")

    database_url: DatabaseUrl = Field(
        default=None, description="PostgreSQL, as postgresql://user:password@host:port/database"
    )
    postgres_port: int = Field(
        default=0, ge=0, le=65535, description="Loopback port of the embedded PostgreSQL; 0 = free"
    )

    temporal_address: HostPort = Field(default=None, description="Temporal front end, host:port")
    temporal_namespace: str | None = Field(default=None, min_length=1)
    temporal_tls: bool | None = Field(
        default=None, description="Encrypt the connection; unset: as Temporal's own configuration"
    )
    temporal_tls_server_name: str | None = None
    temporal_tls_ca: Path | None = Field(default=None, description="PEM file of the server's CA")
    temporal_tls_cert: Path | None = Field(default=None, description="PEM file, client certificate")
    temporal_tls_key: Path | None = Field(default=None, description="PEM file, client key")
    temporal_api_key: SecretStr | None = None
    temporal_port: int = Field(
        default=0, ge=0, le=65535, description="Loopback port of the embedded Temporal; 0 = free"
    )
    temporal_retention_days: int = Field(
        default=90, ge=1, description="Days the embedded Temporal keeps closed workflows"
    )
    connect_timeout: float = Field(
        default=10.0, gt=0, description="Seconds to go on trying a server that does not answer"
    )
    search_attributes: bool = Field(
        default=True, description="Off for a Temporal server without the product's attributes"
    )
    task_queue: str = Field(default="dalo-casework", min_length=1)

    master_keys_text: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DALO_MASTER_KEYS", "DALO_MASTER_KEY", "master_keys_text"),
        description="Master keys, base64 of 32 bytes, comma-separated, the active one first",
    )

    embedded: bool = Field(
        default=False, description="The addresses are those of the one-machine service in `home`"
    )

    log_format: LogFormat = LogFormat.CONSOLE
    log_level: LogLevel = LogLevel.INFO
    metrics_bind: HostPort = Field(default=None, description="host:port of this process's metrics")
    sdk_metrics_bind: HostPort = Field(
        default=None, description="host:port of the Temporal SDK's own metrics"
    )
    otel_endpoint: str | None = Field(
        default=None, description="OTLP/HTTP collector's address; unset: no traces"
    )
    codec_bind: HostPort = Field(default="127.0.0.1:8081", description="Codec endpoint, host:port")
    codec_token: SecretStr | None = Field(
        default=None, description="Bearer token that the codec endpoint asks for"
    )

    smtp_address: HostPort = Field(
        default=None, description="SMTP server, host:port; unset: no e-mail leaves"
    )
    smtp_tls: Literal["none", "starttls", "implicit"] = Field(
        default="starttls", description="How the connection to the SMTP server is secured"
    )
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout: float = Field(default=30.0, gt=0, description="Seconds for one e-mail")
    mail_from: str | None = Field(default=None, description="Sender's address of notices")
    victim_mail_from: str | None = Field(
        default=None,
        description="Neutral sender's address of e-mail to victims; unset: none",
    )
    mail_domain: str = Field(
        default="dalo.invalid", description="Right-hand side of every Message-ID; never change it"
    )
    notify_api_key: SecretStr | None = Field(
        default=None, description="GOV.UK Notify; unset: no message to a victim leaves by it"
    )
    notify_url: str = Field(default="https://api.notifications.service.gov.uk")
    notify_sms_template: str | None = Field(
        default=None, description="Notify template with one field, ((text)), for text messages"
    )
    notify_email_template: str | None = Field(
        default=None, description="Notify template with one field, ((text)), for e-mail"
    )
    hub_officer: str | None = Field(
        default=None, description="Roster id of the DA Hub, for urgent notices out of hours"
    )
    duty_sergeant: str | None = Field(
        default=None, description="Roster id that reaches the duty sergeant at night"
    )

    codec_ui_origins_text: str = Field(
        default="",
        validation_alias=AliasChoices("DALO_CODEC_UI_ORIGINS", "codec_ui_origins_text"),
        description="Origins of web pages that may call the codec endpoint, comma-separated",
    )

    @property
    def codec_ui_origins(self) -> tuple[str, ...]:
        """Origins, scheme and all, whose pages may call the codec endpoint."""
        return tuple(self.codec_ui_origins_text.replace(",", " ").split())

    @property
    def one_machine(self) -> bool:
        """Whether no outside server is named, so that the service in `home` is meant."""
        return self.database_url is None and self.temporal_address is None

    @property
    def master_keys(self) -> tuple[MasterKey, ...]:
        """The master keys, the active one first.

        On one machine a key is made on first use and kept in `home`; beyond one machine every
        process must be given the same keys, so their absence is an error.
        """
        if self.master_keys_text is not None:
            return parse_master_keys(self.master_keys_text.get_secret_value(), "DALO_MASTER_KEYS")
        if self.one_machine or self.embedded:
            return load_or_make(self.home)
        raise ServerError(
            "No master key is configured.",
            "Set DALO_MASTER_KEYS to the base64 of 32 random bytes, the same in every process.",
        )


def load_settings() -> Settings:
    """The settings of this process's environment; each mistake named by its variable.

    Raises `ServerError` listing every variable that is wrong and why, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(f"{_variable(item['loc'])}: {item['msg']}" for item in error.errors())
        raise ServerError(
            f"The configuration is wrong: {faults}.", "Correct or unset the variables named."
        ) from None


def _variable(location: tuple[int | str, ...]) -> str:
    """The environment variable behind a field's place in a validation error."""
    name = str(location[0]) if location else "DALO_*"
    return name if name.startswith("DALO_") else f"DALO_{name.upper()}"
