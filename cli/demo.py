"""`dalo demo`: the whole story on a fresh store."""

from __future__ import annotations

from typing import Annotated

import typer

from demo.run import SEED, WEEKS, main

app = typer.Typer()


@app.command("demo")
def demo(
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=104, help="Weeks to play.")] = WEEKS,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same behaviour.")] = SEED,
) -> None:
    """Play the sample on a fresh temporary store with skipped time, and print what came of it. It
    needs no running service, touches no data of yours and ends by itself."""
    raise typer.Exit(main(weeks, seed))
