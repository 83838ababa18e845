"""`dalo db`: the database's schema."""

from __future__ import annotations

import typer
from temporalio.service import RPCError

from casework.client import connect
from casework.errors import ServerError
from casework.servers import running_service
from casework.settings import Settings
from casework.temporal_server import register_search_attributes, search_attribute_type
from cli.options import As
from cli.screen import console
from cli.session import execute, quiet_settings, store_only
from store.migrate import is_current, upgrade
from workflows.search_attributes import KEYS

app = typer.Typer()
db_app = typer.Typer(no_args_is_help=True)
app.add_typer(db_app, name="db", help="The database's schema.")


@db_app.callback()
def db() -> None:
    """The database's schema."""


@db_app.command("migrate")
def migrate() -> None:
    """Bring the database to the schema this release needs, and Temporal's namespace to its search
    attributes. Doing it again changes nothing. It needs no actor: there may be no account yet."""
    url = database_url()
    before = is_current(url)
    upgrade(url)
    console().print("the schema was up to date" if before else "the schema is up to date now")
    settings = quiet_settings()
    if settings.one_machine:
        # `dalo up` has registered them in its own server.
        return
    execute(_register(settings))
    console().print(f"{len(KEYS)} search attributes are registered")


@db_app.command("rewrap-keys")
def rewrap_keys(actor: As = "") -> None:
    """Wrap every stream's key by the first of the master keys. May be stopped and run again; no
    data is encrypted anew."""
    console().print(f"{execute(_rewrap(actor))} keys wrapped anew")


async def _register(settings: Settings) -> None:
    client = await connect(settings)
    try:
        await register_search_attributes(client, KEYS)
    except RPCError as error:
        names = ", ".join(f"{key.name} ({search_attribute_type(key)})" for key in KEYS)
        raise ServerError(
            f"The Temporal server did not take the search attributes ({error.status.name}).",
            f"Have its administrator add these to the namespace {client.namespace}: {names}.",
        ) from None


async def _rewrap(actor: str) -> int:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "rewrap-keys")
        return await runtime.keyring.rotate_master()


def database_url() -> str:
    """The database that the settings name, or that of the running one-machine service."""
    settings = quiet_settings()
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    service = running_service(settings)
    if service is None:
        raise ServerError(
            f"No service is running in {settings.home}.",
            "Start it with dalo up, or set DALO_DATABASE_URL.",
        )
    return service.database_url.get_secret_value()
