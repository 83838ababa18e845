"""`dalo db`: the database's schema."""

from __future__ import annotations

import typer

from casework.errors import ServerError
from casework.servers import running_service
from cli.screen import console
from cli.session import execute, quiet_settings, store_only
from store.migrate import is_current, upgrade

app = typer.Typer()
db_app = typer.Typer(no_args_is_help=True)
app.add_typer(db_app, name="db", help="The database's schema.")


@db_app.callback()
def db() -> None:
    """The database's schema."""


@db_app.command("migrate")
def migrate() -> None:
    """Bring the database to the schema this release needs. Doing it again changes nothing."""
    url = database_url()
    before = is_current(url)
    upgrade(url)
    console().print("the schema was up to date" if before else "the schema is up to date now")


@db_app.command("rewrap-keys")
def rewrap_keys() -> None:
    """Wrap every stream's key by the first of the master keys. May be stopped and run again; no
    data is encrypted anew."""
    console().print(f"{execute(_rewrap())} keys wrapped anew")


async def _rewrap() -> int:
    async with store_only() as runtime:
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
