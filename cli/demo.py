"""`dalo demo`: the whole story on a fresh store."""

from __future__ import annotations

from importlib import import_module

import typer

app = typer.Typer()


@app.command("demo", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def demo(ctx: typer.Context) -> None:
    """Play at least twelve weeks of the sample with skipped time, and print what came of it."""
    raise typer.Exit(import_module("demo.run").main(ctx.args))
