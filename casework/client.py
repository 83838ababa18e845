"""The connection to Temporal: where to, how secured, and how long to go on trying."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from temporalio.client import Client, Interceptor, Plugin
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError, TLSConfig

from casework.errors import ServerError
from casework.settings import Settings

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0


async def connect(
    settings: Settings,
    data_converter: DataConverter = DataConverter.default,
    interceptors: Sequence[Interceptor] = (),
    *,
    plugins: Sequence[Plugin] = (),
    runtime: Runtime | None = None,
) -> Client:
    """A client of the Temporal server that the settings name.

    Tries again with growing pauses for `settings.connect_timeout` seconds; then raises
    `ServerError` naming the address and what to check.
    """
    target = connection_options(settings)
    address = target["target_host"]
    options: dict[str, Any] = {k: v for k, v in target.items() if k != "target_host"}
    deadline = time.monotonic() + settings.connect_timeout
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await Client.connect(
                address,
                **options,
                data_converter=data_converter,
                interceptors=interceptors,
                plugins=plugins,
                runtime=runtime,
            )
        except (RPCError, RuntimeError) as error:
            if time.monotonic() + pause > deadline:
                raise unreachable(address, error) from None
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def unreachable(address: str, error: Exception) -> ServerError:
    """The error for a Temporal server that does not answer, or refuses us."""
    cause = error.status.name if isinstance(error, RPCError) else "no connection"
    return ServerError(
        f"The Temporal server at {address} cannot be used ({cause}).",
        "Start the service with dalo up, or check DALO_TEMPORAL_ADDRESS, namespace, TLS and key.",
    )


def connection_options(settings: Settings) -> ClientConnectConfig:
    """Address, namespace, TLS, key: `DALO_TEMPORAL_*` first, then Temporal's own configuration."""
    own = _temporal_configuration() if not settings.embedded else ClientConnectConfig()
    options = ClientConnectConfig(**own)
    if settings.temporal_address is not None:
        options["target_host"] = settings.temporal_address
    if settings.temporal_namespace is not None:
        options["namespace"] = settings.temporal_namespace
    if settings.temporal_api_key is not None:
        options["api_key"] = settings.temporal_api_key.get_secret_value()
    tls = _tls(settings)
    if tls is not None:
        options["tls"] = tls
    if "target_host" not in options:
        raise ServerError(
            "No Temporal server is configured.",
            "Set DALO_TEMPORAL_ADDRESS to host:port, or start the one-machine service: dalo up.",
        )
    return options


def _temporal_configuration() -> ClientConnectConfig:
    try:
        return ClientConfigProfile.load().to_client_connect_config()
    except (RuntimeError, ValueError, OSError):
        raise ServerError(
            "Temporal's own configuration (TEMPORAL_* or its configuration file) is wrong.",
            "Check it with: temporal config list. DALO_TEMPORAL_* can be used instead.",
        ) from None


def _tls(settings: Settings) -> bool | TLSConfig | None:
    """TLS as the settings say; None leaves it to Temporal's own configuration."""
    certificates = (
        settings.temporal_tls_ca,
        settings.temporal_tls_cert,
        settings.temporal_tls_key,
    )
    if settings.temporal_tls is False:
        return False
    if settings.temporal_tls_server_name is None and not any(certificates):
        return settings.temporal_tls
    if (settings.temporal_tls_cert is None) != (settings.temporal_tls_key is None):
        raise ServerError(
            "A client certificate needs both its file and its key.",
            "Set DALO_TEMPORAL_TLS_CERT and DALO_TEMPORAL_TLS_KEY together.",
        )
    try:
        ca, certificate, key = (path.read_bytes() if path else None for path in certificates)
    except OSError as error:
        raise ServerError(
            f"The TLS file {error.filename} cannot be read.",
            "Check DALO_TEMPORAL_TLS_CA, DALO_TEMPORAL_TLS_CERT and DALO_TEMPORAL_TLS_KEY.",
        ) from None
    return TLSConfig(
        server_root_ca_cert=ca,
        domain=settings.temporal_tls_server_name,
        client_cert=certificate,
        client_private_key=key,
    )
